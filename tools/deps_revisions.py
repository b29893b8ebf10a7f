"""Both ends of `deps --diff`: revisions as the user names them, and the files that they had."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from glyphagent import git_objects
from glyphagent.dependencies.cochange import is_shallow
from glyphagent.errors import SourceError
from glyphagent.repositories import below
from glyphagent.sources import Source, SourceSet, content_revision

EMPTY = "EMPTY"
"""Revision without a file, which a first commit can be compared with; a ref of that name wins."""

# What git calls a tree without a file, by SHA-1 and by SHA-256; not every repository stores it.
_EMPTY_TREES = (
    "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
)


@dataclass(frozen=True)
class End:
    """One end of a range.

    Attributes:
        name: As the user wrote it.
        revision: Revision to read; none for the files as they lie.
        empty: Whether there is nothing to read.
    """

    name: str
    revision: str | None = None
    empty: bool = False


def found_repository(path: Path) -> git_objects.Repository:
    """The repository that a path lies in.

    Raises:
        SourceError: There is none.
    """
    repository = git_objects.discover(path)
    if repository is None:
        raise SourceError(f"{path} is in no git repository: there is no history to read")
    return repository


def read_ends(
    path: Path, text: str, opened: Callable[[str | None], Source]
) -> tuple[SourceSet, SourceSet]:
    """The files before and after, for a range of revisions.

    Args:
        path: Folder, repository or file; one of the ends may lack it, and then had no file.
        text: `A..B`, `A...B`, or `A` for A with the files as they lie. `EMPTY` and git's own id
            of the empty tree have no file, and nor has HEAD before the first commit.
        opened: Gives the source of a revision, None for what lies there.

    Raises:
        SourceError: A revision is not there, or both lack the path.
    """
    if not text.strip():
        # From a script's variable that is not set: what to compare is not for us to guess.
        raise SourceError("--diff names no revision: say which, as in --diff main...HEAD")
    repository = found_repository(path)
    ends = _ends(repository, text)
    there = [not end.empty and _has(repository, path, end.revision) for end in ends]
    if not any(there) and not all(end.empty for end in ends):
        names = " nor ".join(end.name for end in ends if not end.empty)
        raise SourceError(f"nothing at {path} in {names}: name a path that one of them has")
    root = str(path if path.is_dir() else path.absolute().parent)
    nothing = SourceSet((), (), content_revision(()), root)
    before, now = (
        opened(end.revision).read() if here else nothing
        for end, here in zip(ends, there, strict=True)
    )
    return before, now


def _ends(repository: git_objects.Repository, text: str) -> tuple[End, End]:
    old, dots, new = text.partition("...")
    if not dots:
        old, dots, new = text.partition("..")
    first = _end(repository, old or "HEAD")
    if not new:
        if repository.work_tree is None:
            raise SourceError(
                f"{repository.place} is a bare repository, so no files lie there to compare "
                f"with: name two revisions, as in --diff {old or 'HEAD~1'}..HEAD"
            )
        return first, End("the files as they lie")
    second = _end(repository, new)
    if dots != "..." or first.empty or second.empty:
        return first, second
    ids = (git_objects.resolve(repository, end.name) for end in (first, second))
    try:
        parted = git_objects.run(repository, "merge-base", *ids).decode("ascii").strip()
    except subprocess.CalledProcessError:
        raise SourceError(
            f"{first.name} and {second.name} have no commit in common{_cut_off(repository)}"
        ) from None
    return End(f"where {first.name} and {second.name} parted", parted), second


def _end(repository: git_objects.Repository, name: str) -> End:
    """What a name stands for.

    Raises:
        SourceError: Nothing.
    """
    unborn = name in ("HEAD", EMPTY) and git_objects.object_id(repository, name) is None
    if unborn or name in _EMPTY_TREES:
        return End(name, empty=True)
    try:
        git_objects.resolve(repository, name)
    except SourceError as error:
        raise SourceError(f"{error}{_cut_off(repository)}") from None
    return End(name, name)


def _cut_off(repository: git_objects.Repository) -> str:
    if not is_shallow(repository):
        return ""
    return "; this clone is shallow, older commits are not here: git fetch --unshallow gets them"


def _has(repository: git_objects.Repository, path: Path, revision: str | None) -> bool:
    if revision is None:
        return path.exists()
    place = os.path.realpath(path)
    part = "" if repository.work_tree is None else below(Path(place), repository.work_tree)
    commit = git_objects.resolve(repository, revision)
    return git_objects.object_id(repository, f"{commit}:{part}") is not None
