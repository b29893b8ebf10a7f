"""A source read again and again: what did not change is neither read nor decoded twice.

A reading asks for every listing anew and compares each file's state with what it was when its
document was made; where nothing moved, the very same `Document` comes back. The outcome always
equals that of `Source.read` at the same moment. Which folders changed, and when to look, is a
watcher's business.

A state is device, inode, mode, size and both times of change. A file that had changed just
before it was read may change again within one tick of the file system's clock, and look the
same: it is read once more next time, and its document kept if the bytes are.

Source: https://git-scm.com/docs/racy-git
"""

from __future__ import annotations

import os
import posixpath
import time
from collections.abc import Callable, Collection, Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any, TypeVar

from glyphagent.decoding import decode
from glyphagent.document import Document, Skipped
from glyphagent.folders import FOLDER_FLAGS, Folder, Found, IgnoreTexts
from glyphagent.ignores import IgnoreRules
from glyphagent.origins import Given, Look
from glyphagent.repositories import Revision
from glyphagent.sources import Source, SourceSet

__all__ = ["Rescan"]

Result = TypeVar("Result")
State = tuple[int, int, int, int, int, int]

# The coarsest clock of a file system in use (FAT) ticks every two seconds.
_COARSEST_TICK_S = 2.0
# Folders held open on the way down; what lies deeper is opened from the top each time.
_DEEPEST_HELD = 64


class Rescan:
    """A source with the memory of its last reading; not for several threads at once.

    Attributes:
        source: What is read.
        looked_at: Files whose state was looked at in the last reading.
        read_anew: Files whose bytes were read in it.
        kept: Documents of it that are the very objects of the reading before.
    """

    def __init__(self, source: Source, tick_s: float = _COARSEST_TICK_S) -> None:
        """Remember nothing yet.

        Args:
            source: What to read.
            tick_s: How far apart two changes must be for their times to differ for certain.
        """
        self.source = source
        self.looked_at = self.read_anew = self.kept = 0
        self._last: SourceSet | None = None
        self._look = _RememberingLook(source, int(tick_s * 1e9))

    def read(self, dirty: Collection[str] | None = None) -> SourceSet:
        """What `Source.read` gives at this moment, its unchanged documents as the same objects.

        Args:
            dirty: Folders (or files) that may hold changes at any depth, relative to the root,
                `""` for the root itself; files elsewhere are taken to be as they were, if they
                are listed as before. None looks at all. The listing itself is always asked anew.

        Raises:
            SourceError: Nothing can be listed at all; the next reading then looks at all.
        """
        last = self._last
        if last is not None and isinstance(self.source.origin, Revision | Given):
            self.looked_at, self.read_anew, self.kept = 0, 0, len(last.documents)
            return last
        with self._look.begun(dirty) as look:
            found = self.source.read(look)
        if look.overlooked:
            with self._look.begun(None) as look:
                found = self.source.read(look)
        before = set() if last is None else set(map(id, last.documents))
        self.kept = sum(id(document) in before for document in found.documents)
        self.looked_at, self.read_anew = look.looked_at, look.read_anew
        self._last = found
        return found


@dataclass(slots=True)
class _Memory:
    """What a path gave, and the state of the file that it was made from.

    Attributes:
        state: What the file looked like when it was opened.
        settled: Whether it had not changed for so long that any later change shows.
        found: Path to show with the document or the reason why its bytes are none; or why they
            were not read.
        linked: Whether the file has several names, so that it may change under another one.
        current: Whether the last reading gave this; else something else stood in its place.
    """

    state: State
    settled: bool
    found: Found
    linked: bool = False
    current: bool = True

    @property
    def file(self) -> tuple[int, int]:
        """Which file it is, whatever its name: device and inode."""
        return self.state[:2]


