"""A bounded store of bytes by key, shared by any number of processes, and atomic writing.

Readers wait for nobody, a torn or altered file reads as missing, and a full disk is no error:
what cannot be kept is simply made again. Keys are digests of whatever the bytes follow from;
making them is the callers' business.

Files are `FOLDER/ab/abcdef...` with a header (magic, BLAKE2b of key and bytes). When the store
is full the files that were used longest ago go first. How much there is stands in a ledger that
is only touched under a lock; a look at the files themselves corrects it whenever it says "full".
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
import secrets
import stat
import struct
import time
from collections.abc import Iterator
from pathlib import Path

_LOG = logging.getLogger(__name__)

_KEY = re.compile(r"[0-9a-f]{8,128}")
_MAGIC = b"glyphblob1\n"
_DIGEST_SIZE = 16
_HEADER_SIZE = len(_MAGIC) + _DIGEST_SIZE
_LEDGER = "ledger"
_COUNT = struct.Struct("<Q")
# Eviction makes room for later writes too, so that not each of them looks at every file.
_KEPT_SHARE = 7 / 8

DEFAULT_MAX_BYTES = 2_000_000_000


def cache_folder() -> Path:
    """Where caches lie: `GLYPHAGENT_CACHE_DIR`, or the user's cache folder of the system."""
    named = os.environ.get("GLYPHAGENT_CACHE_DIR")
    if named:
        return Path(named).expanduser()
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("glyphagent"))


