"""Models that we know the ways of: data, keyed by model id, each with its source and date.

The first profile whose pattern fits a model's id is taken, so the narrower ones stand first. A
sibling that nobody measured has no pattern here and gets text: nothing is guessed. The user's own
file adds to this and changes it, in `own_profiles`.
"""

from __future__ import annotations

from dataclasses import replace

from glyphagent.seeing import CacheRules, Profile

_DATE = "2026-11"
_MB = 1_000_000

UNKNOWN = Profile(
    name="unknown",
    models=(),
    patch_px=28,
    formula="none",
    source="no measurement: this model is not in glyphagent's list and is sent text",
)

_NANO = Profile(
    name="nano",
    models=("nano", "glyphagent/nano"),
    patch_px=28,
    formula="fixed",
    max_side_px=8192,
    preset="grid",
    source="glyphagent/weights/nano/preprocessor_config.json",
    date=_DATE,
)

# GLM's processor compares frames x height x width with its limits and counts a still image as
# two frames; the limits here are for one image, hence half of those in the published files.
_GLM_4_1V = Profile(
    name="glm-4.1v",
    models=("glyph", "zai-org/glyph*", "thu-coai/glyph*", "glm-4.1v-9b*", "*/glm-4.1v-9b*"),
    patch_px=28,
    formula="glm",
    min_pixels=12_544 // 2,
    max_pixels=9_633_792 // 2,
    source="transformers models/glm4v/image_processing_glm4v.py; limits of the published "
    "preprocessor_config.json of the GLM-4.1V-9B family",
    date=_DATE,
)
_QWEN2_VL = Profile(
    name="qwen2-vl",
    models=("qwen2-vl-*", "*/qwen2-vl-*"),
    patch_px=28,
    formula="qwen",
    min_pixels=3_136,
    max_pixels=12_845_056,
    source="transformers models/qwen2_vl/image_processing_qwen2_vl.py; limits of the published "
    "preprocessor_config.json of Qwen2-VL-Instruct",
    date=_DATE,
)
_OPEN_WEIGHTS = (
    _GLM_4_1V,
    replace(
        _GLM_4_1V,
        name="glm-4.6v",
        models=("glm-4.6v*", "*/glm-4.6v*"),
        source="transformers models/glm46v/image_processing_glm46v.py; limits of the published "
        "preprocessor_config.json of GLM-4.6V-Flash",
    ),
    _QWEN2_VL,
    replace(
        _QWEN2_VL,
        name="qwen2.5-vl",
        models=("qwen2.5-vl-*", "*/qwen2.5-vl-*"),
        source="transformers models/qwen2_vl/image_processing_qwen2_vl.py; limits of the "
        "published preprocessor_config.json of Qwen2.5-VL-Instruct",
    ),
    replace(
        _QWEN2_VL,
        name="qwen3-vl",
        models=("qwen3-vl-*", "*/qwen3-vl-*"),
        patch_px=32,
        min_pixels=65_536,
        max_pixels=16_777_216,
        source="transformers models/qwen2_vl/image_processing_qwen2_vl.py with patch 16; limits "
        "of the published preprocessor_config.json of Qwen3-VL-Instruct",
    ),
    # Its tiles are no multiple of our cells, so that pages are always resampled.
    Profile(
        name="deepseek-ocr",
        models=("deepseek-ocr", "deepseek-ai/deepseek-ocr"),
        patch_px=64,
        formula="deepseek-ocr",
        tile_px=640,
        min_tiles=2,
        max_tiles=6,
        detail="gundam",
        details=(("gundam", None), ("tiny", 64), ("small", 100), ("base", 256), ("large", 400)),
        source="vLLM model_executor/models/deepseek_ocr.py get_num_image_tokens, "
        "transformers_utils/processors/deepseek_ocr.py",
        date=_DATE,
    ),
    # Pages of whole tiles (448 px is a multiple of our cells) are not resampled.
    Profile(
        name="internvl",
        models=(
            *("internvl3-*", "*/internvl3-*", "internvl3_5-*", "*/internvl3_5-*"),
            *("internvl2_5-*", "*/internvl2_5-*"),
        ),
        patch_px=448,
        formula="tiles-thumbnail",
        tile_px=448,
        tile_tokens=256,
        min_tiles=1,
        max_tiles=12,
        page_px=(896, 1344),
        source="transformers models/got_ocr2/image_processing_got_ocr2.py (1 to 12 tiles) and "
        "models/internvl/processing_internvl.py (256 tokens a tile, 2 around)",
        date=_DATE,
    ),
)