class _RememberingLook(Look):
    """Looks with one memory, from which goes what a look does not meet.

    Attributes:
        looked_at: As in `Rescan`.
        read_anew: As in `Rescan`.
        overlooked: Whether a file turned out to have another name where nobody looked.
    """

    def __init__(self, source: Source, tick_ns: int) -> None:
        """Remember nothing yet."""
        self.looked_at = self.read_anew = 0
        self.overlooked = False
        self._source = source
        self._tick_ns = tick_ns
        self._dirty: Collection[str] | None = None
        self._complete = False
        self._folders: dict[str, _RememberingFolder] = {}
        self._met: dict[str, _RememberingFolder] = {}
        self._made: dict[str, tuple[tuple[Any, ...], Any]] = {}
        self._made_now: dict[str, tuple[tuple[Any, ...], Any]] = {}

    @contextmanager
    def begun(self, dirty: Collection[str] | None) -> Iterator[_RememberingLook]:
        """This look for one reading; a reading that fails leaves the memory as it was."""
        self._dirty = dirty if self._complete else None
        self._complete = False
        self._met, self._made_now = {}, {}
        try:
            yield self
        finally:
            for folder in self._met.values():
                folder.close()
        self.overlooked = True in [folder.forget_unmet() for folder in self._met.values()]
        self._folders, self._made = self._met, self._made_now
        self.looked_at = sum(folder.looked_at for folder in self._met.values())
        self.read_anew = sum(folder.read_anew for folder in self._met.values())
        self._complete = True

    def folder(self, root: str | Path) -> Folder:
        """The folder, with what it remembers."""
        real = os.path.realpath(root)
        if real not in self._met:
            folder = self._folders.get(real)
            if folder is None:
                max_line = self._source.options.max_line
                folder = _RememberingFolder(real, max_line, self._tick_ns)
            # What is dirty is told from the source's root; a folder above is looked at.
            folder.begin(self._dirty if str(root) == self._source.root else None)
            self._met[real] = folder
        return self._met[real]

    def once(self, what: str, given: tuple[Any, ...], make: Callable[[], Result]) -> Result:
        """What `make` gives, or gave last time for the same."""
        known = self._made.get(what)
        if known is None or known[0] != given:
            known = given, make()
        self._made_now[what] = known
        result: Result = known[1]
        return result


