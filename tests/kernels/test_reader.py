"""The embedded reader: the same figures as the stock model, and what it refuses."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from safetensors.torch import load_file
from transformers import Glm4vImageProcessorPil

from glyphagent.atlas import bundled_atlas
from glyphagent.errors import BackendError
from glyphagent.kernels import reader as reader_module
from glyphagent.kernels.reader import GlyphReader
from glyphagent.kernels.tiles import Slots
from glyphagent.raster import rgb_pixels

from .conftest import NANO_SCALING, write_reader
from .test_tiles import ATLASES, random_page


@pytest.fixture
def any_confidence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let random weights read: they are never sure of anything."""
    monkeypatch.setattr(reader_module, "LEAST_CONFIDENCE", 0.0)


def stock_reading(
    folder: Path, model: Any, pixels: Any, atlas: str
) -> tuple[torch.Tensor, torch.Tensor]:
    """Codes and confidences per tile by the stock tower and the head's equation."""
    processor = Glm4vImageProcessorPil(do_resize=False, **NANO_SCALING)
    inputs = processor([pixels], return_tensors="pt")
    with torch.inference_mode():
        tokens = model.model.visual(
            inputs["pixel_values"], grid_thw=inputs["image_grid_thw"]
        ).pooler_output
    head = load_file(folder / "glyph_head.safetensors")
    inner = F.gelu(tokens @ head[f"slots.{atlas}.weight"].T + head[f"slots.{atlas}.bias"])
    inner = inner.view(len(tokens), -1, 16)
    logits = inner @ head["classes.weight"].T + head["classes.bias"]
    undrawable = torch.from_numpy(~bundled_atlas(atlas).drawable)
    best = logits.masked_fill(undrawable, -torch.inf).softmax(-1).max(-1)
    return best.indices, best.values


@pytest.mark.usefixtures("any_confidence")
@pytest.mark.parametrize("local", [True, False], ids=["tiles", "windows"])
@pytest.mark.parametrize("atlas", ATLASES)
def test_reads_what_the_stock_tower_and_the_equation_give(
    tmp_path: Path, atlas: str, local: bool
) -> None:
    model = write_reader(tmp_path, local=local)
    page = random_page(atlas, "light", 3, 5)

    [read] = GlyphReader(tmp_path, dtype="float32").read([rgb_pixels(page)], atlas=atlas)

    assert read.atlas == atlas
    assert read.codes.shape == read.confidence.shape == page.codes.shape
    assert read.codes.dtype == np.dtype(np.uint16)
    assert read.confidence.dtype == np.dtype(np.float32)
    codes, confidence = stock_reading(tmp_path, model, rgb_pixels(page), atlas)
    slots, everywhere = Slots.of(bundled_atlas(atlas), 28), np.arange(15)
    inked = page.codes != 0
    expected = slots.assemble(codes.numpy(), everywhere, (3, 5))
    assert (read.codes == np.where(inked, expected, 0)).all()
    sure = slots.assemble(confidence.numpy(), everywhere, (3, 5))
    np.testing.assert_allclose(read.confidence, np.where(inked, sure, 1), rtol=1e-3, atol=1e-6)


@pytest.mark.usefixtures("any_confidence")
def test_a_large_page_is_read_in_windows(tmp_path: Path) -> None:
    write_reader(tmp_path, local=False)
    page = random_page("fixed-7x14", "light", 9, 23)
    pixels = rgb_pixels(page)

    reader = GlyphReader(tmp_path, dtype="float32")
    [read] = reader.read([pixels], atlas="fixed-7x14")

    # The first window, 3 by 12 tiles, is a page of its own; the next one begins at tile 11.
    [first] = reader.read([pixels[: 3 * 28, : 12 * 28]], atlas="fixed-7x14")
    assert (read.codes[:6, :44] == first.codes[:, :44]).all()


@pytest.mark.usefixtures("any_confidence")
def test_dark_pages_read_like_light_ones(tmp_path: Path) -> None:
    write_reader(tmp_path, local=True)
    light = rgb_pixels(random_page("fixed-7x14", "mono"))
    reads = GlyphReader(tmp_path).read([light, 255 - light], atlas="fixed-7x14")
    assert (reads[0].codes == reads[1].codes).all()


@pytest.mark.parametrize("local", [True, False])
def test_a_blank_page_is_all_spaces(tmp_path: Path, local: bool) -> None:
    write_reader(tmp_path, local=local)
    for grey in (255, 0, 120):
        [read] = GlyphReader(tmp_path).read([np.full((56, 84, 3), grey, np.uint8)])
        assert read.codes.shape == (4, 12)
        assert not read.codes.any()
        assert (read.confidence == 1).all()


def test_what_it_is_unsure_of_is_no_page(tmp_path: Path) -> None:
    write_reader(tmp_path, local=True)
    reader = GlyphReader(tmp_path)
    blank = np.full((28, 28, 3), 255, np.uint8)
    with pytest.raises(BackendError, match=r"image 1 does not look like .* \(mean confidence 0\."):
        reader.read([blank, rgb_pixels(random_page("fixed-7x14", "light"))])


