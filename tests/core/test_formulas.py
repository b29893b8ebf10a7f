"""Token formulas against what was published, and against the models' own processors."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from glyphagent.errors import PageError
from glyphagent.formulas import best_grid, claude_patches, openai_patches
from glyphagent.profiles import (
    PROFILES,
    Profile,
    is_unresampled,
    profile_for,
    profile_named,
    resized,
    visual_tokens,
)
from glyphagent.seeing import seen

SIDES = st.integers(1, 6000)
SIZES = st.tuples(SIDES, SIDES)
GLYPH = profile_for("zai-org/Glyph")

# What people published, each with its place: model, width, height, tokens, source. Those of
# Claude are with the tokens around an image: 3 on Fable, 4 on Sonnet 4.5.
PUBLISHED = [
    ("claude-sonnet-4-5", 1568, 728, 1456 + 4, "pxpipe: 28,080 characters are 1,460 tokens"),
    ("claude-fable-5", 1928, 1928, 4764, "OmniGlyph: 1928x1928 bills 4,764 unshrunk"),
    ("claude-fable-5", 1568, 1568, 3136 + 3, "snapcompact: 1568 is 3,136 patches"),
    ("gpt-5.5", 1568, 1568, 2881, "snapcompact, measured"),
    ("gpt-5.5", 256, 256, 77, "JOHNISKING/image-token-cost"),
    ("gpt-5.5", 1024, 1024, 1229, "JOHNISKING/image-token-cost"),
    ("gpt-5.5", 1920, 1080, 2448, "JOHNISKING/image-token-cost"),
    ("gpt-6", 256, 256, 77, "JOHNISKING/image-token-cost"),
    ("gpt-6", 1024, 1024, 1229, "JOHNISKING/image-token-cost"),
    ("gpt-6", 1920, 1080, 2448, "JOHNISKING/image-token-cost"),
    ("gpt-6", 4032, 3024, 14364, "JOHNISKING/image-token-cost: no limit by default"),
    ("gpt-5.5", 4032, 3024, 11868, "JOHNISKING/image-token-cost: shrunk to 10,000 patches"),
    ("gpt-5.4-mini", 1800, 2400, round(1452 * 1.62), "OpenAI's guide: 1,452 patches"),
    ("gpt-5-nano", 1024, 1024, round(1024 * 2.46), "OpenAI's guide: 1,024 patches"),
    ("o4-mini", 1024, 1024, round(1024 * 1.72), "OpenAI's guide: 1,024 patches"),
    ("gpt-4o", 1024, 1024, 765, "OpenAI's guide"),
    ("gpt-4o", 2048, 4096, 1105, "OpenAI's guide"),
    ("gpt-4.1", 1024, 1024, 85 + 4 * 170, "85 and 170 a tile"),
    ("gpt-5", 1024, 1024, 70 + 4 * 140, "70 and 140 a tile"),
    ("o1", 1024, 1024, 75 + 4 * 150, "75 and 150 a tile"),
    ("o3", 1024, 1024, 75 + 4 * 150, "75 and 150 a tile"),
    ("gpt-4o-mini", 1024, 1024, 2833 + 4 * 5667, "2,833 and 5,667 a tile"),
    ("gemini-3.6-flash", 1568, 728, 1078, "pxpipe, measured"),
    ("gemini-2.5-flash", 384, 384, 258, "Google's guide: both sides up to 384"),
    ("gemini-2.5-flash", 960, 540, 1548, "Google's guide: 6 crops"),
    ("grok-4.5", 1000, 1000, 1000, "pxpipe: 1,000 for a megapixel"),
    ("grok-4.5", 764, 980, 749, "pxpipe, measured: 748"),
    ("zai-org/Glyph", 595, 842, 630, "Glyph's A4 page becomes 588x840"),
    ("zai-org/Glyph", 1568, 728, 1456, "1568x728"),
    ("zai-org/Glyph", 96 * 28, 64 * 28, 6144, "9,633,792 pixels of two frames"),
    ("zai-org/GLM-4.6V-Flash", 96 * 28, 64 * 28, 6144, "the published limit"),
    ("deepseek-ai/DeepSeek-OCR", 640, 640, 273, "vLLM: 16 x 17 + 1 up to 640"),
    ("deepseek-ai/DeepSeek-OCR", 100, 30, 273, "vLLM: 16 x 17 + 1 up to 640"),
    ("deepseek-ai/DeepSeek-OCR", 1280, 1920, 903, "vLLM: 2 x 3 tiles"),
    ("OpenGVLab/InternVL3-8B", 448, 448, 258, "transformers: one tile, no thumbnail"),
    ("OpenGVLab/InternVL3-8B", 896, 1344, 7 * 256 + 2, "transformers: 2 x 3 and a thumbnail"),
]


@pytest.mark.parametrize(("model", "width", "height", "tokens", "source"), PUBLISHED)
def test_published_counts(model: str, width: int, height: int, tokens: int, source: str) -> None:
    assert visual_tokens(profile_for(model), width, height) == tokens, source


# JOHNISKING/image-token-cost, 2026: width, height; tokens of Claude 5.5 and Claude 4.5, Gemini 3,
# GPT-6 by default and at high detail, and GPT-5.5. Claude's are with 77 and 65 tokens of prompt
# and image frame, Gemini's with one.
DATA_SET = [
    (256, 256, 177, 165, 1090, 77, 77, 77),
    (512, 512, 438, 426, 1090, 308, 308, 308),
    (768, 768, 861, 849, 1090, 692, 692, 692),
    (1024, 1024, 1446, 1434, 1090, 1229, 1229, 1229),
    (1280, 720, 1273, 1261, 1101, 1104, 1104, 1104),
    (1920, 1080, 2768, 1625, 1101, 2448, 2448, 2448),
    (1080, 1920, 2768, 1625, 1101, 2448, 2448, 2448),
    (2560, 1440, 3069, 1657, 1101, 4320, 2931, 4320),
    (3840, 2160, 3069, 1657, 1101, 9792, 2931, 9792),
    (4032, 3024, 4005, 1661, 1065, 14364, 2942, 11868),
]


@pytest.mark.parametrize("row", DATA_SET, ids=lambda row: f"{row[0]}x{row[1]}")
def test_the_data_set_of_image_costs(row: tuple[int, ...]) -> None:
    width, height, _, _, gemini, gpt_6, gpt_6_high, gpt_5_5 = row
    assert visual_tokens(profile_for("gemini-3-pro"), width, height) == gemini - 1
    newest = profile_for("gpt-6-astra")
    # Of parts of a token it was charged one more where we round to the nearest.
    for profile, told in (
        (newest, gpt_6),
        (newest.at_detail("high"), gpt_6_high),
        (profile_for("gpt-5.5"), gpt_5_5),
    ):
        assert 0 <= told - visual_tokens(profile, width, height) <= 1


@pytest.mark.parametrize("row", DATA_SET[:7], ids=lambda row: f"{row[0]}x{row[1]}")
def test_the_data_set_s_claude_up_to_full_hd(row: tuple[int, ...]) -> None:
    width, height, newer, older, *_ = row
    for model, told, prompt in (("claude-opus-5-5", newer, 77), ("claude-haiku-4-5", older, 65)):
        profile = replace(profile_for(model), block_tokens=0)
        assert visual_tokens(profile, width, height) == told - prompt


def test_larger_pictures_on_the_newest_claude_are_counted_too_dear_rather_than_too_cheap() -> None:
    newest = profile_for("claude-opus-5-5")
    assert "2,992" in newest.source
    for width, height, told, *_ in DATA_SET[7:]:
        assert visual_tokens(newest, width, height) > told - 77


@given(size=SIZES, tier=st.sampled_from([(1568, 1568), (2576, 4784)]))
def test_claude_sees_the_largest_size_of_the_shape_that_fits(
    size: tuple[int, int], tier: tuple[int, int]
) -> None:
    limit, most = tier
    wide, high, tokens = claude_patches(*size, patch_px=28, native_side_px=limit, max_patches=most)
    assert max(math.ceil(wide / 28), math.ceil(high / 28)) * 28 <= limit
    assert tokens == math.ceil(wide / 28) * math.ceil(high / 28) <= most
    assert wide <= size[0]
    assert high <= size[1]
    if (wide, high) != size:
        longer = max(wide, high) + 1
        short = math.floor(longer * min(size) / max(size) + 0.5)
        columns, rows = math.ceil(longer / 28), math.ceil(max(1, short) / 28)
        assert columns * 28 > limit or columns * rows > most


@given(size=SIZES, most=st.none() | st.integers(64, 10_000))
@example(size=(3, 50_000), most=1536)
def test_openai_s_patches_stay_within_the_budget(size: tuple[int, int], most: int | None) -> None:
    wide, high, tokens = openai_patches(*size, patch_px=32, max_patches=most, multiplier=1.0)
    whole = math.ceil(size[0] / 32) * math.ceil(size[1] / 32)
    assert 1 <= tokens <= (whole if most is None else min(whole, most))
    assert ((wide, high) == size) == (tokens == whole)
    assert wide <= size[0]
    assert high <= size[1]


@given(size=SIZES, budget=st.sampled_from([280, 560, 1120, 2240]))
@settings(max_examples=150)
def test_gemini_s_budget_is_that_of_gemma_s_processor(size: tuple[int, int], budget: int) -> None:
    from transformers.models.gemma4.image_processing_pil_gemma4 import (
        get_aspect_ratio_preserving_size,
    )

    width, height = size
    high, wide = get_aspect_ratio_preserving_size(height, width, 16, budget * 9, 3)
    profile = replace(profile_for("gemini-3-pro"), budget=budget)
    # Its square root may fall short of a whole number that ours reaches.
    assume(abs(math.sqrt(budget * width / height) % 1 - 0.5) < 0.4999)
    assume(abs(math.sqrt(budget * height / width) % 1 - 0.5) < 0.4999)
    assert visual_tokens(profile, width, height) == (high // 48) * (wide // 48) <= budget


@given(size=SIZES, most=st.integers(1, 12))
@settings(max_examples=150)
def test_tiles_are_those_of_internvl_s_processor(size: tuple[int, int], most: int) -> None:
    from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import (
        get_optimal_tiled_canvas,
    )

    width, height = size
    theirs = get_optimal_tiled_canvas((height, width), (448, 448), 1, most)
    assert best_grid(width, height, tile_px=448, min_tiles=1, max_tiles=most) == theirs
    profile = replace(profile_for("internvl3-8b"), max_tiles=most)
    tiles = theirs[0] * theirs[1]
    assert visual_tokens(profile, width, height) == 2 + 256 * (tiles + (tiles > 1))


@pytest.mark.parametrize(
    ("columns", "rows"), [(c, r) for c in range(1, 7) for r in range(1, 7) if 2 <= c * r <= 6]
)
def test_whole_tiles_of_deepseek_ocr(columns: int, rows: int) -> None:
    profile = profile_for("deepseek-ocr")
    size = (640 * columns, 640 * rows)
    assert visual_tokens(profile, *size) == 273 + 10 * rows * (10 * columns + 1)
    assert is_unresampled(profile, *size)


@pytest.mark.parametrize(
    ("mode", "side", "tokens"),
    [("tiny", 512, 64), ("small", 640, 100), ("base", 1024, 256), ("large", 1280, 400)],
)
def test_native_modes_of_deepseek_ocr(mode: str, side: int, tokens: int) -> None:
    profile = profile_for("deepseek-ocr").at_detail(mode)
    assert visual_tokens(profile, side, side) == visual_tokens(profile, 99, 3000) == tokens
    assert is_unresampled(profile, side, side)
    assert not is_unresampled(profile, side + 28, side)


@pytest.mark.parametrize(
    ("model", "detail", "tokens"),
    [
        ("gemini-3-pro", "low", 22 * 12),
        ("gemini-3-pro", "ultra_high", 63 * 35),
        ("gpt-5.5", "original", 4320),
        ("gpt-5.5", "high", 2930),
    ],
)
def test_a_detail_changes_the_budget(model: str, detail: str, tokens: int) -> None:
    profile = profile_for(model).at_detail(detail)
    assert (profile.detail, visual_tokens(profile, 2560, 1440)) == (detail, tokens)


def test_a_detail_that_there_is_not() -> None:
    with pytest.raises(PageError, match=r"no detail 'best'; it has: auto, original, high"):
        profile_for("gpt-5.5").at_detail("best")
    with pytest.raises(PageError, match="it has: none"):
        profile_for("claude-opus-5").at_detail("high")


def theirs(profile: Profile, width: int, height: int) -> tuple[int, int] | None:
    """What the model's own processor in transformers makes of the size."""
    largest = profile.max_pixels or 0
    try:
        if profile.formula == "glm":
            from transformers.models.glm4v.image_processing_pil_glm4v import smart_resize

            high, wide = smart_resize(
                2, height, width, 2, profile.patch_px, 2 * profile.min_pixels, 2 * largest
            )
        else:
            from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import (
                smart_resize as qwen_resize,
            )

            high, wide = qwen_resize(height, width, profile.patch_px, profile.min_pixels, largest)
    except ValueError:
        return None
    return wide, high


