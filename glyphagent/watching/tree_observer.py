"""Hints from watchdog's observer of a whole tree, for systems without inotify.

FSEvents and ReadDirectoryChangesW watch a tree at no cost per folder; what is ignored is filtered
out after it was heard.
"""

from __future__ import annotations

import os
import posixpath
import threading
import time
from typing import TYPE_CHECKING

from glyphagent.watching.signs import Signs
from glyphagent.watching.territory import GIT_PLACE, INFO_PLACE, RULE_FILES, Territory

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver

# Waiting for a lock cannot be interrupted on Windows: Ctrl-C is heard between the slices.
_SLICE_S = 0.5
_MOST_EVENTS = 50_000


class TreeObserver:
    """An observer thread, and the queue that it fills."""

    kind = "observer"
    folders = 1

    def __init__(self, territory: Territory) -> None:
        """Start nothing yet."""
        self._territory = territory
        self._some = threading.Condition()
        self._heard: list[tuple[str, bool, bool]] = []
        self._modes: dict[str, int] = {}
        self._lost = False
        self._woken = False
        self._observer: BaseObserver | None = None
        self._observed: tuple[int, int, tuple[str, ...]] | None = None

    def rebuild(self) -> None:
        """Observe the root, and git's folders where they lie elsewhere.

        Raises:
            OSError: The root is gone, or the system refuses.
        """
        from watchdog.events import FileSystemEvent, FileSystemEventHandler
        from watchdog.observers import Observer

        heard = self._hear

        class Listener(FileSystemEventHandler):
            def on_any_event(self, event: FileSystemEvent) -> None:
                if event.event_type not in ("opened", "closed_no_write"):
                    touched = event.is_directory and event.event_type == "modified"
                    for path in (event.src_path, event.dest_path):
                        if path:
                            heard(os.fsdecode(path), event.is_directory, touched)

        # Ignore files are read on the way.
        self._modes.clear()
        self._territory.walk([""], lambda folder: self._mode_is_new(folder) or True)
        root = self._territory.root
        status = os.stat(root)
        observed = (status.st_dev, status.st_ino, self._territory.git_folders)
        if observed == self._observed and self.alive():
            return
        self._stop()
        observer = Observer()
        listener = Listener()
        observer.schedule(listener, root, recursive=True)
        for folder in self._territory.git_folders:
            if not folder.startswith(os.path.join(root, "")):
                observer.schedule(listener, folder, recursive=False)
        observer.start()
        with self._some:
            # What happened between the two observers was heard by neither.
            self._lost = self._observed is not None
        self._observer, self._observed = observer, observed

    def read(self, pause_s: float, signs: Signs) -> None:
        """Gather what was heard; waits for it no longer than the pause."""
        with self._some:
            end = time.monotonic() + pause_s
            while not (self._heard or self._woken or self._lost):
                left = end - time.monotonic()
                if left <= 0:
                    return
                self._some.wait(min(left, _SLICE_S))
            heard, self._heard = self._heard, []
            lost, self._lost = self._lost, False
        now = time.monotonic()
        if lost:
            signs.lose("events were lost", now)
        for path, is_folder, touched in heard:
            self._sort(path, is_folder, touched, signs, now)

    def alive(self) -> bool:
        """Whether the threads run that events come from."""
        threads = self._observer
        return (
            threads is not None
            and threads.is_alive()
            and all(emitter.is_alive() for emitter in threads.emitters)
        )

    def wake(self) -> None:
        """End `read` at once."""
        with self._some:
            self._woken = True
            self._some.notify_all()

    def close(self) -> None:
        """End the threads."""
        self._stop()

    def _stop(self) -> None:
        """End an observer that runs."""
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
            self._observer = None

    def _hear(self, path: str, is_folder: bool, touched: bool) -> None:
        """Keep an event; runs in the observer's thread."""
        with self._some:
            if len(self._heard) < _MOST_EVENTS:
                self._heard.append((path, is_folder, touched))
            else:
                self._lost = True
            self._some.notify_all()

    def _sort(self, path: str, is_folder: bool, touched: bool, signs: Signs, now: float) -> None:
        """Take in one event."""
        territory = self._territory
        for folder in territory.git_folders:
            above, name = os.path.split(path)
            if above == folder:
                territory.outside_event(GIT_PLACE, name, signs, now)
            elif above == os.path.join(folder, "info"):
                territory.outside_event(INFO_PLACE, name, signs, now)
        if path == territory.root:
            signs.root = True
            return
        inside = os.path.join(territory.root, "")
        if not path.startswith(inside):
            return
        parts = path[len(inside) :].split(os.sep)
        # Nothing is watched by folder here: each folder above may be what is ignored.
        for end in range(1, len(parts)):
            if not self._counts("/".join(parts[: end - 1]), parts[end - 1], signs, now):
                return
        above, name = "/".join(parts[:-1]), parts[-1]
        if not is_folder:
            territory.file_event(above, name, signs, now)
        elif touched and not self._mode_is_new("/".join(parts)):
            # Said of a folder with every change of an entry: the entry's own event is enough.
            return
        elif self._counts(above, name, signs, now):
            signs.folders.add(posixpath.join(above, name))
            signs.rules = signs.rules or _may_rule(path)
            signs.touch(now)

    def _mode_is_new(self, folder: str) -> bool:
        """Whether the permissions of a folder are not those of the last look at it."""
        try:
            mode = os.lstat(os.path.join(self._territory.root, folder)).st_mode
        except OSError:
            return True
        known = self._modes.get(folder)
        self._modes[folder] = mode
        return known != mode

    def _counts(self, above: str, name: str, signs: Signs, now: float) -> bool:
        """Whether a folder is none that is ignored; asks once for each."""
        if not self._territory.folder_counts(above, name, signs, now):
            return False
        path = posixpath.join(above, name)
        return bool(self._territory.rules.kept_folders([path]))


def _may_rule(path: str) -> bool:
    """Whether a folder is gone, or holds ignore files: rules may have come or gone with it."""
    return not os.path.isdir(path) or any(
        os.path.lexists(os.path.join(path, name)) for name in RULE_FILES
    )
