"""The vision tower of a Glm4v checkpoint, for pages: exact, batched, straight from uint8 pixels.

The stock `Glm4vVisionModel` takes normalised float patches with every temporal plane twice, and
loops over pages in Python for attention. Here equal windows go through as one batch, the two
planes and the normalisation are folded into the patch embedding, and pixels are counted from
white paper, so that blank paper enters as exact zeros. What a checkpoint leaves silent (attention
whose output projection is zero, a position table of zeros) is not computed, which changes
nothing. Inference only; loading files is the business of `checkpoint`, choosing windows that of
`reader`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812  (its name everywhere)
from torch import Tensor

from glyphagent.errors import KernelError


@dataclass(frozen=True, eq=False)
class _Norm:
    """An RMSNorm: y = x / sqrt(mean(x^2) + eps) * w."""

    weight: Tensor
    eps: float

    def __call__(self, states: Tensor) -> Tensor:
        return F.rms_norm(states, (states.shape[-1],), self.weight, self.eps)


@dataclass(frozen=True, eq=False)
class _Block:
    """Weights of one transformer block; `qkv` is None where attention is silent."""

    norm1: _Norm
    qkv: Tensor | None
    qkv_bias: Tensor | None
    proj: Tensor
    norm2: _Norm
    gate: Tensor
    up: Tensor
    down: Tensor


class VisionTower:
    """Vision tower and merger of a Glm4v checkpoint.

    Attributes:
        tile_px: Side of a merged patch in pixels; one visual token shows one such tile.
        width: Numbers in a visual token.
        local: Whether each visual token depends on its own tile alone, as it does in a tower
            whose attention is silent and whose position table is zero.

    Source:
        transformers 5.23, models/glm4v/modeling_glm4v.py, `Glm4vVisionModel.forward`.
    """

    def __init__(
        self,
        weights: Mapping[str, Tensor],
        config: Mapping[str, Any],
        *,
        image_mean: Sequence[float],
        image_std: Sequence[float],
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        """Fold and place the weights.

        Args:
            weights: Tensors by the names that they have inside `model.visual`.
            config: The checkpoint's `vision_config`.
            image_mean: Mean that the checkpoint's processor subtracts, per channel.
            image_std: Deviation that it divides by, per channel.
            device: Where to compute.
            dtype: In which precision to compute.

        Raises:
            KernelError: If the checkpoint has a shape that this tower does not implement.
        """
        if config.get("hidden_act", "silu") != "silu":
            raise KernelError(f"the vision tower knows 'silu' only, not {config['hidden_act']!r}")
        if config.get("in_channels", 3) != 3:
            raise KernelError(f"the vision tower takes 3 channels, not {config['in_channels']}")
        self.patch_px = int(config.get("patch_size", 14))
        self.merge = int(config.get("spatial_merge_size", 2))
        self.tile_px = self.patch_px * self.merge
        self.heads = int(config.get("num_heads", 12))
        self.width = int(config.get("out_hidden_size", 4096))
        self.device, self.dtype = torch.device(device), dtype
        eps = float(config.get("rms_norm_eps", 1e-5))
        theta = float((config.get("rope_parameters") or {}).get("rope_theta", 10000.0))
        self._rotary = _Rotary(int(config["hidden_size"]) // self.heads, theta)

        def raw(name: str) -> Tensor:
            if name not in weights:
                raise KernelError(f"the vision tower lacks the tensor {name!r}")
            return weights[name]

        def take(name: str) -> Tensor:
            return raw(name).to(self.device, dtype)

        convolution = raw("patch_embed.proj.weight"), raw("patch_embed.proj.bias")
        kernel, bias = _fold(*convolution, image_mean, image_std)
        self._embed = kernel.to(self.device, dtype), bias.to(self.device, dtype)
        self._norm_in = _Norm(take("post_conv_layernorm.weight"), eps)
        self._norm_out = _Norm(take("post_layernorm.weight"), eps)
        self._blocks: list[_Block] = []
        for number in range(int(config.get("depth", 24))):
            start = f"blocks.{number}."
            proj, bias_name = take(start + "attn.proj.weight"), start + "attn.qkv.bias"
            self._blocks.append(
                _Block(
                    norm1=_Norm(take(start + "norm1.weight"), eps),
                    qkv=take(start + "attn.qkv.weight") if bool(proj.any()) else None,
                    qkv_bias=take(bias_name) if bias_name in weights else None,
                    proj=proj,
                    norm2=_Norm(take(start + "norm2.weight"), eps),
                    gate=take(start + "mlp.gate_proj.weight"),
                    up=take(start + "mlp.up_proj.weight"),
                    down=take(start + "mlp.down_proj.weight"),
                )
            )
        # A 2x2 convolution with stride 2 over [hidden, 2, 2] blocks is one product per block.
        downsample = take("downsample.weight").permute(0, 2, 3, 1).flatten(1).contiguous()
        self._downsample = downsample, take("downsample.bias")
        self._merger = {
            name: take(f"merger.{name}")
            for name in (
                *("proj.weight", "post_projection_norm.weight", "post_projection_norm.bias"),
                *("gate_proj.weight", "up_proj.weight", "down_proj.weight"),
            )
        }
        table = raw("embeddings.position_embedding.weight").to(self.device, torch.float32)
        self._table = table if bool(table.any()) else None
        self._positions: dict[tuple[int, int], Tensor] = {}
        self.local = self._table is None and all(block.qkv is None for block in self._blocks)

    @torch.inference_mode()
    def __call__(self, tiles: Tensor) -> Tensor:
        """Visual tokens of equal windows, each window a page of its own.

        Args:
            tiles: Distance of each pixel from white, 255 - rgb, cut into merged patches.

        Shapes:
            tiles: uint8 [windows, rows, columns, tile_px, tile_px, 3]
            returned: dtype [windows, rows * columns, width]; tiles in raster order.
        """
        count, rows, columns = tiles.shape[:3]
        side, merge = self.patch_px, self.merge
        patches = tiles.view(count, rows * columns, merge, side, merge, side, 3)
        # To the stock order: the patches of a tile follow one another.
        patches = patches.permute(0, 1, 2, 4, 3, 5, 6).reshape(count, -1, side * side * 3)
        states = self._norm_in(F.linear(patches.to(self.device, self.dtype), *self._embed))
        if self._table is not None:
            states = states + self._position(rows, columns)
        for block in self._blocks:
            if block.qkv is not None:
                states = states + self._attend(block, block.norm1(states), rows, columns)
            inner = block.norm2(states)
            gate = F.silu(F.linear(inner, block.gate))
            states = states + F.linear(gate.mul_(F.linear(inner, block.up)), block.down)
        states = self._norm_out(states).view(count, rows * columns, -1)
        return self._merge(F.linear(states, *self._downsample))

    def _merge(self, states: Tensor) -> Tensor:
        weight = self._merger
        states = F.linear(states, weight["proj.weight"])
        norm = weight["post_projection_norm.weight"], weight["post_projection_norm.bias"]
        states = F.gelu(F.layer_norm(states, (self.width,), *norm))
        gate = F.silu(F.linear(states, weight["gate_proj.weight"]))
        inner = gate.mul_(F.linear(states, weight["up_proj.weight"]))
        return F.linear(inner, weight["down_proj.weight"])

    def _attend(self, block: _Block, states: Tensor, rows: int, columns: int) -> Tensor:
        assert block.qkv is not None
        count, length, hidden = states.shape
        mixed = F.linear(states, block.qkv, block.qkv_bias)
        query, key, value = mixed.view(count, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        place = _patch_places(rows, columns, self.merge)
        query, key = self._rotary(query, key, place)
        attended = F.scaled_dot_product_attention(query, key, value)
        return F.linear(attended.transpose(1, 2).reshape(count, length, hidden), block.proj)

    def _position(self, rows: int, columns: int) -> Tensor:
        """Position embedding of a grid: the square table, resampled bicubically in float32.

        Shapes:
            returned: dtype [rows * columns * merge^2, hidden]
        """
        assert self._table is not None
        if (rows, columns) not in self._positions:
            side = round(self._table.shape[0] ** 0.5)
            place = _patch_places(rows, columns, self.merge).to(self.device, torch.float32)
            size = torch.tensor([rows, columns], device=self.device) * self.merge
            # grid_sample wants x before y, in [-1, 1].
            grid = (((place + 0.5) / size) * 2 - 1).flip(-1)[None, :, None]
            square = self._table.view(1, side, side, -1).permute(0, 3, 1, 2)
            sampled = F.grid_sample(
                square, grid, mode="bicubic", padding_mode="border", align_corners=False
            )
            self._positions[rows, columns] = sampled[0, :, :, 0].T.to(self.dtype).contiguous()
        return self._positions[rows, columns]


class _Rotary:
    """Axial rotary embedding: half of the frequencies turn with the row, half with the column."""

    def __init__(self, head_width: int, theta: float) -> None:
        spatial = head_width // 2
        exponents = torch.arange(0, spatial, 2, dtype=torch.float32) / spatial
        self._frequencies = 1.0 / theta**exponents

    def __call__(self, query: Tensor, key: Tensor, place: Tensor) -> tuple[Tensor, Tensor]:
        """Turn queries and keys [windows, heads, length, head_width] in float32."""
        angles = (place[..., None].float() * self._frequencies).flatten(1)
        angles = torch.cat([angles, angles], dim=-1).to(query.device)
        cosine, sine = angles.cos(), angles.sin()
        return _turn(query, cosine, sine), _turn(key, cosine, sine)


def _turn(states: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    first, second = states.float().chunk(2, dim=-1)
    turned = states.float() * cosine + torch.cat([-second, first], dim=-1) * sine
    return turned.to(states.dtype)


def _patch_places(rows: int, columns: int, merge: int) -> Tensor:
    """Row and column of each patch, the patches of a merged patch following one another.

    Shapes:
        returned: int64 [rows * columns * merge^2, 2]
    """
    row, column = torch.meshgrid(
        torch.arange(rows * merge), torch.arange(columns * merge), indexing="ij"
    )
    places = torch.stack([row, column], dim=-1).view(rows, merge, columns, merge, 2)
    return places.transpose(1, 2).reshape(-1, 2)


def _fold(
    kernel: Tensor, bias: Tensor, image_mean: Sequence[float], image_std: Sequence[float]
) -> tuple[Tensor, Tensor]:
    """Patch embedding that takes distances from white, worked out in float64.

    With x = 1 - u/255 for the distance u, and planes t that are equal for a still image:
        b + sum_t W_t (x - mean) / std  =  [b + W (1 - mean) / std]  -  [W / (255 std)] u
    where W is the sum of the planes. Distances are integers up to 255, exact in bfloat16.

    Shapes:
        kernel: [hidden, 3, planes, side, side]
        returned: float64 [hidden, side * side * 3], float64 [hidden]
    """
    planes = kernel.double().cpu().sum(2)
    mean = torch.tensor(image_mean, dtype=torch.float64).view(3, 1, 1)
    std = torch.tensor(image_std, dtype=torch.float64).view(3, 1, 1)
    paper = bias.double().cpu() + (planes * ((1 - mean) / std)).sum((1, 2, 3))
    folded = -planes / (255 * std)
    return folded.permute(0, 2, 3, 1).flatten(1).contiguous(), paper
