from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphagent import costs as costs_module
from glyphagent.costs import costs
from glyphagent.document import Document
from glyphagent.outcomes import Estimate
from glyphagent.page import Page, SourceMap
from glyphagent.profiles import UNKNOWN, CacheRules, Prices, Profile, profile_for, visual_tokens
from glyphagent.raster import png_bytes
from glyphagent.style import PRESETS
from glyphagent.tokens import BREAK_EVEN_MARGIN, break_even, images_win

DOCUMENT = Document("a.py", "x")
CLAUDE = replace(profile_for("claude-sonnet-4-5"), max_bytes=None, max_image_bytes=None)
NANO = profile_for("nano")


def page(columns: int = 84, rows: int = 60, seed: int | None = None) -> Page:
    """A page of cells of 7x14 px, blank or full of noise."""
    atlas = PRESETS["grid"].glyphs
    codes = np.zeros((rows, columns), np.uint16)
    if seed is not None:
        codes = np.random.default_rng(seed).integers(1, len(atlas.characters), codes.shape, "<u2")
    spans = np.array([[0, 1, 0, 0, 1, 1]], np.int32)
    style = PRESETS["grid"]
    inks = np.ones(codes.shape, np.uint8)
    return Page(codes, inks, style.atlas, style.palette, "flow", SourceMap([DOCUMENT], spans))


def told(
    profile: Profile, pages: list[Page], text_tokens: int, prices: Prices | None = None
) -> Estimate:
    return costs("some-model", profile, pages, 1, text_tokens, prices)


def test_images_that_win() -> None:
    found = told(NANO, [page(), page()], 2000)
    assert (found.visual_tokens, found.pages, found.requests) == (1260, 2, 1)
    assert found.advice == "send images"
    assert found.images_win
    assert found.break_even == pytest.approx(2000 / 1260 / BREAK_EVEN_MARGIN)
    assert (found.reasons, found.warnings) == ((), ())
    assert found.profile == "nano"
    assert (found.text_cost, found.image_cost, found.prices, found.image_bytes) == (None,) * 4


def test_images_that_lose_by_the_margin() -> None:
    found = told(NANO, [page()], 690)
    assert found.compression_ratio > 1
    assert (found.advice, found.reasons) == ("send text", ("ratio below margin",))
    assert found.break_even < 1


@given(text=st.integers(0, 10**7), visual=st.integers(0, 10**7))
def test_images_win_where_the_break_even_is_passed(text: int, visual: int) -> None:
    assert images_win(text, visual) == (visual > 0 and text > visual * BREAK_EVEN_MARGIN)
    if abs(text - visual * BREAK_EVEN_MARGIN) > 1e-3:
        assert images_win(text, visual) == (break_even(text, visual) > 1)


def test_an_unknown_model_is_told_of() -> None:
    found = told(UNKNOWN, [page()], 9000, Prices(3.0))
    assert (found.visual_tokens, found.advice, found.requests) == (0, "send text", 0)
    assert found.reasons == ("unknown model",)
    (warning,) = found.warnings
    assert "some-model" in warning
    assert found.text_cost == pytest.approx(0.027)
    assert found.image_cost is None


def test_a_model_that_the_user_gives_text_only() -> None:
    found = told(replace(NANO, formula="none"), [page()], 9000)
    assert (found.reasons, found.warnings, found.visual_tokens) == (("text only",), (), 0)


def test_a_model_without_a_measured_style_is_told_of_once() -> None:
    found = told(CLAUDE, [page(), page(), page()], 10_000)
    assert found.advice == "send images"
    assert found.reasons == ()
    assert sum("no page style was measured" in warning for warning in found.warnings) == 1
    assert any("not the tokenizer of claude" in warning for warning in found.warnings)
    assert len(told(profile_for("gpt-6"), [page()], 10_000).warnings) == 1


def test_no_page_at_all() -> None:
    found = told(NANO, [], 0)
    assert (found.reasons, found.advice, found.requests) == (("no pages",), "send text", 0)


def test_pages_that_are_resampled() -> None:
    found = told(CLAUDE, [page(), page(280, 140)], 100_000)  # 1960x1960 px
    assert (found.resampled_pages, found.reasons) == (1, ("page resampled",))
    assert found.images_win
    assert found.advice == "send text"
    assert any("1 of 2 pages would be resampled" in warning for warning in found.warnings)


def test_pages_that_are_refused() -> None:
    found = told(NANO, [page(), page(85, 60)], 100_000)
    assert found.reasons == ("page refused",)
    assert found.visual_tokens == 630
    assert any("1 of 2 pages have a size that nano refuses" in w for w in found.warnings)


def test_more_images_than_a_request_takes() -> None:
    found = told(CLAUDE, [page()] * 250, 10**6)
    assert (found.requests, found.reasons) == (3, ("too many images",))
    assert found.advice == "send text"
    assert any("3 requests" in warning for warning in found.warnings)
    assert told(CLAUDE, [page()] * 100, 10**6).reasons == ()


