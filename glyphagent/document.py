"""Documents and places in them: the currency between every two parts of the product.

A `Document` holds decoded text together with what is needed to give the original bytes back.
Where documents come from is `sources`' business; how they look is the renderers'.
"""

from __future__ import annotations

import bisect
import hashlib
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A run of whole lines in a document.

    Lines are numbered from 1, both ends included. A line ends with a line feed and nothing
    else, as in git and in editors' `path:line` links.
    """

    path: str
    line_start: int
    line_end: int

    def __str__(self) -> str:
        """Give `path:line` or `path:first-last`, as editors take it."""
        if self.line_end <= self.line_start:
            return f"{self.path}:{self.line_start}"
        return f"{self.path}:{self.line_start}-{self.line_end}"


@dataclass(frozen=True)
class Document:
    """A text with its path, able to give back the bytes it was decoded from.

    Attributes:
        path: Relative to the source's root, with `/` between parts.
        text: Decoded text without byte order mark; line ends as they stand in the bytes.
        encoding: Codec that encodes `text` back: `utf-8`, `utf-16-le`, `utf-16-be`, `latin-1`.
        bom: Byte order mark that stood before the text, or nothing.
    """

    path: str
    text: str = field(repr=False)
    encoding: str = "utf-8"
    bom: bytes = b""

    @property
    def data(self) -> bytes:
        """The bytes of the source, exactly."""
        return self.bom + self.text.encode(self.encoding)

    @cached_property
    def digest(self) -> str:
        """BLAKE2b of path and bytes, 32 hex digits."""
        digest = hashlib.blake2b(digest_size=16)
        name = self.path.encode("utf-8", "surrogateescape")
        digest.update(len(name).to_bytes(8, "little") + name)
        digest.update(self.data)
        return digest.hexdigest()

    @cached_property
    def content_digest(self) -> str:
        """BLAKE2b of the bytes alone, 32 hex digits: the same under any path."""
        return hashlib.blake2b(self.data, digest_size=16).hexdigest()

    @cached_property
    def line_starts(self) -> list[int]:
        """Character offset of each line's first character; a final line feed opens no line."""
        starts = [0]
        position = self.text.find("\n")
        while position != -1:
            starts.append(position + 1)
            position = self.text.find("\n", position + 1)
        if len(starts) > 1 and starts[-1] == len(self.text):
            starts.pop()
        return starts

    @property
    def line_count(self) -> int:
        """Number of lines; an empty document has one empty line."""
        return len(self.line_starts)

    def line_at(self, offset: int) -> int:
        """Line, from 1, that holds the character at `offset`."""
        return bisect.bisect_right(self.line_starts, offset)

    def lines(self, line_start: int, line_end: int) -> str:
        """Exact text of lines `line_start` to `line_end`, from 1, both included, clipped."""
        starts = self.line_starts
        first = max(line_start, 1)
        last = min(line_end, len(starts))
        if first > last:
            return ""
        stop = starts[last] if last < len(starts) else len(self.text)
        return self.text[starts[first - 1] : stop]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A path that was left out, and why."""

    path: str
    reason: str
