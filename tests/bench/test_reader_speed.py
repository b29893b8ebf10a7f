"""The embedded reader against the stock transformers classes on the same pages; `make bench`.

Both go from RGB pixels to character codes on one thread, page by page in turn; CPU time.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glyphagent.plugins import load
from glyphagent.raster import rgb_pixels
from glyphagent.session import Session
from glyphagent.sources import Source, SourceOptions

RESULTS = Path(__file__).parent / "results"
_PAGES = 9


@pytest.mark.bench
@pytest.mark.timeout(900)
@pytest.mark.parametrize("preset", ["grid", "grid-dense"])
def test_reader_speed(preset: str) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import load_file
    from transformers import Glm4vForConditionalGeneration
    from transformers.models.glm4v.image_processing_pil_glm4v import Glm4vImageProcessorPil

    spec = find_spec("rich")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent
    source = Source.open(folder, None, SourceOptions(include=("*.py",)))
    pages = [p for p in Session.open(source, preset=preset).pages if p.height_px >= 700][:_PAGES]
    weights = find_spec("glyphagent")
    assert weights is not None
    assert weights.submodule_search_locations
    nano = Path(next(iter(weights.submodule_search_locations))) / "weights" / "nano"
    model: Any = Glm4vForConditionalGeneration.from_pretrained(nano, dtype=torch.float32)
    model.eval()
    processor: Any = Glm4vImageProcessorPil.from_pretrained(nano)
    head = {k: v.float() for k, v in load_file(nano / "glyph_head.safetensors").items()}
    reader = load("backends", "local")()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    ours, stock, wrong = [], [], 0
    try:
        for page in pages:
            pixels = rgb_pixels(page)
            start = time.process_time()
            (seen,) = reader.read([pixels])
            ours.append(time.process_time() - start)
            start = time.process_time()
            with torch.inference_mode():
                inputs = processor(pixels, return_tensors="pt")
                tokens = model.model.visual(
                    inputs["pixel_values"], inputs["image_grid_thw"]
                ).pooler_output
                tokens = tokens[0] if isinstance(tokens, (list, tuple)) else tokens
                slots = head[f"slots.{page.atlas}.weight"]
                inner = torch.nn.functional.gelu(
                    tokens @ slots.T + head[f"slots.{page.atlas}.bias"]
                ).view(len(tokens), -1, head["classes.weight"].shape[1])
                codes = (inner @ head["classes.weight"].T + head["classes.bias"]).argmax(-1)
            stock.append(time.process_time() - start)
            assert codes.numel() == page.codes.size
            wrong += int(np.count_nonzero(seen.codes != page.codes))
    finally:
        torch.set_num_threads(threads)
    facts = {
        "date": datetime.now(UTC).date().isoformat(),
        "torch": version("torch"),
        "transformers": version("transformers"),
        "preset": preset,
        "pages": len(pages),
        "ours_ms": round(1000 * statistics.median(ours), 1),
        "stock_ms": round(1000 * statistics.median(stock), 1),
        "ratio": round(statistics.median(stock) / statistics.median(ours), 1),
        "cells_misread": wrong,
    }
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(facts, indent=1) + "\n"
    (RESULTS / f"reader_{preset}.json").write_text(text, encoding="ascii")
    sys.stderr.write(text)
    assert not wrong
