"""One inotify instance with a watch per chosen folder, on the system calls that watchdog wraps.

watchdog's own emitter watches every folder of a tree, or none below the root; a build in an
ignored folder then costs as much as one in the sources. Its classes also differ between 6 and 7.
The wrapped calls are the same in both, and need no thread: the kernel keeps the events until
they are read, and says so if it could not keep them all.

Source: https://man7.org/linux/man-pages/man7/inotify.7.html
"""

from __future__ import annotations

import ctypes
import errno
import os
import select
import struct
import threading
from collections.abc import Callable, Iterator
from typing import NamedTuple

MODIFY = 0x2
ATTRIB = 0x4
CLOSE_WRITE = 0x8
MOVED_FROM = 0x40
MOVED_TO = 0x80
CREATE = 0x100
DELETE = 0x200
DELETE_SELF = 0x400
MOVE_SELF = 0x800
UNMOUNT = 0x2000
OVERFLOW = 0x4000
IGNORED = 0x8000
IS_FOLDER = 0x40000000
_ONLY_FOLDERS = 0x01000000
_NO_LINKS = 0x02000000
_NO_UNLINKED = 0x04000000
# Nothing that merely reading causes: who looks at what changed must not wake himself.
_CHANGES = MODIFY | ATTRIB | CLOSE_WRITE | MOVED_FROM | MOVED_TO | CREATE | DELETE
_MASK = _CHANGES | DELETE_SELF | MOVE_SELF | _ONLY_FOLDERS | _NO_LINKS | _NO_UNLINKED

_HEAD = struct.Struct("iIII")
_BUFFER = 1 << 18
_MOST_READS = 16


class Event(NamedTuple):
    """One event: number of the watch, what happened, and the name within the folder."""

    watch: int
    mask: int
    name: str


class Inotify:
    """An inotify instance that can be waited for, and woken by another thread."""

    def __init__(self) -> None:
        """Open the instance.

        Raises:
            OSError: The system has no more of them, or there is no inotify.
        """
        try:
            from watchdog.observers import inotify_c
        except Exception as error:  # watchdog's own error of a libc without inotify
            raise OSError(errno.ENOSYS, f"no inotify here: {error}") from error
        self._add: Callable[..., int] = inotify_c.inotify_add_watch
        self._remove: Callable[..., int] = inotify_c.inotify_rm_watch
        self._descriptor = _checked(int(inotify_c.inotify_init()))
        try:
            os.set_blocking(self._descriptor, False)
            os.set_inheritable(self._descriptor, False)
            self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        except OSError:
            os.close(self._descriptor)
            raise
        # A number of a closed descriptor may be another's by the time that someone wakes us.
        self._closing = threading.RLock()
        self._closed = False
        self._until_event = select.poll()
        self._until_woken = select.poll()
        self._until_event.register(self._descriptor, select.POLLIN)
        for poll in (self._until_event, self._until_woken):
            poll.register(self._wake, select.POLLIN)

    def add(self, path: str) -> int:
        """Number of the watch on a folder; the same as before if it has one already.

        Raises:
            OSError: There is no such folder, or no room for one more watch (ENOSPC).
        """
        return _checked(self._add(self._descriptor, os.fsencode(path), _MASK))

    def remove(self, watch: int) -> None:
        """Remove a watch; it is no matter if the kernel did already."""
        self._remove(self._descriptor, watch)

    def wait(self, pause_s: float) -> bool:
        """Whether there are events; returns when there are, when woken, or after the pause."""
        ready = self._until_event.poll(max(0.0, pause_s) * 1000)
        return any(descriptor == self._descriptor for descriptor, _ in ready)

    def sleep(self, pause_s: float) -> None:
        """Return when woken, or after the pause: events gather meanwhile."""
        self._until_woken.poll(max(0.0, pause_s) * 1000)

    def read(self) -> Iterator[Event]:
        """The events that are there; does not wait, and ends even if ever more come."""
        for _ in range(_MOST_READS):
            try:
                data = os.read(self._descriptor, _BUFFER)
            except BlockingIOError:
                return
            yield from parse(data)

    def wake(self) -> None:
        """End `wait` and `sleep`, now and from now on."""
        with self._closing:
            if not self._closed:
                os.eventfd_write(self._wake, 1)

    def close(self) -> None:
        """Give everything back; every watch ends."""
        with self._closing:
            if not self._closed:
                self._closed = True
                os.close(self._descriptor)
                os.close(self._wake)


def parse(data: bytes) -> Iterator[Event]:
    """Events out of what the kernel wrote."""
    place = 0
    while place + _HEAD.size <= len(data):
        watch, mask, _, length = _HEAD.unpack_from(data, place)
        place += _HEAD.size
        yield Event(watch, mask, os.fsdecode(data[place : place + length].rstrip(b"\0")))
        place += length


def _checked(result: int) -> int:
    """The result of a system call that says -1 for an error."""
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
