"""`deps --diff` and `--cochange` at the edges of a history: before it, cut off, of one file."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Git = Callable[..., str]
Told = Callable[..., tuple[int, str, str]]


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """Git in a repository without a commit that has two files."""
    names = {
        f"GIT_{who}_{what}": "x@y" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    surroundings = {**os.environ, **names, "GIT_CONFIG_GLOBAL": os.devnull}

    def run(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=tmp_path, env=surroundings, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout.strip()

    run("init", "-q", "-b", "main")
    (tmp_path / "a.py").write_text("import b\n")
    (tmp_path / "b.py").write_text("x = 1\n")
    return run


@pytest.fixture
def commit(git: Git, tmp_path: Path) -> Callable[..., None]:
    count = iter(range(1000))

    def make(*paths: str) -> None:
        for path in paths:
            (tmp_path / path).parent.mkdir(exist_ok=True)
            (tmp_path / path).write_text(f"x = {next(count)}\n")
        git("add", "-A")
        git("commit", "-q", "-m", "x")

    return make


def document(told: Told, *arguments: object) -> dict[str, Any]:
    code, out, err = told(*arguments, "--json")
    assert (code, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    return found


def changes(told: Told, *arguments: object) -> list[tuple[str, str]]:
    return [(each["path"], each["status"]) for each in document(told, *arguments)["changes"]]


def test_before_the_first_commit_everything_is_added(told: Told, tmp_path: Path, git: Git) -> None:
    assert changes(told, tmp_path, "--impact") == [("a.py", "added"), ("b.py", "added")]
    code, _, err = told(tmp_path, "--cochange")
    assert (code, err.count("\n")) == (2, 1)
    assert "has no commit yet: nothing has changed together" in err
    code, _, err = told(tmp_path, "--diff", "main")
    assert (code, err.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    "empty",
    [
        "EMPTY",
        "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
        "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
    ],
)
def test_the_first_commit_can_be_compared(
    told: Told, tmp_path: Path, commit: Callable[..., None], empty: str
) -> None:
    commit()
    both = [("a.py", "added"), ("b.py", "added")]
    assert changes(told, tmp_path, "--diff", f"{empty}..HEAD") == both
    assert changes(told, tmp_path, "--diff", f"{empty}...HEAD") == both
    assert changes(told, tmp_path, "--diff", empty) == both
    removed = [("a.py", "removed"), ("b.py", "removed")]
    assert changes(told, tmp_path, "--diff", f"HEAD..{empty}") == removed


def test_a_branch_named_empty_is_a_branch(
    told: Told, tmp_path: Path, git: Git, commit: Callable[..., None]
) -> None:
    commit()
    git("branch", "EMPTY")
    assert changes(told, tmp_path, "--diff", "EMPTY..HEAD") == []


def test_a_file_that_one_end_lacks(
    told: Told, tmp_path: Path, git: Git, commit: Callable[..., None]
) -> None:
    commit()
    git("checkout", "-q", "-b", "topic")
    commit("c.py", "part/d.py")
    added = [("c.py", "added")]
    assert changes(told, tmp_path / "c.py", "--diff", "main...HEAD") == added
    assert changes(told, tmp_path / "c.py", "--diff", "main") == added
    assert changes(told, tmp_path / "part", "--diff", "main..topic") == [("d.py", "added")]
    assert changes(told, tmp_path / "c.py", "--diff", "topic..main") == [("c.py", "removed")]
    (tmp_path / "c.py").unlink()
    assert changes(told, tmp_path / "c.py", "--diff", "HEAD") == [("c.py", "removed")]
    code, _, err = told(tmp_path / "no.py", "--diff", "main...topic")
    assert (code, err.count("\n")) == (2, 1)
    assert f"nothing at {tmp_path}/no.py in where main and topic parted nor topic" in err


def test_a_shallow_clone_says_so(
    told: Told, tmp_path: Path, git: Git, commit: Callable[..., None]
) -> None:
    for _ in range(6):
        commit("a.py", "b.py")
    git("clone", "-q", "--depth", "1", f"file://{tmp_path}", "clone")
    code, _, err = told(tmp_path / "clone", "--diff", "HEAD~1..HEAD")
    assert (code, err.count("\n")) == (2, 1)
    assert "this clone is shallow" in err
    history = document(told, tmp_path / "clone", "--cochange")["cochange"]
    assert (history["complete"], history["commits"], history["pairs"]) == (False, 0, [])
    assert "not the whole history" in told(tmp_path / "clone", "--cochange")[1]


def test_the_partners_of_one_file(
    told: Told, tmp_path: Path, git: Git, commit: Callable[..., None]
) -> None:
    (tmp_path / "part").mkdir()
    (tmp_path / "part/c.py").write_text("")
    for count in range(5):
        for path in ("b.py", "a.py", "part/c.py"):
            (tmp_path / path).write_text(f"{'import b' if path == 'a.py' else ''}\n# {count}\n")
        commit()
    git("tag", "then")
    for at in ([], ["--rev", "then"]):
        found = document(told, tmp_path / "a.py", "--cochange", *at)
        assert [node["id"] for node in found["nodes"]] == ["a.py"]
        pairs = found["cochange"]["pairs"]
        assert [([p["first"], p["second"]], p["support"], p["hidden"]) for p in pairs] == [
            (["a.py", "b.py"], 5, False),
            (["a.py", "part/c.py"], 5, True),
        ]
    inner = document(told, tmp_path / "part/c.py", "--cochange")["cochange"]["pairs"]
    assert [[p["first"], p["second"]] for p in inner] == [
        ["a.py", "part/c.py"],
        ["b.py", "part/c.py"],
    ]
