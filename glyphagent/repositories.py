"""Places that git knows: a work tree with its ignore rules, and the tree of any commit.

`git_objects` speaks with git and `folders` reads the files of a work tree; here is decided what
of it all becomes a document, and why the rest does not.
"""

from __future__ import annotations

import os
import posixpath
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from glyphagent import git_objects
from glyphagent.decoding import name_reason, shown_path
from glyphagent.document import Skipped
from glyphagent.folders import (
    LARGEST_IGNORE_FILE,
    LINK_BROKEN,
    LINK_INSIDE,
    LINK_LOOP,
    LINK_OUTSIDE,
    PAGES,
    PAGES_MANIFEST,
    Folder,
    Found,
    is_inside,
    is_page_set,
    page_folder,
    too_large,
)
from glyphagent.git_objects import ListedFile, Repository, TreeEntry
from glyphagent.ignores import IGNORE_FILE, Globs, IgnoreRules
from glyphagent.origins import (
    ANEW,
    Look,
    Plain,
    SourceOptions,
    read_files,
    shown_key,
    with_folders,
)

_LONGEST_LINK = 4096
_MOST_LINKS = 40
_LARGEST_MANIFEST = 16_000_000
_FOLDER = "040000"
_LACKING = "unreadable (the repository lacks the object)"


@dataclass(frozen=True)
class WorkTree:
    """A git work tree, or a folder of it."""

    repository: Repository
    root: str
    revision: str = ""

    def read(self, options: SourceOptions, look: Look = ANEW) -> Iterator[Found]:
        """Tracked files, and untracked ones that are not ignored."""
        folder = look.folder(self.root)
        try:
            listing = git_objects.work_tree_listing(self.repository, Path(self.root))
        except subprocess.CalledProcessError as error:
            said = git_objects.complaint(error)
            yield Skipped(".git", f"unreadable ({said}); ignore files were read without git")
            yield from Plain(self.root).read(options, look)
            return
        listed = look.once("listed", (listing,), lambda: _listed_reasons(*listing))
        texts = self._ignore_texts(folder, listed, look)
        prefix = self._prefix
        kept = look.once("kept", (listed, texts), lambda: _not_ignored(listed, texts, prefix))
        yield from read_files(folder, kept, options, look)

    @property
    def _prefix(self) -> str:
        """Where the root lies in the work tree."""
        return below(Path(self.root), self.repository.work_tree or Path(self.root))

    def _ignore_texts(
        self, folder: Folder, listed: Mapping[str, str], look: Look
    ) -> list[tuple[str, str]]:
        """Our own ignore files above the root and below it: folder, from the top, and text."""
        prefix = self._prefix
        texts = []
        if prefix:
            top = look.folder(self.repository.work_tree or self.root)
            texts = [
                (above, top.ignore_text(posixpath.join(above, IGNORE_FILE)))
                for above in _folders_above(prefix)
            ]
        paths = look.once("ignore files", (listed,), lambda: _named(listed, IGNORE_FILE))
        for path in paths:
            place = posixpath.join(prefix, posixpath.dirname(path)).rstrip("/")
            texts.append((place, folder.ignore_text(path)))
        return texts


