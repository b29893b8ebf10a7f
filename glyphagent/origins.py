"""Places on disk that text comes from, read without git: folders, named files, streams.

Each gives its paths in one order with their bytes, or with the reason why there are none; what
the bytes say is `decoding`'s business. `repositories` adds the places that git knows.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from glyphagent.decoding import name_reason, shown_path
from glyphagent.document import Skipped
from glyphagent.folders import (
    GONE,
    LINK_IGNORED,
    LINK_INSIDE,
    PAGES,
    PAGES_MANIFEST,
    Folder,
    Found,
    is_inside,
    is_page_set,
    page_folder,
)
from glyphagent.ignores import Globs

Result = TypeVar("Result")


@dataclass(frozen=True)
class SourceOptions:
    """What is read.

    Attributes:
        max_bytes: Larger files are skipped, unread.
        max_line: Files with a longer line, in characters, count as minified or generated.
        include: Globs as in gitignore; if there are any, only what they match is taken.
        ignore: Globs as in gitignore; what they match is left out.
    """

    max_bytes: int = 1_000_000
    max_line: int = 20_000
    include: Sequence[str] = ()
    ignore: Sequence[str] = ()


class Look:
    """One look at a place, which finds everything anew; one that remembers is in `rescan`."""

    def folder(self, root: str | Path) -> Folder:
        """The folder that files below a root are read through."""
        return Folder(root)

    def once(self, what: str, given: tuple[Any, ...], make: Callable[[], Result]) -> Result:
        """What `make` gives; it follows from `given` alone, so it may come from an earlier look."""
        return make()


ANEW = Look()


class Origin(Protocol):
    """A place that bytes come from, in order of `place_key`."""

    @property
    def root(self) -> str:
        """Where it is, for people."""

    @property
    def revision(self) -> str:
        """Commit id; empty where the content alone tells."""

    def read(self, options: SourceOptions, look: Look = ANEW) -> Iterator[Found]:
        """Each path with its bytes, or its document, or the reason why there is none."""


def place_key(path: str) -> tuple[str, str]:
    """Key that sorts paths by folder, then by name: what lies together stays together."""
    folder, _, name = path.rpartition("/")
    return folder, name


def shown_key(path: str) -> tuple[str, str]:
    """The same for a path that need not be UTF-8: sorted as it will be shown."""
    return place_key(shown_path(path))


def with_folders(paths: Iterable[str]) -> frozenset[str]:
    """The paths and every folder above them."""
    known: set[str] = set()
    for path in paths:
        while path and path not in known:
            known.add(path)
            path = posixpath.dirname(path)
    return frozenset(known)


def read_files(
    folder: Folder, listed: Mapping[str, str], options: SourceOptions, look: Look = ANEW
) -> Iterator[Found]:
    """Files of a folder, sorted; `listed` gives the reason for those that are not to be read.

    A folder of pages that we wrote ourselves is no source: it is listed once, as a whole.
    """
    manifests = look.once("manifests", (listed,), lambda: _manifests(listed))
    sets = {posixpath.dirname(path) for path in manifests if is_page_set(folder.head(path))}
    globs = tuple(options.include), tuple(options.ignore)
    ordered, known = look.once(
        "ordered", (listed, sets, globs), lambda: _ordered(listed, sets, options)
    )
    for path, shown, reason in ordered:
        if reason:
            yield Skipped(shown, reason)
            continue
        yield folder.take(path, shown, options.max_bytes, known)


def _manifests(listed: Mapping[str, str]) -> list[str]:
    """Paths that may be the manifest of a page set."""
    return [
        path
        for path, reason in listed.items()
        if not reason and path.endswith(f"/{PAGES_MANIFEST}") and is_inside(path)
    ]


def _ordered(
    listed: Mapping[str, str], sets: Set[str], options: SourceOptions
) -> tuple[list[tuple[str, str, str]], frozenset[str]]:
    """Path, path to show and reason if it is not to be read, sorted; all that links may mean."""
    globs = Globs(options.include, options.ignore)
    kept = _without_pages(listed, sets)
    ordered = [
        (path, shown_path(path), kept[path] or name_reason(path) or "")
        # Names that are shown alike come in one order too: the second is left out as clashing.
        for path in sorted(kept, key=lambda path: (shown_key(path), path))
        if not globs.leaves_out(path)
    ]
    return ordered, with_folders(kept)


def _without_pages(listed: Mapping[str, str], sets: Set[str]) -> Mapping[str, str]:
    """What is listed, with one entry for each folder that is a page set of ours."""
    if not sets:
        return listed
    kept: dict[str, str] = {}
    for path, reason in listed.items():
        inside = page_folder(path, sets)
        kept[path if inside is None else inside] = reason if inside is None else PAGES
    return kept


@dataclass(frozen=True)
class Plain:
    """A folder as it lies.

    Attributes:
        root: The folder.
        revision: Empty: the content tells.
        fault: Why the repository that lies here is not asked, if there is one.
    """

    root: str
    revision: str = ""
    fault: str = ""

    def read(self, options: SourceOptions, look: Look = ANEW) -> Iterator[Found]:
        """Every file that no ignore file leaves out."""
        if self.fault:
            yield Skipped(".git", f"unreadable ({self.fault}); ignore files were read without git")
        folder = look.folder(self.root)
        yield from read_files(folder, dict.fromkeys(folder.walk(), ""), options, look)


@dataclass(frozen=True)
class Chosen:
    """Files that the user named."""

    root: str
    paths: tuple[str, ...]
    revision: str = ""

    def read(self, options: SourceOptions, look: Look = ANEW) -> Iterator[Found]:
        """The named files; a named link is followed if it stays inside the root."""
        folder = look.folder(self.root)
        globs = Globs(options.include, options.ignore)
        named: dict[str, str] = {}
        for path in self.paths:
            named.setdefault(self._relative(path), path)
        for path in sorted(named, key=shown_key):
            if globs.leaves_out(path):
                continue
            named_as = shown_path(path)
            found = folder.take(path, named_as, options.max_bytes)
            if isinstance(found, Skipped) and found.reason in (LINK_INSIDE, LINK_IGNORED):
                real = os.path.realpath(os.path.join(self.root, path))
                found = folder.take(os.path.relpath(real, self.root), named_as, options.max_bytes)
            if isinstance(found, Skipped):
                # Outside the root only the user's own words tell which file was meant, and no
                # listing said before that the file is there.
                shown = named_as if is_inside(path) else shown_path(named[path])
                yield Skipped(shown, "no such file" if found.reason == GONE else found.reason)
            else:
                yield found

    def _relative(self, path: str) -> str:
        """Path from the root, without detours; what leads outside keeps its leading `..`."""
        if os.path.isabs(path) and "\0" not in path:
            above, name = os.path.split(os.path.normpath(path))
            path = os.path.relpath(os.path.join(os.path.realpath(above), name), self.root)
        return posixpath.normpath(path)


@dataclass(frozen=True)
class Given:
    """Bytes that were handed over."""

    path: str
    data: bytes
    root: str = "-"
    revision: str = ""

    def read(self, options: SourceOptions, look: Look = ANEW) -> Iterator[Found]:
        """The one text."""
        if len(self.data) > options.max_bytes:
            # What came on a stream was read up to the limit only.
            yield Skipped(self.path, f"too large (over {options.max_bytes} bytes)")
        else:
            yield self.path, self.data
