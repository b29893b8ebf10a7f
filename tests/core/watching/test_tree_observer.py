"""The watcher of other systems, on the observer that watchdog has for this one."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from glyphagent.watching import Watcher, watcher
from glyphagent.watching.tree_observer import TreeObserver

from .conftest import PATIENCE_S, Gather, Git, Silent, Watch


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have hints come from the observer of a tree."""
    monkeypatch.setattr(watcher, "FolderWatches", TreeObserver)


def test_changes_are_told(root: Path, watch: Watch, gather: Gather, silent: Silent) -> None:
    observed = watch(root)
    assert observed.status.kind == "observer"
    (root / "lib/b.py").write_text("b = 2\n")
    assert "lib/b.py" in gather(observed, "lib/b.py")[-1].paths
    (root / "lib").rename(root / "moved")
    gather(observed, "lib", "moved")
    (root / "new/x").mkdir(parents=True)
    (root / "new/x/y.py").write_text("")
    gather(observed, "new/x/y.py")
    (root / "a.py").read_text()
    assert silent(observed)


def test_what_is_ignored_tells_nothing(
    root: Path, watch: Watch, gather: Gather, silent: Silent
) -> None:
    observed = watch(root)
    for name in ("node_modules/x/y", "lib/node_modules/z", "build/o"):
        (root / name).mkdir(parents=True)
        (root / name / "x.py").write_text("")
    (root / "lib/x.log").write_text("")
    assert silent(observed)
    (root / ".gitignore").write_text("")
    gather(observed, "build")
    (root / "build/o/x.py").write_text("x")
    gather(observed, "build/o/x.py")


def test_a_linked_work_tree_has_its_index_elsewhere(
    root: Path, watch: Watch, gather: Gather, scratch_git: Git
) -> None:
    linked = root.parent / "linked"
    scratch_git(root, "worktree", "add", "-q", str(linked), "-b", "side")
    (linked / "build").mkdir()
    (linked / "build/x.py").write_text("")
    observed = watch(linked)
    scratch_git(linked, "add", "-f", "build/x.py")
    gather(observed, "build/x.py")


def test_the_root_may_be_replaced(root: Path, watch: Watch, gather: Gather) -> None:
    observed = watch(root)
    root.rename(root.parent / "old")
    end = time.monotonic() + PATIENCE_S
    while observed.status.present and time.monotonic() < end:
        observed.wait(0.1)
    assert not observed.status.present
    (root / "lib").mkdir(parents=True)
    assert gather(observed, "anything")[-1].everything
    (root / "lib/b.py").write_text("")
    gather(observed, "lib/b.py")


def test_no_thread_is_left(root: Path) -> None:
    with Watcher(root) as observed:
        closing = threading.Timer(0.1, observed.close)
        closing.start()
        assert observed.wait() is None
        closing.join()
    assert threading.enumerate() == [threading.main_thread()]
