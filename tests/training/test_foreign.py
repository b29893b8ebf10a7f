from __future__ import annotations

import torch

from glyphagent.training.foreign import foreign_tiles, to_image, to_tiles
from glyphagent.training.tiles import Sampler, Tiles


def test_pictures_and_patches_are_the_same_pixels() -> None:
    tiles = torch.randn(3, 4, 588)
    images = to_image(tiles)
    assert torch.equal(to_tiles(images), tiles)
    # Second patch: top right, first channel, first row.
    assert torch.equal(images[0, 0, 0, 14:], tiles[0, 1, :14])


def test_foreign_tiles_are_tiles_in_the_range_of_pixels(pools: dict[str, Tiles]) -> None:
    found = Sampler(pools, 2).foreign_bank("fixed-7x7", 24)
    assert found.shape == (24, 4, 588)
    assert float(found.min()) >= 0
    assert float(found.max()) <= 1 / 0.35 + 1e-4


def test_moved_tiles_are_off_the_grid() -> None:
    """A tile with ink in its first column and row only: on the grid it would stay there."""
    image = torch.zeros(1, 3, 28, 28)
    image[:, :, ::7, ::7] = 1
    tile = to_tiles(image)
    generator = torch.Generator().manual_seed(0)
    found = foreign_tiles(
        50, lambda n: tile.expand(n, -1, -1), lambda n: tile.expand(n, -1, -1), (7, 7), generator
    )
    moved = to_image(found[10:20])
    assert not any(torch.equal(picture, image[0]) for picture in moved)
