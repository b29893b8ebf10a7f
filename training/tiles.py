"""Training samples: single tiles, the 28x28 pixels that one visual token shows.

A tile is its codes and inks first, like a page, and pixels by a pure function. Most come from
rendered pages; the rest hold characters drawn at random, hard classes more often, so that rare
glyphs and marks are learned in every slot. Colours are the light theme's, black alone, or
random ones on white paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from glyphagent.atlas import Atlas, bundled_atlas
from glyphagent.page import Page
from glyphagent.style import THEMES, contrast, rgb

from .foreign import foreign_tiles
from .model import IMAGE_STD, MERGE, PATCH_PX, TILE_FLOATS, TILE_PX

ATLASES = ("fixed-7x14", "fixed-7x7")
_LOWEST_CONTRAST = 3.0
_RANDOM_COLOURS = 4096


def slots_of(atlas: Atlas) -> int:
    """Number of cells of this atlas in a tile."""
    return (TILE_PX // atlas.cell_height) * (TILE_PX // atlas.cell_width)


@dataclass(frozen=True, eq=False)
class Tiles:
    """Tiles of one atlas, as cells.

    Shapes:
        codes: uint16 [n, slots], row by row inside the tile.
        inks: uint8 [n, slots]
    """

    atlas: str
    codes: npt.NDArray[np.uint16]
    inks: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        """Number of tiles."""
        return len(self.codes)


def cut(cells: npt.NDArray[np.generic], atlas: Atlas) -> npt.NDArray[np.generic]:
    """Cells of each tile of a page, tiles in raster order; a last partial tile is left out.

    Shapes:
        cells: [rows, columns]
        returned: [tiles, slots]
    """
    high, wide = TILE_PX // atlas.cell_height, TILE_PX // atlas.cell_width
    rows, columns = cells.shape[0] // high, cells.shape[1] // wide
    grid = cells[: rows * high, : columns * wide].reshape(rows, high, columns, wide)
    return grid.transpose(0, 2, 1, 3).reshape(rows * columns, high * wide)


def tiles_of(pages: Iterable[Page], atlas_name: str) -> Tiles:
    """Tiles of these pages that show anything."""
    atlas = bundled_atlas(atlas_name)
    codes = [np.zeros((0, slots_of(atlas)), np.uint16)]
    inks = [np.zeros((0, slots_of(atlas)), np.uint8)]
    for page in pages:
        found = cut(page.codes, atlas)
        shown = found.any(axis=1)
        codes.append(found[shown].astype(np.uint16))
        inks.append(cut(page.inks, atlas)[shown].astype(np.uint8))
    return Tiles(atlas_name, np.concatenate(codes), np.concatenate(inks))


def paint(atlas_name: str, codes: Tensor, colours: Tensor) -> Tensor:
    """Input of the tower: patches of each tile.

    Shapes:
        codes: int64 [n, slots]
        colours: [n, slots, 3], as (1 - rgb / 255) / IMAGE_STD
        returned: float32 [n, 4, 588], as `model.tile_tokens` takes them.
    """
    bitmaps = _bitmaps(atlas_name)
    high, wide = bitmaps.shape[1:]
    rows, columns = PATCH_PX // high, PATCH_PX // wide  # cells per patch
    count = codes.shape[0]
    bits = bitmaps[codes].view(count, MERGE, rows, MERGE, columns, high, wide)
    bits = bits.permute(0, 1, 3, 2, 5, 4, 6).unsqueeze(3)
    inks = colours.view(count, MERGE, rows, MERGE, columns, 3).permute(0, 1, 3, 5, 2, 4)
    painted = bits * inks[:, :, :, :, :, None, :, None]
    return painted.reshape(count, MERGE * MERGE, TILE_FLOATS)


@cache
def _bitmaps(atlas_name: str) -> Tensor:
    return torch.from_numpy(bundled_atlas(atlas_name).bitmaps.astype(np.float32))


def _inputs(colours: Iterable[tuple[int, int, int]]) -> Tensor:
    return (1 - torch.tensor(list(colours), dtype=torch.float32) / 255) / IMAGE_STD


@cache
def _themes() -> Tensor:
    """Light theme, then black alone; float32 [2, 16, 3]."""
    return torch.stack([_inputs(rgb(c) for c in THEMES[name]) for name in ("light", "mono")])


@cache
def _random_colours() -> Tensor:
    """Colours that can be told from white paper, always the same ones; float32 [n, 3]."""
    source = np.random.default_rng(20)
    found: list[tuple[int, int, int]] = []
    while len(found) < _RANDOM_COLOURS:
        red, green, blue = (int(part) for part in source.integers(0, 256, 3))
        if contrast((red, green, blue), (255, 255, 255)) >= _LOWEST_CONTRAST:
            found.append((red, green, blue))
    return _inputs(found)


class Sampler:
    """Draws batches of tiles; its only state is `generator` and `difficulty`.

    Attributes:
        difficulty: Recent loss of each class, per atlas; random tiles draw from it.
    """

    def __init__(self, pools: Mapping[str, Tiles], seed: int, random_share: float = 0.3) -> None:
        """Draw from these pools; `random_share` of the tiles hold random characters."""
        self.generator = torch.Generator().manual_seed(seed)
        self.random_share = random_share
        self.difficulty = {}
        self._pools = {}
        for name, pool in pools.items():
            self._pools[name] = (
                torch.from_numpy(pool.codes.astype(np.int16)),
                torch.from_numpy(pool.inks),
            )
            self.difficulty[name] = torch.from_numpy(
                bundled_atlas(name).drawable.astype(np.float32)
            )

    def draw(self, atlas_name: str, count: int) -> tuple[Tensor, Tensor]:
        """Input and answer of `count` tiles.

        Shapes:
            patches: float32 [count, 4, 588]
            codes: int64 [count, slots]
        """
        pool_codes, pool_inks = self._pools[atlas_name]
        random = round(count * self.random_share) if len(pool_codes) else count
        known = max(len(pool_codes), 1)
        chosen = torch.randint(known, (count - random,), generator=self.generator)
        slots = slots_of(bundled_atlas(atlas_name))
        codes = torch.cat(
            [pool_codes[chosen].long(), self._random_codes(atlas_name, random, slots)]
        )
        scattered = torch.randint(1, 16, (random, slots), generator=self.generator)
        inks = torch.cat([pool_inks[chosen].long(), scattered])
        return paint(atlas_name, codes, self._colours(inks)), codes

    def foreign_bank(self, atlas_name: str, count: int) -> Tensor:
        """Tiles that the head for this atlas should not trust; see `foreign`.

        Shapes:
            returned: float32 [count, 4, 588]
        """
        atlas = bundled_atlas(atlas_name)
        others = [name for name in self._pools if name != atlas_name] or [atlas_name]

        def draw_other(wanted: int) -> Tensor:
            parts = [self.draw(name, -(-wanted // len(others)))[0] for name in others]
            return torch.cat(parts)[:wanted]

        return foreign_tiles(
            count,
            lambda wanted: self.draw(atlas_name, wanted)[0],
            draw_other,
            (atlas.cell_width, atlas.cell_height),
            self.generator,
        )

    def record(self, atlas_name: str, codes: Tensor, losses: Tensor) -> None:
        """Remember how hard each class was in this batch.

        Shapes:
            codes: int64 [cells]
            losses: float32 [cells]
        """
        known = self.difficulty[atlas_name]
        count = torch.zeros_like(known).index_add_(0, codes, torch.ones_like(losses))
        total = torch.zeros_like(known).index_add_(0, codes, losses)
        seen = count > 0
        rate = 1 - 0.95 ** count[seen]
        known[seen] += rate * (total[seen] / count[seen] - known[seen])

    def _random_codes(self, atlas_name: str, count: int, slots: int) -> Tensor:
        if not count:
            return torch.zeros((0, slots), dtype=torch.int64)
        drawable = torch.from_numpy(bundled_atlas(atlas_name).drawable).float()
        hard = self.difficulty[atlas_name] * drawable
        chances = drawable / drawable.sum() + hard / hard.sum().clamp(min=1e-9)
        chances[0] = 0.12  # spaces, so that glyphs also stand alone
        drawn = torch.multinomial(chances, count * slots, True, generator=self.generator)
        return drawn.view(count, slots)

    def _colours(self, inks: Tensor) -> Tensor:
        count = inks.shape[0]
        kind = torch.rand(count, generator=self.generator)
        palettes = _themes()[(kind > 0.6).long()]
        drawn = torch.randint(_RANDOM_COLOURS, (count, 16), generator=self.generator)
        palettes = torch.where((kind > 0.7)[:, None, None], _random_colours()[drawn], palettes)
        return palettes.gather(1, inks[:, :, None].expand(-1, -1, 3))
