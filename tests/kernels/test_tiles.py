"""Pages cut into tiles and put together again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphagent.atlas import bundled_atlas
from glyphagent.kernels.tiles import Slots, cut, find_paper, windows
from glyphagent.page import Page, SourceMap
from glyphagent.raster import rgb_pixels
from glyphagent.style import THEMES, rgb

ATLASES = ["fixed-7x14", "fixed-7x7"]


def random_page(atlas: str, theme: str, rows: int = 2, columns: int = 3, seed: int = 0) -> Page:
    """Page of `rows` by `columns` tiles, with any character that the atlas draws."""
    rng = np.random.default_rng(seed)
    slots = Slots.of(bundled_atlas(atlas), 28)
    shape = rows * slots.down, columns * slots.across
    codes = rng.choice(bundled_atlas(atlas).drawable.nonzero()[0], shape).astype(np.uint16)
    inks = rng.integers(1, 16, shape).astype(np.uint8)
    palette = tuple(rgb(colour) for colour in THEMES[theme])
    codes[rng.random(shape) < 0.3] = 0
    source_map = SourceMap((), np.zeros((0, 6), np.int32))
    return Page(codes, inks, atlas, palette, "flow", source_map)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("atlas", ATLASES)
def test_inked_cells_are_those_with_characters(atlas: str, theme: str) -> None:
    page = random_page(atlas, theme, 4, 5)
    tiles = cut(rgb_pixels(page), np.array(page.palette[0], np.uint8), 28)
    slots = Slots.of(bundled_atlas(atlas), 28)

    inked = slots.inked(tiles.reshape(20, 28, 28, 3).max(axis=-1) > 0)

    assert (slots.assemble(inked, np.arange(20), (4, 5)) == (page.codes != 0)).all()


def test_light_paper_enters_as_the_distance_from_white() -> None:
    pixels = rgb_pixels(random_page("fixed-7x14", "light"))
    assert (cut(pixels, np.full(3, 255, np.uint8), 28)[1, 2] == 255 - pixels[28:56, 56:84]).all()


@pytest.mark.parametrize("theme", THEMES)
def test_paper_is_found(theme: str) -> None:
    for atlas in ATLASES:
        page = random_page(atlas, theme, 6, 6)
        paper, share = find_paper(rgb_pixels(page))
        assert tuple(paper.tolist()) == page.palette[0]
        assert share == pytest.approx((rgb_pixels(page) == paper).all(axis=-1).mean(), abs=0.02)


def test_cells_that_do_not_divide_a_tile_are_refused() -> None:
    with pytest.raises(ValueError, match="7x14, do not divide tiles of 32 pixels"):
        Slots.of(bundled_atlas("fixed-7x14"), 32)


@given(
    rows=st.integers(1, 40),
    columns=st.integers(1, 40),
    high=st.integers(1, 9),
    wide=st.integers(1, 30),
)
def test_windows_cover_every_tile_and_are_rectangles(
    rows: int, columns: int, high: int, wide: int
) -> None:
    found = windows(rows, columns, (high, wide))

    assert set(found.ravel().tolist()) == set(range(rows * columns))
    assert len(found) == -(-rows // high) * -(-columns // wide)
    assert found.shape[1] <= high
    assert found.shape[2] <= wide
    assert (np.diff(found, axis=1) == columns).all()
    assert (np.diff(found, axis=2) == 1).all()
    assert (found[:, :, -1] // columns == found[:, :, 0] // columns).all()


@given(rows=st.integers(1, 5), columns=st.integers(1, 5), data=st.data())
def test_assemble_is_the_inverse_of_cutting(rows: int, columns: int, data: st.DataObject) -> None:
    down, across = data.draw(st.sampled_from([(2, 4), (4, 4), (1, 1)]))
    grid = np.arange(rows * down * columns * across).reshape(rows * down, columns * across)
    cells = (
        grid.reshape(rows, down, columns, across).transpose(0, 2, 1, 3).reshape(-1, down * across)
    )
    places = np.array(data.draw(st.permutations(range(rows * columns))))

    assert (Slots(down, across).assemble(cells[places], places, (rows, columns)) == grid).all()
