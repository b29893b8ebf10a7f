"""What a one-line edit costs until the session is fresh, against opening the session anew.

    python -m tests.live.refresh_work [--files 5000] [--rounds 3] [--edits 20]

Processor seconds with all processes that are started, in turns: a full opening of another copy of
the session with an empty store, then single-line edits of files taken at even distances, each
followed by `refresh()`; by a refresh of the edited file's folder alone; and by what a watching
session does of itself. `refresh()` looks at every file; a watcher says where to look.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from glyphagent.history import Changes
from glyphagent.session import Session
from tests.live.comparing import unlike
from tests.live.measuring import ROOT, facts, footprint, seconds_of, tree, write_result
from tests.live.repositories import make_repository

_LARGEST_FILE = 8000
_LONGEST_WAIT_S = 60.0
_OPENING = """
import sys
from tests.live.measuring import cpu_seconds
from glyphagent.plugins import load
load("renderers", "code")  # importing is not rendering
used = cpu_seconds()
from glyphagent.session import Session
session = Session.open(sys.argv[1])
print(cpu_seconds() - used, len(session.pages), session.seconds["total"])
"""


def opening(root: Path, cache: Path) -> tuple[float, float]:
    """Processor seconds and wall seconds of a full opening, in a fresh process."""
    environment = os.environ | {"GLYPHAGENT_CACHE_DIR": str(cache)}
    command = [sys.executable, "-c", _OPENING, str(root)]
    done = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    used, _, wall = done.stdout.split()
    return float(used), float(wall)


def edit(path: Path, chance: random.Random) -> None:
    """Put a line of text somewhere into a file."""
    lines = path.read_bytes().splitlines(keepends=True)
    place = chance.randrange(len(lines) + 1)
    lines.insert(place, b"edited = %d\n" % chance.randrange(10**6))
    path.write_bytes(b"".join(lines))


def facts_of(changes: Changes, used: float, wall: float) -> dict[str, Any]:
    """What an edit cost and changed."""
    return {
        "cpu_ms": round(used * 1000, 2),
        "wall_ms": round(wall * 1000, 1),
        "changed": len(changes.changed),
        "pages_new": changes.pages_new,
        "pages_kept": changes.pages_kept,
        "prefix_kept": changes.prefix_kept,
    }


def measured(folder: Path, files: int, rounds: int, edits: int, seed: int = 1) -> dict[str, Any]:
    """Open and edit in turns; gives the costs.

    Args:
        folder: An empty folder.
        files: Files of the repository.
        rounds: Full openings.
        edits: Edits of each kind in a round.
        seed: Chooses the lines.
    """
    root = folder / "repository"
    root.mkdir()
    paths = make_repository(root, files, _LARGEST_FILE)
    size = sum((root / path).stat().st_size for path in paths)
    chance = random.Random(seed)
    chance.shuffle(paths)
    os.environ["GLYPHAGENT_CACHE_DIR"] = str(folder / "cache")
    started = time.monotonic()
    session = Session.open(root)
    full: list[tuple[float, float]] = []
    costs: dict[str, list[dict[str, Any]]] = {"refresh": [], "refresh_folder": [], "watched": []}
    read = iter(path for path in paths if path in session.snapshot.by_path)
    for number in range(rounds):
        full.append(opening(root, folder / f"cache{number}"))
        for _ in range(edits):
            for kind in ("refresh", "refresh_folder"):
                path = next(read)
                edit(root / path, chance)
                begun, used = time.perf_counter(), _own_seconds()
                where = None if kind == "refresh" else [path.rpartition("/")[0]]
                changes = session.refresh(where)
                used = _own_seconds() - used
                costs[kind].append(facts_of(changes, used, time.perf_counter() - begun))
        with session.watch() as watch:
            time.sleep(1.0)
            for _ in range(edits):
                path = next(read)
                edit(root / path, chance)
                begun, used = time.perf_counter(), _own_seconds()
                heard = watch.wait(_LONGEST_WAIT_S)
                wall = time.perf_counter() - begun
                time.sleep(0.1)  # what it still does afterwards counts as well
                assert heard is not None
                costs["watched"].append(facts_of(heard, _own_seconds() - used, wall))
    held = footprint(started)
    differences = unlike(session, root)
    whole = median(used for used, _ in full)
    result: dict[str, Any] = {
        **facts(seed),
        "files": files,
        "bytes": size,
        "pages": len(session.pages),
        "differences": len(differences),
        "resident_mib": held.own_mib,
        "opening_cpu_seconds": round(whole, 2),
        "opening_wall_seconds": round(median(wall for _, wall in full), 2),
    }
    for kind, every in costs.items():
        used = median(each["cpu_ms"] for each in every)
        result |= {
            f"{kind}_cpu_ms_median": used,
            f"{kind}_cpu_ms_most": max(each["cpu_ms"] for each in every),
            f"{kind}_wall_ms_median": median(each["wall_ms"] for each in every),
            f"{kind}_times_less_work": round(whole * 1000 / used, 1),
            f"{kind}_at_most_two_pages": round(
                sum(each["pages_new"] <= 2 for each in every) / len(every), 3
            ),
        }
    return result | {"openings": full, "edits": costs}


def _own_seconds() -> float:
    """Processor time of this process, of what it started and has ended, and of what still runs."""
    own, ended = time.process_time(), resource.getrusage(resource.RUSAGE_CHILDREN)
    running = seconds_of(tree(os.getpid())[1:])
    return own + ended.ru_utime + ended.ru_stime + running


def main() -> int:
    """Measure, and keep the result."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--edits", type=int, default=15)
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = measured(Path(folder), given.files, given.rounds, given.edits)
    write_result("refresh_work", result, given.output)
    print(json.dumps({key: result[key] for key in result if "times_less" in key}))
    return 1 if result["differences"] else 0


if __name__ == "__main__":
    sys.exit(main())