@pytest.mark.parametrize("name", ["glm-4.1v", "glm-4.6v", "qwen2-vl", "qwen2.5-vl", "qwen3-vl"])
@given(
    size=SIZES | st.tuples(st.integers(1, 60), st.integers(1, 60)),
    largest=st.none() | st.integers(10_000, 3_000_000),
)
@settings(max_examples=100)
def test_sizes_are_those_of_the_model_s_own_processor(
    name: str, size: tuple[int, int], largest: int | None
) -> None:
    profile = profile_named(name)
    profile = replace(profile, max_pixels=largest or profile.max_pixels)
    width, height = size
    expected = theirs(profile, width, height)
    if expected is None:
        with pytest.raises(PageError, match="200 times"):
            resized(profile, width, height)
    else:
        assert resized(profile, width, height) == expected
        patches = (expected[0] // profile.patch_px) * (expected[1] // profile.patch_px)
        assert visual_tokens(profile, width, height) == patches


@given(columns=st.integers(3, 80), rows=st.integers(3, 70))
def test_multiples_of_the_patch_within_the_limits_stay_as_they_are(columns: int, rows: int) -> None:
    assert is_unresampled(GLYPH, 28 * columns, 28 * rows) == (columns * rows <= 6144)


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
@given(size=st.tuples(st.integers(28, 4000), st.integers(28, 4000)))
@settings(max_examples=30)
def test_every_formula_gives_tokens_for_every_picture(
    profile: Profile, size: tuple[int, int]
) -> None:
    width, height = (side // profile.patch_px * profile.patch_px or 28 for side in size)
    try:
        wide, high, tokens = seen(profile, width, height)
    except PageError:
        assert profile.formula in ("fixed", "glm", "qwen")
    else:
        assert tokens == visual_tokens(profile, width, height) >= 1
        assert wide >= 1
        assert high >= 1
        assert is_unresampled(profile, width, height) == ((wide, high) == (width, height))
