"""A session kept as its folder is: the watcher says when to look, the refresh decides what changed.

    with session.watch() as changes:          async with session.watch() as changes:
        for change in changes:                    async for change in changes:
            ...                                       ...

A thread of its own refreshes; whoever iterates gets each refresh that changed something, whoever
asked for it. Without an iteration the session stays fresh all the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import posixpath
import queue
import threading
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Self

from glyphagent.errors import GlyphError, SourceError
from glyphagent.history import Changes
from glyphagent.origins import Chosen, Given
from glyphagent.repositories import Revision, WorkTree
from glyphagent.sources import Source

if TYPE_CHECKING:
    from glyphagent.watching import Status, Watcher

_TURN_S = 0.5  # how soon a reader of changes notices that the watching has ended
_LOOK_S = 0.1  # how often an asynchronous reader looks
_NOT_YET = "nothing is watched yet: use `with session.watch() as changes:`"
_MOST_WAITING = 1000  # changes that nobody has taken; the oldest go


class Refreshing:
    """Refreshes in the background while it is open.

    Attributes:
        refreshes: How many there were, those that changed nothing included.
        fault: Why the last refresh did not come about, such as a root that is gone; empty if it
            did. The session then stands as it was, and the next event tries anew, unless the
            watching itself broke down.
    """

    def __init__(
        self,
        source: Source,
        refresh: Callable[[Collection[str] | None], Changes],
        listeners: list[Callable[[Changes], None]],
        *,
        quiet_s: float = 0.4,
        polling: bool | None = None,
    ) -> None:
        """Watch nothing yet; that begins with `with`.

        Args:
            source: What is watched.
            refresh: Called with folders to look at, or None for everything.
            listeners: Whoever stands in it is told of each refresh, also of those of others.
            quiet_s: How long nothing may happen before a refresh, in seconds.
            polling: Whether to look at regular times instead of being told by the system; None
                for only where the system cannot tell.

        Raises:
            SourceError: If the source never changes.
        """
        if isinstance(source.origin, Revision | Given):
            raise SourceError(f"{source.root} never changes: watch a folder or a work tree")
        self.refreshes, self.fault = 0, ""
        self._source, self._refresh, self._listeners = source, refresh, listeners
        self._quiet_s, self._polling = quiet_s, polling
        self._found: queue.Queue[Changes] = queue.Queue(_MOST_WAITING)
        self._ended = threading.Event()
        self._watcher: Watcher | None = None
        self._thread: threading.Thread | None = None
        self._crash: BaseException | None = None

    @property
    def status(self) -> Status:
        """How the folder is watched.

        Raises:
            SourceError: If it is not watched yet.
        """
        if self._watcher is None:
            raise SourceError(_NOT_YET)
        return self._watcher.status

    def __enter__(self) -> Self:
        """Begin to watch; what changed since the session was opened is found at once.

        Raises:
            SourceError: If it was begun before, or the folder cannot be watched.
        """
        from glyphagent.watching import Watcher

        if self._watcher is not None:
            raise SourceError("this watching was begun before: call session.watch() for another")
        origin = self._source.origin
        named = {posixpath.dirname(p) for p in origin.paths} if isinstance(origin, Chosen) else None
        self._watcher = Watcher(
            self._source.root,
            folders=None if named is None else lambda: named,
            use_git=isinstance(origin, WorkTree),
            quiet_s=self._quiet_s,
            polling=self._polling,
        )
        try:
            self._watcher.__enter__()
            self._listeners.append(self._tell)
            # Only now: what happens from here on is an event, what happened before is found here.
            self._look(None)
            self._thread = threading.Thread(
                target=self._run, name="glyphagent-refresh", daemon=True
            )
            self._thread.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Watch no longer; a refresh that is under way is finished."""
        self.close()

    async def __aenter__(self) -> Self:
        """Begin to watch, in a thread."""
        try:
            return await asyncio.to_thread(self.__enter__)
        except asyncio.CancelledError:
            self._ended.set()  # the thread goes on, and then ends what it has begun
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Watch no longer."""
        await asyncio.to_thread(self.close)

    def close(self) -> None:
        """Watch no longer; iterations end. May be called from any thread, more than once."""
        self._ended.set()
        self._let_go()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def wait(self, timeout_s: float | None = None) -> Changes | None:
        """The next refresh that changed something; None if time or the watching ended first.

        Raises:
            SourceError: If nothing is watched yet.
            GlyphError: If the watching broke down.
        """
        if self._watcher is None:
            raise SourceError(_NOT_YET)
        left = timeout_s
        while True:
            turn = _TURN_S if left is None else min(_TURN_S, max(left, 0.0))
            with contextlib.suppress(queue.Empty):
                return self._found.get(timeout=turn) if turn else self._found.get_nowait()
            if self._crash is not None:
                raise GlyphError(self.fault) from self._crash
            if left is not None:
                left -= turn
            if self._ended.is_set() or (left is not None and left <= 0):
                # What came between the look and the end is not lost.
                with contextlib.suppress(queue.Empty):
                    return self._found.get_nowait()
                return None

    def __iter__(self) -> Iterator[Changes]:
        """Each refresh that changed something, until the watching ends."""
        while (found := self.wait()) is not None:
            yield found

    async def __aiter__(self) -> AsyncIterator[Changes]:
        """The same for programs that must not block.

        Whoever gives up waiting, as after a timeout, loses nothing: another iteration goes on.
        """
        while True:
            # A thread that waits in our place would take a change along that nobody gets then.
            found = self.wait(0)
            if found is not None:
                yield found
            elif self._ended.is_set():
                return
            else:
                await asyncio.sleep(_LOOK_S)

    def _run(self) -> None:
        try:
            assert self._watcher is not None  # begun by `__enter__`
            while not self._ended.is_set():
                dirty = self._watcher.wait(None)
                if dirty is not None and not self._ended.is_set():
                    # What a failed refresh was to look at is forgotten: then everything.
                    self._look(None if dirty.everything or self.fault else dirty.paths)
        except BaseException as error:  # told to whoever waits; a thread has nobody else to tell
            self.fault = f"the watching broke down: {error}"
            self._crash = error
        finally:
            self._let_go()

    def _let_go(self) -> None:
        """Watch and listen no longer."""
        with contextlib.suppress(ValueError):
            self._listeners.remove(self._tell)
        if self._watcher is not None:
            self._watcher.close()

    def _look(self, folders: Collection[str] | None) -> None:
        try:
            self._refresh(folders)
        except GlyphError as error:
            self.fault = str(error)
            return
        self.fault = ""
        self.refreshes += 1

    def _tell(self, found: Changes) -> None:
        """Keep a change for whoever iterates."""
        while found:
            try:
                self._found.put_nowait(found)
            except queue.Full:
                with contextlib.suppress(queue.Empty):
                    self._found.get_nowait()
            else:
                break
