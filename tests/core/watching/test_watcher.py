"""What a watcher tells of real changes in real folders and repositories."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from pathlib import Path

import pytest

from glyphagent.errors import SourceError
from glyphagent.sources import Source
from glyphagent.watching import Watcher

from .conftest import PATIENCE_S, Gather, Git, Silent, Watch


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_a_write_names_its_folder_and_file(root: Path, watch: Watch) -> None:
    watcher = watch(root)
    (root / "lib/b.py").write_text("b = 2\n")
    dirty = watcher.wait(PATIENCE_S)
    assert dirty is not None
    assert dirty.folders == frozenset({"lib"})
    assert dirty.paths == frozenset({"lib/b.py"})
    assert not dirty.everything
    assert dirty.events > 0
    assert dirty.why == "files changed"
    assert watcher.status.kind == "inotify"
    assert watcher.status.notice == ""


@pytest.mark.parametrize("place", ["lib", "outside"])
def test_an_atomic_save_is_seen(place: str, root: Path, watch: Watch, gather: Gather) -> None:
    above = root / "lib" if place == "lib" else root.parent
    watcher = watch(root)
    (above / ".b.py.tmp").write_text("b = 3\n")
    os.replace(above / ".b.py.tmp", root / "lib/b.py")
    assert any("lib/b.py" in dirty.paths for dirty in gather(watcher, "lib/b.py"))


def test_a_truncation_in_place_is_seen(root: Path, watch: Watch, gather: Gather) -> None:
    watcher = watch(root)
    os.truncate(root / "lib/b.py", 2)
    gather(watcher, "lib/b.py")


def test_a_change_of_permissions_is_seen(root: Path, watch: Watch, gather: Gather) -> None:
    watcher = watch(root)
    (root / "lib/b.py").chmod(0)
    gather(watcher, "lib/b.py")
    (root / "lib/deep").chmod(0o700)
    gather(watcher, "lib/deep")


def test_a_link_that_changes_is_seen(root: Path, watch: Watch, gather: Gather) -> None:
    watcher = watch(root)
    (root / "lib/link").symlink_to("deep")
    gather(watcher, "lib/link")
    (root / "lib/link").unlink()
    gather(watcher, "lib/link")


def test_reading_is_no_change(root: Path, watch: Watch, silent: Silent) -> None:
    watcher = watch(root)
    for path in root.rglob("*"):
        if path.is_file():
            path.read_bytes()
    assert silent(watcher)


def test_what_happens_between_two_waits_is_told(root: Path, watch: Watch, gather: Gather) -> None:
    watcher = watch(root)
    (root / "a.py").write_text("")
    assert watcher.wait(0) is None  # not settled yet: it is kept
    (root / "lib/deep/c.py").unlink()
    gather(watcher, "a.py", "lib/deep/c.py")


def test_new_folders_are_never_missed(root: Path, watch: Watch, gather: Gather) -> None:
    watcher = watch(root)
    paths = [f"new{number}/x/y/z.py" for number in range(200)]

    def make() -> None:
        for path in paths:
            (root / path).parent.mkdir(parents=True)
            (root / path).write_text("z = 1\n")

    maker = threading.Thread(target=make)
    maker.start()
    gather(watcher, *paths)
    maker.join()
    again = [f"{os.path.dirname(path)}/again.py" for path in paths]
    for path in again:
        (root / path).write_text("")
    gather(watcher, *again)


def test_a_folder_that_moves_is_watched_where_it_is(
    root: Path, watch: Watch, gather: Gather
) -> None:
    watcher = watch(root)
    (root / "lib").rename(root / "moved")
    gather(watcher, "lib", "moved")
    (root / "moved/deep/d.py").write_text("")
    assert all(
        not folder.startswith("lib")
        for dirty in gather(watcher, "moved/deep/d.py")
        for folder in dirty.folders
    )


def test_a_folder_that_leaves_is_watched_no_more(
    root: Path, watch: Watch, gather: Gather, silent: Silent
) -> None:
    watcher = watch(root)
    watched = watcher.status.folders
    (root / "lib").rename(root.parent / "away")
    gather(watcher, "lib")
    (root.parent / "away/deep/d.py").write_text("")
    assert silent(watcher)
    assert watcher.status.folders == watched - 2
    (root.parent / "away").rename(root / "lib")
    gather(watcher, "lib")
    (root / "lib/deep/e.py").write_text("")
    gather(watcher, "lib/deep/e.py")


def test_a_checkout_is_one_refresh(
    root: Path, watch: Watch, gather: Gather, silent: Silent, scratch_git: Git
) -> None:
    many = {f"part{number % 20}/file{number}.py": f"{number}\n" for number in range(500)}
    scratch_git(root, "checkout", "-qb", "many", files=dict(many))
    scratch_git(root, "add", ".")
    scratch_git(root, "commit", "-qm", "many")
    scratch_git(root, "checkout", "-q", "main")
    watcher = watch(root, quiet_s=0.3)
    scratch_git(root, "checkout", "-q", "many")
    assert len(gather(watcher, *many)) == 1
    scratch_git(root, "checkout", "-q", "main")
    assert len(gather(watcher, *many)) == 1
    assert silent(watcher)


def test_git_commands_that_change_no_file_tell_nothing(
    root: Path, watch: Watch, silent: Silent, scratch_git: Git
) -> None:
    (root / "a.py").write_text("a = 2\n")
    watcher = watch(root)
    scratch_git(root, "add", "a.py")
    scratch_git(root, "commit", "-qm", "second")
    scratch_git(root, "status")
    scratch_git(root, "branch", "other")
    assert silent(watcher)


def test_a_held_index_is_waited_for(root: Path, watch: Watch, gather: Gather) -> None:
    watcher = watch(root)
    lock = root / ".git/index.lock"
    lock.write_text("")
    (root / "a.py").write_text("a = 2\n")
    assert watcher.wait(0.5) is None
    lock.unlink()
    gather(watcher, "a.py")


def test_a_lock_that_nobody_releases_is_passed_over_once(root: Path, watch: Watch) -> None:
    watcher = watch(root, lock_s=0.2)
    (root / ".git/index.lock").write_text("")
    (root / "a.py").write_text("a = 2\n")
    dirty = watcher.wait(PATIENCE_S)
    assert dirty is not None
    assert dirty.everything
    assert "index.lock" in dirty.why
    (root / "a.py").write_text("a = 3\n")
    dirty = watcher.wait(PATIENCE_S)
    assert dirty is not None
    assert dirty.why == "files changed"


def test_the_root_may_vanish_and_come_back(root: Path, watch: Watch, gather: Gather) -> None:
    watcher = watch(root)
    shutil.rmtree(root)
    end = time.monotonic() + PATIENCE_S
    while watcher.status.present and time.monotonic() < end:
        watcher.wait(0.1)
    assert not watcher.status.present
    assert "waiting for it to come back" in watcher.status.notice
    (root / "fresh").mkdir(parents=True)
    dirty = gather(watcher, "anything")[-1]
    assert (dirty.everything, dirty.why) == (True, "the root is back")
    assert watcher.status.present
    assert watcher.status.notice == ""
    (root / "fresh/x.py").write_text("")
    gather(watcher, "fresh/x.py")


def test_the_root_may_be_replaced_at_once(root: Path, watch: Watch, gather: Gather) -> None:
    shutil.copytree(root, root.parent / "copy")
    watcher = watch(root)
    root.rename(root.parent / "old")
    (root.parent / "copy").rename(root)
    assert gather(watcher, "anything")[-1].everything
    (root / "lib/b.py").write_text("")
    gather(watcher, "lib/b.py")


def test_everything_is_told_periodically(root: Path, watch: Watch) -> None:
    watcher = watch(root, periodic_s=0.05)
    dirty = watcher.wait(PATIENCE_S)
    assert dirty is not None
    assert (dirty.everything, dirty.why, dirty.events) == (True, "periodic", 0)


def test_chosen_folders_alone_are_watched(
    root: Path, watch: Watch, gather: Gather, silent: Silent
) -> None:
    chosen = ["lib"]
    watcher = watch(root, folders=lambda: chosen)
    (root / "lib/deep/c.py").write_text("")
    assert silent(watcher)
    (root / "lib/b.py").write_text("")
    gather(watcher, "lib/b.py")
    chosen.append("lib/deep")
    gather(watcher, "lib/deep")
    (root / "lib/deep/c.py").write_text("c")
    gather(watcher, "lib/deep/c.py")


def test_a_linked_root_is_watched(root: Path, watch: Watch, gather: Gather) -> None:
    (root.parent / "link").symlink_to(root)
    watcher = watch(root.parent / "link")
    (root / "lib/b.py").write_text("")
    gather(watcher, "lib/b.py")


def test_closing_from_another_thread_ends_a_wait(root: Path) -> None:
    before = descriptors()
    told = []
    with Watcher(root) as watcher:
        waiting = threading.Thread(target=lambda: told.append(watcher.wait()))
        waiting.start()
        time.sleep(0.1)
        watcher.close()
        waiting.join(PATIENCE_S)
        assert not waiting.is_alive()
    assert told == [None]
    assert watcher.closed
    assert watcher.wait() is None
    assert descriptors() == before
    assert threading.enumerate() == [threading.main_thread()]


def test_an_interrupt_ends_a_wait(root: Path) -> None:
    before = descriptors()
    timer = threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT))
    with Watcher(root) as watcher:
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            watcher.wait()
        # Whether it came in the midst of something cannot be known.
        dirty = watcher.wait(PATIENCE_S)
        assert dirty is not None
        assert dirty.everything
    timer.join()
    assert descriptors() == before


def test_mistakes_have_clear_errors(root: Path) -> None:
    with pytest.raises(SourceError, match="cannot be watched: no such file"), Watcher(root / "no"):
        pass
    with pytest.raises(SourceError, match="cannot be watched: not a directory"):
        Watcher(root / "a.py").__enter__()
    with pytest.raises(SourceError, match="enter the watcher"):
        Watcher(root).wait(0)


@pytest.mark.parametrize("name", ["index", "HEAD"])
def test_a_repository_that_is_damaged_and_made_whole_is_looked_at(
    root: Path, watch: Watch, gather: Gather, silent: Silent, name: str
) -> None:
    file = root / ".git" / name
    whole = file.read_bytes()
    watcher = watch(root)
    file.write_bytes(b"garbage")
    gather(watcher, "anything")
    assert Source.open(root).read().skipped
    (root / "a.py").write_text("a = 2\n")
    gather(watcher, "a.py")
    file.write_bytes(whole)
    gather(watcher, "anything")
    assert not Source.open(root).read().skipped
    assert silent(watcher)
    (root / "node_modules").mkdir()
    (root / "node_modules/x.py").write_text("")
    assert silent(watcher)
