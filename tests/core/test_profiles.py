from __future__ import annotations

import json
from pathlib import Path

import pytest

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
from glyphagent.seeing import NEEDS
from glyphagent.style import PRESETS
from glyphagent.targets import SAFEST_PRESET, profile_of, style_for

GLYPH = profile_for("zai-org/Glyph")


@pytest.fixture(autouse=True)
def no_file_of_one_s_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GLYPHAGENT_PROFILES", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("nano", "nano"),
        ("zai-org/Glyph", "glm-4.1v"),
        ("glyph", "glm-4.1v"),
        ("zai-org/GLM-4.1V-9B-Thinking", "glm-4.1v"),
        ("zai-org/GLM-4.6V-Flash", "glm-4.6v"),
        ("Qwen/Qwen2-VL-7B-Instruct", "qwen2-vl"),
        ("Qwen/Qwen2.5-VL-7B-Instruct", "qwen2.5-vl"),
        ("qwen2.5-vl-72b-instruct", "qwen2.5-vl"),
        ("qwen/qwen2.5-vl-72b-instruct:free", "qwen2.5-vl"),
        ("Qwen/Qwen3-VL-8B-Instruct", "qwen3-vl"),
        ("together:Qwen/Qwen3-VL-8B-Instruct", "qwen3-vl"),
        ("deepseek-ai/DeepSeek-OCR", "deepseek-ocr"),
        ("OpenGVLab/InternVL3-8B-hf", "internvl"),
        ("claude-3-5-sonnet-latest", "claude"),
        ("claude-sonnet-4-20250514", "claude"),
        ("claude-opus-4-1-20250805", "claude"),
        ("claude-sonnet-4-5-20250929", "claude"),
        ("claude-haiku-4-5", "claude"),
        ("claude-opus-4-6", "claude"),
        ("claude-opus-4-7", "claude-4.7"),
        ("claude-opus-4.8", "claude-4.7"),
        ("claude-opus-4-10", "claude-4.7"),
        ("claude-sonnet-5", "claude-4.7"),
        ("claude-fable-5", "claude-4.7"),
        ("claude-fable-5[1m]", "claude-4.7"),
        ("claude-mythos-5@20260401", "claude-4.7"),
        ("claude-opus-5-5", "claude-5.5"),
        ("anthropic:claude-sonnet-4-5", "claude"),
        ("anthropic/claude-opus-4.7", "claude-4.7"),
        ("openrouter/anthropic/claude-opus-5", "claude-4.7"),
        ("openrouter:anthropic/claude-opus-5", "claude-4.7"),
        ("us.anthropic.claude-opus-4-7-v1:0", "claude-4.7"),
        ("bedrock_converse:anthropic.claude-sonnet-4-5-20250929-v1:0", "claude"),
        ("gpt-5.5", "gpt-5.5"),
        ("openai:gpt-5.5-pro", "gpt-5.5"),
        ("gpt-5.4-2026-03-05", "gpt-5.5"),
        ("gpt-6", "gpt-6"),
        ("openai/gpt-6-astra", "gpt-6"),
        ("gpt-5.3-codex", "gpt-5.2"),
        ("gpt-5.2-2025-12-11", "gpt-5.2"),
        ("gpt-5", "gpt-5"),
        ("gpt-5-2025-08-07", "gpt-5"),
        ("gpt-5-mini-2025-08-07", "gpt-mini"),
        ("gpt-5.1-codex-mini", "gpt-mini"),
        ("gpt-4.1-mini", "gpt-mini"),
        ("gpt-5.4-nano", "gpt-nano"),
        ("o4-mini", "o4-mini"),
        ("o3", "o3"),
        ("o1-2024-12-17", "o3"),
        ("azure:gpt-4o", "gpt-4o"),
        ("gpt-4.1", "gpt-4o"),
        ("gpt-4o-mini", "gpt-4o-mini"),
        ("google_genai:gemini-3-pro-preview", "gemini-3"),
        ("models/gemini-3.6-flash", "gemini-3"),
        ("gemini-2.5-flash", "gemini-2.5"),
        ("xai/grok-4.5", "grok-4"),
        # Siblings that nobody measured, and others' models of a known name, get text.
        ("Qwen/Qwen3-8B", "unknown"),
        ("qwen2.5-coder", "unknown"),
        ("zai-org/GLM-4.5V", "unknown"),
        ("deepseek-ai/DeepSeek-OCR-2", "unknown"),
        ("someone/gpt-4o", "unknown"),
        ("someone/claude-opus-5", "unknown"),
        ("o3-mini", "unknown"),
        ("gpt-4o-audio-preview", "unknown"),
        ("gpt-6-mini", "unknown"),
        ("gpt-oss-120b", "unknown"),
        ("grok-code-fast-1", "unknown"),
        ("claude-2.1", "unknown"),
        ("nanonets", "unknown"),
        ("", "unknown"),
        (":", "unknown"),
        ("openai/", "unknown"),
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
    assert profile.prices is None
    assert all(getattr(profile, field) for field in NEEDS.get(profile.formula, ()))
    assert bool(profile.detail) == bool(profile.details)
    assert not profile.details or profile.at_detail(profile.detail) == profile
    assert profile.images_in_tool_results == bool(profile.tool_image_apis)
    assert profile.cache is None or profile.cache.source