# Anthropic's API: https://platform.claude.com/docs/en/build-with-claude/vision
_CLAUDE_CACHE = CacheRules(
    breakpoints=4,
    write_multiplier=1.25,
    read_multiplier=0.10,
    source="Anthropic's prompt caching guide, five-minute cache; the fewest tokens that are "
    "cached differ by model, and what was published of them disagrees",
)
_CLAUDE = Profile(
    name="claude",
    models=(
        *("claude-3-*", "claude-3.*", "claude-opus-4*", "claude-sonnet-4*", "claude-haiku-4*"),
        "claude-4-*",
    ),
    patch_px=28,
    formula="claude",
    max_side_px=8000,
    native_side_px=1568,
    max_patches=1568,
    block_tokens=4,
    max_images=100,
    max_bytes=32 * _MB,
    max_image_bytes=5 * _MB,
    many_images=20,
    many_max_side_px=2000,
    images_in_tool_results=True,
    tool_image_apis=("anthropic-messages",),
    page_px=(1568, 728),
    cache=_CLAUDE_CACHE,
    source="Anthropic's vision guide; OmniGlyph's billing sweep (4 tokens around an image, "
    "measured on Claude Sonnet 4.5); 100 images as for a context of 200k tokens",
    date=_DATE,
)
_CLAUDE_LARGE = replace(
    _CLAUDE,
    name="claude-4.7",
    models=(
        *("claude-opus-4[-.][789]*", "claude-sonnet-4[-.][789]*", "claude-haiku-4[-.][789]*"),
        *("claude-opus-4[-.]1[0-9]*", "claude-sonnet-4[-.]1[0-9]*", "claude-haiku-4[-.]1[0-9]*"),
        *("claude-opus-[5-9]*", "claude-sonnet-[5-9]*", "claude-haiku-[5-9]*"),
        *("claude-fable-*", "claude-mythos-*"),
    ),
    native_side_px=2576,
    max_patches=4784,
    block_tokens=3,
    max_images=600,
    source="Anthropic's vision guide, Claude 4.7 and later; OmniGlyph's billing sweep (3 tokens "
    "around an image, measured on Claude Fable 5), which also found that pages larger than "
    "1568x728 are charged whole but read worse",
)
_ANTHROPIC = (
    replace(
        _CLAUDE_LARGE,
        name="claude-5.5",
        models=("claude-opus-5[-.]5*", "claude-sonnet-5[-.]5*"),
        source="as claude-4.7; JOHNISKING/image-token-cost confirms it up to 1920x1080 and found "
        "2,992 tokens, not 4,784, for 2560x1440: calibrate with Anthropic's count_tokens",
    ),
    _CLAUDE_LARGE,
    _CLAUDE,
)

