"""What a model may be sent: page geometry, pixel limits, token formula. Data, keyed by model id.

The wire protocol says nothing about how a model sees, so a profile never depends on it. A model
that is not listed gets the profile `unknown`, which takes text only: nothing here is guessed.
Formulas are those of the models' own image processors, without importing them.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

from glyphagent.errors import PageError

Formula = Literal["fixed", "glm", "qwen", "none"]
_MAX_ASPECT = 200
_MAX_CONFIG_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Profile:
    """How a model takes page images.

    Attributes:
        name: Name of the profile.
        models: Patterns of model ids, lower case, as `fnmatch` takes them.
        patch_px: Side of the merged patch, which is one visual token.
        formula: How the processor resizes: `fixed` not at all, `glm` and `qwen` as
            transformers' `smart_resize` of these families, `none` for a model that gets text.
        min_pixels: Smaller pictures are enlarged.
        max_pixels: Larger pictures are shrunk; None for no limit.
        max_side_px: Longest side that is taken; None for no limit of its own.
        max_images: Most images in a request; None if the model itself sets no limit.
        max_bytes: Most bytes of images in a request; None likewise.
        images_in_tool_results: Whether it sees images in tool results.
        preset: Preset that was measured to be read safely, or None if none was.
        source: Where these values come from.
        date: When they were looked up, year and month.
    """

    name: str
    models: tuple[str, ...]
    patch_px: int
    formula: Formula
    min_pixels: int = 0
    max_pixels: int | None = None
    max_side_px: int | None = None
    max_images: int | None = None
    max_bytes: int | None = None
    images_in_tool_results: bool = False
    preset: str | None = None
    source: str = ""
    date: str = ""

    @property
    def takes_images(self) -> bool:
        """Whether pages may be sent at all."""
        return self.formula != "none"


UNKNOWN = Profile(
    name="unknown",
    models=(),
    patch_px=28,
    formula="none",
    source="no measurement: this model is not in glyphagent's list and is sent text",
)

# GLM's processor compares frames x height x width with its limits and counts a still image as
# two frames; the limits here are for one image, hence half of those in the published files.
PROFILES: tuple[Profile, ...] = (
    Profile(
        name="nano",
        models=("nano", "glyphagent/nano"),
        patch_px=28,
        formula="fixed",
        max_side_px=8192,
        preset="grid",
        source="glyphagent/weights/nano/preprocessor_config.json",
        date="2026-11",
    ),
    Profile(
        name="glm-4.1v",
        models=(
            "glyph",
            "zai-org/glyph*",
            "thu-coai/glyph*",
            "glm-4.1v-9b*",
            "*/glm-4.1v-9b*",
        ),
        patch_px=28,
        formula="glm",
        min_pixels=12_544 // 2,
        max_pixels=9_633_792 // 2,
        source="transformers models/glm4v/image_processing_glm4v.py; limits of the published "
        "preprocessor_config.json of the GLM-4.1V-9B family",
        date="2026-11",
    ),
    Profile(
        name="glm-4.6v",
        models=("glm-4.6v*", "*/glm-4.6v*"),
        patch_px=28,
        formula="glm",
        min_pixels=12_544 // 2,
        max_pixels=9_633_792 // 2,
        source="transformers models/glm46v/image_processing_glm46v.py; limits of the published "
        "preprocessor_config.json of GLM-4.6V-Flash",
        date="2026-11",
    ),
    Profile(
        name="qwen2.5-vl",
        models=("qwen2.5-vl-*", "*/qwen2.5-vl-*"),
        patch_px=28,
        formula="qwen",
        min_pixels=3_136,
        max_pixels=12_845_056,
        source="transformers models/qwen2_vl/image_processing_qwen2_vl.py; limits of the "
        "published preprocessor_config.json of Qwen2.5-VL-Instruct",
        date="2026-11",
    ),
    Profile(
        name="qwen3-vl",
        models=("qwen3-vl-*", "*/qwen3-vl-*"),
        patch_px=32,
        formula="qwen",
        min_pixels=65_536,
        max_pixels=16_777_216,
        source="transformers models/qwen2_vl/image_processing_qwen2_vl.py with patch 16; limits "
        "of the published preprocessor_config.json of Qwen3-VL-Instruct",
        date="2026-11",
    ),
)


def profile_for(model: str) -> Profile:
    """Profile of a model id, of the folder of a checkpoint, or `UNKNOWN`.

    A folder is judged by its own `preprocessor_config.json`: what a checkpoint says of itself
    is no guess.

    Raises:
        PageError: If the folder's configuration is damaged.
    """
    wanted = model.strip().lower()
    for profile in PROFILES:
        if any(fnmatchcase(wanted, pattern) for pattern in profile.models):
            return profile
    config = Path(model, "preprocessor_config.json")
    if not model.strip() or not os.path.isfile(config):  # which is False for impossible names
        return UNKNOWN
    try:
        with config.open("rb") as stream:
            values = json.loads(stream.read(_MAX_CONFIG_BYTES))
        return _profile_of_processor(Path(model).resolve().name, values, str(config))
    except (OSError, ValueError, TypeError, LookupError, RecursionError) as error:
        raise PageError(f"cannot make out how {model} takes images: {config}: {error}") from error


def profile_named(name: str) -> Profile:
    """Profile by its own name, as manifests keep it; `UNKNOWN` if there is none of that name."""
    return next((profile for profile in PROFILES if profile.name == name), UNKNOWN)


def resized(profile: Profile, width_px: int, height_px: int) -> tuple[int, int]:
    """Width and height in pixels of what the model sees of a picture of this size.

    Source: transformers, `smart_resize` in `models/glm4v/image_processing_glm4v.py` and
    `models/qwen2_vl/image_processing_qwen2_vl.py`.

    Raises:
        PageError: If the model cannot take a picture of this size.
    """
    if width_px < 1 or height_px < 1:
        raise PageError(f"a picture of {width_px}x{height_px} pixels has nothing to see")
    factor = profile.patch_px
    limit = profile.max_side_px
    if limit is not None and max(width_px, height_px) > limit:
        raise PageError(f"{profile.name} takes sides up to {limit} px, not {width_px}x{height_px}")
    if profile.formula == "none":
        return width_px, height_px
    if profile.formula == "fixed":
        if width_px % factor or height_px % factor:
            raise PageError(
                f"{profile.name} takes sides that are multiples of {factor} px, "
                f"not {width_px}x{height_px}"
            )
        return width_px, height_px
    width, height = width_px, height_px
    if profile.formula == "glm" and min(width, height) < factor:
        scale = max(factor / height, factor / width)
        width, height = int(width * scale), int(height * scale)
    if max(width, height) / min(width, height) > _MAX_ASPECT:
        raise PageError(
            f"{profile.name} takes no picture more than {_MAX_ASPECT} times as long as wide; "
            f"this one has {width_px}x{height_px} pixels"
        )
    wide, high = (round(side / factor) * factor for side in (width, height))
    if profile.max_pixels is not None and wide * high > profile.max_pixels:
        shrink = math.sqrt(width * height / profile.max_pixels)
        wide, high = (
            max(factor, math.floor(side / shrink / factor) * factor) for side in (width, height)
        )
    elif wide * high < profile.min_pixels:
        grow = math.sqrt(profile.min_pixels / (width * height))
        wide, high = (math.ceil(side * grow / factor) * factor for side in (width, height))
    return wide, high


def visual_tokens(profile: Profile, width_px: int, height_px: int) -> int:
    """Tokens that the model spends on a picture of this size; 0 if it is sent none.

    Raises:
        PageError: If the model cannot take a picture of this size.
    """
    if not profile.takes_images:
        return 0
    width, height = resized(profile, width_px, height_px)
    return (width // profile.patch_px) * (height // profile.patch_px)


def is_unresampled(profile: Profile, width_px: int, height_px: int) -> bool:
    """Whether the model sees every pixel of a picture of this size as it was drawn."""
    if not profile.takes_images:
        return False
    try:
        return resized(profile, width_px, height_px) == (width_px, height_px)
    except PageError:
        return False


def _profile_of_processor(name: str, values: Mapping[str, Any], source: str) -> Profile:
    kind = str(values["image_processor_type"]).lower()
    patch_px = int(values.get("patch_size", 14)) * int(values.get("merge_size", 2))
    if not 1 <= patch_px <= 1024:
        raise ValueError(f"a merged patch of {patch_px} px")
    if values.get("do_resize") is False:
        return Profile(name, (), patch_px, "fixed", source=source)
    formula: Formula
    if kind.startswith(("glm4v", "glm46v")):
        formula, frames, smallest, largest = "glm", 2, 112 * 112, 28 * 28 * 15_000
    elif kind.startswith(("qwen2vl", "qwen2_5_vl", "qwen3vl")):
        formula, frames, smallest, largest = "qwen", 1, 56 * 56, 28 * 28 * 1_280
    else:
        return UNKNOWN
    size = values.get("size") or {}
    smallest = int(values.get("min_pixels") or size.get("shortest_edge") or smallest)
    largest = int(values.get("max_pixels") or size.get("longest_edge") or largest)
    return Profile(
        name,
        (),
        patch_px,
        formula,
        min_pixels=smallest // frames,
        max_pixels=largest // frames,
        source=source,
    )
