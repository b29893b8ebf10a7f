"""Styles: everything besides the text that decides how a page looks.

A `Style` names an atlas, a layout, a theme and a page size; presets are tested styles with a
name. A style validates itself when it is made. Colours are inks: small integers that themes turn
into RGB, so a page keeps its meaning when its theme changes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import IntEnum
from typing import Any

from glyphagent.atlas import Atlas, bundled_atlas
from glyphagent.errors import StyleError

RENDERER_VERSION = 2
LAYOUTS = ("flow", "lines")
_MIN_CONTRAST = 4.5
_MAX_SIDE_PX = 8192


class Ink(IntEnum):
    """What a cell's colour means; at most 16, so that a page fits a 4-bit palette."""

    PAPER = 0
    TEXT = 1
    COMMENT = 2
    KEYWORD = 3
    STRING = 4
    NUMBER = 5
    FUNCTION = 6
    TYPE = 7
    CONSTANT = 8
    OPERATOR = 9
    ATTRIBUTE = 10
    MARK = 11
    GUTTER = 12
    HEADER = 13
    ESCAPE = 14
    SPARE = 15


# RGB of each ink, in the order of `Ink`; every ink has a contrast of at least 4.5 on its paper.
THEMES: Mapping[str, tuple[str, ...]] = {
    "light": (
        *("#ffffff", "#1b1f24", "#57606a", "#a0111f", "#0a3069", "#0550ae", "#6639ba", "#7d3c00"),
        *("#0b5394", "#3d444d", "#7d4e00", "#c2185b", "#1a6f3c", "#004d40", "#b30059", "#000000"),
    ),
    "dark": (
        *("#0d1117", "#e6edf3", "#9aa4af", "#ff8e85", "#a5d6ff", "#79c0ff", "#d2a8ff", "#ffb070"),
        *("#79c0ff", "#c9d1d9", "#f0c674", "#ff79b0", "#7ee2a0", "#5eead4", "#ff9ecb", "#ffffff"),
    ),
    "mono": ("#ffffff", *(["#000000"] * 15)),
}


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green and blue of a `#rrggbb` colour, 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def contrast(first: tuple[int, int, int], second: tuple[int, int, int]) -> float:
    """Contrast ratio of two colours, 1 to 21.

    Source: WCAG 2.2, relative luminance and contrast ratio.
    """

    def luminance(colour: tuple[int, int, int]) -> float:
        parts = [c / 255 for c in colour]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@dataclass(frozen=True, slots=True)
