"""Bytes to a `Document`, or to the reason why they are none.

Every document gives its bytes back exactly: the codec is chosen so that decoding and encoding
are inverse, and each document is checked before it leaves. Where bytes come from, and which
paths are looked at, is `sources`' business.
"""

from __future__ import annotations

import codecs
import re

from glyphagent.document import Document, Skipped

# Source: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md (pointers: under 1024 bytes).
_LFS_PREFIXES = (b"version https://git-lfs.github.com/spec/", b"version https://hawser.github.com/")
_LFS_SIZE = re.compile(rb"^size (\d+)$", re.MULTILINE)
_LFS_LONGEST = 1024

_MINIFIED_NAME = re.compile(r"[.-]min\.(?:js|mjs|cjs|css)$", re.IGNORECASE)
_SOURCE_MAP_NAME = re.compile(r"\.(?:js|mjs|cjs|css|ts)\.map$", re.IGNORECASE)

_UTF16 = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)

# Text may hold bell-free control characters: backspace (man pages), tab, line ends, form feed,
# and escape (terminal logs). All others speak for a binary file.
_CONTROL = bytes(sorted((set(range(32)) | {127}) - set(b"\b\t\n\v\f\r\x1b")))
_HIGH_CONTROL = bytes(range(0x80, 0xA0))
_CONTROL_SHARE = 0.1


def shown_path(path: str) -> str:
    r"""Path that UTF-8 can encode: bytes that are not UTF-8 are written as `\xNN`."""
    if path.isascii():
        return path
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def name_reason(path: str) -> str | None:
    """Why a file of this name is left out unread, or nothing.

    Marks such as `@generated` do not leave a file out: generated code is often what a question
    is about. Minified code and source maps are not made to be read.
    """
    if _MINIFIED_NAME.search(path):
        return "minified or generated (minified by its name)"
    if _SOURCE_MAP_NAME.search(path):
        return "minified or generated (source map)"
    return None


def decode(path: str, data: bytes, *, max_line: int) -> Document | Skipped:
    """Document of these bytes, or why they are no readable text.

    UTF-8 and UTF-16 with a byte order mark are recognised by the mark, other text is UTF-8 if it
    can be and Latin-1 if it looks like text at all.

    Args:
        path: As `shown_path` gives it.
        data: The whole file.
        max_line: Characters that the longest line may have.
    """
    if len(data) < _LFS_LONGEST and data.startswith(_LFS_PREFIXES):
        size = _LFS_SIZE.search(data)
        figure = f" ({size[1].decode()} bytes are stored elsewhere)" if size else ""
        return Skipped(path, f"LFS pointer{figure}")
    document = _marked(path, data) or _unmarked(path, data)
    if isinstance(document, Skipped):
        return document
    if document.data != data:
        return Skipped(path, f"undecodable ({document.encoding} does not give the bytes back)")
    longest = max(map(len, document.text.split("\n")))
    if longest > max_line:
        figure = f"a line of {longest} characters, limit {max_line}"
        return Skipped(path, f"minified or generated ({figure})")
    return document


def _marked(path: str, data: bytes) -> Document | Skipped | None:
    """What a UTF-16 or UTF-32 byte order mark promises; nothing where there is none."""
    # UTF-32's little-endian mark begins with UTF-16's, so it is asked for first.
    if data.startswith(_UTF32):
        return Skipped(path, "undecodable (UTF-32)")
    for mark, encoding in _UTF16:
        if data.startswith(mark):
            try:
                text = data[len(mark) :].decode(encoding)
            except UnicodeDecodeError as error:
                return Skipped(path, f"undecodable ({encoding}: {error.reason})")
            if "\0" in text or _is_binary(text.encode("utf-8")):
                return Skipped(path, "binary")
            return Document(path, text, encoding, mark)
    return None


def _unmarked(path: str, data: bytes) -> Document | Skipped:
    """UTF-8 with or without mark, else Latin-1, else the reason."""
    # Zeros are valid UTF-8; so what binary files look like is asked before any codec is.
    if b"\0" in data or _is_binary(data):
        return Skipped(path, "binary")
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    try:
        return Document(path, data[len(mark) :].decode("utf-8"), "utf-8", mark)
    except UnicodeDecodeError:
        pass
    # Latin-1 takes any bytes; its second block of control characters is in no text, but other
    # 8-bit encodings have letters there (a few, as quotation marks in Windows-1252, do no harm).
    high = len(data) - len(data.translate(None, _HIGH_CONTROL))
    if high > _CONTROL_SHARE * len(data):
        return Skipped(path, "undecodable (neither UTF-8, UTF-16 with a mark, nor Latin-1)")
    return Document(path, data.decode("latin-1"), "latin-1")


def _is_binary(data: bytes) -> bool:
    """Whether control characters make up more of the bytes than text would hold."""
    controls = len(data) - len(data.translate(None, _CONTROL))
    return controls > _CONTROL_SHARE * len(data)
