"""Tiles of rendered pages, kept beside the checkpoint so that a resumed run draws the same ones."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from glyphagent.atlas import bundled_atlas
from glyphagent.plugins import load
from glyphagent.style import PRESETS, RENDERER_VERSION, Style

from .corpus import Corpus, build_corpus, installed_projects
from .tiles import ATLASES, Tiles, tiles_of

POOLS_FILE = "tiles.npz"
CORPUS_FILE = "corpus.json"
_LINES_EVERY = 3  # every third document is laid out in lines, the others flow


@dataclass(frozen=True, eq=False)
class Pools:
    """Tiles to train on and the manifest of the text that they show."""

    tiles: Mapping[str, Tiles]
    manifest: Mapping[str, Any]


def prepare_pools(folder: Path, *, characters: int = 8_000_000, renew: bool = False) -> Pools:
    """Tiles from `folder`, or rendered from the installed projects and kept there.

    Tiles are made anew when the atlases or the renderer are not those that made them.
    """
    made_with = _made_with()
    manifest_file = folder / CORPUS_FILE
    if not renew and manifest_file.exists() and (folder / POOLS_FILE).exists():
        manifest = json.loads(manifest_file.read_text("utf-8"))
        if manifest["made_with"] == made_with:
            return Pools(_read(folder / POOLS_FILE), manifest)
    corpus = build_corpus(installed_projects(), characters=characters)
    manifest = {**corpus.manifest(), "made_with": made_with}
    tiles = {style.atlas: _tiles(corpus, style) for style in _styles()}
    folder.mkdir(parents=True, exist_ok=True)
    _save(folder / POOLS_FILE, tiles)
    partial = manifest_file.with_suffix(f".{os.getpid()}.partial")
    partial.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    partial.replace(manifest_file)
    return Pools(tiles, manifest)


def _styles() -> list[Style]:
    return [style for style in PRESETS.values() if style.atlas in ATLASES]


def _tiles(corpus: Corpus, style: Style) -> Tiles:
    """Tiles of all documents, each in one layout, which both atlases choose alike."""
    renderer = load("renderers", "code")()
    parts = []
    for layout in ("flow", "lines"):
        chosen = [
            document
            for document in corpus.documents
            if (int(document.digest, 16) % _LINES_EVERY == 0) == (layout == "lines")
        ]
        parts.append(tiles_of(renderer.render(chosen, replace(style, layout=layout)), style.atlas))
    return Tiles(
        style.atlas,
        np.concatenate([part.codes for part in parts]),
        np.concatenate([part.inks for part in parts]),
    )


def _made_with() -> str:
    digest = hashlib.blake2b(str(RENDERER_VERSION).encode(), digest_size=16)
    for name in ATLASES:
        digest.update(bundled_atlas(name).digest.encode())
    return digest.hexdigest()


def _save(path: Path, tiles: Mapping[str, Tiles]) -> None:
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    arrays: dict[str, Any] = {f"{name} codes": pool.codes for name, pool in tiles.items()}
    arrays |= {f"{name} inks": pool.inks for name, pool in tiles.items()}
    with partial.open("wb") as stream:
        np.savez_compressed(stream, **arrays)
    partial.replace(path)


def _read(path: Path) -> dict[str, Tiles]:
    with np.load(path, allow_pickle=False) as arrays:
        return {n: Tiles(n, arrays[f"{n} codes"], arrays[f"{n} inks"]) for n in ATLASES}