# OpenAI's API: https://platform.openai.com/docs/guides/images-vision
_OPENAI_SOURCE = "OpenAI's images and vision guide; "
_OPENAI_CACHE = CacheRules(
    automatic=True, min_tokens=1024, source="OpenAI's prompt caching guide, gpt-4o and later"
)
_GPT_PATCHES = Profile(
    name="gpt-6",
    models=("gpt-6", "gpt-6-20*", "gpt-6-astra*", "gpt-5.6", "gpt-5.6-20*", "gpt-5.6-sol*"),
    patch_px=32,
    formula="openai-patches",
    multiplier=1.2,
    detail="auto",
    details=(("auto", None), ("original", None), ("high", 2_500)),
    max_images=500,
    max_bytes=50 * _MB,
    images_in_tool_results=True,
    tool_image_apis=("openai-responses",),
    tokenizer="o200k_base",
    cache=_OPENAI_CACHE,
    source=_OPENAI_SOURCE + "JOHNISKING/image-token-cost, GPT-6 Astra (no patch limit by "
    "default); pxpipe found none on gpt-5.6-sol either",
    date=_DATE,
)
_GPT_5_CACHE = replace(
    _OPENAI_CACHE,
    read_multiplier=0.1,
    source=_OPENAI_CACHE.source + "; list prices of the gpt-5 family as in pxpipe "
    "src/core/gpt-model-profiles.ts",
)
_GPT_5_5 = replace(
    _GPT_PATCHES,
    name="gpt-5.5",
    models=tuple(f"gpt-5.[45]{end}" for end in ("", "-20*", "-pro*")),
    max_patches=10_000,
    details=(("auto", 10_000), ("original", 10_000), ("high", 2_500)),
    cache=_GPT_5_CACHE,
    source=_OPENAI_SOURCE + "JOHNISKING/image-token-cost, GPT-5.5; snapcompact measured 2,881 "
    "tokens for 1568x1568",
)
# Whether they see images in tool results is known of none of these, and of GPT-5.2 that it
# takes and does not see them (openai-openapi #523).
_GPT_5_2 = replace(
    _GPT_5_5,
    name="gpt-5.2",
    models=tuple(
        f"gpt-5.[123]{end}" for end in ("", "-20*", "-pro*", "-chat*", "-codex", "-codex-max*")
    ),
    max_patches=1_536,
    detail="",
    details=(),
    images_in_tool_results=False,
    tool_image_apis=(),
    source=_OPENAI_SOURCE + "patch limit as in OmniGlyph; factor 1.2 as users measured of "
    "gpt-5.2 and gpt-5.3-codex (community.openai.com 1377015)",
)
_SMALL = _OPENAI_SOURCE + (
    "factors of OmniGlyph src/core/gpt-model-profiles.ts; users measured 1.2 of gpt-5-mini and "
    "1.5 of gpt-5-nano (community.openai.com 1377015), so these count too many rather than few"
)
_GPT_MINI = replace(
    _GPT_5_2,
    name="gpt-mini",
    models=(
        *("gpt-5-mini*", "gpt-5.[1-5]-mini*", "gpt-5-codex-mini*", "gpt-5.[1-5]-codex-mini*"),
        "gpt-4.1-mini*",
    ),
    multiplier=1.62,
    cache=_OPENAI_CACHE,
    source=_SMALL,
)
_GPT_TILES = replace(
    _GPT_5_2,
    name="gpt-4o",
    models=(*("gpt-4o", "gpt-4o-20*", "chatgpt-4o-latest", "gpt-4.1", "gpt-4.1-20*", "gpt-4.5*"),),
    patch_px=28,
    formula="openai-tiles",
    max_patches=None,
    multiplier=1.0,
    tile_px=512,
    base_tokens=85,
    tile_tokens=170,
    page_px=(756, 1008),
    cache=_OPENAI_CACHE,
    source=_OPENAI_SOURCE + "pxpipe src/core/vision-cost.ts",
)
_OPENAI = (
    _GPT_PATCHES,
    _GPT_5_5,
    _GPT_MINI,
    replace(
        _GPT_MINI,
        name="gpt-nano",
        models=("gpt-5-nano*", "gpt-5.[1-5]-nano*", "gpt-4.1-nano*"),
        multiplier=2.46,
    ),
    replace(_GPT_MINI, name="o4-mini", models=("o4-mini*",), multiplier=1.72),
    _GPT_5_2,
    replace(
        _GPT_TILES,
        name="gpt-5",
        models=("gpt-5", "gpt-5-20*", "gpt-5-chat*", "gpt-5-pro*", "gpt-5-codex"),
        base_tokens=70,
        tile_tokens=140,
        cache=_GPT_5_CACHE,
    ),
    replace(
        _GPT_TILES,
        name="o3",
        models=("o1", "o1-20*", "o1-pro*", "o3", "o3-20*", "o3-pro*"),
        base_tokens=75,
        tile_tokens=150,
    ),
    # No page is worth its price here: a picture costs 25,501 tokens where GPT-4o charges 765.
    replace(
        _GPT_TILES,
        name="gpt-4o-mini",
        models=("gpt-4o-mini", "gpt-4o-mini-20*"),
        base_tokens=2833,
        tile_tokens=5667,
    ),
    _GPT_TILES,
)

# Google's API: https://ai.google.dev/gemini-api/docs/image-understanding and media-resolution
_GEMINI_3 = Profile(
    name="gemini-3",
    models=("gemini-3-*", "gemini-3.*"),
    patch_px=28,
    formula="aspect-budget",
    budget=1120,
    detail="high",
    details=(("low", 280), ("medium", 560), ("high", 1120), ("ultra_high", 2240)),
    max_pixels=2048 * 2048,
    max_images=900,
    max_image_bytes=7 * _MB,
    images_in_tool_results=True,
    tool_image_apis=("gemini",),
    page_px=(1568, 728),
    source="Google's media resolution guide (high by default); pxpipe and "
    "JOHNISKING/image-token-cost for the counts; pages were read up to 2048x2048 (snapcompact); "
    "limits of Google Cloud's image understanding guide",
    date=_DATE,
)
_GOOGLE = (
    _GEMINI_3,
    Profile(
        name="gemini-2.5",
        models=("gemini-2.0-*", "gemini-2.5-*"),
        patch_px=28,
        formula="gemini-crops",
        tile_px=768,
        tile_tokens=258,
        small_side_px=384,
        max_images=3000,
        max_image_bytes=7 * _MB,
        source="Google's image understanding guide, as in OmniGlyph "
        "src/core/gemini-model-profiles.ts; limits of Google Cloud's",
        date=_DATE,
    ),
)

_XAI = (
    Profile(
        name="grok-4",
        models=("grok-4", "grok-4-*", "grok-4.*"),
        patch_px=28,
        formula="per-megapixel",
        tile_tokens=1000,
        max_image_bytes=10 * _MB,
        cache=CacheRules(
            automatic=True, read_multiplier=0.25, source="xAI's list prices, as in pxpipe"
        ),
        source="pxpipe, measured on grok-4.5 and taken for its siblings; it also found that Grok "
        "invents what it cannot read; size limit of xAI's image understanding guide",
        date=_DATE,
    ),
)

PROFILES: tuple[Profile, ...] = (
    _NANO,
    *_OPEN_WEIGHTS,
    *_ANTHROPIC,
    *_OPENAI,
    *_GOOGLE,
    *_XAI,
)