def write_atomic(
    path: str | Path, data: bytes, *, durable: bool = False, mode: int | None = None
) -> None:
    """Put a file in place, whole or not at all.

    Args:
        path: Its folder is made if need be.
        data: The content.
        durable: Wait until the disk has it, to outlive a power cut.
        mode: Permissions; by default what the umask leaves of reading and writing for all.

    Raises:
        OSError: It cannot be written; what stood there before still stands.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    # Not mkstemp: pages and manifests are for others to read, as far as the umask lets them.
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with open(descriptor, "wb") as file:
            if mode is not None:
                os.fchmod(descriptor, mode)  # first: the content may be for few eyes
            file.write(data)
            file.flush()
            if durable:
                os.fsync(descriptor)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


class BlobStore:
    """Bytes by key in a folder, at most so many in all.

    Attributes:
        folder: Made with the first write.
        max_bytes: Limit on the sum of all file sizes.
        refusal: Why the last `put` of this object kept nothing, or `get` did not look; empty if
            they did.
    """

    def __init__(
        self, folder: str | Path | None = None, max_bytes: int = DEFAULT_MAX_BYTES
    ) -> None:
        """Open a store; nothing is touched yet.

        Args:
            folder: By default `blobs` in `cache_folder()`.
            max_bytes: Limit on the sum of all file sizes.
        """
        self.folder = Path(folder) if folder is not None else cache_folder() / "blobs"
        self.max_bytes = max_bytes
        self.refusal = ""
        self._told = False

    def get(self, key: str) -> bytes | None:
        """Bytes under a key, or none; a file that does not hold them whole is removed.

        Nothing is taken from a folder that others can write to: it might be forged.
        """
        path = self._path(key)
        foreign = self._foreign()
        if foreign:
            self._refuse(foreign)
            return None
        try:
            content = path.read_bytes()
        except OSError:
            return None
        data = content[_HEADER_SIZE:]
        if content[:_HEADER_SIZE] != _header(key, data):
            _LOG.debug("removing %s: its checksum does not fit", path)
            with contextlib.suppress(OSError):
                path.unlink()
            return None
        # The time of last use decides what goes first. Another process may just have evicted it.
        with contextlib.suppress(OSError):
            now = time.time_ns()
            os.utime(path, ns=(now, now))
        return data

    def __contains__(self, key: str) -> bool:
        """Whether there is a file under a key; only `get` tells whether it is whole."""
        return self._path(key).is_file()

    def put(self, key: str, data: bytes) -> bool:
        """Keep bytes under a key; false if the disk or the limit does not let us."""
        path = self._path(key)
        size = _HEADER_SIZE + len(data)
        self.refusal = ""
        if size > self.max_bytes:
            self.refusal = f"{size} bytes are more than the whole store may hold"
            return False
        try:
            foreign = self._make_folder()
            if foreign:
                self._refuse(foreign)
                return False
            # Written under the lock as well: what another process is about to write counts.
            with self._ledger() as ledger:
                self._enter(ledger, size)
                write_atomic(path, _header(key, data) + data)
        except OSError as error:
            self._refuse(str(error))
            return False
        return True

    def total_bytes(self) -> int:
        """Sum of all file sizes, as they are now."""
        return sum(size for _, size, _ in self._files())

    def clear(self) -> int:
        """Remove everything; gives the bytes that were freed."""
        freed = 0
        if not self.folder.is_dir():
            return 0
        with self._ledger() as ledger:
            for _, size, path in self._files():
                with contextlib.suppress(OSError):
                    os.unlink(path)
                    freed += size
            os.pwrite(ledger, _COUNT.pack(0), 0)
        return freed

    def _make_folder(self) -> str:
        """Make the folder, private to the user; gives why it is not used if it is foreign."""
        missing = [f for f in (self.folder, *self.folder.parents) if not f.exists()]
        # One by one: `parents` would make those above with the mode that the umask leaves.
        for folder in reversed(missing):
            folder.mkdir(mode=0o700, exist_ok=True)
        return self._foreign()

    def _foreign(self) -> str:
        """Why others than the user could have put files into the folder; empty if none could."""
        try:
            facts = self.folder.stat()
        except OSError:
            return ""  # nothing to read there
        if hasattr(os, "geteuid") and facts.st_uid != os.geteuid():
            return f"{self.folder} belongs to another user, so its files are not trusted"
        if facts.st_mode & stat.S_IWOTH:
            return f"{self.folder} can be written by everyone, so its files are not trusted"
        return ""

    def _refuse(self, reason: str) -> None:
        """Keep the reason, and say it once: a full disk refuses every page of a long run."""
        self.refusal = reason
        if not self._told:
            _LOG.debug("the cache is not used: %s", reason)
        self._told = True

    def _path(self, key: str) -> Path:
        """File of a key.

        Raises:
            ValueError: The key is no digest.
        """
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is no key: a key is 8 to 128 lower-case hex digits")
        return self.folder / key[:2] / key

    def _enter(self, ledger: int, size: int) -> None:
        """Enter bytes that are about to be written, after making room for them.

        Entered first, written afterwards: a writer that dies between leaves the ledger too high,
        never too low.
        """
        entry = os.pread(ledger, _COUNT.size, 0)
        # A fresh or torn ledger knows nothing, so the files are looked at.
        total = _COUNT.unpack(entry)[0] if len(entry) == _COUNT.size else self.max_bytes
        if total + size > self.max_bytes:
            total = self._evict(size)
        os.pwrite(ledger, _COUNT.pack(total + size), 0)

    def _evict(self, size: int) -> int:
        """Remove what was used longest ago until `size` more bytes fit; gives what remains."""
        files = sorted(self._files())
        total = sum(taken for _, taken, _ in files)
        if total + size <= self.max_bytes:
            return total
        goal = max(int(self.max_bytes * _KEPT_SHARE) - size, 0)
        for _, taken, path in files:
            if total <= goal:
                break
            # Temporary files are a dead writer's: a living one would hold the lock.
            with contextlib.suppress(OSError):
                os.unlink(path)
                total -= taken
        return total

    def _files(self) -> Iterator[tuple[int, int, str]]:
        """Time of last use, size and path of each file, those still being written too."""
        for folder in _entries(str(self.folder)):
            if folder.is_dir(follow_symlinks=False):
                for entry in _entries(folder.path):
                    # Others write and evict meanwhile.
                    with contextlib.suppress(OSError):
                        status = entry.stat(follow_symlinks=False)
                        yield status.st_mtime_ns, status.st_size, entry.path

    @contextlib.contextmanager
    def _ledger(self) -> Iterator[int]:
        """Descriptor of the ledger, ours alone until the end."""
        ledger = os.open(self.folder / _LEDGER, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(ledger)
            yield ledger
        finally:
            # Closing lets go of the lock.
            os.close(ledger)


def _header(key: str, data: bytes) -> bytes:
    """Magic and checksum; the key is part of it, so a file under another name does not fit."""
    digest = hashlib.blake2b(key.encode("ascii"), digest_size=_DIGEST_SIZE)
    digest.update(data)
    return _MAGIC + digest.digest()


def _entries(folder: str) -> list[os.DirEntry[str]]:
    """What lies in a folder; nothing if it cannot be listed."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _lock(descriptor: int) -> None:
    """Wait until the file is ours alone, where the system has such locks."""
    try:
        import fcntl
    except ImportError:
        return
    fcntl.flock(descriptor, fcntl.LOCK_EX)
