"""Documents as a reader reads them off pages: pixels in, text and doubts out.

A page is read once: what was read is kept by the page's digest and the reader's, in memory and on
disk. Paths and first lines come as text beside the images, as they do for any model; everything
else is what the reader saw.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from glyphagent.blobs import BlobStore, cache_folder
from glyphagent.document import Location
from glyphagent.page import Page
from glyphagent.plugins import PageText, Reader
from glyphagent.raster import rgb_pixels
from glyphagent.transcript import Part, transcribe

LEAST_CONFIDENCE = 0.9
"""Cells read with less confidence than this mark their line as doubtful."""

_CACHE_BYTES = 512 * 2**20
_BATCH = 8


@dataclass
class Reading:
    """What was read.

    Attributes:
        texts: Text of each document as read, by path.
        doubts: Lines, from 1, that hold a cell of low confidence, by path.
        shifted: Paths whose line count, as read, had to be set right by the pages' first lines.
    """

    texts: dict[str, str] = field(default_factory=dict)
    doubts: dict[str, set[int]] = field(default_factory=dict)
    shifted: set[str] = field(default_factory=set)


class PageReader:
    """Reads pages with a backend's reader, each page once.

    Args:
        reader: What reads.
        store: Where readings are kept between runs; None keeps them in memory only.
    """

    def __init__(self, reader: Reader, store: BlobStore | None = None) -> None:
        """Start with nothing read."""
        self.reader = reader
        self.identity = str(getattr(reader, "digest", ""))
        self.store = store if self.identity else None
        self._read: dict[str, PageText] = {}

    def read(
        self, pages: Sequence[Page], on_page: Callable[[int], None] | None = None
    ) -> list[PageText]:
        """Read pages, those that were read before from memory or disk.

        Raises:
            BackendError: If the reader refuses a page.
        """
        missing = [page for page in pages if self._known(page) is None]
        done = len(pages) - len(missing)
        for start in range(0, len(missing), _BATCH):
            if on_page is not None:
                on_page(done + start)
            batch = missing[start : start + _BATCH]
            for page, text in zip(
                batch, self.reader.read([rgb_pixels(page) for page in batch]), strict=True
            ):
                self._read[page.digest] = text
                if self.store is not None:
                    self.store.put(self._key(page), _pack(text))
        if on_page is not None:
            on_page(len(pages))
        return [self._read[page.digest] for page in pages]

    def _known(self, page: Page) -> PageText | None:
        if page.digest not in self._read and self.store is not None:
            data = self.store.get(self._key(page))
            text = None if data is None else _unpack(data, page)
            if text is not None:
                self._read[page.digest] = text
        return self._read.get(page.digest)

    def _key(self, page: Page) -> str:
        return hashlib.blake2b(f"{self.identity} {page.digest}".encode(), digest_size=20).hexdigest()


def reading_store() -> BlobStore:
    """Store on disk in which readings are kept between runs."""
    return BlobStore(cache_folder() / "readings", _CACHE_BYTES)


def read_documents(pages: Sequence[Page], texts: Sequence[PageText]) -> Reading:
    """Join what was read on pages into documents.

    Args:
        pages: The pages, in order; only the places that travel beside the image are used.
        texts: What the reader saw on each.
    """
    reading = Reading()
    pieces: dict[str, list[str]] = {}
    lines: dict[str, int] = {}
    for page, seen in zip(pages, texts, strict=True):
        parts = transcribe(seen.codes, page.glyphs.characters)
        beside = page.source_map.locations()
        confidence = seen.confidence.reshape(-1)
        for number, part in enumerate(parts):
            place = beside[number] if len(parts) == len(beside) else None
            path = place.path if place else part.path
            kept = pieces.setdefault(path, [])
            text = part.text
            reached = lines.get(path, 0) + 1  # line that this part should open, or go on with
            if place and kept and place.line_start != reached and kept[-1].endswith("\n"):
                reading.shifted.add(path)
                _anchor(kept, place.line_start, reached)
                reached = place.line_start
            _note_doubts(reading, path, part, confidence, reached)
            kept.append(text)
            lines[path] = reached - 1 + text.count("\n")
    reading.texts = {path: "".join(kept) for path, kept in pieces.items()}
    return reading


def _anchor(kept: list[str], line: int, reached: int) -> None:
    """Make the text so far end where `line` begins, by empty lines or by dropping lines."""
    if line > reached:
        kept.append("\n" * (line - reached))
        return
    rows = "".join(kept).split("\n")
    kept[:] = ["".join(row + "\n" for row in rows[: line - 1])]


def _note_doubts(
    reading: Reading, path: str, part: Part, confidence: npt.NDArray[np.float32], line: int
) -> None:
    doubtful = np.flatnonzero(confidence[part.cells] < LEAST_CONFIDENCE)
    for offset in doubtful.tolist():
        reading.doubts.setdefault(path, set()).add(line + part.text.count("\n", 0, offset))


def doubtful_lines(reading: Reading, location: Location) -> list[int]:
    """Lines of a place that were read with low confidence."""
    doubts = reading.doubts.get(location.path, set())
    return sorted(n for n in doubts if location.line_start <= n <= location.line_end)


def _pack(text: PageText) -> bytes:
    rows, columns = text.codes.shape
    confidence = np.floor(text.confidence.clip(0, 1) * 255).astype(np.uint8)
    head = f"{text.atlas} {rows} {columns}\n".encode()
    return head + zlib.compress(text.codes.astype("<u2").tobytes() + confidence.tobytes(), 1)


def _unpack(data: bytes, page: Page) -> PageText | None:
    """Reading from its stored form, or None if it is not one of such a page."""
    try:
        head, _, body = data.partition(b"\n")
        atlas, rows, columns = head.decode().split()
        shape = (int(rows), int(columns))
        raw = zlib.decompress(body)
        count = shape[0] * shape[1]
        codes = np.frombuffer(raw[: 2 * count], "<u2").reshape(shape).astype(np.uint16)
        confidence = np.frombuffer(raw[2 * count :], np.uint8).reshape(shape) / np.float32(255)
    except (ValueError, zlib.error):
        return None
    return PageText(codes, confidence, atlas) if atlas == page.atlas else None
