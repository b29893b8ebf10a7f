"""The comparison finds what it is there to find: a harness that sees nothing proves nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from glyphagent.session import Session
from tests.live.comparing import page_digest, unlike, unlike_changes, unlike_pages
from tests.live.repositories import git


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository of three documents."""
    folder = tmp_path / "repository"
    (folder / "inner").mkdir(parents=True)
    (folder / "a.py").write_text("a = 1\n")
    (folder / "b.md").write_text("# B\n")
    (folder / "inner/c.py").write_text("def c():\n    return 3\n")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "start")
    return folder


def test_a_fresh_session_differs_in_nothing(root: Path) -> None:
    assert unlike(Session.open(root), root) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda root: (root / "a.py").write_text("a = 2\n"), "other bytes: 'a.py'"),
        (lambda root: (root / "new.py").write_text("new\n"), "missing: 'new.py'"),
        (lambda root: (root / "b.md").unlink(), "not there any more: 'b.md'"),
        (lambda root: (root / "odd").write_bytes(b"\0\1"), "left out: "),
        (lambda root: os.symlink("nowhere", root / "link"), "left out: "),
    ],
)
def test_a_change_that_the_session_has_not_seen_is_told(
    root: Path, change: Callable[[Path], object], told: str
) -> None:
    session = Session.open(root)
    change(root)
    found = unlike(session, root)
    assert any(each.startswith(told) for each in found)
    session.refresh()
    assert unlike(session, root) == []


def test_a_page_that_differs_in_anything_is_told(root: Path) -> None:
    session = Session.open(root)
    page = session.pages[0]
    inks = page.inks.copy()
    inks[-1, -1] ^= 1
    spans = page.source_map.spans.copy()
    spans[-1, -1] += 1
    for other in (
        replace(page, inks=inks),
        replace(page, layout="other"),
        replace(page, palette=(*page.palette[:-1], (1, 2, 3))),
        replace(page, source_map=replace(page.source_map, spans=spans)),
    ):
        assert page_digest(other) != page_digest(page)
        assert unlike_pages([page], [other]) == ["page 0 of 1"]
    assert unlike_pages([page], [page, page]) == ["1 pages, not 2"]


@pytest.mark.parametrize(
    ("lie", "told"),
    [
        ({"added": ()}, "new, not told: 'n.py'"),
        ({"added": ("n.py", "a.py")}, "said to be new: 'a.py'"),
        ({"changed": ()}, "said to be unchanged: 'a.py'"),
        ({"changed": ("a.py", "bb.md")}, "said to be changed: 'bb.md'"),
        ({"removed": ()}, "gone, not told: 'inner/c.py'"),
        ({"removed": ("inner/c.py", "z")}, "told gone, not there: 'z'"),
        ({"renamed": ()}, "gone, not told: 'b.md'"),
        ({"pages_kept": 77}, "77 pages kept, not "),
        ({"since": "another"}, "changes between other revisions"),
    ],
)
def test_changes_that_lie_are_told(root: Path, lie: dict[str, Any], told: str) -> None:
    session = Session.open(root)
    then = session.snapshot
    (root / "a.py").write_text("a = 2\n")
    (root / "b.md").rename(root / "bb.md")
    (root / "inner/c.py").unlink()
    (root / "n.py").write_text("new = True\n")
    session.refresh()
    changes = session.changes_since(then.revision)
    assert unlike_changes(changes, then, session.snapshot) == []
    assert told in "\n".join(unlike_changes(replace(changes, **lie), then, session.snapshot))