@dataclass(frozen=True)
class Revision:
    """The tree of a commit, or what lies at `part` of it, a path from the tree's top."""

    repository: Repository
    root: str
    revision: str
    part: str = ""

    def read(self, options: SourceOptions, look: Look = ANEW) -> Iterator[Found]:
        """Every blob of the tree, or the one file that the part is."""
        entries = self._without_pages(self._entries(options))
        targets = self._link_targets(entries)
        listed = with_folders(entry.path for entry in entries)
        reasons = [_entry_reason(entry, targets, listed, options.max_bytes) for entry in entries]
        wanted = [entry.id for entry, why in zip(entries, reasons, strict=True) if why is None]
        blobs = git_objects.read_blobs(self.repository, wanted)
        for entry, reason in zip(entries, reasons, strict=True):
            path = shown_path(entry.path)
            if reason is not None:
                yield Skipped(path, reason)
                continue
            _, data = next(blobs)
            yield Skipped(path, _LACKING) if data is None else (path, data)

    def _entries(self, options: SourceOptions) -> list[TreeEntry]:
        """What is asked for and not ignored, sorted; paths from the part's top."""
        above = _folders_above(self.part)
        asked = [posixpath.join(folder, IGNORE_FILE) for folder in above]
        asked += [self.part] if self.part else []
        found = git_objects.ls_tree(self.repository, self.revision, asked)
        if any(entry.path == self.part for entry in found):
            top = posixpath.dirname(self.part)
            found = [entry for entry in found if entry.path == self.part]
        else:
            top = self.part
        rules = self._rules(found)
        globs = Globs(options.include, options.ignore)
        kept = []
        for entry in found:
            path = entry.path[len(top) + 1 :] if top else entry.path
            outside = bool(top) and not entry.path.startswith(f"{top}/")
            if not (outside or globs.leaves_out(path) or rules.ignores(entry.path)):
                kept.append(TreeEntry(entry.mode, entry.id, entry.size, path))
        return sorted(kept, key=lambda entry: shown_key(entry.path))

    def _without_pages(self, entries: list[TreeEntry]) -> list[TreeEntry]:
        """The entries, with one for each folder that holds a page set of ours."""
        manifests = [
            entry
            for entry in entries
            if entry.path.endswith(f"/{PAGES_MANIFEST}")
            and entry.mode not in (git_objects.LINK, git_objects.SUBMODULE)
            and 0 <= (-1 if entry.size is None else entry.size) <= _LARGEST_MANIFEST
        ]
        blobs = git_objects.read_blobs(self.repository, [entry.id for entry in manifests])
        sets = {
            posixpath.dirname(entry.path)
            for entry, (_, data) in zip(manifests, blobs, strict=True)
            if is_page_set(data or b"")
        }
        if not sets:
            return entries
        inside = {entry.path: page_folder(entry.path, sets) for entry in entries}
        whole = [TreeEntry(_FOLDER, "", 0, folder) for folder in {*inside.values()} if folder]
        kept = [entry for entry in entries if inside[entry.path] is None]
        return sorted([*kept, *whole], key=lambda entry: shown_key(entry.path))

    def _rules(self, entries: Sequence[TreeEntry]) -> IgnoreRules:
        """The revision's own ignore files."""
        files = {
            entry.path: entry.id
            for entry in entries
            if posixpath.basename(entry.path) == IGNORE_FILE
            and entry.mode != git_objects.LINK
            and 0 <= (-1 if entry.size is None else entry.size) <= LARGEST_IGNORE_FILE
        }
        rules = IgnoreRules()
        blobs = git_objects.read_blobs(self.repository, list(files.values()))
        for path, (_, data) in zip(files, blobs, strict=True):
            rules.add(posixpath.dirname(path), os.fsdecode(data or b""))
        return rules

    def _link_targets(self, entries: Sequence[TreeEntry]) -> dict[str, str]:
        """Where each link of the tree points to."""
        links = {
            entry.path: entry.id
            for entry in entries
            if entry.mode == git_objects.LINK and (entry.size or 0) <= _LONGEST_LINK
        }
        blobs = git_objects.read_blobs(self.repository, list(links.values()))
        return {
            path: os.fsdecode(data or b"") for path, (_, data) in zip(links, blobs, strict=True)
        }


def below(path: Path, top: Path) -> str:
    """Path from `top` with `/` between parts; nothing for the top itself."""
    relative = os.path.relpath(path, top).replace(os.sep, "/")
    return "" if relative == "." else relative


def _folders_above(folder: str) -> list[str]:
    """Every folder above, the top (nothing) first; none above the top."""
    parts = folder.split("/") if folder else []
    return ["/".join(parts[:end]) for end in range(len(parts))]


def _named(paths: Iterable[str], name: str) -> list[str]:
    """Those of the paths that end in this file name."""
    return [path for path in paths if posixpath.basename(path) == name]


def _listed_reasons(tracked: bytes, others: bytes) -> dict[str, str]:
    """Each path of a work tree's listing, with the reason if it is not to be read."""
    files = git_objects.listed_files(tracked, others)
    return {file.path: _listed_reason(file) for file in files}


def _not_ignored(
    listed: Mapping[str, str], texts: Iterable[tuple[str, str]], prefix: str
) -> Mapping[str, str]:
    """What is listed and not left out by ignore files of ours."""
    rules = IgnoreRules()
    for place, text in texts:
        rules.add(place, text)
    return {
        path: reason
        for path, reason in listed.items()
        if not rules.ignores(posixpath.join(prefix, path))
    }


def _listed_reason(file: ListedFile) -> str:
    """Why a file of a work tree is not read, or nothing."""
    if file.submodule:
        return "submodule"
    return "vanished (left out of the sparse checkout)" if file.sparse else ""


def _entry_reason(
    entry: TreeEntry, targets: Mapping[str, str], listed: frozenset[str], max_bytes: int
) -> str | None:
    """Why an entry of a tree is not read, or nothing."""
    if not is_inside(entry.path):
        return "unreadable (not a path inside the root)"
    if entry.mode == _FOLDER:
        return PAGES
    if entry.mode == git_objects.SUBMODULE:
        return "submodule"
    if entry.mode == git_objects.LINK:
        return _tree_link_reason(entry.path, targets, listed)
    if entry.size is None:
        return _LACKING
    return too_large(entry.size, max_bytes) if entry.size > max_bytes else name_reason(entry.path)


def _tree_link_reason(path: str, targets: Mapping[str, str], listed: frozenset[str]) -> str:
    """What is wrong with, or known about, a link in a tree; no file system is asked."""
    for _ in range(_MOST_LINKS):
        target = targets.get(path)
        if not target:
            return LINK_BROKEN
        path = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        if path.startswith(("/", "../")) or path == "..":
            return LINK_OUTSIDE
        if path not in targets:
            return LINK_INSIDE if path in listed or path == "." else LINK_BROKEN
    return LINK_LOOP
