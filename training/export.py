"""Checkpoints as the package bundles them, and back.

The folder is a stock Glm4v checkpoint (bfloat16, stock image processor, a fast tokenizer) with
three files more: `glyph_head.safetensors`, `reader.json` (what the head's classes and slots
mean), and `run.json` (where it came from).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import GenerationConfig, Glm4vForConditionalGeneration, Glm4vImageProcessorPil

from glyphagent.atlas import bundled_atlas
from glyphagent.errors import BackendError
from glyphagent.style import RENDERER_VERSION

from .model import HIDDEN, IMAGE_STD, MERGE, PATCH_PX, GlyphHead
from .tiles import ATLASES, slots_of
from .tokenizer import build_tokenizer

HEAD_FILE = "glyph_head.safetensors"
READER_FILE = "reader.json"
RUN_FILE = "run.json"
LARGEST_BYTES = 24 * 1024 * 1024
_PACKAGES = ("torch", "transformers", "tokenizers", "numpy", "glyphagent")


def export(
    model: Glm4vForConditionalGeneration, head: GlyphHead, folder: Path, run: Mapping[str, Any]
) -> None:
    """Write the checkpoint; the folder changes at once or not at all.

    Args:
        model: The whole model, of which the vision tower is trained.
        head: The trained glyph head.
        folder: Where the checkpoint will be.
        run: Figures of the run, kept in `run.json`.
    """
    partial = folder.with_name(f"{folder.name}.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    nn.Module.to(model, torch.bfloat16)
    model.save_pretrained(partial)
    _save_helpers(partial)
    tensors = {name: t.to(torch.bfloat16).contiguous() for name, t in head.state_dict().items()}
    save_file(tensors, partial / HEAD_FILE)
    _write(partial / READER_FILE, _reader_facts(head))
    _write(partial / RUN_FILE, {**run, "packages": {p: version(p) for p in _PACKAGES}})
    for path in partial.iterdir():
        path.chmod(0o644)
    size = sum(path.stat().st_size for path in partial.iterdir())
    assert size <= LARGEST_BYTES, f"a checkpoint of {size} bytes is too large to bundle"
    _swap(partial, folder)


def _save_helpers(folder: Path) -> None:
    """Tokenizer, stock image processor and generation settings."""
    tokenizer = build_tokenizer()
    tokenizer.save_pretrained(folder)
    generation: Any = GenerationConfig
    end = tokenizer.eos_token_id
    generation(eos_token_id=end, pad_token_id=end, do_sample=False).save_pretrained(folder)
    processor: Any = Glm4vImageProcessorPil
    processor(
        do_resize=False,
        image_mean=[1.0] * 3,
        image_std=[-IMAGE_STD] * 3,
        patch_size=PATCH_PX,
        merge_size=MERGE,
        temporal_patch_size=2,
    ).save_pretrained(folder)


def install(exported: Path, folder: Path) -> None:
    """Copy an exported checkpoint; the folder changes at once or not at all."""
    partial = folder.with_name(f"{folder.name}.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(exported, partial)
    _swap(partial, folder)


def _swap(partial: Path, folder: Path) -> None:
    retired = folder.with_name(f"{folder.name}.{os.getpid()}.retired")
    if folder.exists():
        folder.rename(retired)
    partial.rename(folder)
    shutil.rmtree(retired, ignore_errors=True)


def load_reader(folder: Path) -> tuple[Glm4vForConditionalGeneration, GlyphHead]:
    """Model and glyph head of an exported checkpoint, in float32, ready to read.

    Raises:
        BackendError: If the folder holds none, or its head was trained on other atlases.
    """
    try:
        facts = json.loads((folder / READER_FILE).read_text("utf-8"))
        tensors = load_file(folder / HEAD_FILE)
        model = Glm4vForConditionalGeneration.from_pretrained(folder, dtype=torch.float32)
    except (OSError, ValueError) as error:
        raise BackendError(f"no reader in {folder}: {error}") from error
    for name, atlas in facts["atlases"].items():
        if bundled_atlas(name).digest != atlas["digest"]:
            raise BackendError(f"the reader in {folder} was trained on another atlas {name!r}")
    head = GlyphHead(
        HIDDEN,
        len(facts["characters"]),
        facts["dimension"],
        {name: atlas["slots"] for name, atlas in facts["atlases"].items()},
    )
    head.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    return model.requires_grad_(False), head.requires_grad_(False)


def bundled_folder() -> Path:
    """Where the package keeps its checkpoint."""
    import glyphagent

    return Path(glyphagent.__file__).parent / "weights" / "nano"


def source_revision() -> str:
    """Git revision of this code, `-dirty` if the programs here differ from it, or `unknown`."""
    revision = _git("rev-parse", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".")
    return f"{revision}-dirty" if revision and changed else revision or "unknown"


def _git(*arguments: str) -> str:
    where = Path(__file__).resolve().parent
    command = ["git", "-c", "core.fsmonitor=false", *arguments]
    try:
        found = subprocess.run(command, cwd=where, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return found.stdout.strip()


def _reader_facts(head: GlyphHead) -> dict[str, Any]:
    first = bundled_atlas(ATLASES[0])
    return {
        "characters": [f"{ord(c):04X}" for c in first.characters],
        "atlases": {
            name: {"digest": atlas.digest, "slots": slots_of(atlas)}
            for name in ATLASES
            if (atlas := bundled_atlas(name))
        },
        "dimension": head.dimension,
        "renderer_version": RENDERER_VERSION,
    }


def _write(path: Path, facts: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(facts, indent=1, ensure_ascii=True) + "\n", encoding="ascii")
