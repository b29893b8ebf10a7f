"""Where the time of `render` goes, on about 4 MB of the standard library; run by `make bench`.

Ratios between stages and to a named baseline (writing the same pages with Pillow) mean something;
absolute seconds belong to the machine they were measured on.
"""

from __future__ import annotations

import io
import json
import os
import platform
import resource
import statistics
import sys
import sysconfig
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from glyphagent.raster import palette_pixels, png_bytes, rgb_pixels
from glyphagent.session import Session
from glyphagent.sources import Source

RESULTS = Path(__file__).parent / "results"
_ROUNDS = 3
_BYTES = 4_200_000


def _library() -> Source:
    """The first 4.2 MB of the standard library's top-level modules and small packages."""
    root = Path(sysconfig.get_path("stdlib"))
    chosen, total = [], 0
    for file in sorted(root.glob("*.py")) + sorted(root.glob("[a-l]*/*.py")):
        size = file.stat().st_size
        if "test" in file.relative_to(root).parts[0] or total + size > _BYTES:
            continue
        total += size
        chosen.append(file.relative_to(root).as_posix())
    return Source.from_files(root, chosen)


def _cpu_seconds() -> float:
    """CPU time of this process and of the workers that it has waited for."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


@pytest.mark.bench
@pytest.mark.timeout(1800)
def test_render_stages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = _library()
    runs = []
    for number in range(_ROUNDS):
        # Each round with a store of its own: a page that was drawn before costs nothing.
        monkeypatch.setenv("GLYPHAGENT_CACHE_DIR", str(tmp_path / f"cache{number}"))
        before = _cpu_seconds()
        session = Session.open(source)
        session.save(tmp_path / str(number))
        runs.append({**session.seconds, "cpu": _cpu_seconds() - before})
    estimate = session.estimate()
    ours, pillow = [], []
    for page in session.pages[:100]:  # interleaved, page by page
        start = time.process_time()
        png_bytes(page)
        ours.append(time.process_time() - start)
        start = time.process_time()
        Image.fromarray(rgb_pixels(page)).save(io.BytesIO(), "PNG")
        pillow.append(time.process_time() - start)
        assert palette_pixels(page).any()
    facts: dict[str, Any] = {
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "cores": len(os.sched_getaffinity(0)),
        "files": len(session.documents),
        "bytes": sum(len(document.data) for document in session.documents),
        "pages": len(session.pages),
        "text_tokens": estimate.text_tokens,
        "visual_tokens": estimate.visual_tokens,
        "compression_ratio": round(estimate.compression_ratio, 3),
        "seconds": {
            stage: round(statistics.median(run[stage] for run in runs), 3) for stage in runs[0]
        },
        "png_speed_over_pillow_rgb": round(statistics.median(pillow) / statistics.median(ours), 1),
        "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(facts, indent=1) + "\n"
    (RESULTS / "render_stages.json").write_text(text, encoding="ascii")
    sys.stderr.write(text)
    assert facts["pages"] > 500
