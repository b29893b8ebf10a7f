"""Fixtures of the watcher's tests.

root     a real git repository with ignore rules and a few files
watch    opens watchers that settle quickly, and closes them
gather   waits until changes at some paths were told, and gives all that was told
silent   whether nothing at all is told for a while
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from glyphagent.watching import Dirty, Watcher

Git = Callable[..., str]
Watch = Callable[..., Watcher]
Gather = Callable[..., list[Dirty]]
Silent = Callable[[Watcher], bool]

# Nothing is asserted about time; this only ends a test that would wait for ever.
PATIENCE_S = 60.0
_FILES = {
    ".gitignore": "node_modules/\n*.log\n/build/\n",
    "a.py": "a = 1\n",
    "lib/b.py": "b = 1\n",
    "lib/deep/c.py": "c = 1\n",
}


@pytest.fixture
def root(tmp_path: Path, scratch_git: Git) -> Path:
    """A repository with one commit."""
    folder = tmp_path / "project"
    scratch_git(folder, "init", "-q", files=_FILES)
    scratch_git(folder, "add", ".")
    scratch_git(folder, "commit", "-qm", "first")
    return folder


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Open a watcher that is closed at the end."""
    with ExitStack() as stack:

        def opened(root: Path, **options: Any) -> Watcher:
            # Without the periodic look, which would find what no event told of.
            quick = {"quiet_s": 0.05, "heartbeat_s": 0.05, "periodic_s": 3600}
            return stack.enter_context(Watcher(root, **(quick | options)))

        yield opened


@pytest.fixture
def gather() -> Gather:
    """Wait until something was told of each path."""

    def told(watcher: Watcher, *paths: str) -> list[Dirty]:
        found: list[Dirty] = []
        missing = set(paths)
        end = time.monotonic() + PATIENCE_S
        while missing:
            assert time.monotonic() < end, f"nothing told of {sorted(missing)[:5]}: {found}"
            dirty = watcher.wait(1)
            if dirty is not None:
                found.append(dirty)
                missing -= {path for path in missing if covers(dirty, path)}
        return found

    return told


@pytest.fixture
def silent(tmp_path: Path) -> Silent:
    """Let what is pending pass by, and say whether anything was told."""

    def nothing(watcher: Watcher) -> bool:
        return all(watcher.wait(0.15) is None for _ in range(2))

    return nothing


def covers(dirty: Dirty, path: str) -> bool:
    """Whether a rescan of what is dirty sees a path."""
    while path:
        if path in dirty.folders:
            return True
        path = os.path.dirname(path)
    return dirty.everything or "" in dirty.folders
