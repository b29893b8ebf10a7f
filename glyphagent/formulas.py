"""What models make of a picture: the size that they see, and the tokens that they charge.

Pure functions on numbers, one for each way of counting, after the models' own image processors
and the measurements of those who paid for the answer. Which model counts in which way, and with
which limits, is data and stands in `known_models`. Widths and heights are pixels throughout.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from glyphagent.errors import PageError

_MAX_ASPECT = 200


class Seen(NamedTuple):
    """What becomes of a picture: its size where it is seen, and its price in tokens."""

    width_px: int
    height_px: int
    tokens: int


def unchanged(width: int, height: int, *, patch_px: int) -> Seen:
    """A processor that resizes nothing, so that sides must be multiples of the merged patch.

    Raises:
        PageError: If a side is not one.
    """
    if width % patch_px or height % patch_px:
        raise PageError(f"sides must be multiples of {patch_px} px, not {width}x{height}")
    return Seen(width, height, (width // patch_px) * (height // patch_px))


def smart_resize(
    width: int,
    height: int,
    *,
    patch_px: int,
    min_pixels: int,
    max_pixels: int | None,
    enlarges_slivers: bool,
) -> Seen:
    """Each side rounded to the patch, area between two limits: GLM-4V, Qwen2-VL to Qwen3-VL.

    Args:
        width: Width of the picture.
        height: Height of the picture.
        patch_px: Side of the merged patch.
        min_pixels: Smaller pictures are enlarged.
        max_pixels: Larger ones are shrunk.
        enlarges_slivers: Whether pictures thinner than a patch are enlarged first, as GLM does.

    Source: transformers, `smart_resize` in `models/glm4v/image_processing_glm4v.py` and
    `models/qwen2_vl/image_processing_qwen2_vl.py`.

    Raises:
        PageError: If the picture is more than 200 times as long as wide.
    """
    sides: tuple[float, float] = (width, height)
    if enlarges_slivers and min(width, height) < patch_px:
        scale = max(patch_px / height, patch_px / width)
        sides = (int(width * scale), int(height * scale))
    if max(sides) / min(sides) > _MAX_ASPECT:
        raise PageError(
            f"no picture more than {_MAX_ASPECT} times as long as wide is taken; "
            f"this one has {width}x{height} pixels"
        )
    wide, high = (round(side / patch_px) * patch_px for side in sides)
    if max_pixels is not None and wide * high > max_pixels:
        shrink = math.sqrt(sides[0] * sides[1] / max_pixels)
        wide, high = (
            max(patch_px, math.floor(side / shrink / patch_px) * patch_px) for side in sides
        )
    elif wide * high < min_pixels:
        grow = math.sqrt(min_pixels / (sides[0] * sides[1]))
        wide, high = (math.ceil(side * grow / patch_px) * patch_px for side in sides)
    return Seen(wide, high, (wide // patch_px) * (high // patch_px))


def claude_patches(
    width: int, height: int, *, patch_px: int, native_side_px: int, max_patches: int
) -> Seen:
    """Patches of 28 px, after shrinking to the largest size of the same shape that fits.

    Both sides, padded to the patch, and the number of patches have a limit.

    Source: Anthropic's vision guide, "How Claude resizes and pads images"; OmniGlyph's billing
    sweep, residual 0 over 22 probes; pxpipe `src/core/vision-cost.ts`.
    """

    def patches(wide: int, high: int) -> tuple[int, int]:
        return math.ceil(wide / patch_px), math.ceil(high / patch_px)

    def fits(wide: int, high: int) -> bool:
        columns, rows = patches(wide, high)
        return max(columns, rows) * patch_px <= native_side_px and columns * rows <= max_patches

    def shaped(long_side: int) -> tuple[int, int]:
        short = max(1, math.floor(long_side * min(width, height) / max(width, height) + 0.5))
        return (long_side, short) if width >= height else (short, long_side)

    size = (width, height)
    if not fits(*size):
        low, high = 1, max(width, height)
        while low < high:  # the patches of a shape never get fewer as its long side grows
            middle = (low + high + 1) // 2
            low, high = (middle, high) if fits(*shaped(middle)) else (low, middle - 1)
        size = shaped(low)
    return Seen(*size, math.prod(patches(*size)))


def openai_patches(
    width: int, height: int, *, patch_px: int, max_patches: int | None, multiplier: float
) -> Seen:
    """Patches of 32 px times a model's factor, after shrinking to the patch budget.

    Shrinking keeps the shape and ends on a whole number of patches along one side, so that a
    large picture takes a few patches less than the budget. Rounded to the nearest token: of the
    published counts, those over Chat Completions are rounded up and those over Responses down.

    Source: OpenAI, images and vision guide, "Calculating costs"; every row of the data set
    JOHNISKING/image-token-cost; snapcompact's measurement.
    """

    def patches(wide: float, high: float) -> tuple[int, int]:
        return math.ceil(wide / patch_px), math.ceil(high / patch_px)

    columns, rows = patches(width, height)
    if max_patches is None or columns * rows <= max_patches:
        return Seen(width, height, round(columns * rows * multiplier))
    shrink = min(1.0, math.sqrt(max_patches * patch_px**2 / (width * height)))
    across, down = width * shrink / patch_px, height * shrink / patch_px
    shrink *= min(max(1, math.floor(side)) / side for side in (across, down))
    # A hair's breadth less, so that a side meant to be whole is not rounded up.
    columns, rows = patches(width * shrink * (1 - 1e-9), height * shrink * (1 - 1e-9))
    while columns * rows > max_patches:  # only of pictures thinner than a patch
        columns, rows = (columns - 1, rows) if columns >= rows else (columns, rows - 1)
    wide = min(columns * patch_px, max(1, round(width * shrink)))
    high = min(rows * patch_px, max(1, round(height * shrink)))
    return Seen(wide, high, round(columns * rows * multiplier))


def openai_tiles(
    width: int, height: int, *, tile_px: int, base_tokens: int, tile_tokens: int
) -> Seen:
    """Tiles of 512 px after fitting into 2048 px and shrinking the short side to 768 px.

    Source: OpenAI, images and vision guide, "Calculating costs"; pxpipe
    `src/core/vision-cost.ts`.
    """
    wide, high = width, height
    for limit, measure in ((2048, max), (768, min)):
        if (side := measure(wide, high)) > limit:
            wide, high = (max(1, each * limit // side) for each in (wide, high))
    tiles = math.ceil(wide / tile_px) * math.ceil(high / tile_px)
    return Seen(wide, high, base_tokens + tile_tokens * tiles)


def aspect_budget(width: int, height: int, *, budget: int, max_pixels: int | None) -> Seen:
    """The largest grid of the picture's shape within a budget of tokens, whatever its size.

    Source: transformers, `get_aspect_ratio_preserving_size` in
    `models/gemma4/image_processing_gemma4.py`, which has the same budgets as Gemini's
    `media_resolution`; it gives all that was measured of Gemini 3: 1,078 tokens for 1568x728
    (pxpipe), 1,089 of squares, 1,100 of 16:9 and 1,064 of 4:3 (JOHNISKING/image-token-cost,
    which has one token of prompt more). What Gemini sees is not published: `max_pixels` is the
    area up to which pages were read.
    """
    across = math.floor(math.sqrt(budget * width / height))
    down = math.floor(math.sqrt(budget * height / width))
    if down == 0:
        across, down = min(width // height, budget), 1
    elif across == 0:
        across, down = 1, min(height // width, budget)
    wide, high = width, height
    if max_pixels is not None and width * height > max_pixels:
        shrink = math.sqrt(max_pixels / (width * height))
        wide, high = (max(1, math.floor(side * shrink)) for side in (width, height))
    return Seen(wide, high, across * down)


def gemini_crops(
    width: int, height: int, *, tile_px: int, tile_tokens: int, small_side_px: int
) -> Seen:
    """Crops of two thirds of the short side, each seen at 768 px; one price for a small picture.

    Source: Google, Gemini API image understanding guide (which calls the crop size rough);
    OmniGlyph `src/core/gemini-model-profiles.ts`.
    """
    if max(width, height) <= small_side_px:
        return Seen(width, height, tile_tokens)
    unit = max(1, math.floor(min(width, height) / 1.5))
    crops = math.ceil(width / unit) * math.ceil(height / unit)
    if unit == tile_px:
        return Seen(width, height, crops * tile_tokens)
    wide, high = (max(1, round(side * tile_px / unit)) for side in (width, height))
    return Seen(wide, high, crops * tile_tokens)


def per_megapixel(width: int, height: int, *, tokens: int) -> Seen:
    """So many tokens for a million pixels, at least one.

    Source: pxpipe's measurement of Grok 4.5, `src/core/gpt-model-profiles.ts`.
    """
    return Seen(width, height, max(1, math.ceil(width * height * tokens / 1_000_000)))


def best_grid(
    width: int, height: int, *, tile_px: int, min_tiles: int, max_tiles: int
) -> tuple[int, int]:
    """Columns and rows of tiles whose shape is nearest to the picture's.

    Of equally near ones the larger, unless its tiles have twice the picture's area or more.

    Source: transformers, `get_optimal_tiled_canvas` in
    `models/got_ocr2/image_processing_got_ocr2.py`; vLLM, `count_tiles` in
    `transformers_utils/processors/deepseek_ocr.py`.
    """
    sides = range(1, max_tiles + 1)
    grids = [(c, r) for c in sides for r in sides if min_tiles <= c * r <= max_tiles]
    grids.sort(key=lambda grid: grid[0] * grid[1])
    best, nearest = (1, 1), math.inf
    for columns, rows in grids:
        distance = abs(width / height - columns / rows)
        if distance < nearest:
            best, nearest = (columns, rows), distance
        elif distance == nearest and 2 * width * height > tile_px**2 * columns * rows:
            best = (columns, rows)
    return best


def tiles_and_thumbnail(
    width: int, height: int, *, tile_px: int, tile_tokens: int, min_tiles: int, max_tiles: int
) -> Seen:
    """Tiles of 448 px, a thumbnail if there are several, and a token before and after: InternVL.

    Source: transformers, `GotOcr2ImageProcessor.get_number_of_image_patches` and
    `InternVLProcessor._get_num_multimodal_tokens`.
    """
    columns, rows = best_grid(
        width, height, tile_px=tile_px, min_tiles=min_tiles, max_tiles=max_tiles
    )
    tiles = columns * rows
    pictures = tiles + 1 if tiles > 1 else 1
    return Seen(columns * tile_px, rows * tile_px, 2 + tile_tokens * pictures)


def deepseek_views(
    width: int, height: int, *, tile_px: int, min_tiles: int, max_tiles: int, budget: int | None
) -> Seen:
    """A view of the whole at 1024 px, and tiles of 640 px of larger pictures: DeepSeek-OCR.

    Rows of the whole and of all tiles together end with a token, and one parts the views. With a
    budget (64, 100, 256 or 400 tokens) there is only a square view, of 64 px for a token's side.

    Source: vLLM, `get_num_image_tokens` in `model_executor/models/deepseek_ocr.py`, and the modes
    at the head of `transformers_utils/processors/deepseek_ocr.py`.
    """
    if budget is not None:
        scale = 64 * math.isqrt(budget) / max(width, height)
        return Seen(max(1, round(width * scale)), max(1, round(height * scale)), budget)
    whole = 16 * 17 + 1
    if max(width, height) <= tile_px:
        scale = 1024 / max(width, height)
        return Seen(max(1, round(width * scale)), max(1, round(height * scale)), whole)
    columns, rows = best_grid(
        width, height, tile_px=tile_px, min_tiles=min_tiles, max_tiles=max_tiles
    )
    local = (10 * rows) * (10 * columns + 1)
    return Seen(columns * tile_px, rows * tile_px, whole + local)
