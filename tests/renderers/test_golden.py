"""Golden pages: the drawing of a fixed sample, exact in pixels and source map.

A page is a pure function of text and style, so any difference is a change of the renderer: it
must be wanted, and told by a new `RENDERER_VERSION`. To draw the golden pages anew:

    GLYPHAGENT_WRITE_GOLDEN=1 python -m pytest tests/renderers/test_golden.py
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from glyphagent.document import Document
from glyphagent.page import Page
from glyphagent.raster import decode_png, png_bytes, rgb_pixels
from glyphagent.renderers.highlight import Highlighter
from glyphagent.renderers.syntax import CodeRenderer
from glyphagent.style import LAYOUTS, preset

GOLDEN = Path(__file__).parent / "golden"
WRITE = "GLYPHAGENT_WRITE_GOLDEN" in os.environ
SAMPLE = [
    Document("pkg/a.py", 'def f(x: int = 0) -> str:\n    """Twice."""\n    return f"{x * 2} é"\n'),
    Document("pkg/b.sh", "if true; then\n\techo 'a\u202eb' \r\nfi"),
    Document("pkg/empty", ""),
]
CASES = [
    pytest.param(layout, name, theme, id=f"{layout}-{name}-{theme}")
    for layout in LAYOUTS
    for name, theme in (("grid", "light"), ("grid-dense", "dark"))
]


def render(layout: str, name: str, theme: str) -> list[Page]:
    style = preset(name).with_changes(layout=layout, theme=theme, width_px=168, height_px=112)
    return list(CodeRenderer(Highlighter(workers=0)).render(SAMPLE, style))


def facts(page: Page) -> dict[str, object]:
    source_map = page.source_map
    return {
        "digest": page.digest,
        "documents": [document.path for document in source_map.documents],
        "spans": source_map.spans.tolist(),
    }


def write(stem: Path, page: Page) -> None:
    GOLDEN.mkdir(exist_ok=True)
    stem.with_suffix(".png").write_bytes(png_bytes(page))
    data = json.dumps(facts(page), separators=(",", ":")).replace("],[", "],\n[")
    stem.with_suffix(".json").write_text(data + "\n", encoding="utf-8")


def picture_of_difference(wanted: np.ndarray, drawn: np.ndarray) -> Image.Image:
    """Both pictures, and in red where they differ."""
    height = max(wanted.shape[0], drawn.shape[0])
    padded = [np.pad(p, ((0, height - len(p)), (0, 0), (0, 0))) for p in (wanted, drawn)]
    differs = (padded[0] != padded[1]).any(axis=2, keepdims=True)
    red = np.where(differs, np.array([255, 0, 0], np.uint8), np.uint8(255))
    return Image.fromarray(np.concatenate([*padded, red], axis=1))


@pytest.mark.parametrize(("layout", "name", "theme"), CASES)
def test_pages_are_the_golden_ones(layout: str, name: str, theme: str, tmp_path: Path) -> None:
    pages = render(layout, name, theme)
    stems = [GOLDEN / f"{layout}-{name}-{number}" for number in range(len(pages))]
    if WRITE:
        for old in GOLDEN.glob(f"{layout}-{name}-[0-9]*"):
            old.unlink()
        for stem, page in zip(stems, pages, strict=True):
            write(stem, page)
    kept = sorted(GOLDEN.glob(f"{layout}-{name}-[0-9]*.png"))
    assert kept == [stem.with_suffix(".png") for stem in stems]
    for stem, page in zip(stems, pages, strict=True):
        wanted = decode_png(stem.with_suffix(".png").read_bytes())
        drawn = rgb_pixels(page)
        if not np.array_equal(wanted, drawn):
            picture = tmp_path / f"{stem.name}.png"
            picture_of_difference(wanted, drawn).save(picture)
            pytest.fail(f"{stem.name} is drawn differently: wanted, drawn and both in {picture}")
        assert json.loads(stem.with_suffix(".json").read_text(encoding="utf-8")) == facts(page)


def test_a_difference_is_shown_in_red() -> None:
    wanted = np.full((28, 168, 3), 255, np.uint8)
    drawn = np.full((56, 168, 3), 255, np.uint8)
    drawn[3, 5] = 0
    shown = np.asarray(picture_of_difference(wanted, drawn))
    assert shown.shape == (56, 3 * 168, 3)
    assert shown[3, 2 * 168 + 5].tolist() == [255, 0, 0]
    assert shown[4, 2 * 168 + 5].tolist() == [255, 255, 255]