class _RememberingFolder(Folder):
    """A folder that knows the states of its files, and holds open the folder that it reads in."""

    def __init__(self, root: str, max_line: int, tick_ns: int) -> None:
        """Remember nothing yet."""
        super().__init__(root)
        self.looked_at = self.read_anew = 0
        self._max_line = max_line
        self._tick_ns = tick_ns
        self._identity: tuple[int, int] | None = None
        self._dirty: frozenset[str] | None = None
        self._trusted: dict[str, bool] = {}
        self._known: dict[tuple[str, str], _Memory] = {}
        self._met: dict[tuple[str, str], _Memory] = {}
        self._sifts: dict[str, tuple[object, tuple[list[str], list[str]]]] = {}
        self._sifts_met: dict[str, tuple[object, tuple[list[str], list[str]]]] = {}
        self._linked: frozenset[tuple[int, int]] = frozenset()
        self._parts: list[str] = []
        self._held: list[int] = []
        self._at: str | None = None

    def begin(self, dirty: Collection[str] | None) -> None:
        """Start a reading; where another folder lies in the root's place, all is looked at."""
        identity = _identity(self.root)
        known = identity is not None and identity == self._identity
        self._identity = identity
        self._dirty = None
        if dirty is not None and known:
            self._dirty = frozenset(posixpath.normpath(f"/{path}").strip("/") for path in dirty)
        self.looked_at = self.read_anew = 0
        self._trusted, self._met, self._sifts_met = {}, {}, {}

    def forget_unmet(self) -> bool:
        """Keep what this reading met and nothing else.

        Gives whether a file that was taken to be as it was has a name that is new here: what was
        written under that one changed it too.
        """
        self._known, self._sifts = self._met, self._sifts_met
        before = self._linked
        self._linked = frozenset(each.file for each in self._met.values() if each.linked)
        fresh = self._linked - before
        return bool(fresh) and any(
            not each.linked and each.file in fresh for each in self._met.values()
        )

    def close(self) -> None:
        """Let go of the folders held open."""
        for descriptor in self._held:
            os.close(descriptor)
        self._held, self._parts, self._at = [], [], None

    def take(self, path: str, shown: str, max_bytes: int, listed: Set[str] = frozenset()) -> Found:
        """What the file gave before if it is in the same state, else what it gives now."""
        key = path, shown
        memory = self._known.get(key)
        if memory is not None and self._holds(path, memory):
            self._met[key] = memory
            return memory.found
        if memory is None:
            self.looked_at += 1
        moment = time.time_ns()
        data, status = self._read(path, max_bytes, listed)
        if status is None:
            # A link, or something in the way: the file may come back as it was.
            if memory is not None:
                memory.current = False
                self._met[key] = memory
            return data if isinstance(data, Skipped) else (shown, data)
        found: Found
        if isinstance(data, Skipped):
            found = data
        else:
            self.read_anew += 1
            found = self._same(memory, data) or (
                shown,
                decode(shown, data, max_line=self._max_line),
            )
        settled = max(status.st_mtime_ns, status.st_ctime_ns) < moment - self._tick_ns
        self._met[key] = _Memory(_state(status), settled, found, status.st_nlink > 1)
        return found

    def _same(self, memory: _Memory | None, data: bytes) -> Found | None:
        """What is remembered, if it is a document of these bytes."""
        if memory is None or isinstance(memory.found, Skipped):
            return None
        document = memory.found[1]
        same = isinstance(document, Document) and document.data == data
        return memory.found if same else None

    def _holds(self, path: str, memory: _Memory) -> bool:
        """Whether a file is in the state that is remembered, or taken to be."""
        above, _, name = path.rpartition("/")
        trusted = self._dirty is not None and memory.current and not memory.linked
        if trusted and self._is_trusted(path, above):
            return True
        self.looked_at += 1
        try:
            if self._at == above:
                status = os.stat(name, dir_fd=self._held[-1], follow_symlinks=False)
            else:
                status = self._status(above, name)
        except OSError:
            return False
        memory.current = memory.settled and _state(status) == memory.state
        return memory.current

    def _is_trusted(self, path: str, above: str) -> bool:
        """Whether nothing changed at a path, as far as we were told."""
        dirty = self._dirty or frozenset()
        trusted = self._trusted.get(above)
        if trusted is None:
            trusted = "" not in dirty
            folder = above
            while folder and trusted:
                trusted = folder not in dirty
                folder = folder.rpartition("/")[0]
            self._trusted[above] = trusted
        return trusted and path not in dirty

    @contextmanager
    def _open(self, path: str) -> Iterator[int | None]:
        """Descriptor of a folder, reached from those that are open, without following a link."""
        if os.open not in os.supports_dir_fd or path.count("/") >= _DEEPEST_HELD:
            with super()._open(path) as descriptor:
                yield descriptor
        else:
            yield self._reached(path)

    def _reached(self, path: str) -> int:
        """Descriptor of a folder; those above it stay open too, until another is reached."""
        self._at = None
        parts = path.split("/") if path else []
        pairs = zip(self._parts, parts, strict=False)
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        while len(self._parts) > same:
            self._parts.pop()
            os.close(self._held.pop())
        if not self._held:
            self._held.append(os.open(self.root, FOLDER_FLAGS))
        for part in parts[same:]:
            self._held.append(os.open(part, FOLDER_FLAGS, dir_fd=self._held[-1]))
            self._parts.append(part)
        self._at = path
        return self._held[-1]

    def _sifted(
        self,
        folder: str,
        found: Sequence[tuple[str, bool]],
        texts: IgnoreTexts,
        rules: tuple[IgnoreRules, IgnoreRules],
    ) -> tuple[list[str], list[str]]:
        """What ignore files leave, worked out anew if they or the folder's names changed."""
        given = found, texts
        known = self._sifts.get(folder)
        if known is None or known[0] != given:
            known = given, super()._sifted(folder, found, texts, rules)
        self._sifts_met[folder] = known
        return known[1]


def _identity(root: str) -> tuple[int, int] | None:
    """Which folder lies at a path, or none."""
    try:
        status = os.stat(root)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _state(status: os.stat_result) -> State:
    """All that changes when a file does."""
    return (
        status.st_dev,
        status.st_ino,
        status.st_mode,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )
