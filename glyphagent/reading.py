"""Documents as a reader reads them off pages: pixels in, text and doubts out.

A page is read once: what was read is kept by the page's digest and the reader's, in memory and on
disk. Paths and first lines come as text beside the images, as they do for any model; everything
else is what the reader saw.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from glyphagent.blobs import BlobStore, cache_folder
from glyphagent.document import Location
from glyphagent.page import Page
from glyphagent.plugins import PageText, Reader
from glyphagent.raster import rgb_pixels
from glyphagent.transcript import ELISION, UNREADABLE, Part, transcribe

LEAST_CONFIDENCE = 0.9
"""Cells read with less confidence than this mark their line as doubtful."""

_CACHE_BYTES = 512 * 2**20
_BATCH = 8
_STEPS = 250  # of confidence that are kept; LEAST_CONFIDENCE is one of them


@dataclass
class Reading:
    """What was read.

    Attributes:
        texts: Text of each document as read, by path.
        doubts: Lines, from 1, that hold a cell of low confidence, by path.
        shifted: Paths whose lines, as read, had to be set right by the places beside the pages.
    """

    texts: dict[str, str] = field(default_factory=dict)
    doubts: dict[str, set[int]] = field(default_factory=dict)
    shifted: set[str] = field(default_factory=set)


class PageReader:
    """Reads pages with a backend's reader, each page once.

    Attributes:
        reader: What reads.
        store: Where readings are kept between runs; None keeps them in memory only.
        pages_read: Pages that it was shown so far; kept readings do not count.
    """

    def __init__(self, reader: Reader, store: BlobStore | None = None) -> None:
        """Start with nothing read."""
        self.reader = reader
        self.identity = str(getattr(reader, "digest", ""))
        self.store = store if self.identity else None
        self.pages_read = 0
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
                self._read[page.digest] = _rounded(text)
                self.pages_read += 1
                if self.store is not None:
                    self.store.put(self._key(page), _pack(self._read[page.digest]))
        if on_page is not None:
            on_page(len(pages))
        texts = [self._read[page.digest] for page in pages]
        if len(self._read) > 2 * len(texts) + _BATCH:
            # Of a folder that is being worked on there are ever new pages: those of before go.
            self._read = {page.digest: self._read[page.digest] for page in pages}
        return texts

    def _known(self, page: Page) -> PageText | None:
        if page.digest not in self._read and self.store is not None:
            data = self.store.get(self._key(page))
            text = None if data is None else _unpack(data, page)
            if text is not None:
                self._read[page.digest] = text
        return self._read.get(page.digest)

    def _key(self, page: Page) -> str:
        return hashlib.blake2b(
            f"{self.identity} {page.digest}".encode(), digest_size=20
        ).hexdigest()


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
    pieces: dict[str, list[_Piece]] = {}
    for page, seen in zip(pages, texts, strict=True):
        parts = transcribe(seen.codes, page.glyphs.characters)
        confidence = seen.confidence.reshape(-1)
        for place, own in _assigned(parts, page.source_map.locations()):
            if len(own) != 1:  # a header was missed, or one was seen that is none
                reading.shifted.add(place.path)
            piece = _piece(own, confidence)
            if piece.set_right(place.line_end - place.line_start + piece.text.endswith("\n")):
                reading.shifted.add(place.path)
            kept = pieces.setdefault(place.path, [])
            if kept and kept[-1].close(new_line=place.line_start > kept[-1].line_end):
                reading.shifted.add(place.path)
            piece.line_start, piece.line_end = place.line_start, place.line_end
            kept.append(piece)
    for path, kept in pieces.items():
        reading.texts[path] = "".join(piece.text for piece in kept)
        if doubts := {line for piece in kept for line in piece.doubts()}:
            reading.doubts[path] = doubts
    return reading


@dataclass
class _Piece:
    """A part of a document as read.

    Attributes:
        text: The text.
        sure: Least confidence of the cells that show each character, or stand behind it.
        line_start: Its first line in the document, as it travels beside the image.
        line_end: Its last line.
    """

    text: str
    sure: npt.NDArray[np.float32]
    line_start: int = 1
    line_end: int = 1

    def set_right(self, feeds: int) -> bool:
        """Make it hold that many line feeds, changed where the reader was least sure."""
        is_feed = np.frombuffer(self.text.encode("utf-32-le"), "<u4") == 10
        wrong = feeds - int(np.count_nonzero(is_feed))
        if not wrong:
            return False
        least = np.argsort(self.sure, kind="stable")
        chosen = least[is_feed[least] == (wrong < 0)][: abs(wrong)]
        characters = list(self.text)
        for offset in chosen.tolist():
            characters[offset] = "\n" if wrong > 0 else UNREADABLE
        self.text = "".join(characters)
        if (more := feeds - self.text.count("\n")) > 0:  # fewer characters than lines
            self._add("\n" * more)
        return True

    def close(self, *, new_line: bool) -> bool:
        """Make it end with a line feed, or without one, as the next part's line says."""
        if new_line == self.text.endswith("\n"):
            return False
        if new_line:
            self._add("\n")
        else:
            self.text, self.sure = self.text[:-1], self.sure[:-1]
        return True

    def doubts(self) -> set[int]:
        """Lines of the document that hold a character the reader was not sure of."""
        doubtful = np.flatnonzero(self.sure < LEAST_CONFIDENCE).tolist()
        return {self.line_start + self.text.count("\n", 0, offset) for offset in doubtful}

    def _add(self, text: str) -> None:
        self.text += text
        self.sure = np.append(self.sure, np.zeros(len(text), np.float32))


