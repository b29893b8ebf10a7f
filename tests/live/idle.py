"""What watching costs while nothing happens: processor time and memory.

    python -m tests.live.idle [--files 5000] [--seconds 60]

The measured minute begins at rest and holds one look at everything, as any minute does; a build
that writes into an ignored folder is measured apart.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from glyphagent.session import Session
from tests.live.measuring import cpu_seconds, facts, footprint, write_result
from tests.live.repositories import make_repository

_LARGEST_FILE = 8000
_STORM = 2000


def idle(folder: Path, files: int, seconds: float, storm: int = _STORM) -> dict[str, Any]:
    """Watch for a while; gives what that cost.

    Args:
        folder: An empty folder.
        files: Files of the repository.
        seconds: How long nothing happens.
        storm: Files that are then written into an ignored folder.
    """
    root = folder / "repository"
    root.mkdir()
    (root / ".gitignore").write_text("/ignored-output/\n", encoding="ascii")
    make_repository(root, files, _LARGEST_FILE)
    os.environ["GLYPHAGENT_CACHE_DIR"] = str(folder / "cache")
    started = time.monotonic()
    used = cpu_seconds()
    session = Session.open(root)
    opening = cpu_seconds() - used
    with session.watch() as changes:
        time.sleep(min(3.0, seconds))
        before, begun = changes.refreshes, time.monotonic()
        used = cpu_seconds()
        time.sleep(seconds)
        # Reading what was used is not watching.
        used, wall = cpu_seconds() - used, time.monotonic() - begun
        looks = changes.refreshes - before
        held = footprint(started)
        (root / "ignored-output").mkdir()
        time.sleep(min(1.5, seconds))
        before, ours = changes.refreshes, time.thread_time()
        storming = cpu_seconds()
        for number in range(storm):
            (root / "ignored-output" / f"{number}.o").write_bytes(b"o")
        writing = time.thread_time() - ours  # the watching is other threads'
        time.sleep(min(1.5, seconds))
        storming = cpu_seconds() - storming - writing
        stormed = changes.refreshes - before
        status = changes.status
        # Silence counts only of a watching that speaks.
        (root / "awake.py").write_text("AWAKE = 1\n", encoding="ascii")
        awake = changes.wait(60)
    return {
        **facts(),
        "files": files,
        "pages": len(session.pages),
        "watched_by": status.kind,
        "watched_folders": status.folders,
        "opening_cpu_seconds": round(opening, 1),
        "idle_seconds": round(wall, 1),
        "idle_cpu_seconds": round(used, 3),
        "idle_cpu_percent": round(used / wall * 100, 3),
        "looks_at_everything": looks,
        "resident_mib": held.own_mib,
        "threads": held.threads,
        "descriptors": held.descriptors,
        "told_of_an_edit_afterwards": awake is not None and "awake.py" in awake.added,
        "ignored_writes": storm,
        "ignored_writes_refreshes": stormed,
        "ignored_writes_cpu_seconds": round(max(storming, 0.0), 3),
    }


def main() -> int:
    """Idle, and keep the result."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = idle(Path(folder), given.files, given.seconds)
    write_result("idle", result, given.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
