"""How well `nano` reads pages of projects that training never saw, and whether it knows when not.

Pages come through the installed renderer and are read from their pixels; their cell grids are
the answer. A cell without ink is a space, for the embedded backend and here. An error is a cell
whose class is wrong; the share is of the cells that show something, spaces apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from glyphagent import marks
from glyphagent.atlas import Atlas, bundled_atlas
from glyphagent.document import Document
from glyphagent.page import Page
from glyphagent.plugins import load
from glyphagent.raster import rgb_pixels
from glyphagent.style import LAYOUTS, PRESETS, Style

from .corpus import Project, installed_projects
from .export import load_reader
from .model import IMAGE_STD, PATCH_PX, TILE_FLOATS, TILE_PX, GlyphHead, is_local, tile_tokens
from .tiles import Sampler, Tiles, cut, slots_of

HELD_OUT = ("httpx", "jinja2", "pydantic", "requests", "rich", "sympy", "urllib3")
_THRESHOLDS = (0.5, 0.9, 0.99, 0.999)
_BATCH = 1024
_FOREIGN_PAGES = 4


def evaluation_styles() -> dict[str, Style]:
    """Every preset in both layouts, and once in the dark, under the names that the card uses."""
    found = {}
    for name, style in PRESETS.items():
        for layout in LAYOUTS:
            found[f"{name} {layout}"] = replace(style, layout=layout)
        found[f"{name} flow dark"] = replace(style, theme="dark")
    return found


def sample_documents(projects: Sequence[Project], characters: int) -> list[Document]:
    """Documents of these projects in the order of their hash, alike many characters of each."""
    found: list[Document] = []
    for project in projects:
        room = characters // len(projects)
        for path in sorted(project.paths, key=lambda path: _order(project, path)):
            document = project.document(path)
            if document and len(document.text) <= room:
                found.append(document)
                room -= len(document.text)
    return sorted(found, key=lambda document: document.path)


def _order(project: Project, path: str) -> bytes:
    return hashlib.blake2b(f"{project.name}/{path}".encode(), digest_size=8).digest()


@dataclass(frozen=True, eq=False)
class Reading:
    """What was read on some pages beside what stands there, one entry a cell."""

    truth: npt.NDArray[np.uint16]
    codes: npt.NDArray[np.uint16]
    confidence: npt.NDArray[np.float32]


def patches_of(
    image: npt.NDArray[np.uint8], paper: tuple[int, int, int] = (255, 255, 255)
) -> Tensor:
    """Input of the tower for a page image, tile by tile: distance from the paper's colour.

    Shapes:
        image: uint8 [height, width, 3]
        returned: float32 [tiles, 4, 588]
    """
    rows, columns = image.shape[0] // TILE_PX, image.shape[1] // TILE_PX
    away = torch.from_numpy(image).float() - torch.tensor(paper, dtype=torch.float32)
    values = (away.abs() / 255 / IMAGE_STD).view(rows, 2, PATCH_PX, columns, 2, PATCH_PX, 3)
    return values.permute(0, 3, 1, 4, 6, 2, 5).reshape(rows * columns, 4, TILE_FLOATS)


@torch.inference_mode()
def read_tiles(
    visual: Any, head: GlyphHead, patches: Tensor, atlas_name: str
) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.float32]]:
    """Codes of tiles and how sure the reader is of each.

    What the atlas cannot draw is never read, and a cell without ink is a space.

    Shapes:
        patches: float32 [n, 4, 588]
        returned: uint16 and float32 [n, slots]
    """
    drawable = torch.from_numpy(bundled_atlas(atlas_name).drawable)
    codes, confidence = [], []
    for part in torch.split(patches, _BATCH):
        logits = head(tile_tokens(visual, part)[0], atlas_name)
        best = logits.float().masked_fill(~drawable, -torch.inf).softmax(-1).max(-1)
        codes.append(best.indices)
        confidence.append(best.values)
    inked = _inked(patches, bundled_atlas(atlas_name)).numpy()
    read = np.where(inked, torch.cat(codes).numpy(), 0).astype(np.uint16)
    return read, np.where(inked, torch.cat(confidence).numpy(), 1).astype(np.float32)


def _inked(patches: Tensor, atlas: Atlas) -> Tensor:
    """Whether each cell of each tile shows anything; bool [n, slots]."""
    rows, columns = PATCH_PX // atlas.cell_height, PATCH_PX // atlas.cell_width
    shape = (2, 2, 3, rows, atlas.cell_height, columns, atlas.cell_width)
    cells = (patches.view(-1, *shape) != 0).any(7).any(5).any(3)
    return cells.permute(0, 1, 3, 2, 4).flatten(1)


def read_pages(visual: Any, head: GlyphHead, pages: Sequence[Page]) -> Reading:
    """Read these pages of one style from their pixels."""
    atlas = pages[0].glyphs
    truth = np.concatenate([cut(page.codes, atlas) for page in pages])
    patches = torch.cat([patches_of(rgb_pixels(page), page.palette[0]) for page in pages])
    codes, confidence = read_tiles(visual, head, patches, atlas.name)
    return Reading(truth.ravel().astype(np.uint16), codes.ravel(), confidence.ravel())


@torch.inference_mode()
def foreign_confidence(visual: Any, head: GlyphHead, pages: Sequence[Page]) -> dict[str, float]:
    """Mean confidence over inked cells of these pages, and of pages that should not be read.

    The latter are the same pages read as another atlas, moved off the grid, and at other scales.
    """
    atlas = pages[0].glyphs.name
    images = [rgb_pixels(page) for page in pages]

    def mean(name: str, change: Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.uint8]]) -> float:
        patches = torch.cat([patches_of(change(image)) for image in images])
        _, confidence = read_tiles(visual, head, patches, name)
        return float(confidence[_inked(patches, bundled_atlas(name)).numpy()].mean())

    found = {"as rendered": mean(atlas, lambda image: image)}
    for other in sorted(set(head.slots) - {atlas}):
        found[f"read as {other}"] = mean(other, lambda image: image)
    found["moved by (3, 5)"] = mean(atlas, lambda image: np.roll(image, (5, 3), (0, 1)))
    for percent in (80, 125):
        found[f"scaled to {percent} %"] = mean(atlas, partial(_scaled, percent=percent))
    return found


def _scaled(image: npt.NDArray[np.uint8], percent: int) -> npt.NDArray[np.uint8]:
    height, width = (side * percent // 100 // TILE_PX * TILE_PX for side in image.shape[:2])
    picture = Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC)
    return np.array(picture, np.uint8)


def figures_of(reading: Reading, characters: str) -> dict[str, Any]:
    """Error share, calibration and commonest confusions of a reading."""
    wrong = reading.truth != reading.codes
    shown = reading.truth != 0
    errors = int(wrong.sum())
    confusions: dict[tuple[int, int], int] = {}
    for pair in zip(reading.truth[wrong].tolist(), reading.codes[wrong].tolist(), strict=True):
        confusions[pair] = confusions.get(pair, 0) + 1
    commonest = sorted(confusions.items(), key=lambda item: -item[1])[:10]
    marked = {
        str(t): {
            "errors_below": float((reading.confidence[wrong] < t).mean()) if errors else None,
            "right_below": float((reading.confidence[~wrong & shown] < t).mean()),
        }
        for t in _THRESHOLDS
    }
    return {
        "cells": int(shown.sum()),
        "errors": errors,
        "errors_on_space": int((wrong & ~shown).sum()),
        "error_share": errors / max(int(shown.sum()), 1),
        "auroc": _auroc(reading.confidence, wrong),
        "confidence": marked,
        "silent_errors": int((wrong & (reading.confidence >= 0.99)).sum()),
        "confusions": [
            [_name(characters[true]), _name(characters[read]), count]
            for (true, read), count in commonest
        ],
    }


def _name(character: str) -> str:
    return f"mark {ord(character):04X}" if character in marks.ALL else character


def _auroc(confidence: npt.NDArray[np.float32], wrong: npt.NDArray[np.bool_]) -> float | None:
    """Chance that a wrong cell has less confidence than a right one, ties counted half."""
    bad, good = np.sort(confidence[wrong]), confidence[~wrong]
    if not len(bad) or not len(good):
        return None
    above = len(bad) * len(good) - np.searchsorted(bad, good, "right").sum(dtype=np.int64)
    below = np.searchsorted(bad, good, "left").sum(dtype=np.int64)
    ties = len(bad) * len(good) - above - below
    return float((below + ties / 2) / (len(bad) * len(good)))


def random_reading(visual: Any, head: GlyphHead, atlas_name: str, tiles: int = 3000) -> Reading:
    """Read tiles of random characters, all alike often, in every colour that training used."""
    shape = (0, slots_of(bundled_atlas(atlas_name)))
    empty = Tiles(atlas_name, np.zeros(shape, np.uint16), np.zeros(shape, np.uint8))
    patches, truth = Sampler({atlas_name: empty}, seed=1).draw(atlas_name, tiles)
    codes, confidence = read_tiles(visual, head, patches, atlas_name)
    return Reading(truth.numpy().astype(np.uint16).ravel(), codes.ravel(), confidence.ravel())


def evaluate(
    checkpoint: Path,
    projects: Sequence[str] = HELD_OUT,
    styles: Mapping[str, Style] | None = None,
    characters: int = 300_000,
) -> dict[str, Any]:
    """Figures of an exported checkpoint on pages of these projects, per style.

    Projects that are not installed are left out; the result names those that were read.
    """
    model, head = load_reader(checkpoint)
    visual = model.model.visual
    assert is_local(visual), "single tiles say nothing about a tower that looks around"
    wanted = {name.lower() for name in projects}
    found = [p for p in installed_projects() if p.name.lower() in wanted]
    documents = sample_documents(found, characters)
    renderer = load("renderers", "code")()
    results: dict[str, Any] = {}
    foreign: dict[str, dict[str, float]] = {}
    random: dict[str, Any] = {}
    for name, style in (styles or evaluation_styles()).items():
        pages = list(renderer.render(documents, style))
        reading = read_pages(visual, head, pages)
        results[name] = {
            "pages": len(pages),
            **figures_of(reading, bundled_atlas(style.atlas).characters),
        }
        if style.preset not in foreign:
            shown = random_reading(visual, head, style.atlas)
            characters_of = bundled_atlas(style.atlas).characters
            random[style.preset] = {"pages": 0, **figures_of(shown, characters_of)}
            foreign[style.preset] = foreign_confidence(visual, head, pages[:_FOREIGN_PAGES])
    return {
        "projects": {p.name: p.version for p in found},
        "documents": len(documents),
        "characters": sum(len(document.text) for document in documents),
        "styles": results,
        "random": random,
        "foreign": foreign,
    }
