"""Which profile a model has: by its id, by a checkpoint's folder, by the user's own word.

The lookup, and the one door to all that concerns profiles. What a profile says is in `seeing`,
the data in `known_models` and in the user's file, which `own_profiles` reads.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from glyphagent.errors import PageError
from glyphagent.known_models import PROFILES, UNKNOWN
from glyphagent.own_profiles import own_profiles
from glyphagent.seeing import (
    CacheRules,
    Formula,
    Prices,
    Profile,
    is_unresampled,
    resized,
    visual_tokens,
)

__all__ = [
    "PROFILES",
    "UNKNOWN",
    "CacheRules",
    "Formula",
    "Prices",
    "Profile",
    "is_unresampled",
    "profile_for",
    "profile_named",
    "resized",
    "visual_tokens",
]

_MAX_CONFIG_BYTES = 1 << 20

# What may stand before a model's own id, as routers and clouds write it. Any other owner is part
# of the id: someone's model of the same name is another model.
_PROVIDERS = frozenset(
    {
        *("anthropic", "openai", "azure", "azure_openai", "azure_ai", "google", "google_genai"),
        *("google_vertexai", "google_anthropic_vertex", "vertex_ai", "vertex", "gemini", "xai"),
        *("x-ai", "~anthropic", "bedrock", "bedrock_converse", "amazon-bedrock", "openrouter"),
        *("litellm", "litellm_proxy", "models", "publishers", "github"),
    }
)
_BEDROCK = re.compile(r"^(?:[a-z]{2,6}\.)?anthropic\.(?=claude)")
_TAGS = re.compile(r"(?:\[[^\]]*\]|:[a-z0-9]+|@[\w.-]+)$")


def profile_for(model: str) -> Profile:
    """Profile of a model id, of the folder of a checkpoint, or `UNKNOWN`.

    A provider may stand before the id, as in `openai:gpt-5.5` or `openrouter/openai/gpt-5.5`. A
    folder is judged by its own `preprocessor_config.json`: what a checkpoint says of itself is no
    guess. The user's own profiles come last and change what was found.

    Raises:
        PageError: If the folder's configuration or the user's file is damaged.
    """
    names = list(_names(model))
    found = next((known for name in names for known in PROFILES if _fits(known, name)), None)
    if found is None:
        found = _of_folder(model)
    for own in own_profiles():
        if any(own.fits(name) for name in names):
            return own.applied_to(found, {profile.name: profile for profile in PROFILES})
    return found


def profile_named(name: str) -> Profile:
    """Profile by its own name, as manifests keep it; `UNKNOWN` if there is none of that name."""
    return next((profile for profile in PROFILES if profile.name == name), UNKNOWN)


def _fits(profile: Profile, name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in profile.models)


def _names(model: str) -> Iterator[str]:
    """Yield the model's id as given, then what is left without provider, cloud and tags."""
    given = model.strip().lower()[:1000]
    yield given
    provider, colon, rest = given.partition(":")
    inner = rest if colon and rest and "/" not in provider else given
    for name in dict.fromkeys((inner, given)):
        while (owner := name.partition("/"))[2] and owner[0] in _PROVIDERS:
            name = owner[2]
        bare = _BEDROCK.sub("", name)
        yield from (name, bare, _TAGS.sub("", bare))


def _of_folder(model: str) -> Profile:
    config = Path(model, "preprocessor_config.json")
    if not model.strip() or not os.path.isfile(config):  # which is False for impossible names
        return UNKNOWN
    try:
        with config.open("rb") as stream:
            values = json.loads(stream.read(_MAX_CONFIG_BYTES))
        return _profile_of_processor(Path(model).resolve().name, values, str(config))
    except (OSError, ValueError, TypeError, LookupError, RecursionError) as error:
        raise PageError(f"cannot make out how {model} takes images: {config}: {error}") from error


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