def _assigned(
    parts: Sequence[Part], beside: Sequence[Location]
) -> Iterator[tuple[Location, list[Part]]]:
    """Yield each place beside the image with the parts that show it: one, if all was read well.

    Where the numbers differ, a part with no place's path belongs to the place before.
    """
    if len(parts) == len(beside):
        yield from ((place, [part]) for place, part in zip(beside, parts, strict=True))
        return
    owned: list[list[Part]] = [[] for _ in beside]
    current = 0
    for number, part in enumerate(parts):
        for index in range(current + (number > 0), len(beside)):
            path, end = beside[index].path, part.path.removeprefix(ELISION)
            if part.path == path or (end != part.path and path.endswith(end)):
                current = index
                break
        if beside:
            owned[current].append(part)
    yield from zip(beside, owned, strict=True)


def _piece(parts: Sequence[Part], confidence: npt.NDArray[np.float32]) -> _Piece:
    """Text of these parts; of what stands between two characters, the first answers for it."""
    text, sure = [], [np.zeros(0, np.float32)]
    for part in parts:
        if part.text:
            text.append(part.text)
            stops = np.append(part.cells[1:], part.cells[-1] + 1)
            sure.append(_least(confidence, part.cells, stops))
    return _Piece("".join(text), np.concatenate(sure))


def _least(
    confidence: npt.NDArray[np.float32],
    starts: npt.NDArray[np.int32],
    stops: npt.NDArray[np.int32],
) -> npt.NDArray[np.float32]:
    """Least confidence of the cells from each start to its stop, at least the one cell."""
    least = confidence[starts]
    for index in np.flatnonzero(stops - starts > 1).tolist():
        least[index] = confidence[starts[index] : stops[index]].min()
    return least


def doubtful_lines(reading: Reading, location: Location) -> list[int]:
    """Lines of a place that were read with low confidence."""
    doubts = reading.doubts.get(location.path, set())
    return sorted(n for n in doubts if location.line_start <= n <= location.line_end)


def _rounded(text: PageText) -> PageText:
    """The reading with confidences as they are kept, so that fresh and kept ones are alike."""
    steps = np.floor(np.nan_to_num(text.confidence).clip(0, 1) * np.float32(_STEPS))
    confidence = steps.astype(np.float32)
    confidence /= np.float32(_STEPS)
    return PageText(text.codes, confidence, text.atlas)


def _pack(text: PageText) -> bytes:
    rows, columns = text.codes.shape
    steps = np.rint(text.confidence * np.float32(_STEPS)).astype(np.uint8)
    head = f"{text.atlas} {rows} {columns}\n".encode()
    return head + zlib.compress(text.codes.astype("<u2").tobytes() + steps.tobytes(), 1)


def _unpack(data: bytes, page: Page) -> PageText | None:
    """Reading from its stored form, or None if it is not one of such a page."""
    try:
        head, _, body = data.partition(b"\n")
        atlas, rows, columns = head.decode().split()
        shape = (int(rows), int(columns))
        raw = zlib.decompress(body)
        count = shape[0] * shape[1]
        codes = np.frombuffer(raw[: 2 * count], "<u2").reshape(shape).astype(np.uint16)
        steps = np.frombuffer(raw[2 * count :], np.uint8).reshape(shape)
    except (ValueError, zlib.error):
        return None
    if atlas != page.atlas or shape != page.codes.shape:
        return None
    confidence = steps.astype(np.float32)
    confidence /= np.float32(_STEPS)
    return PageText(codes, confidence, atlas)
