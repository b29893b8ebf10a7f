"""What a model is drawn for: from a backend and a model's name to a profile, and to a style."""

from __future__ import annotations

from dataclasses import replace

from glyphagent.profiles import Profile, profile_for
from glyphagent.style import Style
from glyphagent.style import preset as preset_named

EMBEDDED = "nano"
"""Model id of the embedded reader, which the backend `local` has without a model's name."""

SAFEST_PRESET = "grid"
"""The most legible preset, for models on which none was measured."""

DENSER = ("grid-dense",)
"""Presets that hold more than the safest one, which the embedded reader was measured on too."""


def profile_of(backend: str, model: str | None) -> Profile:
    """Profile of the model that a backend will ask.

    A chat model's id may have its provider before it, as in `provider:name`.
    """
    if backend == "local" and model is None:
        return profile_for(EMBEDDED)
    return profile_for(model or "")


def style_for(profile: Profile, preset: str | None = None, layout: str | None = None) -> Style:
    """Style for a model: its measured preset, or the most legible one, on its patch grid.

    The page is as large as the model takes best, where the profile says so.

    Raises:
        StyleError: If a name is unknown, or the profile's page does not hold whole cells.
    """
    style = preset_named(preset or profile.preset or SAFEST_PRESET).with_changes(layout=layout)
    if profile.page_px is None:
        return style.on_patch(profile.patch_px)
    width, height = profile.page_px
    return replace(style, patch_px=profile.patch_px, width_px=width, height_px=height)


def styles_for(
    profile: Profile, preset: str | None, layout: str | None, budget: int | None
) -> list[Style]:
    """Styles that a session may choose from, the most legible one first.

    A token budget may make pages denser, as far as that was measured to be read: by the embedded
    reader. For any other model, and where the user named a preset, there is no choice.

    Raises:
        StyleError: As `style_for`.
    """
    styles = [style_for(profile, preset, layout)]
    if budget is not None and preset is None and profile.name == EMBEDDED:
        styles += [style_for(profile, name, layout) for name in DENSER]
    return styles
