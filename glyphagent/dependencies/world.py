"""The source set as a linker may look at it: every look is written down.

A file's link is a pure function of its own facts and of what it looked at here. When something
changes, only the files whose looks would now give something else are linked again, so an update
equals a full run by construction. Linkers must learn about other files through this class alone.
"""

from __future__ import annotations

import posixpath
import sys
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar, cast

from glyphagent.dependencies.facts import Interface
from glyphagent.dependencies.showing import changed_looks, declared_names, methods

T = TypeVar("T")
Look = tuple[str, Hashable]
# Computations that may stand on one another before one gets its stand-in; real code stays far
# below. Each takes about ten of Python's frames, for which `watch` makes room.
_DEEPEST = 200
_FRAMES = 12_000


@dataclass(slots=True)
class _Frame:
    """A computation under way.

    Attributes:
        look: What is computed.
        lowest: Depth of the outermost computation whose stand-in it has seen, or its own; -1 if
            it went too deep.
        owned: What holds in `World._scratch` until it ends.
        cyclic: Whether something inside came to need its result.
        bound: Whether it stands on something that is kept for one link alone.
    """

    look: Look
    lowest: int
    owned: list[Look] = field(default_factory=list)
    cyclic: bool = False
    bound: bool = False


class _Scratch(NamedTuple):
    """What a computation gave that stood on a stand-in for one further out.

    Attributes:
        value: What it gave.
        lowest: Depth of that computation.
        is_stand_in: Whether it gave just what stands in for itself.
    """

    value: object
    lowest: int
    is_stand_in: bool


