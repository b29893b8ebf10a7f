"""What is ignored costs nothing and tells nothing; what is not surely ignored is watched."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from glyphagent.sources import Source

from .conftest import Gather, Git, Silent, Watch

PAGE_SET = '{"format": "glyphagent page set", "pages": []}'


def storm(folder: Path, files: int = 300) -> None:
    """Build something there."""
    for number in range(files):
        below = folder / f"part{number % 10}" / f"deep{number}"
        below.mkdir(parents=True, exist_ok=True)
        (below / "out.o").write_bytes(b"\0" * 100)
    shutil.rmtree(folder / "part1")


@pytest.mark.parametrize("place", ["node_modules", "lib/node_modules", "build", ".git/objects"])
def test_a_storm_in_an_ignored_folder_tells_nothing(
    place: str, root: Path, watch: Watch, gather: Gather, silent: Silent
) -> None:
    watcher = watch(root)
    folders = watcher.status.folders
    storm(root / place)
    assert silent(watcher)
    assert watcher.status.folders == folders
    (root / "a.py").write_text("")
    gather(watcher, "a.py")


def test_a_storm_costs_a_watcher_about_nothing(root: Path, watch: Watch) -> None:
    for name in ("node_modules", "sources"):
        (root / name).mkdir()
    watcher = watch(root, heartbeat_s=60)

    def cost_s(place: str) -> float:
        storm(root / place, 300)
        before = time.process_time()
        while watcher.wait(0.3) is not None:
            pass
        return time.process_time() - before

    assert cost_s("node_modules") * 10 < cost_s("sources")


def test_ignored_files_beside_sources_tell_nothing(
    root: Path, watch: Watch, gather: Gather, silent: Silent
) -> None:
    watcher = watch(root)
    for number in range(20):
        (root / f"lib/{number}.log").write_text("one")
        (root / "lib/same.log").write_text(str(number))
    assert silent(watcher)
    (root / "lib/same.log").write_text("two")
    (root / "lib/b.py").write_text("")
    assert {path for dirty in gather(watcher, "lib/b.py") for path in dirty.paths} == {"lib/b.py"}


def test_a_folder_that_only_holds_ignored_files_is_watched(
    root: Path, watch: Watch, gather: Gather
) -> None:
    (root / "logs").mkdir()
    (root / "logs/old.log").write_text("")
    watcher = watch(root)
    (root / "logs/read.me").write_text("")
    gather(watcher, "logs/read.me")


def test_tracked_files_in_an_ignored_folder_are_watched(
    root: Path, watch: Watch, gather: Gather, silent: Silent, scratch_git: Git
) -> None:
    scratch_git(root, "add", "-f", "build/kept/x.py", files={"build/kept/x.py": "x = 1\n"})
    (root / "build/other").mkdir()
    watcher = watch(root)
    storm(root / "build/other")
    assert silent(watcher)
    (root / "build/kept/x.py").write_text("x = 2\n")
    gather(watcher, "build/kept/x.py")


def test_a_file_that_comes_to_be_tracked_is_told_and_watched(
    root: Path, watch: Watch, gather: Gather, silent: Silent, scratch_git: Git
) -> None:
    (root / "build/new").mkdir(parents=True)
    (root / "build/new/x.py").write_text("x = 1\n")
    watcher = watch(root)
    scratch_git(root, "add", "-f", "build/new/x.py")
    gather(watcher, "build/new/x.py")
    (root / "build/new/x.py").write_text("x = 2\n")
    gather(watcher, "build/new/x.py")
    scratch_git(root, "rm", "-q", "--cached", "-f", "build/new/x.py")
    gather(watcher, "build/new/x.py")
    (root / "build/new/x.py").write_text("x = 3\n")
    assert silent(watcher)


@pytest.mark.parametrize("file", [".gitignore", ".glyphagentignore", ".git/info/exclude"])
def test_rules_that_change_are_heeded(
    file: str, root: Path, watch: Watch, gather: Gather, silent: Silent
) -> None:
    (root / "gen").mkdir()
    watcher = watch(root)
    with (root / file).open("a") as rules:
        rules.write("gen/\n*.txt\n")
    gather(watcher, "gen")
    storm(root / "gen")
    (root / "a.txt").write_text("")
    assert silent(watcher)
    (root / file).write_text("")
    gather(watcher, "gen")
    (root / "gen/new.py").write_text("")
    (root / "a.txt").write_text("1")
    gather(watcher, "gen/new.py", "a.txt")


def test_rules_that_leave_with_their_folder_are_forgotten(
    root: Path, watch: Watch, gather: Gather
) -> None:
    (root / "lib/.gitignore").write_text("gen/\n")
    (root / "lib/.glyphagentignore").write_text("own/\n")
    watcher = watch(root)
    (root / "lib").rename(root.parent / "away")
    gather(watcher, "lib")
    for name in ("gen", "own"):
        (root / "lib" / name).mkdir(parents=True)
    gather(watcher, "lib/gen", "lib/own")
    for name in ("gen", "own"):
        (root / "lib" / name / "x.py").write_text("")
    gather(watcher, "lib/gen/x.py", "lib/own/x.py")


def test_an_ignore_file_that_is_ignored_itself_does_not_count(
    root: Path, watch: Watch, gather: Gather
) -> None:
    with (root / ".gitignore").open("a") as rules:
        rules.write("/lib/.glyphagentignore\n")
    (root / "lib/.glyphagentignore").write_text("deep/\n")
    assert "lib/deep/c.py" in {d.path for d in Source.open(root).read().documents}
    watcher = watch(root)
    (root / "lib/deep/c.py").write_text("")
    gather(watcher, "lib/deep/c.py")


def test_repositories_inside_are_pruned_while_they_are_there(
    root: Path, watch: Watch, gather: Gather, silent: Silent, scratch_git: Git
) -> None:
    inner = root / "inner"
    scratch_git(inner, "init", "-q", files={"x/y.py": "y = 1\n"})
    watcher = watch(root)
    storm(inner / "x")
    (inner / "z.py").write_text("")
    assert silent(watcher)
    (inner / ".git").rename(root.parent / "away")
    gather(watcher, "inner")
    (inner / "x/y.py").write_text("")
    gather(watcher, "inner/x/y.py")


def test_a_submodule_is_pruned(
    root: Path, watch: Watch, silent: Silent, gather: Gather, scratch_git: Git
) -> None:
    scratch_git(root.parent / "part", "init", "-q", files={"src/x.py": "x = 1\n"})
    scratch_git(root.parent / "part", "add", ".")
    scratch_git(root.parent / "part", "commit", "-qm", "part")
    scratch_git(root, "submodule", "--quiet", "add", str(root.parent / "part"), "part")
    watcher = watch(root)
    storm(root / "part/src")
    assert silent(watcher)
    (root / "a.py").write_text("")
    gather(watcher, "a.py")


def test_pages_of_our_own_are_no_source(
    root: Path, watch: Watch, gather: Gather, silent: Silent
) -> None:
    (root / "pages").mkdir()
    (root / "pages/manifest.json").write_text(PAGE_SET)
    watcher = watch(root)
    (root / "pages/0.png").write_bytes(b"")
    (root / "pages/manifest.json").write_text(PAGE_SET)
    assert silent(watcher)
    (root / "pages/.gitignore").write_text("*\n")
    gather(watcher, "pages")
    (root / "pages/.gitignore").unlink()
    gather(watcher, "pages")
    (root / "pages/manifest.json").write_text("{}")
    gather(watcher, "pages/manifest.json")
    (root / "pages/x.py").write_text("")
    gather(watcher, "pages/x.py")


def test_a_folder_of_a_work_tree_hears_of_rules_above_it(
    root: Path, watch: Watch, gather: Gather, silent: Silent
) -> None:
    watcher = watch(root / "lib")
    (root / "a.py").write_text("")
    assert silent(watcher)
    (root / "lib/deep/c.py").write_text("c")
    gather(watcher, "deep/c.py")
    (root / ".gitignore").write_text("/lib/deep/\n*.txt\n")
    gather(watcher, "anything")
    (root / "lib/x.txt").write_text("")
    assert silent(watcher)


def test_a_linked_work_tree_has_its_index_elsewhere(
    root: Path, watch: Watch, gather: Gather, silent: Silent, scratch_git: Git
) -> None:
    linked = root.parent / "linked"
    scratch_git(root, "worktree", "add", "-q", str(linked), "-b", "side")
    (linked / "build").mkdir()
    (linked / "build/x.py").write_text("")
    watcher = watch(linked)
    scratch_git(linked, "add", "-f", "build/x.py")
    gather(watcher, "build/x.py")
    lock = root / ".git/worktrees/linked/index.lock"
    lock.write_text("")
    (linked / "a.py").write_text("a = 2\n")
    assert watcher.wait(0.3) is None
    lock.unlink()
    gather(watcher, "a.py")
    (root / ".git/info").mkdir(exist_ok=True)
    (root / ".git/info/exclude").write_text("*.txt\n")
    gather(watcher, "anything")
    (linked / "x.txt").write_text("")
    assert silent(watcher)


def test_a_repository_may_come_and_go(
    root: Path, watch: Watch, gather: Gather, silent: Silent
) -> None:
    (root / "build").mkdir()
    (root / ".git").rename(root.parent / "git")
    (root / ".gitignore").unlink()
    watcher = watch(root)
    (root / "build/x.py").write_text("")
    gather(watcher, "build/x.py")
    (root.parent / "git/info").mkdir(exist_ok=True)
    (root.parent / "git/info/exclude").write_text("build/\n")
    (root.parent / "git").rename(root / ".git")
    gather(watcher, "anything")
    (root / "build/x.py").write_text("x")
    assert silent(watcher)
    shutil.rmtree(root / ".git")
    gather(watcher, "anything")
    (root / "build/x.py").write_text("y")
    gather(watcher, "build/x.py")


@pytest.mark.parametrize("use_git", [True, False])
def test_a_plain_folder_goes_by_its_ignore_files(
    use_git: bool, tmp_path: Path, watch: Watch, gather: Gather, silent: Silent
) -> None:
    for name in ("out/x", "own/x", "lib/gen"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / ".gitignore").write_text("/out\n*.log\n")
    (tmp_path / ".glyphagentignore").write_text("own/\n")
    (tmp_path / "lib/.gitignore").write_text("gen\n")
    watcher = watch(tmp_path, use_git=use_git)
    for name in ("out/x", "own/x", "lib/gen"):
        storm(tmp_path / name)
    (tmp_path / "lib/x.log").write_text("")
    assert silent(watcher)
    assert watcher.status.folders == 2
    (tmp_path / "lib/.gitignore").unlink()
    gather(watcher, "lib")
    (tmp_path / "lib/gen/x.py").write_text("")
    gather(watcher, "lib/gen/x.py")


def test_names_that_are_no_plain_text_are_told(root: Path, watch: Watch, gather: Gather) -> None:
    names = [":(glob)x", "-x", "a\nb", "*", os.fsdecode(b"\xff\xfe"), '"quoted"', "é", " "]
    watcher = watch(root)
    for name in names:
        (root / name).mkdir()
        (root / name / name).write_text("")
    gather(watcher, *[f"{name}/{name}" for name in names])
    for name in names:
        (root / name / name).write_text("again")
    gather(watcher, *[f"{name}/{name}" for name in names])


def test_commands_of_the_repository_are_not_run(
    root: Path, watch: Watch, gather: Gather, scratch_git: Git
) -> None:
    trap = root.parent / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {root.parent}/sprung\n")
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "core.sshCommand", "core.pager"):
        scratch_git(root, "config", key, str(trap))
    watcher = watch(root)
    (root / "lib/b.py").write_text("")
    (root / "new").mkdir()
    gather(watcher, "lib/b.py", "new")
    assert not (root.parent / "sprung").exists()
