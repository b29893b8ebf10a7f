"""Our vision tower against the stock one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from transformers import Glm4vImageProcessorPil

from glyphagent.errors import KernelError
from glyphagent.kernels.vision import VisionTower

from .conftest import silence

Towers = Callable[..., Any]
Pixels = npt.NDArray[np.uint8]
NANO: dict[str, Any] = {"image_mean": [1.0] * 3, "image_std": [-0.35] * 3}
CLIP: dict[str, Any] = {
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
}
WINDOWS = [(1, 1, 1), (5, 1, 1), (3, 2, 5), (2, 4, 21), (1, 7, 3)]


def ours(model: Any, scaling: dict[str, Any], **options: Any) -> VisionTower:
    config = model.config.to_dict()
    return VisionTower(dict(model.state_dict()), config, **scaling, **options)


def pages(windows: int, rows: int, columns: int) -> Pixels:
    rng = np.random.default_rng(windows * rows)
    picture = rng.integers(0, 256, (windows, rows * 28, columns * 28, 3), dtype=np.uint8)
    return np.where(rng.random(picture.shape[:3])[..., None] < 0.7, 255, picture).astype(np.uint8)


def tiles_of(images: Pixels) -> torch.Tensor:
    count, height, width, _ = images.shape
    tiles = (255 - images).reshape(count, height // 28, 28, width // 28, 28, 3)
    return torch.from_numpy(np.ascontiguousarray(tiles.transpose(0, 1, 3, 2, 4, 5)))


def stock(model: Any, scaling: dict[str, Any], images: Pixels) -> torch.Tensor:
    processor = Glm4vImageProcessorPil(do_resize=False, **scaling)
    inputs = processor(list(images), return_tensors="pt").to(model.device)
    with torch.inference_mode():
        output = model(inputs["pixel_values"].to(model.dtype), grid_thw=inputs["image_grid_thw"])
    tokens: torch.Tensor = output.pooler_output
    return tokens.view(len(images), -1, model.config.out_hidden_size)


def relative_error(value: torch.Tensor, truth: torch.Tensor) -> float:
    return float((value.double() - truth.double()).abs().max() / truth.double().abs().max())


@pytest.mark.parametrize("scaling", [NANO, CLIP], ids=["nano", "clip"])
@pytest.mark.parametrize("shape", WINDOWS, ids=str)
@pytest.mark.parametrize("bias", [False, True], ids=["plain", "attention-bias"])
def test_equals_the_stock_tower(
    stock_tower: Towers, shape: tuple[int, int, int], scaling: dict[str, Any], bias: bool
) -> None:
    model = stock_tower(attention_bias=bias)
    images = pages(*shape)

    tokens = ours(model, scaling)(tiles_of(images))

    assert tokens.shape == (shape[0], shape[1] * shape[2], 48)
    assert relative_error(tokens, stock(model, scaling, images)) < 2e-5


def test_silent_parts_are_not_missed(stock_tower: Towers) -> None:
    model = stock_tower()
    silence(model)
    images = pages(1, 3, 4)

    tower = ours(model, NANO)
    tokens = tower(tiles_of(images))

    assert tower.local
    assert relative_error(tokens, stock(model, NANO, images)) < 2e-5
    alone = tower(tiles_of(images).view(12, 1, 1, 28, 28, 3))
    assert relative_error(alone.view(1, 12, -1), tokens) < 2e-5


def test_one_voice_is_enough_to_look_around(stock_tower: Towers) -> None:
    model = stock_tower()
    with torch.no_grad():
        model.embeddings.position_embedding.weight.zero_()
        model.blocks[0].attn.proj.weight.zero_()
    assert not ours(model, NANO).local


def test_a_window_reads_the_same_in_any_batch(stock_tower: Towers) -> None:
    tower = ours(stock_tower(), NANO)
    tiles = tiles_of(pages(4, 2, 3))
    for number in range(4):
        assert relative_error(tower(tiles[number : number + 1])[0], tower(tiles)[number]) < 2e-5


def test_half_precision_is_as_close_as_the_stock_tower(stock_tower: Towers) -> None:
    model, images = stock_tower(), pages(2, 3, 4)
    truth = stock(model, NANO, images)
    error = relative_error(ours(model, NANO, dtype=torch.bfloat16)(tiles_of(images)), truth)
    assert error < 1.2 * relative_error(stock(model.bfloat16(), NANO, images), truth)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hidden_act": "relu"}, "relu"),
        ({"in_channels": 1}, "3 channels"),
        ({"depth": 3}, "blocks.2"),
    ],
)
def test_what_it_does_not_implement_is_refused(
    stock_tower: Towers, change: dict[str, Any], said: str
) -> None:
    model = stock_tower()
    config = {**model.config.to_dict(), **change}
    with pytest.raises(KernelError, match=said):
        VisionTower(dict(model.state_dict()), config, **NANO)


@pytest.mark.gpu
@pytest.mark.parametrize("shape", WINDOWS, ids=str)
def test_equals_the_stock_tower_on_cuda(stock_tower: Towers, shape: tuple[int, int, int]) -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    model, images = stock_tower().cuda(), pages(*shape)
    tokens = ours(model, NANO, device="cuda")(tiles_of(images))
    assert relative_error(tokens.cpu(), stock(model, NANO, images).cpu()) < 1e-4
