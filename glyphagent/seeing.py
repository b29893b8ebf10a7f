"""A profile: how one family of models takes page images, and the questions asked of it.

The profiles themselves are data: ours in `known_models`, the user's own in `own_profiles`. The
wire protocol says nothing about how a model sees, so none of this depends on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

from glyphagent import formulas
from glyphagent.errors import PageError
from glyphagent.formulas import Seen

Formula = Literal[
    "none",
    "fixed",
    "glm",
    "qwen",
    "claude",
    "openai-patches",
    "openai-tiles",
    "aspect-budget",
    "gemini-crops",
    "per-megapixel",
    "tiles-thumbnail",
    "deepseek-ocr",
]
"""How tokens of a picture are counted; `none` for a model that is sent text."""


@dataclass(frozen=True, slots=True)
class Prices:
    """What a million input tokens cost, in whatever money the user gave them in.

    Attributes:
        text: Text tokens.
        image: Visual tokens; None if they cost what text does.
        cached: Tokens read from the provider's prompt cache; None if not known.
    """

    text: float
    image: float | None = None
    cached: float | None = None

    @property
    def of_images(self) -> float:
        """Price of a million visual tokens."""
        return self.text if self.image is None else self.image


@dataclass(frozen=True, slots=True)
class CacheRules:
    """How a provider's prompt cache works; None wherever that is not known.

    Attributes:
        automatic: Whether prefixes are cached without being asked for.
        breakpoints: Most cache marks in a request.
        min_tokens: Shorter prefixes are not cached.
        write_multiplier: Price of writing, as a multiple of the input price.
        read_multiplier: Price of reading, likewise.
        source: Where this comes from.
    """

    automatic: bool = False
    breakpoints: int | None = None
    min_tokens: int | None = None
    write_multiplier: float | None = None
    read_multiplier: float | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """How a model takes page images.

    Attributes:
        name: Name of the profile.
        models: Patterns of model ids, lower case, as `fnmatch` takes them.
        patch_px: Grid that page sides lie on, so that no processor resamples them; with most
            formulas the side of a merged patch, which is one visual token.
        formula: How tokens are counted, a name of `formulas`.
        min_pixels: Smaller pictures are enlarged.
        max_pixels: Larger pictures are shrunk; None for no limit.
        max_side_px: Longest side that is taken; None for no limit of its own.
        max_images: Most images in a request; None if the model itself sets no limit.
        max_bytes: Most bytes of images in a request, as base64; None likewise.
        images_in_tool_results: Whether it sees images in tool results, over an API that takes
            them there.
        preset: Preset that was measured to be read safely, or None if none was.
        source: Where these values come from.
        date: When they were looked up, year and month.
        max_patches: Pictures with more patches are shrunk to this many.
        native_side_px: Pictures with a longer side are shrunk to it.
        multiplier: Tokens for a patch.
        base_tokens: Tokens of a picture besides its tiles.
        tile_px: Side of a tile.
        tile_tokens: Tokens of a tile, or of a million pixels.
        min_tiles: Fewest tiles, where the picture is cut to a grid.
        max_tiles: Most tiles, likewise.
        small_side_px: Pictures no larger than this both ways are one tile.
        budget: Tokens that every picture gets, about.
        block_tokens: Tokens around each image in a request.
        detail: Detail that is asked for, where the API has such a setting.
        details: Patches or tokens that each detail allows; None for no limit.
        many_images: More images than these have a shorter longest side; None if not.
        many_max_side_px: That side.
        max_image_bytes: Most bytes of one image, as base64; None for no limit.
        page_px: Width and height of pages that this model takes best; None for the preset's.
        tool_image_apis: APIs that carry images in tool results to it.
        tokenizer: Its tokenizer, if it is one that comes with us.
        cache: Rules of the provider's prompt cache; None if not known.
        prices: What the user says it costs; never ours to say.
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
    max_patches: int | None = None
    native_side_px: int = 0
    multiplier: float = 1.0
    base_tokens: int = 0
    tile_px: int = 0
    tile_tokens: int = 0
    min_tiles: int = 1
    max_tiles: int = 1
    small_side_px: int = 0
    budget: int | None = None
    block_tokens: int = 0
    detail: str = ""
    details: tuple[tuple[str, int | None], ...] = ()
    many_images: int | None = None
    many_max_side_px: int | None = None
    max_image_bytes: int | None = None
    page_px: tuple[int, int] | None = None
    tool_image_apis: tuple[str, ...] = ()
    tokenizer: str | None = None
    cache: CacheRules | None = None
    prices: Prices | None = None

    @property
    def takes_images(self) -> bool:
        """Whether pages may be sent at all."""
        return self.formula != "none"

    def at_detail(self, detail: str) -> Profile:
        """This profile with another detail asked for.

        Raises:
            PageError: If the model has no such detail.
        """
        allowed = dict(self.details)
        if detail not in allowed:
            known = ", ".join(allowed) or "none"
            raise PageError(f"{self.name} has no detail {detail!r}; it has: {known}")
        if self.formula == "openai-patches":
            return replace(self, detail=detail, max_patches=allowed[detail])
        return replace(self, detail=detail, budget=allowed[detail])


