"""What happens when the system runs out of room for events or for watches."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from glyphagent.watching.inotify import Inotify

from .conftest import PATIENCE_S, Gather, Watch

# A user namespace of its own has limits of its own: the system's stay as they are.
_IN_A_NARROW_SYSTEM = """
import sys
from pathlib import Path
limit, root = sys.argv[1:]
Path("/proc/sys/user", limit.partition("=")[0]).write_text(limit.partition("=")[2])
from glyphagent.watching import Watcher
with Watcher(root, poll_s=0.05) as watcher:
    print(watcher.status.kind, watcher.status.notice, sep="|")
    for _ in range(2):
        dirty = watcher.wait(60)
        print(dirty.everything, dirty.why, sep="|")
"""


def test_lost_events_are_told_as_everything(root: Path, watch: Watch, gather: Gather) -> None:
    watcher = watch(root)
    room = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    for number in range(room + 10):
        # Two in turn: the kernel tells of the same thing twice in a row only once.
        os.utime(root / ("lib/deep/c.py" if number % 2 else "lib/b.py"))
    (root / "late/deep").mkdir(parents=True)
    dirty = gather(watcher, "late/x.py")[-1]
    assert dirty.everything
    assert "events were lost" in dirty.why
    # The folder whose creation nobody heard of is watched from now on.
    (root / "late/deep/y.py").write_text("")
    assert "late/deep/y.py" in gather(watcher, "late/deep/y.py")[-1].paths


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ("max_inotify_watches=3", "watched folders"),
        ("max_inotify_instances=0", "inotify instances"),
    ],
)
def test_without_room_it_polls_and_says_so(limit: str, words: str, root: Path) -> None:
    command = [sys.executable, "-c", _IN_A_NARROW_SYSTEM, limit, str(root)]
    done = subprocess.run(["unshare", "-Ur", *command], capture_output=True, text=True, timeout=120)
    if "unshare" in done.stderr or "/proc/sys/user" in done.stderr:
        pytest.skip("no user namespaces here")
    status, *told = done.stdout.splitlines()
    assert done.stderr == ""
    assert status.startswith("polling|the system's limit of ")
    assert words in status
    assert told == ["True|polling"] * 2


def test_a_limit_reached_later_is_announced_too(
    root: Path, watch: Watch, gather: Gather, monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher = watch(root, poll_s=0.05)

    def no_room(inotify: Inotify, path: str) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Inotify, "add", no_room)
    (root / "more").mkdir()
    assert gather(watcher, "more/x.py")[-1].everything
    assert watcher.status.kind == "polling"
    assert "max_user_watches" in watcher.status.notice


def test_polling_may_be_asked_for(root: Path, watch: Watch) -> None:
    watcher = watch(root, polling=True, poll_s=0.05)
    assert (watcher.status.kind, watcher.status.notice) == ("polling", "")
    assert [getattr(watcher.wait(PATIENCE_S), "why", "") for _ in range(2)] == ["polling"] * 2
