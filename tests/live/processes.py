"""Two watching processes and a reading one on one store and one folder that is being worked on.

    python -m tests.live.processes [--operations 3000] [--between 500] [--seed 1]

Two processes watch the folder, a third opens sessions over it, one after the other, as long as
the work goes on; all keep their pages in one store. No process may fail; whenever the work stops
both watching sessions must be what a fresh one is, and what the third is given by the store must
be what a drawing without store gives. In the end all have the same pages after `replan`. Files of
the store that hold the same bytes under two keys are counted.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from glyphagent.errors import GlyphError
from glyphagent.page_records import page_store
from glyphagent.session import Session
from tests.live.comparing import page_digests, unlike, unlike_drawing, unlike_text
from tests.live.measuring import ROOT, facts, without_powers, write_result
from tests.live.repositories import make_repository
from tests.live.soak import Rest, put_off_looking_at_everything

_FILES = 60
_LARGEST_FILE = 4000


def watch(root: Path) -> None:
    """Watch; for each marker on standard input say what was found once it was seen."""
    rest = Rest(root)
    with rest.session.watch() as changes:
        put_off_looking_at_everything(changes)
        print(json.dumps("watching"), flush=True)
        for line in sys.stdin:
            waited = rest.wait(json.loads(line))
            found = unlike(rest.session, root)
            told = {"settled_s": waited, "differences": found, "refreshes": changes.refreshes}
            print(json.dumps(told), flush=True)
    rest.session.replan()
    print(json.dumps(page_digests(rest.session.pages)), flush=True)


def read(root: Path) -> None:
    """Open sessions until the input ends; say what was wrong, and how many there were."""
    ended = threading.Event()

    def wait() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    opened, absent, stored = 0, 0, 0
    found: list[str] = []
    while not ended.is_set():
        try:
            session = Session.open(root)
        except GlyphError as error:
            # The root is away for a moment now and then.
            absent += 1
            if root.is_dir() and "cannot be" not in str(error) and "nothing at" not in str(error):
                found.append(str(error))
            continue
        opened += 1
        stored += session._drawing.pages_stored
        found += unlike_text(session.snapshot) + unlike_drawing(session.snapshot)
    told = {"opened": opened, "absent": absent, "pages_from_the_store": stored}
    print(json.dumps(told | {"differences": found}), flush=True)


def together(folder: Path, operations: int, between: int, seed: int) -> dict[str, Any]:
    """Work, watch twice, read; gives what came of it."""
    root = folder / "repository"
    root.mkdir()
    make_repository(root, _FILES, _LARGEST_FILE)
    os.environ["GLYPHAGENT_CACHE_DIR"] = str(folder / "cache")
    points: list[list[dict[str, Any]]] = []
    with ExitStack() as stack:

        def start(*words: str) -> subprocess.Popen[str]:
            command = [sys.executable, "-m", *words]
            pipe = subprocess.PIPE
            return stack.enter_context(
                subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT)
            )

        worker = start("tests.live.operations", str(root), "--seed", str(seed))
        watchers = [start("tests.live.processes", "--watch", str(root)) for _ in range(2)]
        reader = start("tests.live.processes", "--read", str(root))
        for watcher in watchers:
            assert json.loads(_line(watcher)) == "watching"
        for done in range(0, operations, between):
            _say(worker, str(min(between, operations - done)))
            marker = json.loads(_line(worker))["marker"]
            for watcher in watchers:
                _say(watcher, json.dumps(marker))
            points.append([json.loads(_line(watcher)) for watcher in watchers])
            print(json.dumps(points[-1]), file=sys.stderr)
        for each in (worker, *watchers, reader):
            assert each.stdin is not None
            each.stdin.close()
        ends = [json.loads(_line(watcher)) for watcher in watchers]
        readings = json.loads(_line(reader))
    codes = [each.returncode for each in (worker, *watchers, reader)]
    stored = page_store()
    contents: Counter[str] = Counter()
    torn = 0
    for path in stored.folder.glob("??/*"):
        data = stored.get(path.name) if not path.name.startswith(".") else None
        torn += data is None
        if data is not None:
            contents[hashlib.blake2b(data).hexdigest()] += 1
    os.environ["GLYPHAGENT_CACHE_DIR"] = str(folder / "another cache")
    fresh = page_digests(Session.open(root).pages)
    return {
        **facts(seed),
        "operations": operations,
        "processes_that_failed": sum(code != 0 for code in codes),
        "comparisons": sum(len(point) for point in points),
        "differences": sum(len(one["differences"]) for point in points for one in point),
        "never_settled": sum(one["settled_s"] < 0 for point in points for one in point),
        "all_end_equal": all(end == fresh for end in ends),
        "pages": len(fresh),
        "reader": readings | {"differences": len(readings["differences"])},
        "reader_differences": readings["differences"][:20],
        "files_in_the_store": contents.total(),
        "torn_files": torn,
        "files_with_the_same_bytes_as_another": contents.total() - len(contents),
        "points": points,
    }


def _say(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline() or "null"


def main() -> int:
    """Run all of them, and keep the result."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--operations", type=int, default=3000)
    parser.add_argument("--between", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--watch", type=Path, help="be one that watches this folder")
    parser.add_argument("--read", type=Path, help="be the one that reads this folder")
    given = parser.parse_args()
    if given.watch or given.read:
        watch(given.watch) if given.watch else read(given.read)
        return 0
    held = without_powers()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        result = together(Path(folder), given.operations, given.between, given.seed)
        subprocess.run(["chmod", "-R", "u+rwX", folder], check=True)
    write_result("processes", {**result, "permissions_hold": held}, given.output)
    return 1 if result["differences"] or result["processes_that_failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
