from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphagent.errors import PageError
from glyphagent.profiles import (
    PROFILES,
    UNKNOWN,
    Profile,
    is_unresampled,
    profile_for,
    profile_named,
    resized,
    visual_tokens,
)
from glyphagent.style import PRESETS

GLYPH = profile_for("zai-org/Glyph")
SIDES = st.integers(1, 6000)


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("nano", "nano"),
        ("zai-org/Glyph", "glm-4.1v"),
        ("glyph", "glm-4.1v"),
        ("zai-org/GLM-4.1V-9B-Thinking", "glm-4.1v"),
        ("zai-org/GLM-4.6V-Flash", "glm-4.6v"),
        ("Qwen/Qwen2.5-VL-7B-Instruct", "qwen2.5-vl"),
        ("qwen2.5-vl-72b-instruct", "qwen2.5-vl"),
        ("Qwen/Qwen3-VL-8B-Instruct", "qwen3-vl"),
        ("Qwen/Qwen3-8B", "unknown"),
        ("qwen2.5-coder", "unknown"),
        ("gpt-5.5", "unknown"),
        ("zai-org/GLM-4.5V", "unknown"),
        ("nanonets", "unknown"),
        ("", "unknown"),
        ("x" * 5000, "unknown"),
        ("\0", "unknown"),
    ],
)
def test_profiles_are_found_by_model_id(model: str, name: str) -> None:
    assert profile_for(model).name == name
    assert profile_named(name).name == name


def test_an_unknown_model_is_sent_no_image() -> None:
    assert profile_for("some/vlm-nobody-measured") is UNKNOWN
    assert not UNKNOWN.takes_images
    assert visual_tokens(UNKNOWN, 588, 840) == 0
    assert not is_unresampled(UNKNOWN, 588, 840)
    assert "not in glyphagent's list" in UNKNOWN.source


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_every_profile_says_where_it_comes_from(profile: Profile) -> None:
    assert profile.source
    assert profile.date
    assert profile.models == tuple(pattern.lower() for pattern in profile.models)
    assert profile.preset is None or profile.preset in PRESETS


# GLM's rows are those of its published formula; 2,772 = 66 x 42 patches of 28 px.
@pytest.mark.parametrize(
    ("model", "width", "height", "tokens"),
    [
        ("zai-org/Glyph", 595, 842, 630),
        ("zai-org/Glyph", 588, 840, 630),
        ("zai-org/Glyph", 1568, 728, 1456),
        ("zai-org/Glyph", 8192, 8192, 78 * 78),
        ("zai-org/Glyph", 28, 28, 9),
        ("Qwen/Qwen2.5-VL-7B-Instruct", 1176, 1848, 2772),
        ("Qwen/Qwen2.5-VL-7B-Instruct", 28, 28, 4),
        ("Qwen/Qwen3-VL-8B-Instruct", 640, 960, 600),
        ("nano", 588, 840, 630),
        ("nano", 588, 28, 21),
    ],
)
def test_published_token_counts(model: str, width: int, height: int, tokens: int) -> None:
    assert visual_tokens(profile_for(model), width, height) == tokens


def test_a4_pages_are_resampled_and_ours_are_not() -> None:
    assert resized(GLYPH, 595, 842) == (588, 840)
    assert not is_unresampled(GLYPH, 595, 842)
    assert is_unresampled(GLYPH, 588, 840)
    assert not is_unresampled(profile_for("Qwen/Qwen3-VL-8B-Instruct"), 588, 840)
    for style in PRESETS.values():
        assert is_unresampled(profile_for("nano"), style.width_px, style.height_px)
        assert is_unresampled(GLYPH, style.width_px, style.height_px)


def test_what_nano_cannot_take_is_an_error() -> None:
    nano = profile_for("nano")
    with pytest.raises(PageError, match="multiples of 28"):
        visual_tokens(nano, 595, 842)
    with pytest.raises(PageError, match="up to 8192"):
        visual_tokens(nano, 28, 8204)
    assert not is_unresampled(nano, 595, 842)


@pytest.mark.parametrize("size", [(0, 5), (5, 0), (-28, 28)])
def test_an_empty_picture_is_an_error(size: tuple[int, int]) -> None:
    with pytest.raises(PageError, match="nothing to see"):
        visual_tokens(GLYPH, *size)


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


@pytest.mark.parametrize("name", ["glm-4.1v", "glm-4.6v", "qwen2.5-vl", "qwen3-vl"])
@given(
    size=st.tuples(SIDES, SIDES) | st.tuples(st.integers(1, 60), st.integers(1, 60)),
    largest=st.none() | st.integers(10_000, 3_000_000),
)
@settings(max_examples=150)
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


def checkpoint(folder: Path, **config: object) -> str:
    (folder / "preprocessor_config.json").write_text(json.dumps(config))
    return str(folder)


def test_a_checkpoint_folder_speaks_for_itself(tmp_path: Path) -> None:
    size = {"shortest_edge": 12544, "longest_edge": 9633792}
    profile = profile_for(
        checkpoint(tmp_path, image_processor_type="Glm4vImageProcessor", size=size)
    )
    assert profile.name == tmp_path.name
    assert (profile.formula, profile.max_pixels) == (GLYPH.formula, GLYPH.max_pixels)
    assert profile.min_pixels == GLYPH.min_pixels
    assert profile.preset is None


def test_a_processor_that_does_not_resize_takes_whole_patches_only(tmp_path: Path) -> None:
    model = checkpoint(tmp_path, image_processor_type="Glm4vImageProcessor", do_resize=False)
    assert profile_for(model).formula == "fixed"


def test_qwen_folders_keep_their_old_field_names(tmp_path: Path) -> None:
    model = checkpoint(
        tmp_path,
        image_processor_type="Qwen2VLImageProcessor",
        min_pixels=3136,
        max_pixels=501760,
        patch_size=16,
    )
    profile = profile_for(model)
    assert (profile.patch_px, profile.max_pixels) == (32, 501760)


def test_an_unfamiliar_processor_is_not_guessed_at(tmp_path: Path) -> None:
    assert profile_for(checkpoint(tmp_path, image_processor_type="Idefics3Processor")) is UNKNOWN


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", "null", '{"image_processor_type": "Glm4v", "patch_size": "x"}', "[" * 9999],
)
def test_a_damaged_folder_is_an_error_that_names_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "preprocessor_config.json").write_text(text)
    with pytest.raises(PageError, match=r"preprocessor_config\.json"):
        profile_for(str(tmp_path))
