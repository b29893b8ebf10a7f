"""A folder from which no path leads out, however hostile its content.

Paths are opened part by part, without following links, relative to the folder above: a link put
in the place of a parent folder is refused by the kernel, not by a check that it could outrun.
Files are looked at before they are opened, and never read beyond a limit. What to read, and how
to decode it, is left to `sources` and `decoding`.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import contextmanager
from pathlib import Path

from glyphagent.decoding import shown_path
from glyphagent.document import Document, Skipped
from glyphagent.errors import SourceError
from glyphagent.ignores import IGNORE_FILE, VCS_FOLDERS, IgnoreRules

# Longer paths cannot be opened by name on Linux; deeper folders only slow the walk down.
_LONGEST_PATH = 4096
LARGEST_IGNORE_FILE = 1_000_000
# Not blocking: a pipe put in a file's place must not hold us. Absent flags are other systems'.
_FILE_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
FOLDER_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_DIRECTORY", 0)
# As the first bytes of a manifest of ours say it.
LARGEST_HEAD = 200
_PAGE_SET = re.compile(rb'\A\s*\{\s*"format"\s*:\s*"glyphagent page set"')
_GONE = (errno.ENOENT, errno.ESTALE)
_KINDS: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISDIR, "folder"),
    (stat.S_ISFIFO, "fifo"),
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISBLK, "block device"),
    (stat.S_ISCHR, "character device"),
)

LINK_INSIDE = "link (its target is listed itself)"
LINK_IGNORED = "link (its target is inside the root, and ignored)"
LINK_OUTSIDE = "link leaving the root"
LINK_BROKEN = "broken link"
LINK_LOOP = "link loop"
GONE = "vanished"
PAGES = "pages of glyphagent"
PAGES_MANIFEST = "manifest.json"
_TOO_LONG = "path too long"

# Path and text of each.
IgnoreTexts = tuple[tuple[str, str], ...]
# What a path gave: its bytes, or what was made of them before, or why there are none.
Found = tuple[str, bytes | Document | Skipped] | Skipped


def is_inside(path: str) -> bool:
    """Whether a listed path has only plain parts: trees and indexes can be made to lie."""
    return "\0" not in path and not {"", ".", ".."} & set(path.split("/"))


def too_large(size: int, limit: int) -> str:
    """Reason for a file of `size` bytes."""
    return f"too large ({size} bytes, limit {limit})"


def is_page_set(head: bytes) -> bool:
    """Whether a file that begins so is the manifest of a page set that glyphagent wrote."""
    return _PAGE_SET.match(head[:LARGEST_HEAD]) is not None


def page_folder(path: str, folders: Set[str]) -> str | None:
    """The outermost of these folders that a path lies in, or none."""
    end = path.find("/")
    while end > 0:
        if path[:end] in folders:
            return path[:end]
        end = path.find("/", end + 1)
    return None


class Folder:
    """A folder, read without leaving it.

    Attributes:
        root: Absolute path without links.
    """

    def __init__(self, root: str | Path) -> None:
        """Keep the folder's real path; nothing is opened yet."""
        self.root = os.path.realpath(root)

    def read(self, path: str, max_bytes: int, listed: Set[str] = frozenset()) -> bytes | Skipped:
        """Bytes of a file, or why it was not read.

        Args:
            path: Relative to the root, `/` between parts.
            max_bytes: What is larger is not read; nor is more if it grows meanwhile.
            listed: Files and folders that the source lists, to say what a link points to.
        """
        return self._read(path, max_bytes, listed)[0]

    def take(self, path: str, shown: str, max_bytes: int, listed: Set[str] = frozenset()) -> Found:
        """What `read` gives, with the path to show; a folder that remembers may have decoded it.

        Args:
            path: As for `read`, like the other two.
            shown: The document's path.
            max_bytes: The limit.
            listed: What the source lists.
        """
        data = self.read(path, max_bytes, listed)
        return data if isinstance(data, Skipped) else (shown, data)

    def _read(
        self, path: str, max_bytes: int, listed: Set[str]
    ) -> tuple[bytes | Skipped, os.stat_result | None]:
        """What `read` gives, and the file's state before, if it follows from the file alone."""
        if not is_inside(path):
            return Skipped(shown_path(path), "unreadable (not a path inside the root)"), None
        above, _, name = path.rpartition("/")
        try:
            with self._open(above) as folder:
                where = _within(folder, self.root, above, name)
                status = os.stat(where[0], dir_fd=where[1], follow_symlinks=False)
                if stat.S_ISLNK(status.st_mode):
                    return Skipped(shown_path(path), self._link_reason(path, listed)), None
                reason = _reason(status, max_bytes)
                if stat.S_ISDIR(status.st_mode):
                    # A folder that is listed itself may be one that could not be looked into.
                    if folder is not None:
                        os.close(os.open(where[0], FOLDER_FLAGS, dir_fd=folder))
                    reason = _TOO_LONG if len(path) > _LONGEST_PATH else reason
                if reason is not None:
                    return Skipped(shown_path(path), reason), status
                descriptor = os.open(where[0], _FILE_FLAGS, dir_fd=where[1])
            with open(descriptor, "rb") as file:
                # Looked at again: what was opened need not be what was looked at before.
                status = os.fstat(descriptor)
                reason = _reason(status, max_bytes)
                if reason is not None:
                    return Skipped(shown_path(path), reason), status
                data = file.read(max_bytes + 1) or b""
                if len(data) > max_bytes:
                    size = max(os.fstat(descriptor).st_size, len(data))
                    return Skipped(shown_path(path), too_large(size, max_bytes)), None
                return data, status
        except OSError as error:
            return Skipped(shown_path(path), self._error_reason(error, path, listed)), None

    def _status(self, above: str, name: str) -> os.stat_result:
        """State of what lies in a folder below the root.

        Raises:
            OSError: Nothing does, or the folder cannot be entered.
        """
        with self._open(above) as folder:
            where = _within(folder, self.root, above, name)
            return os.stat(where[0], dir_fd=where[1], follow_symlinks=False)

    def head(self, path: str) -> bytes:
        """First bytes of a file, at most `LARGEST_HEAD`; none where it cannot be read."""
        above, _, name = path.rpartition("/")
        try:
            with self._open(above) as folder:
                where = _within(folder, self.root, above, name)
                descriptor = os.open(where[0], _FILE_FLAGS, dir_fd=where[1])
            with open(descriptor, "rb") as file:
                regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
                return (file.read(LARGEST_HEAD) or b"") if regular else b""
        except OSError:
            return b""

    def walk(self) -> Iterator[str]:
        """Every path but those that layered ignore files leave out, in no order.

        Folders that cannot be listed are yielded themselves, for `read` to say why; links and
        special files are yielded like files.

        Raises:
            SourceError: The folder itself cannot be listed.
        """
        rules = IgnoreRules(), IgnoreRules()
        waiting: list[tuple[str, IgnoreTexts]] = [("", ())]
        while waiting:
            folder, texts = waiting.pop()
            try:
                with self._open(folder) as descriptor:
                    target = self._real(folder) if descriptor is None else descriptor
                    with os.scandir(target) as entries:
                        found = [(e.name, e.is_dir(follow_symlinks=False)) for e in entries]
            except OSError as error:
                if not folder:
                    raise SourceError(f"{self.root} cannot be listed: {error.strerror}") from error
                yield folder
                continue
            above = f"{folder}/" if folder else ""
            names = {name for name, _ in found}
            for file, layer in zip((".gitignore", IGNORE_FILE), rules, strict=True):
                if file in names:
                    text = self.ignore_text(above + file)
                    layer.add(folder, text)
                    texts = (*texts, (above + file, text))
            paths, folders = self._sifted(folder, found, texts, rules)
            yield from paths
            waiting.extend((path, texts) for path in folders)

    def _sifted(
        self,
        folder: str,
        found: Sequence[tuple[str, bool]],
        texts: IgnoreTexts,
        rules: tuple[IgnoreRules, IgnoreRules],
    ) -> tuple[list[str], list[str]]:
        """Paths to give and folders to walk, of what a folder holds.

        Args:
            folder: Where it was found.
            found: Names, and whether each is a folder.
            texts: The ignore files that apply here.
            rules: The same, understood, and others that do not apply.
        """
        paths: list[str] = []
        folders: list[str] = []
        for name, is_folder in found:
            path = f"{folder}/{name}" if folder else name
            if name in VCS_FOLDERS:
                continue
            if not is_folder:
                if not any(layer.ignores(path) for layer in rules):
                    paths.append(path)
            elif len(path) > _LONGEST_PATH:
                paths.append(path)
            elif not any(layer.ignores_folder(path) for layer in rules):
                folders.append(path)
        return paths, folders

    def ignore_text(self, path: str) -> str:
        """Text of an ignore file; nothing where it is missing, a link, or absurdly large."""
        data = self.read(path, LARGEST_IGNORE_FILE)
        return "" if isinstance(data, Skipped) else os.fsdecode(data)

    def _real(self, path: str) -> str:
        """Absolute path, for systems that cannot open relative to a folder."""
        return os.path.join(self.root, *path.split("/")) if path else self.root

    @contextmanager
    def _open(self, path: str) -> Iterator[int | None]:
        """Descriptor of a folder below the root, reached without following a link.

        Where the system has no such descriptors (Windows) it is none, and a real path outside
        the root is refused by a plain check.
        """
        if os.open not in os.supports_dir_fd:
            real = os.path.realpath(self._real(path))
            if os.path.commonpath([real, self.root]) != self.root:
                raise NotADirectoryError(errno.ENOTDIR, "link leaving the root", path)
            yield None
            return
        descriptor = os.open(self.root, FOLDER_FLAGS)
        try:
            for part in path.split("/") if path else ():
                below = os.open(part, FOLDER_FLAGS, dir_fd=descriptor)
                os.close(descriptor)
                descriptor = below
            yield descriptor
        finally:
            os.close(descriptor)

    def _link_reason(self, path: str, listed: Set[str]) -> str:
        """What is wrong with, or known about, the link at a path."""
        try:
            real = os.path.realpath(self._real(path), strict=True)
        except OSError as error:
            return LINK_LOOP if error.errno == errno.ELOOP else LINK_BROKEN
        if real == self.root:
            return LINK_INSIDE
        inside = os.path.join(self.root, "")
        if not real.startswith(inside):
            return LINK_OUTSIDE
        return LINK_INSIDE if real[len(inside) :].replace(os.sep, "/") in listed else LINK_IGNORED

    def _error_reason(self, error: OSError, path: str, listed: Set[str]) -> str:
        """Reason that an error of the system stands for."""
        if error.errno in _GONE:
            return GONE
        if error.errno == errno.ENAMETOOLONG:
            return _TOO_LONG
        if error.errno in (errno.ENOTDIR, errno.ELOOP, errno.EMLINK):
            # A part above is no folder any more: a link, or a file in its place.
            parts = path.split("/")
            above = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
            link = next((p for p in above if os.path.islink(self._real(p))), None)
            return GONE if link is None else self._link_reason(link, listed)
        return f"unreadable ({os.strerror(error.errno or 0).lower()})"


def _within(folder: int | None, root: str, above: str, name: str) -> tuple[str, int | None]:
    """Name and folder descriptor to open, or a whole path where there are no descriptors."""
    if folder is None:
        return os.path.join(root, *above.split("/"), name), None
    return name, folder


def _reason(status: os.stat_result, max_bytes: int) -> str | None:
    """Why a file in this state is not read, or nothing."""
    if not stat.S_ISREG(status.st_mode):
        kind = next((name for test, name in _KINDS if test(status.st_mode)), "of unknown kind")
        return f"not a regular file ({kind})"
    return too_large(status.st_size, max_bytes) if status.st_size > max_bytes else None
