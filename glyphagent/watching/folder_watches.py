"""Hints from inotify: one watch for each folder that counts, none for any other.

Order is what keeps this from missing anything. A new folder is watched first and listed then;
the folders that the list shows are treated alike, and whatever is created later comes as an
event. The whole of it is told as dirty only after that, so that who rescans comes last.
"""

from __future__ import annotations

import errno
import os
import posixpath
import time
from pathlib import Path
from typing import NamedTuple

from glyphagent.watching import inotify
from glyphagent.watching.inotify import Event, Inotify
from glyphagent.watching.signs import Signs
from glyphagent.watching.territory import Territory

_IN_ROOT = ""
# Events of one change come in swarms: read together they cost one look, not one each.
_SWARM_S = 0.02
_NO_ROOM = (errno.ENOSPC, errno.ENOMEM)


class WatchLimitError(Exception):
    """The system has no room for one more watch; the message says what to do."""


class _Place(NamedTuple):
    """What a watch is on: a folder below the root (relative), or one of those outside."""

    kind: str
    path: str


class FolderWatches:
    """Watches on the folders of a territory, kept in step with it."""

    kind = "inotify"

    def __init__(self, territory: Territory) -> None:
        """Open an inotify instance.

        Raises:
            WatchLimitError: The system has no more of them.
        """
        self._territory = territory
        try:
            self._inotify = Inotify()
        except OSError as error:
            raise WatchLimitError(_instance_notice(error)) from error
        self._places: dict[int, _Place] = {}
        self._watches: dict[_Place, int] = {}

    @property
    def folders(self) -> int:
        """How many folders carry a watch."""
        return len(self._watches)

    def rebuild(self) -> None:
        """Watch what counts now, and nothing else; repairs whatever lost events left wrong.

        Raises:
            WatchLimitError: The system has no room for so many watches.
            OSError: The root is gone.
        """
        before = set(self._watches)
        seen: set[_Place] = set()

        def visit(folder: str) -> bool:
            seen.add(_Place(_IN_ROOT, folder))
            return self._add(_Place(_IN_ROOT, folder))

        # Git's own folders first: rules that change while we walk are then heard of.
        for path, kind in self._territory.outside():
            place = _Place(kind, path)
            seen.add(place)
            self._add(place)
        self._territory.walk([""], visit)
        if _Place(_IN_ROOT, "") not in self._watches:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), self._territory.root)
        for place in before - seen:
            self._forget(place)

    def read(self, pause_s: float, signs: Signs) -> None:
        """Gather what happened; waits for it no longer than the pause.

        Raises:
            WatchLimitError: The system has no room for one more watch.
        """
        if self._inotify.wait(pause_s):
            self._inotify.sleep(min(_SWARM_S, max(0.0, pause_s)))
        now = time.monotonic()
        new: set[str] = set()
        for event in self._inotify.read():
            self._sort(event, signs, new, now)
        if new:
            kept = self._territory.walk(sorted(new), lambda f: self._add(_Place(_IN_ROOT, f)))
            if self._territory.narrow:
                kept = new
            signs.folders |= kept
            if kept:
                signs.touch(now, len(kept))
        if signs.last == now:
            # Sorting may have taken longer than the quiet that is waited for.
            signs.last = time.monotonic()

    def alive(self) -> bool:
        """Whether events still come: there is no thread that could have died."""
        return True

    def wake(self) -> None:
        """End `read` at once."""
        self._inotify.wake()

    def close(self) -> None:
        """End every watch."""
        self._inotify.close()

    def _sort(self, event: Event, signs: Signs, new: set[str], now: float) -> None:
        """Take in one event; `new` gathers folders that need watches."""
        if event.mask & inotify.OVERFLOW:
            signs.lose("events were lost (queue overflow)", now)
            return
        place = self._places.get(event.watch)
        if place is None:
            return
        if event.mask & inotify.IGNORED:
            self._forget(place, gone=True)
            return
        if event.mask & inotify.UNMOUNT:
            signs.lose("a file system was unmounted", now)
            signs.root = True
        elif place.kind != _IN_ROOT:
            self._territory.outside_event(place.kind, event.name, signs, now)
        elif not event.name:
            # The same comes as an event of the folder above; the root has none above.
            if not place.path:
                signs.root = True
                if event.mask & inotify.ATTRIB:
                    signs.lose("permissions of the root changed", now)
        elif event.mask & inotify.IS_FOLDER:
            self._sort_folder(place.path, event, signs, new, now)
        else:
            self._territory.file_event(place.path, event.name, signs, now)

    def _sort_folder(
        self, above: str, event: Event, signs: Signs, new: set[str], now: float
    ) -> None:
        """Take in an event about a folder in a watched one."""
        path = posixpath.join(above, event.name)
        gone = bool(event.mask & (inotify.MOVED_FROM | inotify.DELETE))
        if gone:
            self._drop(path, new, bool(event.mask & inotify.MOVED_FROM))
        if not self._territory.folder_counts(above, event.name, signs, now):
            return
        if gone:
            # Ignore files in it ruled until now, and no event tells of each of them.
            signs.rules = signs.rules or bool(event.mask & inotify.MOVED_FROM)
            signs.folders.add(path)
            signs.touch(now)
        elif event.mask & (inotify.CREATE | inotify.MOVED_TO):
            signs.rules = signs.rules or bool(event.mask & inotify.MOVED_TO)
            new.add(path)
        elif _Place(_IN_ROOT, path) in self._watches:
            signs.folders.add(path)
            signs.touch(now)
        else:
            # Its permissions changed: perhaps it can be read now.
            new.add(path)

    def _add(self, place: _Place) -> bool:
        """Watch a place; false if nothing is there that could be watched."""
        path = os.path.join(self._territory.root, place.path) if place.path else None
        try:
            watch = self._inotify.add(path or self._territory.root)
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise WatchLimitError(_watch_notice()) from error
            self._forget(place)
            return False
        # The kernel knows folders, not paths: one that was moved keeps its watch.
        other = self._places.get(watch)
        if other is not None and other != place:
            self._watches.pop(other, None)
        stale = self._watches.get(place)
        if stale is not None and stale != watch:
            self._places.pop(stale, None)
            self._inotify.remove(stale)
        self._places[watch] = place
        self._watches[place] = watch
        return True

    def _forget(self, place: _Place, gone: bool = False) -> None:
        """End the watch on a place, unless the kernel did."""
        watch = self._watches.pop(place, None)
        if watch is not None:
            self._places.pop(watch, None)
            if not gone:
                self._inotify.remove(watch)

    def _drop(self, path: str, new: set[str], moved: bool) -> None:
        """End the watches on a folder and all below it, which is no longer there."""
        self._forget(_Place(_IN_ROOT, path))
        new.discard(path)
        if not moved:
            # It was empty: what had been in it was told of before.
            return
        inside = f"{path}/"
        for place in [p for p in self._watches if p.kind == _IN_ROOT]:
            if place.path.startswith(inside):
                self._forget(place)
        new.difference_update([p for p in new if p.startswith(inside)])


def _watch_notice() -> str:
    """What to say when there is no room for one more watch."""
    return (
        f"the system's limit of watched folders{_limit('max_user_watches')} is reached: looking "
        "at everything every few seconds instead; raise fs.inotify.max_user_watches"
    )


def _instance_notice(error: OSError) -> str:
    """What to say when there is no inotify instance to be had."""
    if error.errno == errno.EMFILE:
        why = f"the system's limit of inotify instances{_limit('max_user_instances')} is reached"
        return f"{why}: looking at everything every few seconds instead"
    why = (error.strerror or str(error)).lower()
    return f"no events from the system ({why}): looking at everything every few seconds"


def _limit(name: str) -> str:
    """A limit of the kernel's, in brackets, where it says so."""
    try:
        return f" ({Path('/proc/sys/fs/inotify', name).read_text(encoding='ascii').strip()})"
    except OSError:
        return ""