def test_names_are_given_once() -> None:
    assert len({profile.name for profile in PROFILES}) == len(PROFILES)


def test_only_the_embedded_reader_has_a_measured_style() -> None:
    assert [profile.name for profile in PROFILES if profile.preset] == ["nano"]


# Whose crops and tiles are no multiple of our cells.
RESAMPLING = {"deepseek-ocr", "gemini-2.5"}


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_pages_drawn_for_a_model_reach_it_as_they_are(profile: Profile, preset: str) -> None:
    style = style_for(profile, preset)
    assert style.preset == preset
    step = style.row_step * style.glyphs.cell_height
    heights = range(step, style.height_px + 1, step)
    if profile.name not in RESAMPLING:
        assert all(is_unresampled(profile, style.width_px, height) for height in heights)
    assert visual_tokens(profile, style.width_px, style.height_px) > 0


def test_a_page_for_claude_reaches_both_of_its_tiers_and_any_number_of_images() -> None:
    for model in ("claude-sonnet-4-5", "claude-opus-4-8"):
        profile = profile_for(model)
        style = style_for(profile)
        assert (style.width_px, style.height_px) == (1568, 728)
        assert max(style.width_px, style.height_px) <= (profile.many_max_side_px or 0)


def test_the_most_legible_style_is_taken_where_none_was_measured() -> None:
    assert style_for(profile_for("gpt-5.5")).preset == SAFEST_PRESET
    assert style_for(UNKNOWN).preset == SAFEST_PRESET
    assert style_for(profile_for("nano")).preset == "grid"
    assert style_for(profile_for("claude-opus-5"), "grid-dense", "lines").layout == "lines"


def test_the_model_behind_a_backend() -> None:
    assert profile_of("local", None).name == "nano"
    assert profile_of("local", "zai-org/Glyph").name == "glm-4.1v"
    assert profile_of("chat", "openai:gpt-5.5").name == "gpt-5.5"
    assert profile_of("chat", None) is UNKNOWN


def test_what_the_apis_take() -> None:
    small, large = profile_for("claude-sonnet-4-5"), profile_for("claude-opus-4-8")
    assert (small.max_images, large.max_images) == (100, 600)
    for claude in (small, large):
        assert claude.max_bytes == 32_000_000
        assert (claude.many_images, claude.many_max_side_px) == (20, 2000)
        assert claude.images_in_tool_results
        assert claude.cache is not None
        assert (claude.cache.write_multiplier, claude.cache.read_multiplier) == (1.25, 0.1)
        assert claude.cache.breakpoints == 4
        assert claude.cache.min_tokens is None
    assert not profile_for("gpt-5.2").images_in_tool_results
    assert profile_for("gpt-5.5").tool_image_apis == ("openai-responses",)
    assert profile_for("gemini-3-pro").cache is None


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
