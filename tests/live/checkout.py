"""Whether a checkout that changes hundreds of files becomes one refresh.

    python -m tests.live.checkout [--files 500] [--all 1500] [--rounds 5]

Two branches differ in so many files; one is checked out, then the other, and each time what the
watching session did until it was at rest is counted: refreshes that changed something are what
its users hear of.
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
from tests.live.comparing import unlike
from tests.live.measuring import cpu_seconds, facts, write_result
from tests.live.repositories import git, make_repository

_LARGEST_FILE = 4000
_LONGEST_WAIT_S = 120.0


def checkouts(
    folder: Path, every: int, files: int, rounds: int, rest_s: float = 3.0
) -> dict[str, Any]:
    """Change branches so often; gives what came of each.

    Args:
        folder: An empty folder.
        every: Files of the repository.
        files: Files that differ between the branches.
        rounds: Checkouts.
        rest_s: How long nothing must happen before one counts as over.
    """
    root = folder / "repository"
    root.mkdir()
    paths = make_repository(root, every, _LARGEST_FILE)
    git(root, "checkout", "-q", "-b", "other")
    for path in paths[:: max(1, every // files)][:files]:
        with (root / path).open("ab") as file:
            file.write(b"\n# another line\n")
    git(root, "commit", "-qam", "other")
    os.environ["GLYPHAGENT_CACHE_DIR"] = str(folder / "cache")
    found = []
    session = Session.open(root)
    with session.watch() as changes:
        for number in range(rounds):
            before, used = changes.refreshes, cpu_seconds()
            begun = time.monotonic()
            git(root, "checkout", "-q", ("main", "other")[number % 2])
            took = time.monotonic() - begun
            first = changes.wait(_LONGEST_WAIT_S)
            heard = time.monotonic() - begun
            later = 0
            while changes.wait(rest_s) is not None:
                later += 1
            found.append(
                {
                    "files_changed": 0 if first is None else len(first.changed),
                    "refreshes_that_changed_something": later + (first is not None),
                    "refreshes": changes.refreshes - before,
                    "checkout_s": round(took, 2),
                    "fresh_after_s": round(heard, 2),
                    "cpu_seconds": round(cpu_seconds() - used, 2),
                }
            )
        differences = unlike(session, root)
    return {
        **facts(),
        "files": every,
        "differences": len(differences),
        "most_refreshes_that_changed_something": max(
            each["refreshes_that_changed_something"] for each in found
        ),
        "checkouts": found,
    }


def main() -> int:
    """Check out, and keep the result."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--all", type=int, default=1500)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = checkouts(Path(folder), given.all, given.files, given.rounds)
    write_result("checkout", result, given.output)
    return 1 if result["differences"] else 0


if __name__ == "__main__":
    sys.exit(main())
