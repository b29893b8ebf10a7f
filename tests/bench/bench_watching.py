"""CPU seconds that a watcher costs: idle, in a checkout, and while an ignored folder is built in.

    python tests/bench/bench_watching.py [--idle-s 100] [--output tests/bench/results/watching.json]

A scratch repository of 5,000 files in 550 folders. What counts is user and system time of this
process and of the git commands that the watcher runs, after the disturbance itself has ended.
watchdog's polling observer is measured on the same folder, for comparison.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from watchdog.events import FileSystemEventHandler
from watchdog.observers.polling import PollingObserver

from glyphagent.watching import Dirty, Watcher

FILES, CHANGED = 5_000, 500


def cpu_s() -> float:
    """Of this process and the children that it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def git(root: Path, *arguments: str) -> None:
    """Run git there."""
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True)


def made(root: Path) -> None:
    """A repository with two branches that differ in 500 files."""
    files = [root / f"part{n % 50}/sub{n % 500}/file{n}.py" for n in range(FILES)]
    for number, file in enumerate(files):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"value = {number}\n", encoding="ascii")
    (root / ".gitignore").write_text("node_modules/\n*.log\n", encoding="ascii")
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    git(root, "checkout", "-qb", "side")
    for file in files[:CHANGED]:
        file.write_text("value = None\n", encoding="ascii")
    git(root, "commit", "-qam", "second")
    git(root, "checkout", "-q", "main")


def told(watcher: Watcher) -> list[Dirty]:
    """All that is told until nothing more is."""
    found = []
    while (dirty := watcher.wait(2)) is not None:
        found.append(dirty)
    return found


def main() -> int:
    """Measure, and print what was measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--idle-s", type=float, default=100)
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    rows: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "repository"
        root.mkdir()
        made(root)
        before = cpu_s()
        with Watcher(root) as watcher:
            rows["start"] = {"cpu_s": cpu_s() - before, "watches": watcher.status.folders}
            before = cpu_s()
            idle = [watcher.wait(given.idle_s / 4) for _ in range(4)]
            rows["idle"] = {
                "cpu_percent": 100 * (cpu_s() - before) / given.idle_s,
                "told": [dirty.why for dirty in idle if dirty is not None],
            }
            git(root, "checkout", "-q", "side")
            before = cpu_s()
            found = told(watcher)
            rows["checkout_of_500_files"] = {
                "cpu_s": cpu_s() - before,
                "told": [dirty.why for dirty in found],
                "events": sum(dirty.events for dirty in found),
            }
            for number in range(10_000):
                file = root / f"node_modules/part{number % 500}/{number}.js"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text("", encoding="ascii")
            before = cpu_s()
            found = told(watcher)
            rows["10000_files_in_an_ignored_folder"] = {
                "cpu_s": cpu_s() - before,
                "told": [dirty.why for dirty in found],
            }
        observer = PollingObserver(timeout=3)
        observer.schedule(FileSystemEventHandler(), str(root), recursive=True)
        observer.start()
        before = cpu_s()
        time.sleep(30)
        rows["polling_observer_of_watchdog"] = {"cpu_percent": 100 * (cpu_s() - before) / 30}
        observer.stop()
        observer.join()
    facts = {
        "date": date.today().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} CPU, {platform.system()}",
        "versions": {
            "python": platform.python_version(),
            "git": subprocess.check_output(["git", "version"], text=True).split()[-1],
            "watchdog": version("watchdog"),
        },
        "files": FILES,
        "idle_s": given.idle_s,
        "rows": json.loads(json.dumps(rows), parse_float=lambda text: round(float(text), 4)),
    }
    text = json.dumps(facts, indent=1) + "\n"
    if given.output:
        given.output.write_text(text, encoding="ascii")
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
