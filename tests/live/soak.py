"""Thousands of random operations in a git repository under the watcher: is the session ever wrong?

    python -m tests.live.soak [--operations 20000] [--seed 1] [--between 500] [--draw-every 4]

A process of its own works in the repository (`operations`) while a session watches it. Now and
then the work stops; once the watcher is at rest, without being asked to look, the session must be
what a fresh one is: documents, left-out paths, revision, text on the pages. `changes_since` the
time before must tell the way here, and what was pinned then must be as it was. With every
`draw-every`th comparison, and in the end, all pages are drawn anew by a renderer without memory;
and at last `replan` must give the pages of a fresh session, byte for byte. The watcher's regular
look at everything is put off for ever, so that a change that it does not hear of shows.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median
from typing import Any

from glyphagent.refreshing import Refreshing
from glyphagent.session import Session
from tests.live.comparing import page_digests, unlike, unlike_changes, unlike_text
from tests.live.file_work import MARKER
from tests.live.measuring import (
    ROOT,
    Footprint,
    cpu_seconds,
    facts,
    footprint,
    without_powers,
    write_result,
)
from tests.live.repositories import make_repository

_LARGEST_FILE = 4000
# At rest: the marker is seen, and no refresh begins for so long; much more than the quiet time.
_REST_S = 2.0
_LONGEST_WAIT_S = 120.0
_SAMPLED_EVERY_S = 0.25


class Rest:
    """Tells when a watching session has settled, without asking it to look.

    Attributes:
        session: The session.
    """

    def __init__(self, root: Path) -> None:
        """Open a session that notes when it begins to read."""
        self._last = 0.0
        self.session = Session.open(root, progress=self._note)

    def wait(self, marker: str) -> float:
        """Wait for it; gives how long that took, or -1 if it never settled.

        Args:
            marker: Text of the file that was written last.
        """
        start = time.monotonic()
        while time.monotonic() < start + _LONGEST_WAIT_S:
            document = self.session.snapshot.by_path.get(MARKER)
            last = max(self._last, start)
            quiet = time.monotonic() - last
            if document and document.text == marker and quiet > _REST_S and self._idle():
                return round(last - start, 2)
            time.sleep(0.05)
        return -1.0

    def _note(self, stage: str, done: int, total: int) -> None:
        if stage == "read":
            self._last = time.monotonic()

    def _idle(self) -> bool:
        """Whether no refresh is under way: the lock that each of them holds is free."""
        free = self.session._refreshing.acquire(blocking=False)
        if free:
            self.session._refreshing.release()
        return free


def put_off_looking_at_everything(changes: Refreshing) -> None:
    """Let nothing but events tell of changes, so that one that is missed stays missed."""
    watcher = changes._watcher
    assert watcher is not None
    watcher._periodic_s = watcher._next_everything = float("inf")


def soak(
    folder: Path,
    operations: int,
    between: int,
    seed: int,
    draw_every: int = 1,
    quiet_s: float = 0.4,
    files: int = 100,
    plain: bool = False,
    polling: bool | None = None,
) -> dict[str, Any]:
    """Work, watch and compare; gives the result.

    Args:
        folder: An empty folder, for the repository and the store.
        operations: How many in all.
        between: How many between two comparisons.
        seed: Seed of the operations.
        draw_every: All pages are drawn anew with every so many comparisons, and the last one.
        quiet_s: How long the watcher waits for quiet; the shorter, the more refreshes meet work.
        files: Files that the repository begins with.
        plain: Whether it is to be a plain folder instead.
        polling: As for `Session.watch`.
    """
    root = folder / "repository"
    root.mkdir()
    make_repository(root, files, _LARGEST_FILE)
    if plain:
        shutil.rmtree(root / ".git")
    os.environ["GLYPHAGENT_CACHE_DIR"] = str(folder / "cache")
    started = time.monotonic()
    rest = Rest(root)
    session = rest.session
    command = [sys.executable, "-m", "tests.live.operations", str(root), "--seed", str(seed)]
    pipe = subprocess.PIPE
    footprints: list[Footprint] = []
    points: list[dict[str, Any]] = []
    comparing, samples = 0.0, 0
    with (
        subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) as worker,
        session.watch(quiet_s=quiet_s, polling=polling) as changes,
    ):
        assert worker.stdin is not None
        assert worker.stdout is not None
        if not polling:
            put_off_looking_at_everything(changes)
        used = cpu_seconds(without=[worker.pid])
        told: dict[str, Any] = {}
        pinned, then = session.pinned(), session.snapshot
        pinned_pages = page_digests(then.pages)
        for start in range(0, operations, between):
            worker.stdin.write(f"{min(between, operations - start)}\n")
            worker.stdin.flush()
            torn: list[str] = []
            while not select.select([worker.stdout], [], [], _SAMPLED_EVERY_S)[0]:
                # Whatever is going on, what the session has belongs together.
                ours = time.thread_time()
                torn += [f"while working: {each}" for each in unlike_text(session.snapshot)]
                comparing += time.thread_time() - ours
                samples += 1
            told = json.loads(worker.stdout.readline())
            waited = rest.wait(told["marker"])
            footprints.append(footprint(started, without=[worker.pid]))
            last = start + between >= operations
            before = cpu_seconds(without=[worker.pid])
            shown = session.snapshot
            drawn = last or len(points) % draw_every == draw_every - 1
            found = torn + unlike(session, root, draw=drawn)
            since = session.changes_since(then.revision)
            found += [f"changes: {each}" for each in unlike_changes(since, then, shown)]
            if page_digests(pinned.pages) != pinned_pages or pinned.snapshot is not then:
                found.append("what was pinned is not as it was")
            pinned, then, pinned_pages = session.pinned(), shown, page_digests(shown.pages)
            comparing += cpu_seconds(without=[worker.pid]) - before
            if session.snapshot is not shown:
                found.append("the session changed after it had settled")
            point = {
                "operations": min(start + between, operations),
                "settled_s": waited,
                "refreshes": changes.refreshes,
                "documents": len(session.documents),
                "pages": len(session.pages),
                "drawn_anew": drawn,
                "differences": found,
            }
            if changes.fault:
                point["fault"] = changes.fault
            points.append(point)
            print(json.dumps(point), file=sys.stderr)
        used = cpu_seconds(without=[worker.pid]) - used - comparing
        status = changes.status
        worker.stdin.close()
    session.replan()
    os.environ["GLYPHAGENT_CACHE_DIR"] = str(folder / "another cache")
    fresh = Session.open(root)
    planned = page_digests(session.pages) == page_digests(fresh.pages)
    waits = [point["settled_s"] for point in points]
    sizes = [each.own_mib for each in footprints]
    half = len(sizes) // 2
    return {
        **facts(seed),
        "operations": operations,
        "quiet_s": quiet_s,
        "git": not plain,
        "operations_done": told["done"],
        "operations_that_did_not_fit": told["failed"],
        "comparisons": len(points),
        "comparisons_with_all_pages_drawn_anew": sum(p["drawn_anew"] for p in points),
        "snapshots_looked_at_while_working": samples,
        "differences": sum(len(point["differences"]) for point in points),
        "never_settled": waits.count(-1.0),
        "replanned_pages_equal_a_fresh_session": planned,
        "pages": len(fresh.pages),
        "refreshes": changes.refreshes,
        "watched_by": status.kind,
        "settled_s_median": median(waits),
        "settled_s_most": max(waits),
        "cpu_seconds_of_watching": round(used, 1),
        "wall_seconds": round(time.monotonic() - started),
        "resident_mib_first_half": median(sizes[: half or 1]),
        "resident_mib_second_half": median(sizes[half:]),
        "threads_after": threading.active_count(),
        "points": points,
        "footprints": footprints,
    }


def main() -> int:
    """Soak, and keep the result."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--operations", type=int, default=20_000)
    parser.add_argument("--between", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--draw-every", type=int, default=4)
    parser.add_argument("--quiet", type=float, default=0.4, metavar="SECONDS")
    parser.add_argument("--plain", action="store_true", help="a folder without git")
    parser.add_argument("--polling", action="store_true", help="without events")
    parser.add_argument("--folder", type=Path, help="where to make it and leave it")
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    held = without_powers()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(exist_ok=True)
        result = soak(
            folder,
            given.operations,
            given.between,
            given.seed,
            given.draw_every,
            given.quiet,
            plain=given.plain,
            polling=given.polling or None,
        )
        subprocess.run(["chmod", "-R", "u+rwX", str(folder)], check=True)
    result["permissions_hold"] = held
    kind = "_plain" * given.plain + "_polling" * given.polling
    write_result(f"soak{kind}_{given.seed}", result, given.output)
    return 1 if result["differences"] or result["never_settled"] else 0


if __name__ == "__main__":
    sys.exit(main())
