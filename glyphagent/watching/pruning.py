"""What is surely ignored below a root, so that nothing in it needs to be watched.

Mirrors what the sources leave out: by git's own word in a work tree, by the layered ignore files
elsewhere. Whatever is in doubt counts as not ignored: a watch too many is cheaper than a change
that nobody sees.
"""

from __future__ import annotations

import os
import posixpath
import subprocess
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Protocol

from glyphagent import git_objects
from glyphagent.errors import SourceError
from glyphagent.folders import Folder
from glyphagent.git_objects import Repository
from glyphagent.ignores import IGNORE_FILE, IgnoreRules
from glyphagent.origins import with_folders
from glyphagent.repositories import below

GIT_IGNORE_FILE = ".gitignore"
_MOST_VERDICTS = 200_000


class Rules(Protocol):
    """What is ignored, for as long as no rule changes."""

    def kept_folders(self, paths: Sequence[str]) -> list[str]:
        """Those folders of a level whose content may matter; the levels above were kept."""

    def ignored_files(self, paths: Collection[str]) -> set[str]:
        """Those paths that are surely ignored, though what they lie in is not."""

    def known_ignored(self, path: str, folder: bool) -> bool:
        """Whether a path is known to be ignored, without asking anybody."""

    def scanned(self, found: Mapping[str, Collection[str]]) -> set[str]:
        """Take in the names found in folders of a level, and say which folders are other's.

        Those are repositories of their own, of which nothing is read.
        """

    @property
    def entries(self) -> frozenset[tuple[str, str]] | None:
        """Tracked paths, each with what is special about it; none if git is not asked."""

    def moved_since(self, before: Rules) -> set[str]:
        """Folders in which git lists other files than it did for the rules before."""

    def moved_entries(self) -> set[str]:
        """Folders in which git lists other files than it did; from now on they are known."""


class PlainRules:
    """Layered ignore files, as `Folder.walk` heeds them."""

    def __init__(self, root: str) -> None:
        """Begin without rules: they come with the folders."""
        self._folder = Folder(root)
        self._rules = {GIT_IGNORE_FILE: IgnoreRules(), IGNORE_FILE: IgnoreRules()}

    def kept_folders(self, paths: Sequence[str]) -> list[str]:
        """Those that no ignore file leaves out."""
        return [path for path in paths if not self.known_ignored(path, True)]

    def ignored_files(self, paths: Collection[str]) -> set[str]:
        """Those that an ignore file leaves out."""
        return {path for path in paths if self.known_ignored(path, False)}

    def known_ignored(self, path: str, folder: bool) -> bool:
        """Whether an ignore file leaves it out."""
        rules = self._rules.values()
        return any(r.ignores_folder(path) if folder else r.ignores(path) for r in rules)

    def scanned(self, found: Mapping[str, Collection[str]]) -> set[str]:
        """Read the ignore files among the names."""
        for folder, names in found.items():
            for name, rules in self._rules.items():
                if name in names:
                    rules.add(folder, self._folder.ignore_text(posixpath.join(folder, name)))
        return set()

    @property
    def entries(self) -> None:
        """None: git is not asked."""
        return None

    def moved_since(self, before: Rules) -> set[str]:
        """The root, if git was asked before."""
        return set() if before.entries is None else {""}

    def moved_entries(self) -> set[str]:
        """None: git is not asked."""
        return set()