# The one registry: what each formula takes from a profile.
_FORMULAS: Mapping[Formula, Callable[[Profile, int, int], Seen]] = {
    "none": lambda p, w, h: Seen(w, h, 0),
    "fixed": lambda p, w, h: formulas.unchanged(w, h, patch_px=p.patch_px),
    "glm": lambda p, w, h: formulas.smart_resize(
        w,
        h,
        patch_px=p.patch_px,
        min_pixels=p.min_pixels,
        max_pixels=p.max_pixels,
        enlarges_slivers=True,
    ),
    "qwen": lambda p, w, h: formulas.smart_resize(
        w,
        h,
        patch_px=p.patch_px,
        min_pixels=p.min_pixels,
        max_pixels=p.max_pixels,
        enlarges_slivers=False,
    ),
    "claude": lambda p, w, h: formulas.claude_patches(
        w,
        h,
        patch_px=p.patch_px,
        native_side_px=p.native_side_px,
        max_patches=p.max_patches or 0,
    ),
    "openai-patches": lambda p, w, h: formulas.openai_patches(
        w, h, patch_px=p.patch_px, max_patches=p.max_patches, multiplier=p.multiplier
    ),
    "openai-tiles": lambda p, w, h: formulas.openai_tiles(
        w, h, tile_px=p.tile_px, base_tokens=p.base_tokens, tile_tokens=p.tile_tokens
    ),
    "aspect-budget": lambda p, w, h: formulas.aspect_budget(
        w, h, budget=p.budget or 1, max_pixels=p.max_pixels
    ),
    "gemini-crops": lambda p, w, h: formulas.gemini_crops(
        w, h, tile_px=p.tile_px, tile_tokens=p.tile_tokens, small_side_px=p.small_side_px
    ),
    "per-megapixel": lambda p, w, h: formulas.per_megapixel(w, h, tokens=p.tile_tokens),
    "tiles-thumbnail": lambda p, w, h: formulas.tiles_and_thumbnail(
        w,
        h,
        tile_px=p.tile_px,
        tile_tokens=p.tile_tokens,
        min_tiles=p.min_tiles,
        max_tiles=p.max_tiles,
    ),
    "deepseek-ocr": lambda p, w, h: formulas.deepseek_views(
        w, h, tile_px=p.tile_px, min_tiles=p.min_tiles, max_tiles=p.max_tiles, budget=p.budget
    ),
}
assert set(_FORMULAS) == set(get_args(Formula))

# What a formula cannot do without, besides `patch_px`; a profile that lacks one is a mistake.
NEEDS: Mapping[Formula, tuple[str, ...]] = {
    "claude": ("native_side_px", "max_patches"),
    "openai-tiles": ("tile_px", "tile_tokens"),
    "aspect-budget": ("budget",),
    "gemini-crops": ("tile_px", "tile_tokens"),
    "per-megapixel": ("tile_tokens",),
    "tiles-thumbnail": ("tile_px", "tile_tokens"),
    "deepseek-ocr": ("tile_px",),
}


def seen(profile: Profile, width_px: int, height_px: int) -> Seen:
    """What the model makes of a picture of this size: the size it sees, and the tokens.

    Raises:
        PageError: If the model cannot take a picture of this size.
    """
    if width_px < 1 or height_px < 1:
        raise PageError(f"a picture of {width_px}x{height_px} pixels has nothing to see")
    limit = profile.max_side_px
    if limit is not None and max(width_px, height_px) > limit:
        raise PageError(f"{profile.name} takes sides up to {limit} px, not {width_px}x{height_px}")
    try:
        found = _FORMULAS[profile.formula](profile, width_px, height_px)
    except PageError as error:
        raise PageError(f"{profile.name}: {error}") from None
    if not profile.takes_images:
        return found
    return found._replace(tokens=found.tokens + profile.block_tokens)


def resized(profile: Profile, width_px: int, height_px: int) -> tuple[int, int]:
    """Width and height in pixels of what the model sees of a picture of this size.

    Raises:
        PageError: If the model cannot take a picture of this size.
    """
    return seen(profile, width_px, height_px)[:2]


def visual_tokens(profile: Profile, width_px: int, height_px: int) -> int:
    """Tokens that the model charges for a picture of this size; 0 if it is sent none.

    Raises:
        PageError: If the model cannot take a picture of this size.
    """
    return seen(profile, width_px, height_px).tokens if profile.takes_images else 0


def is_unresampled(profile: Profile, width_px: int, height_px: int) -> bool:
    """Whether the model sees every pixel of a picture of this size as it was drawn."""
    if not profile.takes_images:
        return False
    try:
        return resized(profile, width_px, height_px) == (width_px, height_px)
    except PageError:
        return False
