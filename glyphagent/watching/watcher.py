"""Waiting for changes below a root, until they have settled."""

from __future__ import annotations

import os
import posixpath
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from glyphagent.errors import SourceError
from glyphagent.watching.folder_watches import FolderWatches, WatchLimitError
from glyphagent.watching.mounts import remote_file_system
from glyphagent.watching.no_hints import NoHints
from glyphagent.watching.signs import Dirty, Signs, Status
from glyphagent.watching.territory import Territory
from glyphagent.watching.tree_observer import TreeObserver

_LOCK_PAUSE_S = 0.1
# While nothing tells of changes, looking takes at most this part of the time.
_POLLING_SHARE = 0.05
# While nothing happens, seeing whether nothing was overlooked takes at most this part of it.
_REBUILDING_SHARE = 0.003


class _Hints(Protocol):
    """Where hints come from."""

    @property
    def kind(self) -> str:
        """As in `Status`."""

    @property
    def folders(self) -> int:
        """How many folders carry a watch."""

    def rebuild(self) -> None:
        """Watch what counts now."""

    def read(self, pause_s: float, signs: Signs) -> None:
        """Gather what happened; waits for it no longer than the pause."""

    def alive(self) -> bool:
        """Whether hints still come."""

    def wake(self) -> None:
        """End `read`, now and from now on."""

    def close(self) -> None:
        """Give everything back."""