class GitRules:
    """Git's own word, and the ignore files that are ours."""

    def __init__(self, repository: Repository, root: str) -> None:
        """Ask for the tracked files, and read what lies above the root.

        Raises:
            subprocess.CalledProcessError: Git refused.
        """
        self._repository = repository
        self._root = Path(root)
        top = repository.work_tree or self._root
        self._prefix = below(self._root, top)
        self._own = IgnoreRules()
        parts = self._prefix.split("/") if self._prefix else []
        for end in range(len(parts)):
            above = "/".join(parts[:end])
            self._own.add(above, Folder(top).ignore_text(posixpath.join(above, IGNORE_FILE)))
        self._entries = self._listed()
        self._take(self._entries)
        self._verdicts: dict[str, bool] = {}

    def kept_folders(self, paths: Sequence[str]) -> list[str]:
        """Those with tracked files, and those that no rule leaves out; no submodules."""
        mine = [path for path in paths if path not in self._submodules and not self._left(path, 1)]
        doubtful = [path for path in mine if path not in self._tracked_folders]
        ignored = self._ask(f"{path}/" for path in doubtful)
        return [path for path in mine if f"{path}/" not in ignored]

    def ignored_files(self, paths: Collection[str]) -> set[str]:
        """Those that are not tracked and that a rule leaves out."""
        own = {path for path in paths if self._left(path, 0)}
        doubtful = [path for path in paths if path not in own and path not in self._tracked]
        return own | self._ask(doubtful)

    def known_ignored(self, path: str, folder: bool) -> bool:
        """Whether one of the other two said so before, or our own files do."""
        if self._left(path, folder):
            return True
        if folder:
            return path in self._submodules or self._verdicts.get(f"{path}/", False)
        return path not in self._tracked and self._verdicts.get(path, False)

    def scanned(self, found: Mapping[str, Collection[str]]) -> set[str]:
        """Read our ignore files unless they are ignored themselves; ask for repositories inside."""
        if any(GIT_IGNORE_FILE in names for names in found.values()):
            self._verdicts = {k: v for k, v in self._verdicts.items() if v and k[-1] == "/"}
        files = [
            posixpath.join(f, IGNORE_FILE) for f, names in found.items() if IGNORE_FILE in names
        ]
        ignored = self.ignored_files(files) if files else set()
        for path in files:
            if path not in ignored:
                place = posixpath.join(self._prefix, posixpath.dirname(path)).rstrip("/")
                self._own.add(place, Folder(self._root).ignore_text(path))
        doubtful = [
            folder
            for folder, names in found.items()
            if folder and ".git" in names and folder not in self._tracked_folders
        ]
        return self._repositories(doubtful) if doubtful else set()

    @property
    def entries(self) -> frozenset[tuple[str, str]]:
        """Tracked paths, as of the last time that git was asked."""
        return self._entries

    def moved_since(self, before: Rules) -> set[str]:
        """Folders of the paths that are tracked now and were not, or the other way round."""
        return {""} if before.entries is None else _folders_of(self._entries ^ before.entries)

    def moved_entries(self) -> set[str]:
        """The same, compared with when git was asked last."""
        entries = self._listed()
        moved = entries ^ self._entries
        if moved:
            self._entries = entries
            self._take(entries)
        return _folders_of(moved)

    def _take(self, entries: frozenset[tuple[str, str]]) -> None:
        """Keep what is tracked in the shapes in which it is asked for."""
        self._submodules = {path for path, kind in entries if kind == git_objects.SUBMODULE}
        self._tracked = {path for path, _ in entries} - self._submodules
        self._tracked_folders = with_folders(map(posixpath.dirname, self._tracked))

    def _left(self, path: str, folder: int | bool) -> bool:
        """Whether our own ignore files leave a path out."""
        whole = posixpath.join(self._prefix, path)
        return self._own.ignores_folder(whole) if folder else self._own.ignores(whole)

    def _listed(self) -> frozenset[tuple[str, str]]:
        """Each tracked path with what is special about it: a submodule, or not checked out."""
        options = ("-c", "-s", "-t", "-z")
        output = git_objects.run(self._repository, "ls-files", *options, folder=self._root)
        entries = set()
        for line in output.split(b"\0"):
            if line:
                head, _, name = line.partition(b"\t")
                tag, mode, *_ = head.decode("ascii").split()
                kind = mode if mode == git_objects.SUBMODULE else tag if tag == "S" else ""
                entries.add((os.fsdecode(name), kind))
        return frozenset(entries)

    def _ask(self, paths: Iterable[str]) -> set[str]:
        """Those that git ignores; folders end with a slash, so that they need not be there."""
        wanted = list(paths)
        unknown = [path for path in wanted if path not in self._verdicts]
        if unknown:
            if len(self._verdicts) > _MOST_VERDICTS:
                self._verdicts.clear()
            ignored = self._check(unknown)
            self._verdicts |= {path: path in ignored for path in unknown}
        return {path for path in wanted if self._verdicts.get(path)}

    def _check(self, paths: Sequence[str]) -> set[str]:
        """Answer of git itself; a path that it chokes on is taken out, and is not ignored."""
        # A folder that is there is asked for without its slash: with it, git lets the folder's own
        # ignore file decide, and nobody would see that file go.
        asked = {path.rstrip("/") if self._is_folder(path) else path: path for path in paths}
        # After ./ no name is taken for a pathspec with magic.
        text = b"".join(b"./%s\0" % os.fsencode(name) for name in asked)
        try:
            with _in_memory(text) as names:
                options = ("--stdin", "-z")
                output = git_objects.run(
                    self._repository,
                    "check-ignore",
                    *options,
                    folder=self._root,
                    stdin=names,
                    timeout_s=git_objects.IGNORE_FILES_S,
                )
        except subprocess.CalledProcessError as error:
            # None of them is ignored, or git was held; what is not surely ignored is watched.
            if error.returncode in (1, git_objects.HELD) or len(paths) == 1:
                return set()
            middle = len(paths) // 2
            return self._check(paths[:middle]) | self._check(paths[middle:])
        except (OSError, SourceError):
            return set()
        return {asked[os.fsdecode(name[2:])] for name in output.split(b"\0") if name}

    def _is_folder(self, path: str) -> bool:
        return path.endswith("/") and os.path.isdir(self._root / path)

    def _repositories(self, folders: Sequence[str]) -> set[str]:
        """Those folders that git takes for repositories of their own."""
        options = ("-o", "--exclude-standard", "-z", "--")
        try:
            output = git_objects.run(
                self._repository,
                "ls-files",
                *options,
                *folders,
                folder=self._root,
                timeout_s=git_objects.IGNORE_FILES_S,
            )
        except (subprocess.CalledProcessError, OSError):
            return set()
        listed = {os.fsdecode(name) for name in output.split(b"\0")}
        return {folder for folder in folders if f"{folder}/" in listed}


def open_rules(root: str, use_git: bool) -> tuple[Rules, Repository | None]:
    """Rules that hold below a root, and the repository that they come from, if any."""
    if use_git:
        try:
            repository = git_objects.discover(Path(root))
            if repository is not None and repository.work_tree is not None:
                here = repository.work_tree == Path(root)
                if here or not git_objects.is_ignored(repository, Path(root)):
                    return GitRules(repository, root), repository
        except (subprocess.CalledProcessError, SourceError, OSError):
            # As the sources do: ignore files are then read without git.
            pass
    return PlainRules(root), None


def _folders_of(entries: Iterable[tuple[str, str]]) -> set[str]:
    """Folders that tracked paths lie in."""
    return {posixpath.dirname(path) for path, _ in entries}


def _in_memory(data: bytes) -> IO[bytes]:
    """A file with this content that lies on no disk where the system can: disks may be full."""
    file: IO[bytes]
    if hasattr(os, "memfd_create"):
        file = open(os.memfd_create("names"), "w+b")  # noqa: SIM115
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115
    file.write(data)
    file.seek(0)
    return file
