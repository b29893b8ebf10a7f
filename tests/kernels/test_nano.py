"""The reader that ships with glyphagent, on pixels of known pages."""

from __future__ import annotations

import argparse
import inspect
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFont

from glyphagent import marks
from glyphagent.atlas import bundled_atlas
from glyphagent.errors import BackendError
from glyphagent.kernels.backend import LocalBackend
from glyphagent.kernels.checkpoint import embedded_folder
from glyphagent.kernels.glm4v import Glm4v
from glyphagent.kernels.reader import GlyphReader
from glyphagent.kernels.tiles import Slots
from glyphagent.page import Page, SourceMap
from glyphagent.plugins import PageText
from glyphagent.raster import rgb_pixels
from glyphagent.style import THEMES, rgb

from .test_tiles import ATLASES, random_page

BOUND = {"fixed-7x14": 0.001, "fixed-7x7": 0.01}
ROWS, COLUMNS = 12, 21


@cache
def reader(dtype: str = "auto") -> GlyphReader:
    return GlyphReader(dtype=dtype)


@cache
def text_page(atlas: str, theme: str = "light", part: int = 0) -> Page:
    """Source text in full rows, line ends as marks, in the theme's colours."""
    glyphs = bundled_atlas(atlas)
    slots = Slots.of(glyphs, 28)
    shape = ROWS * slots.down, COLUMNS * slots.across
    size = shape[0] * shape[1]
    text = inspect.getsource(argparse)[part * size :].replace("\n", marks.INDENTS[4])[:size]
    codes = np.array([glyphs.code_of.get(c, 0) for c in text], np.uint16).reshape(shape)
    drawn = np.random.default_rng(part).integers(1, 15, (shape[0], shape[1] // 7))
    palette = tuple(rgb(colour) for colour in THEMES[theme])
    source_map = SourceMap((), np.zeros((0, 6), np.int32))
    inks = np.repeat(drawn, 7, axis=1).astype(np.uint8)
    return Page(codes, inks, atlas, palette, "flow", source_map)


def errors(page: Page, read: PageText) -> float:
    """Share of characters, spaces apart, that were read as something else."""
    shown = page.codes != 0
    return float((read.codes != page.codes)[shown].mean())


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("atlas", ATLASES)
def test_it_reads_source_text_in_every_theme(atlas: str, theme: str) -> None:
    page = text_page(atlas, theme)

    [read] = reader().read([rgb_pixels(page)])

    assert read.atlas == atlas
    assert errors(page, read) <= BOUND[atlas]
    assert not read.codes[page.codes == 0].any()
    wrong = read.codes != page.codes
    assert read.confidence[page.codes != 0].mean() > 0.995
    if wrong.any():  # errors stand out
        assert read.confidence[wrong].mean() < read.confidence[~wrong].mean() - 0.1


@pytest.mark.parametrize("atlas", ATLASES)
def test_it_reads_every_character_that_the_atlas_draws(atlas: str) -> None:
    page = random_page(atlas, "light", ROWS, COLUMNS)
    [read] = reader().read([rgb_pixels(page)])
    assert errors(page, read) <= 0.02


def test_it_reads_pixels_and_nothing_else() -> None:
    page = text_page("fixed-7x14")
    pixels = rgb_pixels(page).copy()
    row, column = (int(place[0]) for place in (page.codes == page.glyphs.code_of["e"]).nonzero())
    box = np.s_[row * 14 : row * 14 + 14, column * 7 : column * 7 + 7]
    colour = page.palette[int(page.inks[row, column])]
    bits = page.glyphs.bitmaps[page.glyphs.code_of["Q"]].astype(bool)
    pixels[box] = np.where(bits[..., None], np.array(colour, np.uint8), 255)

    [read] = reader().read([pixels])

    assert page.glyphs.characters[read.codes[row, column]] == "Q"


def test_half_precision_reads_the_same() -> None:
    pages = [rgb_pixels(text_page(atlas, "light", 1)) for atlas in ATLASES]
    single, half = (reader(dtype).read(pages) for dtype in ("float32", "bfloat16"))
    for one, other in zip(single, half, strict=True):
        assert (one.codes != other.codes).mean() < 0.001
        np.testing.assert_allclose(one.confidence.mean(), other.confidence.mean(), atol=0.002)


def test_pages_crop_to_any_number_of_tiles() -> None:
    page = text_page("fixed-7x14")
    [whole] = reader().read([rgb_pixels(page)])
    for rows, columns in ((1, 1), (1, 21), (12, 1), (5, 7)):
        pixels = np.ascontiguousarray(rgb_pixels(page)[: rows * 28, : columns * 28])
        [read] = reader().read([pixels], atlas="fixed-7x14")
        assert (read.codes == whole.codes[: rows * 2, : columns * 4]).mean() > 0.995


def resized(pixels: Any, size: tuple[int, int]) -> Any:
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))


def unreadable() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    pixels = rgb_pixels(text_page("fixed-7x14"))
    height, width = pixels.shape[:2]
    written = Image.new("RGB", (width, height), "white")
    text = inspect.getsource(argparse)[:3000]
    font = ImageFont.load_default(11)
    ImageDraw.Draw(written).multiline_text((3, 3), text, fill="#1b1f24", font=font)
    return {
        "noise": rng.integers(0, 256, pixels.shape, np.uint8),
        "speckles": np.where(rng.random((height, width, 1)) < 0.2, 0, 255).repeat(3, 2),
        "another font": np.asarray(written),
        "one pixel to the right": np.roll(pixels, 1, axis=1),
        "one pixel down": np.roll(pixels, 1, axis=0),
        "half a cell down": np.roll(pixels, 7, axis=0),
        "resampled and back": resized(resized(pixels, (595, 338)), (width, height)),
        "slightly larger": resized(pixels, (617, 353))[:height, :width],
        "twice as large": resized(pixels, (2 * width, 2 * height)),
        "half as large": resized(pixels, (width // 2 // 28 * 28, height // 2)),
    }


@pytest.mark.parametrize("kind", unreadable())
def test_what_is_no_aligned_page_is_refused(kind: str) -> None:
    with pytest.raises(BackendError, match="image 0 does not look like an aligned"):
        reader().read([np.ascontiguousarray(unreadable()[kind], np.uint8)])


def test_the_plugin_is_this_reader() -> None:
    backend = LocalBackend()
    assert backend.model == "nano"
    assert backend.digest == reader().digest
    page = text_page("fixed-7x14", "light", 2)
    [read] = backend.read([rgb_pixels(page)])
    assert errors(page, read) <= BOUND["fixed-7x14"]


def test_its_checkpoint_generates_on_the_road_of_larger_ones() -> None:
    """The decoder is untrained: only that it runs, and that text stays text, is checked."""
    glm4v = Glm4v(str(embedded_folder()), torch.device("cpu"), torch.float32)
    [held] = glm4v.hold([rgb_pixels(text_page("fixed-7x14"))], ["Page 1: a.py:1-9"])
    assert len(held.tokens) == ROWS * COLUMNS

    *_, usage = glm4v.stream([held], "What is <|image|>, naïve?", 8)

    assert 1 <= usage.completion_tokens <= 8
    # Words the vocabulary lacks fall back to bytes; `ï` is one of its characters.
    shorter = len(glm4v.prompt([held], "What is , naive?"))
    assert usage.prompt_tokens == shorter + len("<|image|>")
