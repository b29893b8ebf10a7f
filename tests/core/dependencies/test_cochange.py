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
    paths = [each.paths for each in read_commits(repository(tmp_path)).commits]
    now = "odd name\nof a file"
    assert [set(each) for each in paths] == [{now}, {now, "b"}, {now, "b"}, {now, "b"}]


def test_a_part_of_the_repository_has_paths_of_its_own(
    tmp_path: Path, commit: Callable[..., None]
) -> None:
    commit("part/x", "y")
    commit("y")
    (only,) = read_commits(repository(tmp_path), part="part").commits
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
    assert len(read_commits(repository(tmp_path)).commits) == 1
    assert not (tmp_path / "sprung").exists()


def test_no_history_is_told(tmp_path: Path, git: Git) -> None:
    with pytest.raises(SourceError, match="cannot read the history"):
        read_commits(repository(tmp_path))


def test_a_folder_has_the_same_history_as_seen_from_the_top(
    tmp_path: Path, git: Git, commit: Callable[..., None]
) -> None:
    commit("elsewhere/x", "part/y")
    commit("elsewhere/x", "part/y")
    git("mv", "elsewhere/x", "part/x")
    commit()
    commit(*(f"other/{n}" for n in range(40)), "part/x", "part/y")
    commit("other/1")
    log = read_commits(repository(tmp_path), part="part")
    assert [(set(each.paths), each.size) for each in log.commits] == [
        ({"x", "y"}, 42),
        ({"x"}, 1),
        ({"x", "y"}, 2),
        ({"x", "y"}, 2),
    ]
    history = find_couplings(drawn("x ->\ny ->"), log, support=2)
    assert (history.commits, history.large, history.complete) == (3, 1, True)
    (pair,) = history.couplings
    top = find_couplings(
        drawn("part/x ->\npart/y ->"), read_commits(repository(tmp_path)), support=2
    )
    (same,) = top.couplings
    assert (pair.support, pair.first_changes) == (same.support, same.first_changes) == (2, 3)


def test_the_cut_of_a_shallow_clone_is_no_commit(
    tmp_path: Path, git: Git, commit: Callable[..., None]
) -> None:
    for _ in range(3):
        commit("a", "b")
    commit("c")
    git("clone", "-q", "--depth", "3", f"file://{tmp_path}", "clone")
    log = read_commits(repository(tmp_path / "clone"))
    assert ([set(each.paths) for each in log.commits], log.complete) == (
        [{"c"}, {"a", "b"}],
        False,
    )
    history = find_couplings(drawn("a ->\nb ->"), log, support=1)
    assert not history.complete
    assert [each.support for each in history.couplings] == [1]


def test_no_more_than_so_many_commits(tmp_path: Path, commit: Callable[..., None]) -> None:
    for path in ("a", "b", "a"):
        commit(path)
    some = read_commits(repository(tmp_path), most=2)
    assert (len(some.commits), some.complete) == (2, False)
    assert read_commits(repository(tmp_path), most=4).complete


def test_pairs_of_some_files_alone(tmp_path: Path, commit: Callable[..., None]) -> None:
    commit("a", "b", "c")
    log = read_commits(repository(tmp_path))
    found = find_couplings(drawn("a ->\nb ->\nc ->"), log, of={"b"}, support=1)
    assert [(each.first, each.second) for each in found.couplings] == [("a", "b"), ("b", "c")]
