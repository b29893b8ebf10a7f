"""Sessions kept fresh in the background, on real folders with the real watcher."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from glyphagent.errors import SourceError
from glyphagent.history import Changes
from glyphagent.session import Session
from glyphagent.sources import Source

WAIT_S = 60  # far more than it takes: these machines are loaded at times
QUIET_S = 0.05


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "app").mkdir(parents=True)
    (root / "app/tax.py").write_text("RATE = 0.19\n")
    (root / "README.md").write_text("# Shop\n")
    return root


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)


@pytest.mark.parametrize("polling", [None, True])
def test_an_edit_is_found(folder: Path, polling: bool | None) -> None:
    session = Session.open(folder)
    before = session.revision
    with session.watch(quiet_s=QUIET_S, polling=polling) as watching:
        (folder / "app/tax.py").write_text("RATE = 0.21\n")
        changes = watching.wait(WAIT_S)
        assert changes is not None
        assert (changes.changed, changes.since) == (("app/tax.py",), before)
        assert session.revision == changes.revision
        assert watching.status.kind == ("polling" if polling else "inotify")
    assert session.read_region("app/tax.py", 1, 1) == "RATE = 0.21\n"


def test_what_changed_before_the_watching_is_found(folder: Path) -> None:
    session = Session.open(folder)
    (folder / "app/new.py").write_text("NEW = 1\n")
    with session.watch(quiet_s=QUIET_S) as watching:
        changes = watching.wait(WAIT_S)
    assert changes is not None
    assert changes.added == ("app/new.py",)


def test_iteration_ends_with_the_watching(folder: Path) -> None:
    session = Session.open(folder)
    found: list[Changes] = []
    watching = session.watch(quiet_s=QUIET_S)
    with watching:
        taking = threading.Thread(target=lambda: found.extend(watching))
        taking.start()
        for number in range(3):
            (folder / "app/tax.py").write_text(f"RATE = {number}\n")
            until(lambda n=number: len(found) > n)  # type: ignore[misc]
    taking.join(WAIT_S)
    assert not taking.is_alive()
    assert [each.changed for each in found] == [("app/tax.py",)] * 3


def test_changes_come_asynchronously(folder: Path) -> None:
    session = Session.open(folder)

    async def follow() -> list[tuple[str, ...]]:
        found = []
        async with session.watch(quiet_s=QUIET_S) as watching:
            (folder / "app/tax.py").write_text("RATE = 1\n")
            async for changes in watching:
                found.append(changes.changed + changes.added)
                if len(found) == 2:
                    break
                (folder / "two.py").write_text("TWO = 2\n")
        return found

    assert asyncio.run(asyncio.wait_for(follow(), WAIT_S)) == [("app/tax.py",), ("two.py",)]


def test_who_gives_up_waiting_loses_no_change(folder: Path) -> None:
    session = Session.open(folder)

    async def follow() -> tuple[str, ...]:
        async with session.watch(quiet_s=QUIET_S) as watching:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(anext(aiter(watching)), 0.25)
            (folder / "app/tax.py").write_text("RATE = 1\n")
            session.refresh()
            await asyncio.sleep(1)  # a thread that still waited would take the change by now
            async for changes in watching:
                return changes.changed
        return ()

    assert asyncio.run(asyncio.wait_for(follow(), WAIT_S)) == ("app/tax.py",)


def test_a_root_that_goes_is_told_and_found_again(folder: Path) -> None:
    session = Session.open(folder)
    pages = session.pages
    with session.watch(quiet_s=QUIET_S) as watching:
        shutil.rmtree(folder)
        until(lambda: not watching.status.present)
        assert watching.status.notice
        (folder / "app").mkdir(parents=True)
        (folder / "app/back.py").write_text("BACK = 1\n")
        until(lambda: [d.path for d in session.documents] == ["app/back.py"])
        assert watching.status.present
        assert not watching.status.notice
    assert session.pages != pages


def test_threads_end_with_the_watching(folder: Path) -> None:
    before = set(threading.enumerate())
    for _ in range(3):
        with Session.open(folder).watch(quiet_s=QUIET_S):
            pass
    until(lambda: set(threading.enumerate()) <= before)


def test_a_fault_of_the_refresh_is_not_lost(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session.open(folder)
    with session.watch(quiet_s=QUIET_S) as watching:

        def broken(folders: object = None) -> None:
            raise RuntimeError("our own mistake")

        monkeypatch.setattr(watching, "_refresh", broken)
        (folder / "two.py").write_text("TWO = 2\n")
        with pytest.raises(Exception, match="our own mistake"):
            watching.wait(WAIT_S)
        assert "our own mistake" in watching.fault


def test_every_watching_hears_of_every_refresh(folder: Path) -> None:
    """Two watch, and the user refreshes by hand: nobody takes a change away from another."""
    session = Session.open(folder)
    with session.watch(quiet_s=QUIET_S) as one, session.watch(quiet_s=QUIET_S) as other:
        (folder / "two.py").write_text("TWO = 2\n")
        session.refresh()
        for watching in (one, other):
            changes = watching.wait(WAIT_S)
            assert changes is not None
            assert changes.added == ("two.py",)
    (folder / "three.py").write_text("THREE = 3\n")
    session.refresh()
    assert (one.wait(0), other.wait(0)) == (None, None)


def test_a_watching_is_begun_once_and_then_asked(folder: Path) -> None:
    """Each wrong order is an error; none waits for ever, or watches nothing in silence."""
    session = Session.open(folder)
    watching = session.watch(quiet_s=QUIET_S)
    with pytest.raises(SourceError, match="nothing is watched yet"):
        next(iter(watching))
    with pytest.raises(SourceError, match="nothing is watched yet"):
        watching.wait()
    with watching:
        with pytest.raises(SourceError, match="begun before"):
            watching.__enter__()
        (folder / "two.py").write_text("TWO = 2\n")
        assert watching.wait(WAIT_S) is not None
    with pytest.raises(SourceError, match="begun before"), watching:
        pass


def test_a_beginning_that_is_cut_off_leaves_no_thread(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = set(threading.enumerate())
    descriptors = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    session = Session.open(folder)

    def stop(folders: object = None) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(session, "refresh", stop)
    watching = session.watch(quiet_s=QUIET_S)
    with pytest.raises(KeyboardInterrupt), watching:
        pass
    assert not session._listeners
    assert set(threading.enumerate()) <= before
    if descriptors:
        assert len(os.listdir("/proc/self/fd")) <= descriptors


def test_an_asynchronous_beginning_may_be_cancelled(folder: Path) -> None:
    session = Session.open(folder)
    begun, may = threading.Event(), threading.Event()

    def tell(changes: Changes) -> None:
        begun.set()
        assert may.wait(WAIT_S)

    session._listeners.append(tell)

    async def cancelled() -> None:
        watching = session.watch(quiet_s=QUIET_S)
        task = asyncio.create_task(watching.__aenter__())
        await asyncio.to_thread(begun.wait, WAIT_S)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        may.set()

    asyncio.run(cancelled())
    until(lambda: session._listeners == [tell])
    until(lambda: not any(t.name == "glyphagent-refresh" for t in threading.enumerate()))


def test_what_never_changes_is_not_watched(folder: Path) -> None:
    git = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run([*git, *command], check=True)
    with pytest.raises(SourceError, match="never changes"):
        Session.open(folder, revision="HEAD").watch()
    one = Session.open(Source.from_files(folder, ["app/tax.py"]))
    with one.watch(quiet_s=QUIET_S) as watching:
        (folder / "README.md").write_text("# Other\n")
        (folder / "app/tax.py").write_text("RATE = 2\n")
        changes = watching.wait(WAIT_S)
        assert changes is not None
        assert changes.changed == ("app/tax.py",)
