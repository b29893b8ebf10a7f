"""The embedded reader `nano`: its configuration, its first weights, and its glyph head.

`nano` is a stock `Glm4vForConditionalGeneration`, so that whatever loads GLM-4.1V loads it. Two
things are ours: weights that start at the scale of their fan-in (at the stock 0.02 a tower this
small hardly learns), and the glyph head, which reads the cells of a patch off its visual token.

Reading is local: a cell of an aligned atlas lies inside one patch, and no other patch says more
about it. So the tower starts with silent attention (output projections zero) and a zero position
table, and the reading stage leaves them so. A tower in that state gives each merged patch its
token whatever stands around it: pages of every size read alike, and training can draw single
tiles from anywhere instead of whole windows. Later stages may open both.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn
from transformers import Glm4vConfig, Glm4vForConditionalGeneration

from .tokenizer import vocabulary

PATCH_PX = 14
MERGE = 2
TILE_PX = PATCH_PX * MERGE
"""Side of a merged patch, the part of a page that one visual token shows."""

IMAGE_STD = 0.35
"""Input is (1 - value) / IMAGE_STD: white paper is exactly 0, black 2.857."""

TILE_FLOATS = 3 * PATCH_PX * PATCH_PX


HIDDEN = 256
"""Width of a visual token and of the decoder."""


def nano_config() -> Glm4vConfig:
    """Configuration of `nano`: 7.5 million parameters, 14.3 MiB in bfloat16.

    The stock class makes the vision MLP as wide as `out_hidden_size`, and the merger as wide as
    the vision `intermediate_size`. `mrope_section` is cycled over time, height and width, so
    eight ones interleave the three by configuration alone.
    """
    ids = {token: number for number, token in enumerate(vocabulary())}
    return Glm4vConfig(
        vision_config={
            "depth": 3,
            "hidden_size": 192,
            "num_heads": 6,
            "out_hidden_size": HIDDEN,
            "intermediate_size": 1024,
            "patch_size": PATCH_PX,
            "spatial_merge_size": MERGE,
            "image_size": 336,
        },
        text_config={
            "vocab_size": len(ids),
            "hidden_size": HIDDEN,
            "intermediate_size": 704,
            "num_hidden_layers": 6,
            "num_attention_heads": 8,
            "num_key_value_heads": 8,
            "max_position_embeddings": 32768,
            "pad_token_id": ids["<|endoftext|>"],
            "eos_token_id": ids["<|endoftext|>"],
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 1000.0,
                "partial_rotary_factor": 0.5,
                "mrope_section": [1] * 8,
            },
        },
        image_token_id=ids["<|image|>"],
        video_token_id=ids["<|video|>"],
        image_start_token_id=ids["<|begin_of_image|>"],
        image_end_token_id=ids["<|end_of_image|>"],
        video_start_token_id=ids["<|begin_of_video|>"],
        video_end_token_id=ids["<|end_of_video|>"],
        tie_word_embeddings=False,
    )


def build_model(seed: int) -> Glm4vForConditionalGeneration:
    """Model with its first weights, a function of `seed` alone.

    Matrices start at 1/sqrt(fan-in), the decoder's post-norms at 1/sqrt(2 * layers), the vision
    attention's output and the position table at zero. The caller's random state is left as it
    was.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Glm4vForConditionalGeneration(nano_config())
        for name, weight in model.named_parameters():
            if weight.dim() < 2:
                nn.init.ones_(weight) if name.endswith("weight") else nn.init.zeros_(weight)
            elif "embed_tokens" in name:
                nn.init.normal_(weight, std=weight.shape[1] ** -0.5)
            else:
                nn.init.normal_(weight, std=weight[0].numel() ** -0.5)
        depth = len(model.model.language_model.layers)
        for layer in model.model.language_model.layers:
            nn.init.constant_(layer.post_self_attn_layernorm.weight, (2 * depth) ** -0.5)
            nn.init.constant_(layer.post_mlp_layernorm.weight, (2 * depth) ** -0.5)
        for block in model.model.visual.blocks:
            nn.init.zeros_(block.attn.proj.weight)
        nn.init.zeros_(model.model.visual.embeddings.position_embedding.weight)
    return model


def is_local(visual: Any) -> bool:
    """Whether the tower reads each merged patch by itself: silent attention, no positions."""
    weights = [block.attn.proj.weight for block in visual.blocks]
    weights.append(visual.embeddings.position_embedding.weight)
    return not any(bool(weight.any()) for weight in weights)


def tile_tokens(visual: Any, tiles: Tensor) -> tuple[Tensor, Tensor]:
    """Visual tokens of single tiles, and the patch states that they were merged from.

    What the stock tower gives for any page that holds these tiles, as long as `is_local` is
    true; attention is not computed, and the two temporal planes, which are copies for a still
    image, are added before the product instead of after it.

    Shapes:
        tiles: [n, 4, 588]; patches in the order top left, top right, bottom left, bottom right,
            each channel, row, column.
        tokens: [n, out_hidden_size]
        states: [n, 4, hidden_size]
    """
    count = tiles.shape[0]
    kernel = visual.patch_embed.proj.weight.sum(2).flatten(1)
    states = F.linear(tiles.reshape(count * 4, -1), kernel, visual.patch_embed.proj.bias)
    states = _rms(states, visual.post_conv_layernorm)
    for block in visual.blocks:
        inner = _rms(states, block.norm2)
        gate = F.silu(F.linear(inner, block.mlp.gate_proj.weight))
        inner = gate * F.linear(inner, block.mlp.up_proj.weight)
        states = states + F.linear(inner, block.mlp.down_proj.weight)
    states = _rms(states, visual.post_layernorm).view(count, 4, -1)
    # The stock tower convolves [n, hidden, 2, 2] with a 2x2 kernel: one product per merged patch.
    kernel = visual.downsample.weight.permute(0, 2, 3, 1).flatten(1)
    merged = F.linear(states.reshape(count, -1), kernel, visual.downsample.bias)
    return visual.merger(merged), states


def _rms(states: Tensor, norm: Any) -> Tensor:
    return F.rms_norm(
        states, (states.shape[-1],), norm.weight.to(states.dtype), norm.variance_epsilon
    )


class GlyphHead(nn.Module):
    """Reads the cells of a merged patch off its visual token.

        z = gelu(h W_slots^T + b_slots)          [n, slots, d]
        logits = z W_classes^T + b_classes       [n, slots, classes]

    Each atlas has slots of its own, row by row inside the patch; the classes are shared, since
    all atlases share one list of characters.
    """

    def __init__(self, hidden: int, classes: int, dimension: int, slots: Mapping[str, int]) -> None:
        """Make the head for atlases with these numbers of cells per patch."""
        super().__init__()
        self.dimension = dimension
        self.slots = nn.ModuleDict(
            {name: nn.Linear(hidden, count * dimension) for name, count in slots.items()}
        )
        self.classes = nn.Linear(dimension, classes)
        for weight in self.parameters():
            if weight.dim() < 2:
                nn.init.zeros_(weight)
            else:
                nn.init.normal_(weight, std=1 / math.sqrt(weight.shape[1]))

    def forward(self, tokens: Tensor, atlas: str) -> Tensor:
        """Logits of each cell.

        Shapes:
            tokens: [n, hidden]
            returned: [n, slots of the atlas, classes]
        """
        inner = F.gelu(self.slots[atlas](tokens))
        return self.classes(inner.view(tokens.shape[0], -1, self.dimension))  # type: ignore[no-any-return]
