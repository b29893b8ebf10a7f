"""Documents from a folder, a git revision, a file list or a stream, and what was left out.

A `Source` says where text comes from; reading it gives every document or the reason why a path
gave none, in one fixed order. One bad file never stops the rest. What ignore files leave out is
not mentioned, as in git.

    Source ── origin ─┬── Plain      any folder, by layered ignore files
                      ├── Chosen     files named one by one
                      ├── Given      text that was handed over
                      ├── WorkTree   folder of a git work tree, by git's own ignore rules
                      └── Revision   tree of a commit, bare repositories too
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from glyphagent import git_objects
from glyphagent.decoding import decode, shown_path
from glyphagent.document import Document, Skipped
from glyphagent.errors import SourceError
from glyphagent.folders import is_inside
from glyphagent.origins import ANEW, Chosen, Given, Look, Origin, Plain, SourceOptions, place_key
from glyphagent.repositories import Revision, WorkTree, below

__all__ = ["DEFAULT_OPTIONS", "Source", "SourceOptions", "SourceSet", "content_revision"]

DEFAULT_OPTIONS = SourceOptions()

_LARGEST_FILE_LIST = 64_000_000
_DAMAGED = "the repository is damaged"
_CLASHING = "unreadable (its name is written like another's)"


@dataclass(frozen=True)
class SourceSet:
    """All that a source gave, at one moment.

    Attributes:
        documents: Sorted by folder, then name.
        skipped: What was left out, and why; sorted alike.
        revision: Commit id, or BLAKE2b of the documents (32 hex digits): same text, same revision.
        root: Where it came from, for people.
    """

    documents: tuple[Document, ...]
    skipped: tuple[Skipped, ...]
    revision: str
    root: str


@dataclass(frozen=True)
class Source:
    """Where documents come from; every reading looks anew.

    Attributes:
        origin: The place.
        options: Limits and globs.
    """

    origin: Origin
    options: SourceOptions = DEFAULT_OPTIONS

    @classmethod
    def open(
        cls,
        path: str | Path,
        revision: str | None = None,
        options: SourceOptions = DEFAULT_OPTIONS,
    ) -> Source:
        """Source for whatever lies at a path: repository or part of one, folder, or file.

        A bare repository is read at HEAD unless a revision is given. A folder that its own
        repository ignores, such as a virtual environment, is read as a plain folder.

        Raises:
            SourceError: Nothing readable is there, or no such revision.
        """
        if revision is not None:
            return cls.from_git(path, revision, options)
        real = _existing(path)
        if real.is_file():
            return cls.from_files(real.parent, [real.name], options)
        repository = git_objects.discover(real)
        if repository is None:
            fault = "" if git_objects.damage(real) is None else _DAMAGED
            return cls(Plain(str(real), fault=fault), options)
        if repository.work_tree is None:
            return cls.from_git(real, "HEAD", options)
        if git_objects.is_ignored(repository, real):
            return cls.from_folder(real, options)
        return cls(WorkTree(repository, str(real)), options)

    @classmethod
    def from_folder(cls, path: str | Path, options: SourceOptions = DEFAULT_OPTIONS) -> Source:
        """Source for a folder as it lies, without asking git.

        Raises:
            SourceError: There is no such folder.
        """
        real = _existing(path)
        if not real.is_dir():
            raise SourceError(f"{path} is no folder; open a single file with Source.open")
        return cls(Plain(str(real)), options)

    @classmethod
    def from_git(
        cls, path: str | Path, revision: str, options: SourceOptions = DEFAULT_OPTIONS
    ) -> Source:
        """Source for a commit's tree, or for the part of it that lies at `path`.

        Raises:
            SourceError: No repository, no such revision, or nothing at that path in it.
        """
        start = Path(os.path.abspath(_nameable(path)))
        # A folder may be in the revision and gone from the work tree.
        standing = next(p for p in (start, *start.parents) if p.exists())
        repository = git_objects.discover(standing)
        if repository is None:
            broken = git_objects.damage(standing)
            if broken is not None:
                raise SourceError(
                    f"the git repository in {broken[0]} is damaged (git says: {broken[1]}); "
                    "repair it, or open the folder without a revision"
                )
            raise SourceError(f"{path} is in no git repository: open it without a revision")
        commit = git_objects.resolve(repository, revision)
        real = Path(os.path.realpath(start))
        part = "" if repository.work_tree is None else below(real, repository.work_tree)
        if git_objects.object_id(repository, f"{commit}:{part}") is None:
            raise SourceError(f"nothing at {part!r} in revision {revision!r} of {path}")
        root = real.parent if real.is_file() else real
        return cls(Revision(repository, str(root), commit, part), options)

    @classmethod
    def from_files(
        cls, root: str | Path, paths: Iterable[str], options: SourceOptions = DEFAULT_OPTIONS
    ) -> Source:
        """Source for files named one by one, relative to `root`; no ignore file applies.

        Raises:
            SourceError: There is no such root.
        """
        return cls(Chosen(str(_existing(root)), tuple(paths)), options)

    @classmethod
    def from_list(
        cls, root: str | Path, stream: IO[bytes], options: SourceOptions = DEFAULT_OPTIONS
    ) -> Source:
        """Source for files listed on a stream, one per line or each ended by a zero byte.

        Raises:
            SourceError: There is no such root, or the list is absurdly long.
        """
        data = stream.read(_LARGEST_FILE_LIST + 1)
        if len(data) > _LARGEST_FILE_LIST:
            raise SourceError(f"a file list of more than {_LARGEST_FILE_LIST} bytes: name a folder")
        names = data.split(b"\0") if b"\0" in data else data.splitlines()
        return cls.from_files(root, [os.fsdecode(name) for name in names if name.strip()], options)

    @classmethod
    def from_stdin(
        cls, stream: IO[bytes], name: str = "stdin.txt", options: SourceOptions = DEFAULT_OPTIONS
    ) -> Source:
        """Source for one text that comes on a stream, under a name that tells its language.

        Raises:
            SourceError: The name is no plain relative path.
        """
        if not is_inside(name):
            raise SourceError(f"{name!r} is no plain relative path: give a name such as main.py")
        return cls(Given(shown_path(name), stream.read(options.max_bytes + 1)), options)

    @property
    def root(self) -> str:
        """Where the documents come from, for people."""
        return self.origin.root

    def documents(self, look: Look = ANEW) -> Iterator[Document | Skipped]:
        """Each document, or why a path gave none, sorted by folder and name.

        Files are read as they are asked for, so memory holds one at a time.

        Args:
            look: What was found earlier and still holds, if that is remembered: see `rescan`.

        Raises:
            SourceError: Nothing can be listed at all.
        """
        seen: set[str] = set()
        for found in self.origin.read(self.options, look):
            if isinstance(found, Skipped):
                yield found
                continue
            path, content = found
            if isinstance(content, bytes):
                document = decode(path, content, max_line=self.options.max_line)
            else:
                document = content
            yield Skipped(document.path, _CLASHING) if document.path in seen else document
            seen.add(document.path)

    def read(self, look: Look = ANEW) -> SourceSet:
        """Everything at once.

        Args:
            look: As for `documents`.

        Raises:
            SourceError: Nothing can be listed at all.
        """
        documents: list[Document] = []
        skipped: list[Skipped] = []
        for found in self.documents(look):
            if isinstance(found, Skipped):
                skipped.append(found)
            else:
                documents.append(found)
        documents.sort(key=lambda document: place_key(document.path))
        skipped.sort(key=lambda skip: place_key(skip.path))
        revision = self.origin.revision or content_revision(documents)
        return SourceSet(tuple(documents), tuple(skipped), revision, self.root)


def content_revision(documents: Iterable[Document]) -> str:
    """BLAKE2b over the documents' digests, 32 hex digits, whatever their order."""
    digest = hashlib.blake2b(digest_size=16)
    for one in sorted(document.digest for document in documents):
        digest.update(bytes.fromhex(one))
    return digest.hexdigest()


def _existing(path: str | Path) -> Path:
    """Real path of a file or folder that is there.

    Raises:
        SourceError: Nothing is there, or something that cannot be read like a file.
    """
    real = Path(os.path.realpath(_nameable(path)))
    if real.is_file() or real.is_dir():
        return real
    if real.exists():
        raise SourceError(f"{path} is neither a file nor a folder: name one of these")
    raise SourceError(f"nothing at {path}: name a folder, a file or a git repository")


def _nameable(path: str | Path) -> str | Path:
    """The path itself.

    Raises:
        SourceError: It is none that a system could have.
    """
    if not isinstance(path, str | Path) or "\0" in str(path):
        raise SourceError(f"{path!r} is no path: name a folder, a file or a git repository")
    return path
