"""What a model is drawn for: from a backend and a model's name to a profile, and to a style."""

from __future__ import annotations

from glyphagent.profiles import Profile, profile_for
from glyphagent.style import Style
from glyphagent.style import preset as preset_named

EMBEDDED = "nano"
"""Model id of the embedded reader, which the backend `local` has without a model's name."""

_SAFE_PRESET = "grid"  # the most legible preset, for models on which none was measured


def profile_of(backend: str, model: str | None) -> Profile:
    """Profile of the model that a backend will ask.

    A chat model's id may have its provider before it, as in `provider:name`.
    """
    if backend == "local" and model is None:
        return profile_for(EMBEDDED)
    name = model or ""
    found = profile_for(name)
    if not found.takes_images and ":" in name:
        return profile_for(name.partition(":")[2])
    return found


def style_for(profile: Profile, preset: str | None = None, layout: str | None = None) -> Style:
    """Style for a model: its measured preset, or the most legible one, on its patch grid.

    Raises:
        StyleError: If a name is unknown.
    """
    style = preset_named(preset or profile.preset or _SAFE_PRESET)
    return style.with_changes(layout=layout).on_patch(profile.patch_px)