def test_pictures_without_paper_are_no_pages(tmp_path: Path) -> None:
    write_reader(tmp_path, local=True)
    rows, columns = np.mgrid[:56, :84]
    gradient = np.stack([rows, columns, rows + columns], axis=-1).astype(np.uint8)
    with pytest.raises(BackendError, match=r"image 0 does not look like .* covers [0-9]% of it"):
        GlyphReader(tmp_path).read([gradient])


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ((842, 595, 3), "595x842 pixels; .* multiples of 28"),
        ((0, 28, 3), "28x0 pixels"),
        ((28, 28), r"uint8 \[28, 28\]"),
        ((28, 28, 4), "should be RGB"),
    ],
)
def test_other_shapes_are_refused(tmp_path: Path, shape: tuple[int, ...], said: str) -> None:
    write_reader(tmp_path, local=True)
    with pytest.raises(BackendError, match=said):
        GlyphReader(tmp_path).read([np.zeros(shape, np.uint8)])


def test_unknown_atlases_devices_and_dtypes_are_refused(tmp_path: Path) -> None:
    write_reader(tmp_path, local=True)
    page = rgb_pixels(random_page("fixed-7x14", "light"))
    with pytest.raises(BackendError, match="'verdana'; it reads fixed-7x14, fixed-7x7"):
        GlyphReader(tmp_path).read([page], atlas="verdana")
    with pytest.raises(BackendError, match="no dtype named 'int4'"):
        GlyphReader(tmp_path, dtype="int4").read([page])
    with pytest.raises(BackendError, match="device 'abacus'"):
        GlyphReader(tmp_path, device="abacus").read([page])


def test_a_folder_without_a_reader_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match=r"no embedded reader in .* no reader\.json"):
        GlyphReader(tmp_path)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("characters", ["0020"], "other characters"),
        ("atlases", {"fixed-7x14": {"digest": "0", "slots": 8}}, "other bitmaps"),
        ("atlases", {"comic": {"digest": "0", "slots": 8}}, "no atlas named 'comic'"),
        ("atlases", {}, "reads no atlas"),
        ("dimension", None, "cannot be used"),
    ],
)
def test_a_reader_for_other_atlases_is_refused(
    tmp_path: Path, key: str, value: Any, said: str
) -> None:
    write_reader(tmp_path, local=True)
    facts = json.loads((tmp_path / "reader.json").read_text())
    (tmp_path / "reader.json").write_text(json.dumps({**facts, key: value}))
    with pytest.raises(BackendError, match=said):
        GlyphReader(tmp_path)


@pytest.mark.parametrize("file", ["model.safetensors", "glyph_head.safetensors"])
def test_broken_weights_are_told(tmp_path: Path, file: str) -> None:
    write_reader(tmp_path, local=True)
    (tmp_path / file).write_bytes(b"\x08\0\0\0\0\0\0\0nonsense")
    with pytest.raises(BackendError, match=file):
        GlyphReader(tmp_path).read([rgb_pixels(random_page("fixed-7x14", "light"))])


@pytest.mark.usefixtures("any_confidence")
def test_pages_read_together_are_read_like_pages_alone(tmp_path: Path) -> None:
    write_reader(tmp_path, local=False)
    pages = [rgb_pixels(random_page("fixed-7x7", "light", 2, 3, seed)) for seed in range(7)]
    threads, reader = torch.get_num_threads(), GlyphReader(tmp_path, dtype="float32")

    together = reader.read(pages, atlas="fixed-7x7")

    assert torch.get_num_threads() == threads
    for page, read in zip(pages, together, strict=True):
        [alone] = reader.read([page], atlas="fixed-7x7")
        assert (read.codes == alone.codes).all()
        np.testing.assert_allclose(read.confidence, alone.confidence, rtol=1e-4)


def test_the_digest_follows_weights_and_precision(tmp_path: Path) -> None:
    write_reader(tmp_path / "a", local=True)
    write_reader(tmp_path / "b", local=False)

    def digest(folder: str, dtype: str = "float32") -> str:
        return GlyphReader(tmp_path / folder, dtype=dtype).digest

    assert digest("a") == digest("a")
    assert len({digest("a"), digest("a", "bfloat16"), digest("b")}) == 3


def test_without_torch_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_reader(tmp_path, local=True)
    page = rgb_pixels(random_page("fixed-7x14", "light"))
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(BackendError, match=r"needs torch: pip install 'glyphagent\[local\]'"):
        GlyphReader(tmp_path).read([page])


@pytest.mark.gpu
@pytest.mark.usefixtures("any_confidence")
def test_cuda_reads_like_the_cpu(tmp_path: Path) -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    write_reader(tmp_path, local=False)
    page = rgb_pixels(random_page("fixed-7x7", "light", 8, 21))
    [cpu] = GlyphReader(tmp_path, device="cpu", dtype="float32").read([page], atlas="fixed-7x7")
    [cuda] = GlyphReader(tmp_path, device="cuda", dtype="float32").read([page], atlas="fixed-7x7")
    np.testing.assert_allclose(cuda.confidence, cpu.confidence, rtol=1e-2, atol=1e-4)
    assert (cuda.codes == cpu.codes).mean() > 0.999
