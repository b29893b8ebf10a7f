"""Tiles that a reader should not trust: on these it learns to be unsure of every class.

Without them a glyph head is nearly as sure of cells that it cannot read as of those that it can,
and a page in another font or at another scale would be read as confident nonsense.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Generator, Tensor

from .model import IMAGE_STD, MERGE, PATCH_PX, TILE_FLOATS, TILE_PX

_BLACK = 1 / IMAGE_STD
_SCALES = (0.6, 0.75, 0.85, 1.15, 1.35, 1.7)


def to_image(tiles: Tensor) -> Tensor:
    """Patches of tiles as pictures.

    Shapes:
        tiles: [n, 4, 588]
        returned: [n, 3, 28, 28]
    """
    patches = tiles.view(-1, MERGE, MERGE, 3, PATCH_PX, PATCH_PX)
    return patches.permute(0, 3, 1, 4, 2, 5).reshape(-1, 3, TILE_PX, TILE_PX)


def to_tiles(images: Tensor) -> Tensor:
    """The inverse of `to_image`."""
    patches = images.view(-1, 3, MERGE, PATCH_PX, MERGE, PATCH_PX)
    return patches.permute(0, 2, 4, 1, 3, 5).reshape(-1, MERGE * MERGE, TILE_FLOATS)


def foreign_tiles(
    count: int,
    draw: Callable[[int], Tensor],
    draw_other: Callable[[int], Tensor],
    cell: tuple[int, int],
    generator: Generator,
) -> Tensor:
    """Tiles that are no aligned tiles of an atlas.

    In equal parts: tiles of another atlas; aligned tiles moved off the grid; tiles at another
    scale; light text on dark paper; smooth or rough noise, as photographs have.

    Args:
        count: How many, at least five.
        draw: Gives so many tiles of the atlas.
        draw_other: Gives so many tiles of other atlases.
        cell: Width and height of the atlas' cell in pixels.
        generator: Source of randomness.

    Shapes:
        returned: [count, 4, 588]
    """
    part = count // 5
    wide = _mosaic(draw(4 * 2 * part))
    moved = torch.stack([_moved(image, cell, generator) for image in wide[:part]])
    scaled = torch.stack([_scaled(image, generator) for image in wide[part:]])
    dark = _BLACK - 0.3 * torch.rand(1, generator=generator) - to_image(draw(part))
    rest = count - 4 * part
    noise = torch.stack([_noise(generator) for _ in range(rest)])
    images = torch.cat([moved, scaled, dark.clamp(0, _BLACK), noise])
    return torch.cat([draw_other(part), to_tiles(images)])


def _mosaic(tiles: Tensor) -> Tensor:
    """Pictures of two by two tiles; [n, 3, 56, 56]."""
    images = to_image(tiles).view(-1, 2, 2, 3, TILE_PX, TILE_PX)
    return images.permute(0, 3, 1, 4, 2, 5).reshape(-1, 3, 2 * TILE_PX, 2 * TILE_PX)


def _moved(image: Tensor, cell: tuple[int, int], generator: Generator) -> Tensor:
    """Part of a picture that is off the cell grid in at least one direction."""
    while True:
        x, y = torch.randint(TILE_PX, (2,), generator=generator).tolist()
        if x % cell[0] or y % cell[1]:
            return image[:, y : y + TILE_PX, x : x + TILE_PX]


def _scaled(image: Tensor, generator: Generator) -> Tensor:
    scale = _SCALES[int(torch.randint(len(_SCALES), (), generator=generator))]
    found = F.interpolate(image[None], scale_factor=scale, mode="bilinear", antialias=scale < 1)[0]
    return found[:, :TILE_PX, :TILE_PX]


def _noise(generator: Generator) -> Tensor:
    """Random colours at a random grain."""
    grain = (2, 4, 7, 28)[int(torch.randint(4, (), generator=generator))]
    coarse = torch.rand(1, 3, grain, grain, generator=generator) * _BLACK
    return F.interpolate(coarse, TILE_PX, mode="bilinear")[0]