def test_large_sides_leave_room_for_fewer_images() -> None:
    tall = page(4, 144)  # 2016 px
    large = replace(profile_for("claude-opus-4-8"), max_bytes=None, max_image_bytes=None)
    assert told(large, [page(4, 142)] * 45, 10**6).requests == 1
    found = told(large, [tall] * 45, 10**6)
    assert (found.requests, found.reasons) == (3, ("too many images",))
    assert told(large, [tall] * 20, 10**6).requests == 1


def test_bytes_are_counted_where_a_limit_is_near() -> None:
    pages = [page(seed=n) for n in range(4)]
    sizes = [(len(png_bytes(each)) + 2) // 3 * 4 for each in pages]
    far = replace(CLAUDE, max_bytes=10**8)
    assert told(far, pages, 10**6).image_bytes is None
    near = replace(CLAUDE, max_bytes=sum(sizes[:2]), max_image_bytes=10**6)
    found = told(near, pages, 10**6)
    assert found.image_bytes == sum(sizes)
    assert (found.requests, found.reasons) == (2, ("too many bytes",))
    assert told(replace(CLAUDE, max_bytes=sum(sizes)), pages, 10**6).requests == 1


@pytest.mark.parametrize("field", ["max_bytes", "max_image_bytes"])
def test_a_page_beyond_the_byte_limit(field: str) -> None:
    single = page(seed=1)
    limit = len(png_bytes(single)) * 4 // 3 - 100
    found = told(replace(CLAUDE, **{field: limit}), [single], 10**6)  # type: ignore[arg-type]
    assert found.reasons == ("page larger than byte limit",)
    assert found.advice == "send text"


@pytest.mark.parametrize("columns", [4, 84, 224])
@pytest.mark.parametrize("rows", [2, 52])
def test_no_page_is_larger_than_what_is_taken_for_its_most(columns: int, rows: int) -> None:
    noisy = page(columns, rows, seed=7)
    size = (len(png_bytes(noisy)) + 2) // 3 * 4
    assert told(replace(CLAUDE, max_bytes=size - 1), [noisy], 10**6).image_bytes == size


def test_sizes_are_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tight = replace(CLAUDE, max_bytes=1000)
    first = told(tight, [page(seed=3)], 10**6)
    monkeypatch.setattr(costs_module, "png_bytes", lambda page: pytest.fail("encoded again"))
    assert told(tight, [page(seed=3)], 10**6) == first


def test_money() -> None:
    found = told(NANO, [page()], 10_000, Prices(3.0, cached=0.3))
    assert found.prices == Prices(3.0, cached=0.3)
    assert found.text_cost == pytest.approx(0.03)
    assert found.image_cost == pytest.approx(630 * 3e-6)
    assert found.text_cost_cached == pytest.approx(0.003)
    assert found.image_cost_cached == pytest.approx(630 * 0.3e-6)


def test_dear_images_lose_in_money_what_they_win_in_tokens() -> None:
    assert told(NANO, [page()], 2000).images_win
    found = told(NANO, [page()], 2000, Prices(1.0, image=4.0))
    assert not found.images_win
    assert found.compression_ratio > 3
    assert found.reasons == ("ratio below margin",)


def test_the_price_of_cached_tokens_comes_from_the_rules_if_not_given() -> None:
    rules = replace(NANO, cache=CacheRules(read_multiplier=0.25), prices=Prices(2.0))
    found = told(rules, [page()], 10_000)
    assert found.text_cost_cached == pytest.approx(0.005)
    assert told(replace(NANO, prices=Prices(2.0)), [page()], 10_000).text_cost_cached is None


def test_the_first_request_pays_for_writing_the_cache() -> None:
    claude = told(CLAUDE, [page()], 10_000, Prices(3.0))
    assert claude.text_cost == pytest.approx(0.03)
    assert claude.text_cost_written == pytest.approx(0.0375)
    assert claude.text_cost_cached == pytest.approx(0.003)
    assert claude.image_cost
    assert claude.image_cost_written == pytest.approx(claude.image_cost * 1.25)
    free = replace(CLAUDE, cache=CacheRules(automatic=True, read_multiplier=0.5))
    assert told(free, [page()], 10_000, Prices(3.0)).text_cost_written == pytest.approx(0.03)
    unknown = replace(CLAUDE, cache=CacheRules(read_multiplier=0.5))
    assert told(unknown, [page()], 10_000, Prices(3.0)).text_cost_written is None
    assert told(NANO, [page()], 10_000, Prices(3.0, cached=0.3)).text_cost_written is None
    assert told(CLAUDE, [page()], 10_000).text_cost_written is None


def test_every_page_is_counted_at_its_own_size() -> None:
    gemini = profile_for("gemini-3-pro")
    pages = [page(224, 52), page(224, 4), page(84, 60)]
    counted = [visual_tokens(gemini, each.width_px, each.height_px) for each in pages]
    assert told(gemini, pages, 10**6).visual_tokens == sum(counted)
