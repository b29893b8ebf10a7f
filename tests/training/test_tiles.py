from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import Glm4vImageProcessorPil

from glyphagent.atlas import bundled_atlas
from glyphagent.document import Document
from glyphagent.page import Page, SourceMap
from glyphagent.raster import rgb_pixels
from glyphagent.style import PRESETS
from glyphagent.training.evaluate import patches_of
from glyphagent.training.model import IMAGE_STD
from glyphagent.training.tiles import ATLASES, Sampler, Tiles, cut, paint, slots_of, tiles_of

PALETTE = ((255, 255, 255), (0, 0, 0), (160, 17, 31), (10, 48, 105))


def page(atlas_name: str, seed: int) -> Page:
    atlas = bundled_atlas(atlas_name)
    source = np.random.default_rng(seed)
    shape = (56 // atlas.cell_height, 84 // atlas.cell_width)
    codes = source.choice(np.flatnonzero(atlas.drawable), shape).astype(np.uint16)
    inks = source.integers(1, 4, shape).astype(np.uint8)
    empty = SourceMap((Document("a", ""),), np.zeros((0, 6), np.int32))
    return Page(codes, inks, atlas_name, PALETTE, "flow", empty)


@pytest.mark.parametrize("atlas_name", ATLASES)
def test_painted_tiles_are_what_the_stock_processor_makes_of_the_page(atlas_name: str) -> None:
    shown = page(atlas_name, 4)
    atlas = bundled_atlas(atlas_name)
    colours = (1 - torch.tensor(PALETTE) / 255) / IMAGE_STD
    codes = torch.from_numpy(cut(shown.codes, atlas).astype(np.int64))
    inks = torch.from_numpy(cut(shown.inks, atlas).astype(np.int64))
    painted = paint(atlas_name, codes, colours[inks])
    processor = Glm4vImageProcessorPil(
        do_resize=False, image_mean=[1.0] * 3, image_std=[-IMAGE_STD] * 3
    )
    pixels = processor(rgb_pixels(shown), return_tensors="pt")["pixel_values"]
    planes = pixels.view(len(painted), 4, 3, 2, 14 * 14)
    assert torch.equal(planes[:, :, :, 0], planes[:, :, :, 1])
    torch.testing.assert_close(planes[:, :, :, 0].flatten(2), painted, rtol=0, atol=1e-5)
    torch.testing.assert_close(patches_of(rgb_pixels(shown)), painted, rtol=0, atol=1e-5)


def test_blank_tiles_of_a_page_are_left_out() -> None:
    shown = page("fixed-7x7", 1)
    shown.codes[:4] = 0
    assert len(tiles_of([shown], "fixed-7x7")) == len(cut(shown.codes, shown.glyphs)) // 2


@given(st.integers(1, 5), st.integers(1, 5))
def test_cutting_keeps_cells_in_raster_order_of_tiles(rows: int, columns: int) -> None:
    atlas = bundled_atlas("fixed-7x14")
    cells = np.arange(rows * 2 * columns * 4).reshape(rows * 2, columns * 4)
    tiles = cut(cells, atlas)
    assert tiles.shape == (rows * columns, 8)
    assert tiles[-1].tolist()[-1] == cells[-1, -1]
    assert tiles[0].tolist() == [*cells[0, :4], *cells[1, :4]]


@pytest.mark.parametrize("atlas_name", ATLASES)
def test_random_tiles_show_every_drawable_class_and_no_other(atlas_name: str) -> None:
    shapes = {name: (0, slots_of(bundled_atlas(name))) for name in ATLASES}
    empty = {n: Tiles(n, np.zeros(s, np.uint16), np.zeros(s, np.uint8)) for n, s in shapes.items()}
    _, codes = Sampler(empty, 5).draw(atlas_name, 3000)
    shown = np.unique(codes.numpy())
    assert shown.tolist() == np.flatnonzero(bundled_atlas(atlas_name).drawable).tolist()


def test_hard_classes_are_drawn_more_often(pools: dict[str, Tiles]) -> None:
    sampler = Sampler(pools, 5, random_share=1.0)
    for _ in range(40):
        hard = torch.tensor([7] * 20)
        sampler.record("fixed-7x7", hard, torch.full((20,), 30.0))
    _, codes = sampler.draw("fixed-7x7", 500)
    counts = torch.bincount(codes.flatten(), minlength=530)
    assert counts[7] > 2 * counts[8]


def test_every_preset_has_an_atlas_that_training_covers() -> None:
    assert {style.atlas for style in PRESETS.values()} == set(ATLASES)
