"""Checkpoints for tests: the file formats are the real ones, the weights are random."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from transformers import Glm4vConfig, Glm4vForConditionalGeneration, Glm4vImageProcessorPil

from glyphagent.atlas import bundled_atlas

NANO_SCALING: dict[str, Any] = {"image_mean": [1.0] * 3, "image_std": [-0.35] * 3}
ATLASES = {"fixed-7x14": 8, "fixed-7x7": 16}


def tiny_config(**vision: Any) -> Glm4vConfig:
    """Configuration of a Glm4v that a CPU runs in milliseconds."""
    sizes = {
        "depth": 2,
        "hidden_size": 64,
        "num_heads": 4,
        "out_hidden_size": 48,
        "intermediate_size": 96,
        "image_size": 336,
    }
    return Glm4vConfig(
        vision_config={**sizes, **vision},
        text_config={
            "vocab_size": 160,
            "hidden_size": 48,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_key_value_heads": 4,
            "max_position_embeddings": 4096,
            "pad_token_id": 0,
            "eos_token_id": 0,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 1000.0,
                "partial_rotary_factor": 0.5,
                "mrope_section": [1, 1, 1],
            },
        },
        image_start_token_id=7,
        image_token_id=8,
        image_end_token_id=9,
        video_start_token_id=10,
        video_token_id=11,
        video_end_token_id=12,
    )


def tiny_model(**vision: Any) -> Any:
    """Stock model with weights at the scale of their fan-in, so that every part matters."""
    torch.manual_seed(0)
    model: Any = Glm4vForConditionalGeneration(tiny_config(**vision))
    model.eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.dim() < 2:
                weight.normal_(1.0 if name.endswith("weight") else 0.0, 0.2)
            else:
                weight.normal_(0, weight[0].numel() ** -0.5)
    return model


def silence(tower: Any) -> None:
    """Make each visual token depend on its own tile alone, as in a tower trained on tiles."""
    with torch.no_grad():
        tower.embeddings.position_embedding.weight.zero_()
        for block in tower.blocks:
            block.attn.proj.weight.zero_()


def write_reader(folder: Path, *, local: bool) -> Any:
    """Write a reader's folder with random weights, and give its stock model."""
    folder.mkdir(parents=True, exist_ok=True)
    model = tiny_model()
    if local:
        silence(model.model.visual)
    model.save_pretrained(folder)
    Glm4vImageProcessorPil(do_resize=False, **NANO_SCALING).save_pretrained(folder)
    characters = bundled_atlas("fixed-7x14").characters
    head = {"classes.weight": torch.randn(len(characters), 16), "classes.bias": torch.zeros(530)}
    for atlas, slots in ATLASES.items():
        head[f"slots.{atlas}.weight"] = torch.randn(slots * 16, 48) / 7
        head[f"slots.{atlas}.bias"] = torch.randn(slots * 16) / 7
    save_file(head, folder / "glyph_head.safetensors")
    facts = {
        "characters": [f"{ord(c):04X}" for c in characters],
        "atlases": {
            name: {"digest": bundled_atlas(name).digest, "slots": slots}
            for name, slots in ATLASES.items()
        },
        "dimension": 16,
    }
    (folder / "reader.json").write_text(json.dumps(facts), encoding="ascii")
    return model


@pytest.fixture(scope="session")
def stock_tower() -> Callable[..., Any]:
    """Makes stock vision towers with random weights."""
    return lambda **vision: tiny_model(**vision).model.visual
