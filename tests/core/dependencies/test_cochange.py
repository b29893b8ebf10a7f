from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from glyphagent.dependencies.cochange import find_couplings, read_commits
from glyphagent.errors import SourceError
from glyphagent.git_objects import Repository, discover

from .drawn_graphs import drawn

Git = Callable[..., None]


@pytest.fixture
def git(tmp_path: Path) -> Git:
    names = {
        f"GIT_{who}_{what}": "x@y" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    surroundings = {**os.environ, **names, "GIT_CONFIG_GLOBAL": os.devnull}

    def run(*arguments: str) -> None:
        subprocess.run(
            ["git", *arguments], cwd=tmp_path, env=surroundings, check=True, capture_output=True
        )

    run("init", "-q", "-b", "main")
    return run


@pytest.fixture
def commit(tmp_path: Path, git: Git) -> Callable[..., None]:
    count = iter(range(1000))

    def make(*paths: str) -> None:
        for path in paths:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(f"{path}\n" * 20 + f"{next(count)}\n")
        git("add", "-A")
        git("commit", "-q", "-m", "x")

    return make


def repository(folder: Path) -> Repository:
    found = discover(folder)
    assert found is not None
    return found


def test_files_that_change_together_without_an_edge(
    tmp_path: Path, commit: Callable[..., None]
) -> None:
    for _ in range(3):
        commit("a", "b")
        commit("a", "c")
    commit("b")
    commit(*(f"many/{n}" for n in range(40)), "a", "b")
    history = find_couplings(drawn("a -> c\nb ->"), read_commits(repository(tmp_path)), support=3)
    assert (history.commits, history.large, history.complete) == (7, 1, True)
    with_b, with_c = history.couplings
    if with_b.second == "c":
        with_b, with_c = with_c, with_b
    assert (with_b.first, with_b.second, with_b.support) == ("a", "b", 3)
    assert with_b.confidence == 3 / 4
    assert with_b.hidden
    assert not with_c.hidden


def test_a_renamed_file_keeps_its_history(
    tmp_path: Path, git: Git, commit: Callable[..., None]
) -> None:
    commit("old", "b")
    commit("old", "b")
    git("mv", "old", "mid")
    commit("b")
    git("mv", "mid", "odd name\nof a file")
    commit()
    paths = [each.paths for each in read_commits(repository(tmp_path))]
    now = "odd name\nof a file"
    assert [set(each) for each in paths] == [{now}, {now, "b"}, {now, "b"}, {now, "b"}]


def test_a_part_of_the_repository_has_paths_of_its_own(
    tmp_path: Path, commit: Callable[..., None]
) -> None:
    commit("part/x", "y")
    commit("y")
    (only,) = read_commits(repository(tmp_path), part="part")
    assert only.paths == ("x",)


def test_the_repositorys_configuration_runs_nothing(
    tmp_path: Path, git: Git, commit: Callable[..., None]
) -> None:
    commit("a")
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    for key in ("gpg.program", "core.pager", "diff.external", "core.fsmonitor"):
        git("config", key, str(trap))
    git("config", "log.showSignature", "true")
    git("config", "log.follow", "true")
    assert len(read_commits(repository(tmp_path))) == 1
    assert not (tmp_path / "sprung").exists()


def test_no_history_is_told(tmp_path: Path, git: Git) -> None:
    with pytest.raises(SourceError, match="cannot read the history"):
        read_commits(repository(tmp_path))