class World:
    """Interfaces, paths, folders and manifests of one state of the source set.

    Attributes:
        looks: What the computation under way has looked at; `World.watch` starts afresh.
        root_name: Name of the set's own folder, empty if unknown; it never changes.
        attached: What callers derived from an interface alone, beside that interface, by path.
        went_too_deep: Whether the work last watched ended somewhere for depth alone.
    """

    def __init__(
        self,
        interfaces: Mapping[str, Interface],
        texts: Mapping[str, str],
        skipped: Iterable[str] = (),
        root_name: str = "",
    ) -> None:
        """Take a state of the set.

        Args:
            interfaces: What the files of a known language show, by path.
            texts: Text of every document of the set, by path.
            skipped: Paths that exist and were not read.
            root_name: Name of the folder that the paths are relative to, empty if unknown.
        """
        self.root_name = root_name
        self.attached: dict[str, tuple[Interface, Any]] = {}
        self._interfaces = dict(interfaces)
        self._texts = dict(texts)
        self._skipped = set(skipped)
        self._folders: dict[str, set[str]] = defaultdict(set)
        self._named: dict[str, set[str]] = defaultdict(set)
        self._members: dict[str, set[tuple[str, str]]] = defaultdict(set)
        # Files by what they declare; of the languages alone that ask for it.
        self._declaring: dict[str, dict[str, set[str]]] = {}
        self._memos: dict[Look, tuple[object, frozenset[Look]]] = {}
        self.went_too_deep = False
        self._users: dict[Look, set[Look]] = defaultdict(set)
        self._steady: dict[Look, Callable[[], object]] = {}
        self._busy: list[_Frame] = []
        self._depths: dict[Look, int] = {}
        self._scratch: dict[Look, _Scratch] = {}
        self._kept: dict[Look, tuple[object, frozenset[Look]]] = {}
        self.looks: set[Look] = set()
        for path in self._texts:
            self._enter(path)
        for interface in self._interfaces.values():
            for name, place in methods(interface):
                self._members[name].add(place)

    def interface(self, path: str) -> Interface | None:
        """What a file shows to others; None for no file, or a file of no known language."""
        self.looks.add(("interface", path))
        return self._interfaces.get(path)

    def peek(self, path: str) -> Interface | None:
        """An interface for those who write down themselves what they took from it (`names`)."""
        return self._interfaces.get(path)

    def exists(self, path: str) -> bool:
        """Whether a document of the set has this path."""
        self.looks.add(("exists", path))
        return path in self._texts

    def is_folder(self, folder: str) -> bool:
        """Whether some document lies in or below a folder; the root is the empty path."""
        self.looks.add(("is_folder", folder))
        return folder in self._folders or folder == ""

    def was_skipped(self, path: str) -> bool:
        """Whether a file exists here that was not read."""
        self.looks.add(("exists", path))
        return path in self._skipped

    def entries(self, folder: str) -> tuple[str, ...]:
        """Paths directly in a folder, documents and folders alike, sorted."""
        self.looks.add(("entries", folder))
        return tuple(sorted(self._folders.get(folder, ())))

    def named(self, basename: str) -> tuple[str, ...]:
        """Documents with a file name, in any folder, sorted; for manifests and headers."""
        self.looks.add(("named", basename))
        return tuple(sorted(self._named.get(basename, ())))

    def text(self, path: str) -> str | None:
        """Text of a document, None if there is none; for manifests only."""
        self.looks.add(("text", path))
        return self._texts.get(path)

    def members(self, name: str) -> tuple[tuple[str, str], ...]:
        """Methods of a bare name in the whole set: path and qualified name, sorted."""
        self.looks.add(("members", name))
        return tuple(sorted(self._members.get(name, ())))

    def declaring(self, language: str, name: str, folder: str | None = None) -> tuple[str, ...]:
        """Files of a language that declare a qualified name, anywhere or in one folder, sorted."""
        self.looks.add(("declaring", (language, folder, name)))
        index = self._declaring.get(language)
        if index is None:
            index = self._declaring[language] = defaultdict(set)
            for path, interface in self._interfaces.items():
                if interface.language == language:
                    for each in declared_names(interface):
                        index[each].add(path)
        paths = sorted(index.get(name, ()))
        return tuple(path for path in paths if folder is None or posixpath.dirname(path) == folder)

    def files(self) -> tuple[str, ...]:
        """Paths of all files of a known language, sorted; for what must weigh the whole set."""
        self.looks.add(("files", ""))
        return tuple(sorted(self._interfaces))

    def memo(
        self, name: str, key: Hashable, make: Callable[[], T], cycle: T, *, steady: bool = False
    ) -> T:
        """What `make` gives, computed once for as long as what it looked at stays the same.

        Args:
            name: Name of the computation, unique over all callers.
            key: What it is computed for.
            make: The computation; it may look at this world, and at other memos.
            cycle: Given to a computation that comes to need its own result. What stands on such
                a stand-in is not kept, so the order of questions shows in no answer.
            steady: Whether a change computes it again at once, to spare all that stand on it
                when it comes out the same; for few, cheap results that look at much.
        """
        look: Look = (name, key)
        found = self._memos.get(look)
        if found is not None:
            self.looks.add(("memo", look))
            return cast("T", found[0])
        kept = self._kept.get(look)
        if kept is not None:
            self.looks |= kept[1]
            if self._busy:
                self._busy[-1].bound = True
            return cast("T", kept[0])
        stand_in = self._scratch.get(look)
        if stand_in is not None:
            self._busy[-1].lowest = min(self._busy[-1].lowest, stand_in.lowest)
            return cast("T", stand_in.value)
        depth = len(self._busy)
        if depth >= _DEEPEST:
            self._busy[-1].lowest = -1
            self.went_too_deep = True
            return cycle
        above = self._depths.get(look)
        if above is not None:
            self._busy[-1].lowest = min(self._busy[-1].lowest, above)
            self._busy[above].cyclic = True
            return cycle
        frame = _Frame(look, depth)
        outer, self.looks = self.looks, set()
        self._busy.append(frame)
        self._depths[look] = depth
        try:
            value = make()
            mine = self.looks
        finally:
            self._busy.pop()
            del self._depths[look]
            self.looks = outer
            inside = {each: self._scratch.pop(each) for each in frame.owned}
        around = self._busy[-1] if self._busy else None
        if frame.lowest < depth:
            # Something inside stood on a stand-in for a computation further out. It holds for as
            # long as that one is under way, so that no road through a cycle is walked twice.
            self.looks |= mine
            if around is not None:
                around.lowest = min(around.lowest, frame.lowest)
                around.bound |= frame.bound
                self._scratch[look] = _Scratch(value, frame.lowest, value == cycle)
                self._busy[max(frame.lowest, 0)].owned.append(look)
            return value
        solved = value == cycle and all(each.is_stand_in for each in inside.values())
        if frame.bound or (frame.cyclic and not solved):
            # What a cycle gives depends on where it is entered: it is kept for this link alone,
            # so that no other link's questions show in its answers.
            self._kept[look] = (value, frozenset(mine))
            self.looks |= mine
            if around is not None:
                around.bound = True
            return value
        self._keep(look, value, frozenset(mine))
        self.looks.add(("memo", look))
        if frame.cyclic:
            # All of the cycle came out as its stand-ins, so these are its answers, wherever it is
            # entered: a name that nothing in a ring of files has is sought once.
            for each, scratch in inside.items():
                self._keep(each, scratch.value, frozenset({("memo", look)}))
        if steady:
            self._steady[look] = make
        return value

    def _keep(self, look: Look, value: object, looks: frozenset[Look]) -> None:
        self._memos[look] = (value, looks)
        for each in looks:
            self._users[each].add(look)

    def watch(self, work: Callable[[], T]) -> tuple[T, frozenset[Look]]:
        """Result of some work, and all that it looked at."""
        self.looks = set()
        self._kept = {}
        self.went_too_deep = False
        allowed = sys.getrecursionlimit()
        sys.setrecursionlimit(max(allowed, _FRAMES))
        try:
            result = work()
        finally:
            sys.setrecursionlimit(allowed)
        return result, frozenset(self.looks)

    def change(
        self,
        interfaces: Mapping[str, Interface | None],
        texts: Mapping[str, str | None],
        skipped: Iterable[str],
    ) -> frozenset[Look]:
        """Move on to the next state; what looks would now give something else comes back.

        Args:
            interfaces: New interfaces by path, None where a file has none any more.
            texts: New texts by path, None for documents that are gone.
            skipped: All paths that exist and were not read.
        """
        stale: set[Look] = set()
        for path, text in texts.items():
            known = self._texts.get(path)
            if text == known:
                continue
            stale.add(("text", path))
            if text is None:
                del self._texts[path]
                stale |= self._leave(path)
            else:
                self._texts[path] = text
                if known is None:
                    stale |= self._enter(path)
        now = set(skipped)
        stale |= {("exists", path) for path in now ^ self._skipped}
        self._skipped = now
        for path, interface in interfaces.items():
            known_interface = self._interfaces.get(path)
            if known_interface == interface:
                if interface is not None:
                    self._interfaces[path] = interface
                continue
            stale.add(("interface", path))
            stale |= changed_looks(path, known_interface, interface)
            before, after = set(methods(known_interface)), set(methods(interface))
            for name, place in before - after:
                _drop(self._members, name, place)
            for name, place in after - before:
                self._members[name].add(place)
            stale |= {("members", name) for name, _ in before ^ after}
            stale |= self._redeclare(path, known_interface, interface)
            if interface is None:
                del self._interfaces[path]
                self.attached.pop(path, None)
            else:
                self._interfaces[path] = interface
            if interface is None or known_interface is None:
                stale.add(("files", ""))
        self._forget(stale)
        return frozenset(stale)

    def _redeclare(self, path: str, before: Interface | None, after: Interface | None) -> set[Look]:
        """Put a file under the names that it declares now, and give the looks at what changed."""
        stale: set[Look] = set()
        for one, other in ((before, after), (after, before)):
            if one is None or one.language not in self._declaring:
                continue
            same = other is not None and other.language == one.language
            for name in declared_names(one) - (declared_names(other) if same else set()):
                paths = self._declaring[one.language][name]
                (paths.discard if one is before else paths.add)(path)
                folder = posixpath.dirname(path)
                stale.update(("declaring", (one.language, each, name)) for each in (None, folder))
        return stale

    def _forget(self, stale: set[Look]) -> None:
        """Drop the memos that stand on something stale, and add them to it."""
        self._kept = {}
        waiting: dict[Look, object] = {}
        fresh = set(stale)
        while True:
            gone = {user for look in fresh for user in self._users.pop(look, ())}
            fresh = set()
            for look in sorted(gone & self._memos.keys(), key=str):
                value, seen = self._memos.pop(look)
                for each in seen & self._users.keys():
                    _drop(self._users, each, look)
                if look in self._steady:
                    waiting[look] = value
                else:
                    fresh.add(("memo", look))
            if not fresh and waiting:
                look, before = waiting.popitem()
                if self.memo(*look, self._steady[look], None, steady=True) != before:
                    fresh.add(("memo", look))
            elif not fresh:
                return
            stale |= fresh

    def _enter(self, path: str) -> set[Look]:
        stale: set[Look] = {("exists", path), ("named", posixpath.basename(path))}
        self._named[posixpath.basename(path)].add(path)
        entry = path
        while entry:
            folder = posixpath.dirname(entry)
            if folder not in self._folders:
                stale.add(("is_folder", folder))
            elif entry in self._folders[folder]:
                break
            self._folders[folder].add(entry)
            stale.add(("entries", folder))
            entry = folder
        return stale

    def _leave(self, path: str) -> set[Look]:
        stale: set[Look] = {("exists", path), ("named", posixpath.basename(path))}
        _drop(self._named, posixpath.basename(path), path)
        entry = path
        while entry:
            folder = posixpath.dirname(entry)
            _drop(self._folders, folder, entry)
            stale.add(("entries", folder))
            if folder in self._folders:
                break
            stale.add(("is_folder", folder))
            entry = folder
        return stale


def _drop(table: dict[Any, set[Any]], key: object, member: object) -> None:
    """Take a member out, and its key with the last one: names come and go for as long as we run."""
    table[key].discard(member)
    if not table[key]:
        del table[key]
