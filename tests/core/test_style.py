from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphagent.errors import StyleError
from glyphagent.style import LAYOUTS, PRESETS, THEMES, Ink, Style, contrast, preset, rgb


@pytest.mark.parametrize("name", PRESETS)
def test_presets_fill_their_pages_with_whole_cells_on_the_patch_grid(name: str) -> None:
    style = preset(name)
    assert style.preset == name
    assert style.aligned
    assert (style.width_px, style.height_px, style.patch_px) == (588, 840, 28)
    assert style.columns * style.glyphs.cell_width == style.width_px
    assert style.rows * style.glyphs.cell_height == style.height_px
    assert style.row_step * style.glyphs.cell_height % style.patch_px == 0


def test_the_dense_preset_holds_twice_the_rows() -> None:
    assert preset("grid-dense").rows == 2 * preset("grid").rows


@pytest.mark.parametrize("theme", THEMES)
def test_every_ink_can_be_read_on_its_paper(theme: str) -> None:
    palette = Style(theme=theme).palette
    assert len(palette) == len(Ink) == 16
    assert all(contrast(palette[0], colour) >= 4.5 for colour in palette[1:])


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast(rgb("#ffffff"), rgb("#000000")) == pytest.approx(21)
    assert contrast(rgb("#777777"), rgb("#ffffff")) == pytest.approx(4.48, abs=0.01)
    assert contrast(rgb("#000000"), rgb("#000000")) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"layout": "columns"}, "no layout named 'columns'; there are: flow, lines"),
        ({"theme": "sepia"}, "no theme named 'sepia'"),
        ({"atlas": "none"}, "no atlas named 'none'"),
        ({"patch_px": 0}, "patch_px"),
        ({"patch_px": -28}, "patch_px"),
        ({"number_interval": -1}, "number_interval"),
        ({"width_px": 600}, "width_px must be a multiple of 28"),
        ({"height_px": 0}, "height_px"),
        ({"height_px": 841}, "height_px"),
        ({"width_px": 28 * 300}, "at most 8192"),
        ({"width_px": 112}, "too small"),
    ],
)
def test_styles_that_no_page_can_have_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(StyleError, match=message):
        dataclasses.replace(Style(), **change)


def test_none_changes_nothing() -> None:
    assert Style().with_changes(layout=None, theme="dark") == Style(theme="dark")


@given(st.sampled_from(list(PRESETS)), st.integers(1, 128))
def test_any_patch_gets_pages_that_fit_it(name: str, patch_px: int) -> None:
    try:
        style = preset(name).on_patch(patch_px)
    except StyleError:
        # The common grid of patch and cell may be larger than any page.
        assert patch_px > 20
        return
    assert style.patch_px == patch_px
    assert style.width_px % patch_px == style.height_px % patch_px == 0
    assert style.row_step * style.glyphs.cell_height % patch_px == 0


def test_the_nearest_page_is_chosen() -> None:
    style = preset("grid").on_patch(32)
    assert (style.width_px, style.height_px) == (672, 896)
    assert not style.aligned
    assert preset("grid").on_patch(28) is preset("grid")
    with pytest.raises(StyleError):
        preset("grid").on_patch(0)


@given(
    st.sampled_from(list(PRESETS)),
    st.sampled_from(LAYOUTS),
    st.sampled_from(list(THEMES)),
    st.integers(0, 50),
)
def test_a_manifest_gives_the_style_back(name: str, layout: str, theme: str, interval: int) -> None:
    style = preset(name).with_changes(layout=layout, theme=theme, number_interval=interval)
    assert Style.from_dict(json.loads(json.dumps(style.to_dict()))) == style


@pytest.mark.parametrize(
    "values",
    [
        {"colour": "red"},
        {"width_px": "588"},
        {"width_px": 588.0},
        {"width_px": None},
        {"width_px": True},
        {"atlas": ["fixed-7x14"]},
        {"theme": {}},
        {"highlight": "yes"},
        {"number_interval": 2.5},
        {"preset": 7},
    ],
)
def test_fields_of_a_manifest_are_checked(values: dict[str, Any]) -> None:
    with pytest.raises(StyleError):
        Style.from_dict(values)


def test_an_unknown_preset_lists_what_there_is() -> None:
    with pytest.raises(StyleError, match="no preset named 'tiny'; there are: grid, grid-dense"):
        preset("tiny")
