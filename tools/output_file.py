"""Writing a file that the user named, whatever lies under that name."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from glyphagent.blobs import write_atomic
from glyphagent.errors import SourceError


def write_output(path: Path, text: str) -> None:
    """Write a text to a file, a link's target, a FIFO or a device.

    A file is replaced at once, so that no reader finds half of it, and a failure leaves the old
    one. Its mode is kept. What is no file cannot be replaced: it is written into.

    Raises:
        SourceError: It cannot be written.
    """
    data = text.encode("utf-8", "backslashreplace")
    try:
        target = _replaceable(path)
        if target is None:
            with open(path, "wb") as stream:
                stream.write(data)
        else:
            # A folder that is not there is a slip of the keyboard: none is made.
            mode = stat.S_IMODE(os.stat(target).st_mode) if target.exists() else None
            os.stat(target.parent)
            write_atomic(target, data, mode=mode)
    except OSError as error:
        raise SourceError(
            f"--output {path}: {error.strerror or error}: name another file"
        ) from error


def _replaceable(path: Path) -> Path | None:
    """The file to replace, which may be missing yet; none if it must be written into.

    Raises:
        OSError: Links that lead in a circle, or a name that no file can have.
    """
    target = Path(os.path.realpath(path))
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return target
    if not stat.S_ISREG(found.st_mode):
        return None
    # Names such as /dev/stdout lead to an open file, which may have no path of its own.
    with suppress(OSError):
        if os.path.samestat(found, os.lstat(target)):
            return target
    return None