class Watcher:
    """Tells which folders below a root to look at again, once changes have settled.

    Nothing is told of the time before it was entered: enter it first, read everything then, and
    wait after that; so no change is missed.

        with Watcher(root) as watcher:
            read_everything()
            while True:
                dirty = watcher.wait(60)

    One thread waits at a time; any thread may close. What was gathered is kept when `wait` ends
    without result, and the kernel keeps what happens between two calls.
    """

    def __init__(
        self,
        root: str | Path,
        *,
        folders: Callable[[], Iterable[str]] | None = None,
        use_git: bool = True,
        polling: bool | None = None,
        quiet_s: float = 0.4,
        longest_s: float = 5.0,
        lock_s: float = 30.0,
        heartbeat_s: float = 2.0,
        periodic_s: float = 60.0,
        poll_s: float = 3.0,
    ) -> None:
        """Keep the options; nothing is watched yet.

        Args:
            root: Folder to watch; if it is a link, the folder that it leads to now.
            folders: Says which folders count, relative to the root, where it is not all of them
                (the root itself always does); asked anew with each `wait`.
            use_git: Whether git says what is ignored, as for `Source.open`; else ignore files
                alone do, as for `Source.from_folder`.
            polling: Whether to do without events; none for doing so on network file systems.
                Without room for watches there is no choice, and `status` says so.
            quiet_s: Changes have settled when nothing more happened for so long.
            longest_s: They count as settled so long after the first one in any case.
            lock_s: So long is waited for the end of a git command that holds the index.
            heartbeat_s: How often the root itself is looked at.
            periodic_s: Everything is reported this often, should all hints have failed; less often
                where looking for what was overlooked takes a notable part of the time.
            poll_s: The same, where there are no events.
        """
        self._root = os.path.realpath(root)
        self._territory = Territory(self._root, use_git, folders)
        self._polling = polling
        self._quiet_s, self._longest_s, self._lock_s = quiet_s, longest_s, lock_s
        self._heartbeat_s, self._periodic_s, self._poll_s = heartbeat_s, periodic_s, poll_s
        self._signs = Signs()
        self._hints: _Hints | None = None
        self._notice = ""
        self._absence = ""
        self._identity: tuple[int, int] | None = None
        self._next_beat = self._next_everything = 0.0
        self._rebuild_s = 0.0
        self._told_at: float | None = None
        self._lock_since: float | None = None
        self._stale_lock: tuple[int, int] | None = None
        self._closed = False
        self._turn = threading.RLock()
        self._waiting: int | None = None

    @property
    def status(self) -> Status:
        """How the watcher stands."""
        hints = self._hints
        kind = "polling" if hints is None else hints.kind
        notice = "; ".join(text for text in (self._notice, self._absence) if text)
        return Status(kind, notice, not self._absence, 0 if hints is None else hints.folders)

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def __enter__(self) -> Self:
        """Begin to watch.

        Raises:
            SourceError: The root is no folder that can be listed.
        """
        with self._turn:
            if self._closed:
                raise SourceError(f"the watcher of {self._root} is closed: make a new one")
            fault = self._look()
            if fault:
                raise SourceError(f"{self._root} cannot be watched: {fault}")
            self._begin()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """End the watch, and a `wait` in any thread; may be called twice."""
        self._closed = True
        hints = self._hints
        if hints is not None:
            hints.wake()
        if self._waiting == threading.get_ident():
            # Called by a signal handler within `wait`, which gives back what it still uses.
            return
        with self._turn:
            self._release()

    def wait(self, timeout_s: float | None = None) -> Dirty | None:
        """What to look at again, or none if nothing settled in time or the watcher was closed.

        Raises:
            SourceError: The watcher was not entered.
        """
        with self._turn:
            if self._hints is None and not self._closed:
                raise SourceError("enter the watcher before waiting: with Watcher(...) as watcher")
            self._waiting = threading.get_ident()
            try:
                return self._wait(timeout_s)
            except BaseException:
                # Ctrl-C: what was read from the kernel by then may not be sorted in.
                self._signs.lose("interrupted", time.monotonic())
                raise
            finally:
                self._waiting = None
                if self._closed:
                    self._release()

    def _wait(self, timeout_s: float | None) -> Dirty | None:
        """The same; the turn is held."""
        begin = time.monotonic()
        end = float("inf") if timeout_s is None else begin + timeout_s
        self._catch_up(begin)
        looked = False
        while not self._closed and self._hints is not None:
            now = time.monotonic()
            if now >= self._next_beat or self._signs.root:
                self._beat(now)
            due = self._due(now)
            if due <= now and looked:
                dirty = self._settle(now)
                if dirty is not None:
                    return dirty
                continue
            if now >= end and looked:
                return None
            looked = True
            pause_s = max(0.0, min(due, self._next_beat, end) - now)
            try:
                self._hints.read(pause_s, self._signs)
            except WatchLimitError as error:
                self._poll(str(error))
        return None

    def _catch_up(self, now: float) -> None:
        """Take note of what the caller did since the last call."""
        added = self._territory.choose() if self._told_at is not None else frozenset()
        if added:
            self._signs.folders |= added
            self._signs.rules = True
            self._signs.touch(now)
        if self._polls and self._told_at is not None:
            longest_s = max(self._poll_s, self._periodic_s)
            pause_s = max(self._poll_s, (now - self._told_at) / _POLLING_SHARE)
            self._next_everything = now + min(pause_s, longest_s)
        self._told_at = None

    def _due(self, now: float) -> float:
        """When there is something to tell."""
        signs = self._signs
        if self._absence:
            return float("inf")
        due = self._next_everything
        if signs.first is not None:
            due = min(due, signs.last + self._quiet_s, signs.first + self._longest_s)
        if due > now:
            return due
        return now + _LOCK_PAUSE_S if self._locked(now) else now

    def _locked(self, now: float) -> bool:
        """Whether to wait for a git command that is in the midst of changing files."""
        path = self._territory.locked()
        try:
            lock = os.lstat(path) if path else None
        except OSError:
            lock = None
        if lock is None:
            if self._lock_since is None:
                return False
            # It has ended just now: what it did last may not be all heard yet.
            self._lock_since = None
            if self._signs.first is None:
                self._signs.touch(now, 0)
            self._signs.first = self._signs.last = now
            return True
        identity = (lock.st_ino, lock.st_mtime_ns)
        if identity == self._stale_lock:
            return False
        if self._lock_since is None:
            self._lock_since = now
        if now - self._lock_since < self._lock_s:
            return True
        self._stale_lock = identity
        self._lock_since = None
        self._signs.lose(f"git's lock {path} is held for over {self._lock_s:g} s", now)
        return False

    def _settle(self, now: float) -> Dirty | None:
        """What was gathered, less what turns out to be ignored; none if nothing is left."""
        signs = self._signs
        if self._polls:
            signs.lose("polling", now)
        elif now >= self._next_everything:
            signs.lose("periodic", now)
        if not self._resolve(signs):
            return None
        self._signs = Signs()
        if not (signs.lost or signs.files or signs.folders):
            return None
        self._told_at = now
        if signs.lost:
            pause_s = max(self._periodic_s, self._rebuild_s / _REBUILDING_SHARE)
            self._next_everything = now + pause_s
            root = frozenset({""})
            return Dirty(root, True, "; ".join(signs.lost), signs.events, root)
        folders = frozenset(signs.folders | {posixpath.dirname(path) for path in signs.files})
        why = "ignore rules changed" if signs.rules else "files changed"
        return Dirty(folders, False, why, signs.events, frozenset(signs.folders | signs.files))

    def _resolve(self, signs: Signs) -> bool:
        """Follow what has changed in the rules, and ask them; false if the root is gone."""
        if self._polls:
            return True
        self._territory.resolve_manifests(signs)
        if signs.index:
            self._territory.resolve_index(signs)
        if (signs.rules or signs.lost) and not self._rebuild(signs):
            # When the root is back, everything is told.
            return False
        if self._polls:
            signs.lose("polling", time.monotonic())
        if not signs.lost:
            self._territory.resolve_files(signs)
        return True

    def _beat(self, now: float) -> None:
        """See whether the root is still the folder that is watched, and hints still come."""
        self._signs.root = False
        self._next_beat = now + self._heartbeat_s
        before = self._identity
        fault = self._look()
        if fault:
            self._absence = f"{self._root} cannot be read ({fault}): waiting for it to come back"
            return
        dead = self._hints is not None and not self._hints.alive()
        if not (self._absence or dead or before != self._identity):
            return
        why = "hints had stopped" if dead else "the root was replaced"
        if self._absence:
            why = "the root is back"
        self._absence = ""
        self._signs = Signs(events=self._signs.events)
        self._signs.lose(why, now)

    def _look(self) -> str:
        """What keeps the root from being read, or nothing; notes which folder it is."""
        try:
            status = os.stat(self._root)
            with os.scandir(self._root):
                self._identity = (status.st_dev, status.st_ino)
        except OSError as error:
            return (error.strerror or str(error)).lower()
        return ""

    def _begin(self) -> None:
        """Choose where hints come from, and watch."""
        kind = remote_file_system(self._root)
        if self._polling:
            self._poll("")
        elif kind and self._polling is None:
            self._poll(
                f"{self._root} has files on a file system of kind {kind}, which does not tell of "
                "changes made elsewhere: looking at everything every few seconds instead"
            )
        else:
            linux = sys.platform == "linux"
            try:
                self._hints = (FolderWatches if linux else TreeObserver)(self._territory)
                self._rebuild(self._signs)
            except WatchLimitError as error:
                self._poll(str(error))
        now = time.monotonic()
        self._next_beat = now + self._heartbeat_s
        self._next_everything = now + (self._poll_s if self._polls else self._periodic_s)
        self._signs = Signs()

    @property
    def _polls(self) -> bool:
        """Whether there are no hints."""
        return isinstance(self._hints, NoHints)

    def _rebuild(self, signs: Signs) -> bool:
        """Read the rules anew and watch what counts now; false if the root is gone."""
        assert self._hints is not None
        begin = time.monotonic()
        try:
            # What git lists may have changed without that its event was read yet.
            signs.folders |= self._territory.reload()
            self._hints.rebuild()
            self._rebuild_s = time.monotonic() - begin
        except WatchLimitError as error:
            self._poll(str(error))
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            self._absence = f"{self._root} cannot be read ({why}): waiting for it to come back"
            self._next_beat = min(self._next_beat, time.monotonic() + self._heartbeat_s)
            return False
        return True

    def _poll(self, notice: str) -> None:
        """Do without hints from now on."""
        self._notice = notice
        if self._hints is not None:
            self._hints.close()
        self._hints = NoHints()
        self._territory.reload()
        self._next_everything = time.monotonic()
        if self._closed:
            self._hints.wake()

    def _release(self) -> None:
        """Give everything back."""
        hints, self._hints = self._hints, None
        if hints is not None:
            hints.close()
