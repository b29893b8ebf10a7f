"""Layered ignore files decide as git does."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glyphagent.errors import SourceError
from glyphagent.folders import Folder
from glyphagent.ignores import Globs, IgnoreRules, parse

NAMES = st.sampled_from(["a", "b", "a.py", "b.txt", "build"])
FOLDERS = st.sampled_from(["", "a/", "b/", "a/b/", "build/", "a/build/"])
GLOBS = st.sampled_from(
    [
        *("a", "a/", "/a", "*.py", "!*.py", "!a", "!a/", "b/**", "**/b"),
        *("a/**/b", "build/", "!build/", "/*", "!/a/", "*", "!*/", "a/*", "!a/b"),
        *("?.py", "[ab].*", "# no", "", "!", "a\\", " ", "/"),
    ]
)
TREES = st.fixed_dictionaries(
    {
        "files": st.sets(st.tuples(FOLDERS, NAMES), min_size=1, max_size=12),
        "rules": st.dictionaries(FOLDERS, st.lists(GLOBS, max_size=4), max_size=3),
    }
)


@given(tree=TREES)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_plain_folder_is_listed_as_git_lists_it(
    scratch_git: Callable[..., str], tree: dict[str, Any]
) -> None:
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        for folder, name in sorted(tree["files"]):
            path = root / folder / name
            if not path.is_dir() and not any(parent.is_file() for parent in path.parents):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("x")
        for folder, rules in tree["rules"].items():
            if (root / folder).is_dir():
                (root / folder / ".gitignore").write_text("\n".join(rules))
        found = set(Folder(root).walk())
        scratch_git(root, "init", "-q")
        listed = scratch_git(root, "ls-files", "-co", "--exclude-standard")
        assert found == set(listed.splitlines())


def test_a_deeper_file_overrules_and_nothing_comes_back_below_an_ignored_folder() -> None:
    rules = IgnoreRules()
    rules.add("", "*.log\nout/\n")
    rules.add("keep", "!*.log\n")
    rules.add("out", "!*\n")
    assert rules.ignores("x.log")
    assert not rules.ignores("keep/x.log")
    assert rules.ignores("out/main.py")
    assert rules.ignores_folder("a/out")
    assert not rules.ignores("a/output.py")


def test_a_line_that_is_no_rule_harms_no_other() -> None:
    rules = IgnoreRules()
    rules.add("", "\ufeff*.tmp\n!\na\\\n[z-a]\n//\n*.log\r\n")
    assert rules.ignores("x.tmp")
    assert rules.ignores("x.log")
    assert not rules.ignores("a")


def test_a_rule_made_to_burn_time_is_passed_over() -> None:
    started = time.monotonic()
    rules = IgnoreRules()
    rules.add("", "*a" * 30 + "b\n" + "**/a/" * 30 + "b\n*.log")
    assert not rules.ignores("a" * 250)
    assert not rules.ignores("a/" * 500 + "c")
    assert rules.ignores("x.log")
    assert time.monotonic() - started < 5
    assert parse(["*a*a*a*a"]) == []


def test_globs_include_and_leave_out() -> None:
    globs = Globs(("*.py", "docs/"), ("test_*",))
    kept = ["a.py", "src/b.py", "docs/c.md", "test_a.py", "a.js", ".git/config", "x/.hg/a.py"]
    assert [path for path in kept if not globs.leaves_out(path)] == kept[:3]
    assert not Globs((), ()).leaves_out("anything")


@pytest.mark.parametrize("bad", [["a\\"], ["[z-a]"], "*.py"])
def test_a_glob_that_cannot_be_understood_is_an_error(bad: list[str] | str) -> None:
    with pytest.raises(SourceError):
        Globs(bad, ())


def test_the_walk_leaves_out_version_control_and_nothing_else_hidden(tmp_path: Path) -> None:
    for name in (".git/config", ".svn/entries", "a/.hg/store", ".env", ".github/ci.yml", "a/b.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert sorted(Folder(tmp_path).walk()) == [".env", ".github/ci.yml", "a/b.py"]
    os.symlink(".", tmp_path / "a" / "loop")
    assert "a/loop" in set(Folder(tmp_path).walk())