class Style:
    """How pages are drawn.

    Attributes:
        preset: Name of the preset that this style came from.
        atlas: Name of the glyph atlas.
        layout: `flow` fills every row; `lines` gives each source line its own rows, numbered.
        theme: Name of the colours.
        highlight: Whether syntax is coloured.
        width_px: Page width, a multiple of `patch_px` and of the cell width.
        height_px: Largest page height, a multiple of `patch_px` and of the cell height.
        patch_px: Side of the target model's merged patch; page sides are multiples of it.
        number_interval: In `flow`, every how many lines a line number stands; 0 for none.

    Raises:
        StyleError: If these contradict each other.
    """

    preset: str = "grid"
    atlas: str = "fixed-7x14"
    layout: str = "flow"
    theme: str = "light"
    highlight: bool = True
    width_px: int = 588
    height_px: int = 840
    patch_px: int = 28
    number_interval: int = 10

    def __post_init__(self) -> None:
        """Refuse what no page can be drawn with."""
        if self.layout not in LAYOUTS:
            raise StyleError(f"no layout named {self.layout!r}; there are: {', '.join(LAYOUTS)}")
        if self.theme not in THEMES:
            raise StyleError(f"no theme named {self.theme!r}; there are: {', '.join(THEMES)}")
        if self.patch_px < 1:
            raise StyleError(f"patch_px must be positive, not {self.patch_px}")
        if self.number_interval < 0:
            raise StyleError(f"number_interval must be 0 or more, not {self.number_interval}")
        atlas = bundled_atlas(self.atlas)
        for name, side, cell in (
            ("width_px", self.width_px, atlas.cell_width),
            ("height_px", self.height_px, atlas.cell_height),
        ):
            if side % self.patch_px or side % cell or not 0 < side <= _MAX_SIDE_PX:
                raise StyleError(
                    f"{name} must be a multiple of {self.patch_px} (the merged patch) and of "
                    f"{cell} (the cell), at most {_MAX_SIDE_PX}; it is {side}"
                )
        if self.columns < 20 or self.rows < 2:
            raise StyleError(f"a page of {self.columns} by {self.rows} cells is too small")
        palette = self.palette
        for ink in Ink:
            if ink and contrast(palette[0], palette[ink]) < _MIN_CONTRAST:
                raise StyleError(f"ink {ink.name} of theme {self.theme!r} is too faint to read")

    @property
    def glyphs(self) -> Atlas:
        """The atlas itself."""
        return bundled_atlas(self.atlas)

    @property
    def columns(self) -> int:
        """Cells in a row."""
        return self.width_px // self.glyphs.cell_width

    @property
    def rows(self) -> int:
        """Rows of a full page."""
        return self.height_px // self.glyphs.cell_height

    @property
    def row_step(self) -> int:
        """Fewest rows whose height is a multiple of the merged patch; pages crop to it."""
        step = 1
        while step * self.glyphs.cell_height % self.patch_px:
            step += 1
        return step

    @property
    def aligned(self) -> bool:
        """Whether cells divide the merged patch, as the embedded reader needs."""
        glyphs = self.glyphs
        return self.patch_px % glyphs.cell_width == 0 and self.patch_px % glyphs.cell_height == 0

    @property
    def palette(self) -> tuple[tuple[int, int, int], ...]:
        """RGB of each ink, paper first."""
        return tuple(rgb(colour) for colour in THEMES[self.theme])

    def with_changes(self, **changes: Any) -> Style:
        """Give a style that differs in the named fields; `None` changes nothing."""
        return replace(self, **{k: v for k, v in changes.items() if v is not None})

    def on_patch(self, patch_px: int) -> Style:
        """Give this style on another merged patch, its page sides fitted to the nearest size.

        Raises:
            StyleError: If no page of at most 8192 pixels a side fits that patch.
        """
        if patch_px == self.patch_px:
            return self
        if patch_px < 1:
            raise StyleError(f"patch_px must be positive, not {patch_px}")

        def fitted(side: int, cell: int) -> int:
            step = math.lcm(patch_px, cell)
            return max(round(side / step), 1) * step

        return replace(
            self,
            patch_px=patch_px,
            width_px=fitted(self.width_px, self.glyphs.cell_width),
            height_px=fitted(self.height_px, self.glyphs.cell_height),
        )

    def to_dict(self) -> dict[str, Any]:
        """Fields by name, for a manifest."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Style:
        """Style from a manifest's fields.

        Raises:
            StyleError: If a field is unknown or its value does not fit.
        """
        known = {f.name: type(f.default) for f in fields(cls)}
        if unknown := sorted(set(values) - set(known)):
            raise StyleError(f"a style has no field {unknown[0]!r}; it has {', '.join(known)}")
        for name, value in values.items():
            if type(value) is not known[name]:
                raise StyleError(f"{name} must be of type {known[name].__name__}, not {value!r}")
        return cls(**values)


# `grid` and `grid-dense` are aligned to the patch grid, which the embedded reader needs.
PRESETS: Mapping[str, Style] = {
    "grid": Style(),
    "grid-dense": Style(preset="grid-dense", atlas="fixed-7x7"),
}


def preset(name: str) -> Style:
    """Style of that name.

    Raises:
        StyleError: If there is none; the message lists those there are.
    """
    if name not in PRESETS:
        raise StyleError(f"no preset named {name!r}; there are: {', '.join(PRESETS)}")
    return PRESETS[name]
