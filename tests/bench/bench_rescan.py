"""CPU seconds of reading a repository anew, and again after one edit, whole and told where.

    python tests/bench/bench_rescan.py --rounds 20 [--output tests/bench/results/rescan.json]

A scratch repository of 5,000 files, all committed, is edited in one file before each reading.
`Source.read`, `Rescan.read()` and `Rescan.read(dirty)` take turns, so that a noisy machine is
noisy to all; what counts is user and system time of this process and of git, and the figures
are the median and the least of the rounds. Each outcome is checked against `Source.read`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from glyphagent.rescan import Rescan
from glyphagent.sources import Source, SourceSet

FILES, FOLDERS = 5_000, 500
IGNORED = "*.pyc\n__pycache__/\nbuild/\n*.log\n.venv/\ndist/\n*.egg-info\n"


def made(root: Path) -> list[Path]:
    """Files of a scratch repository, committed."""
    chance = random.Random(5)
    files = []
    for number in range(FILES):
        folder = root / f"part{number % 25:02d}" / f"sub{number % FOLDERS // 25:02d}"
        folder.mkdir(parents=True, exist_ok=True)
        text = "".join(
            f"def job_{each}_{chance.randrange(999)}(x, y):\n    return x * {each} + y\n\n"
            for each in range(chance.randrange(10, 80))
        )
        files.append(folder / f"module{number:04d}.py")
        files[-1].write_text(text, encoding="ascii")
    (root / ".gitignore").write_text(IGNORED, encoding="ascii")
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    for command in (("init", "-q"), ("add", "."), (*who, "commit", "-qm", "all")):
        subprocess.run(["git", *command], cwd=root, check=True)
    return files


def cpu() -> float:
    """User and system seconds of this process and of its ended children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def main() -> int:
    """Measure all three in turn, in a work tree and in a plain folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "repository"
        files = made(root)
        time.sleep(2.5)  # Until no file counts as just changed.
        for kind, source in (("git", Source.open(root)), ("plain", Source.from_folder(root))):
            rows.append({"kind": kind, **measured(source, files, given.rounds)})
            sys.stderr.write(f"{json.dumps(rows[-1])}\n")
    facts = {
        "date": date.today().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} CPU, {platform.system()}",
        "versions": {
            "python": platform.python_version(),
            "git": subprocess.check_output(["git", "version"], text=True).split()[-1],
        },
        "files": FILES,
        "folders": FOLDERS,
        "rounds": given.rounds,
        "rows": rows,
    }
    text = json.dumps(facts, indent=1) + "\n"
    if given.output:
        given.output.write_text(text, encoding="ascii")
    sys.stdout.write(text)
    return 0


def measured(source: Source, files: list[Path], rounds: int) -> dict[str, Any]:
    """CPU milliseconds of each way to read, and what each looked at."""
    chance = random.Random(7)
    told, whole = Rescan(source), Rescan(source)
    for rescan in (told, whole):
        rescan.read()
    seconds: dict[str, list[float]] = {"source_read": [], "rescan": [], "rescan_dirty": []}
    counts: dict[str, list[int]] = {}
    for _ in range(rounds):
        file = chance.choice(files)
        with file.open("a", encoding="ascii") as appended:
            appended.write(f"# {chance.randrange(10**6)}\n")
        dirty = [file.parent.relative_to(source.root).as_posix()]
        ways: dict[str, Callable[[], SourceSet]] = {
            "source_read": source.read,
            "rescan": whole.read,
            "rescan_dirty": lambda dirty=dirty: told.read(dirty),  # type: ignore[misc]
        }
        found = {}
        for name, read in ways.items():
            before = cpu()
            found[name] = read()
            seconds[name].append(cpu() - before)
        if not found["source_read"] == found["rescan"] == found["rescan_dirty"]:
            raise SystemExit("a reading differs from a fresh one")
        for name, rescan in (("rescan", whole), ("rescan_dirty", told)):
            counts[name] = [rescan.looked_at, rescan.read_anew, rescan.kept]
    fresh = statistics.median(seconds["source_read"])
    return {
        "cpu_ms": {
            name: {
                "median": round(1000 * statistics.median(each), 1),
                "least": round(1000 * min(each), 1),
                "source_read_is_times": round(fresh / statistics.median(each), 1),
            }
            for name, each in seconds.items()
        },
        "looked_at_read_anew_kept": counts,
    }


if __name__ == "__main__":
    sys.exit(main())
