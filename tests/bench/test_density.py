"""How many text tokens stand on a visual token, by preset and layout; run by `make bench`.

Nothing here depends on the machine: the same versions give the same figures.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest

from glyphagent.session import Session
from glyphagent.sources import Source, SourceOptions
from glyphagent.style import PRESETS

RESULTS = Path(__file__).parent / "results"
PROJECTS = ("httpx", "jinja2", "requests", "rich")  # none of them tuned on


@pytest.mark.bench
@pytest.mark.timeout(600)
def test_density() -> None:
    rows = []
    for name in PROJECTS:
        spec = find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        folder = Path(spec.origin).parent
        source = Source.open(folder, None, SourceOptions(include=("*.py",)))
        for preset in PRESETS:
            for layout in ("flow", "lines"):
                session = Session.open(source, preset=preset, layout=layout)
                estimate = session.estimate()
                rows.append(
                    {
                        "project": f"{name} {version(name)}",
                        "preset": preset,
                        "layout": layout,
                        "pages": estimate.pages,
                        "text_tokens": estimate.text_tokens,
                        "visual_tokens": estimate.visual_tokens,
                        "ratio": round(estimate.compression_ratio, 2),
                    }
                )
                sys.stderr.write(f"{json.dumps(rows[-1])}\n")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "density.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="ascii")
    assert all(row["ratio"] > 0 for row in rows)  # type: ignore[operator]
