"""Layout `flow`: rows always full, a line feed is one coloured mark that carries the indent.

Page breaks follow the text, not the count of cells: among the line starts from a quarter of a
page on the break is where a hash of the neighbouring lines is least (content-defined chunking), so
an edit moves the breaks near it and no others. Pages are cropped to the patch grid, so an early
break costs next to nothing. Short documents of one folder share pages; long ones have pages of
their own, and folders do not mix.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from glyphagent import marks
from glyphagent.atlas import Atlas
from glyphagent.document import Document
from glyphagent.page import Page
from glyphagent.stepwise import Place, Step
from glyphagent.style import Ink, Style

from .cells import (
    Cells,
    code_points,
    decoration,
    encode,
    header_cells,
    join,
    line_indents,
    own_documents,
    pages_by_folder,
    spans_of,
)

# Source: Xia et al., FastCDC (USENIX ATC 2016): cut points from content. A page is at least this
# full, in parts of its capacity: the wider the choice of breaks, the rarer an edit changes it.
# Measured (tests/bench/bench_stable_pages.py, results in stable_pages.json): of the 954 edits that
# it was chosen by, more than two pages are new in 1.1 %, at 0.25. On 2,261 edits of eleven projects
# that had no part in this choice it is 1.6 %, and 0.9 % of those that write 2,500 characters or
# fewer. Pages are cropped, so breaks before the page is full cost 1.8 % of the visual tokens there.
# A little over the part that divides long lines: pages of one such piece each would all look alike
# in a monotonous line.
_LEAST_FILL = 0.26
# Documents with so many characters, in parts of a page's cells, share pages with no other one: an
# edit of them then hardly ever moves anyone else's text: 2 pages in 2,261 edits.
_ALONE = 0.2
_LONG_PIECE = 0.25  # lines longer than this part of a page are divided for breaking
_DOCUMENT_START = 1 << 40  # taken off a break's hash where a document starts: break there rather


@dataclass(frozen=True, eq=False)
class _Stream:
    """A document ready for flow: its cells, and the pieces between which pages may break.

    Attributes:
        document: The document.
        number: Its number in the source map.
        cells: All cells; the first line has no mark of its own.
        header: Cells of its header, without the closing mark.
        piece_cell: First cell of each piece, a line's newline mark included; one more at the end.
        piece_text: Text offset of each piece's first character (after the line feed).
        piece_line: Source line of each piece.
        piece_opens: Whether the piece opens its line.
        piece_hash: Hash of the text around each piece's start.
    """

    document: Document
    number: int
    header: Cells
    cells: Cells
    piece_cell: npt.NDArray[np.int64]
    piece_text: npt.NDArray[np.int64]
    piece_line: npt.NDArray[np.int64]
    piece_opens: npt.NDArray[np.bool_]
    piece_hash: npt.NDArray[np.int64]


def flow_pages(
    documents: Sequence[Document], inks: Iterator[npt.NDArray[np.uint8]], style: Style
) -> Iterator[Page]:
    """Pages of these documents, folder by folder.

    Args:
        documents: Documents, those of one folder side by side.
        inks: Ink of each character, one array a document.
        style: A style whose layout is `flow`.
    """
    # Documents are asked for in order, each once.
    return pages_by_folder(documents, lambda run: FlowRun(run, lambda number: next(inks), style))


class FlowRun:
    """Documents that share pages in layout `flow`."""

    def __init__(
        self,
        documents: Sequence[Document],
        inks: Callable[[int], npt.NDArray[np.uint8]],
        style: Style,
    ) -> None:
        """Keep what pages are made from; a document is encoded when a page first needs it.

        Args:
            documents: The documents, in page order.
            inks: Gives the ink of each character of a document, by its number.
            style: A style whose layout is `flow`.
        """
        self._documents = documents
        self._inks = inks
        self._style = style
        self._streams: dict[int, _Stream] = {}
        self._capacity = style.columns * style.rows
        self._alone_from = max(int(self._capacity * _ALONE), 1)
        self._number_cells = _number_cells(self._capacity + 2, style.number_interval)

    def page_from(self, start: Place) -> Step:
        """The page that starts at a page break, or at the first document's start."""
        for number in [number for number in self._streams if number < start[0]]:
            del self._streams[number]
        first = int(np.searchsorted(self._stream(start[0]).piece_text, start[1]))
        stop, reach = self._break((start[0], first))
        parts = []
        for index in range(start[0], min(stop[0], len(self._documents) - 1) + 1):
            stream = self._stream(index)
            begin = first if index == start[0] else 0
            last = stop[1] if index == stop[0] else len(stream.piece_text)
            if last > begin:
                parts.append(_part(stream, begin, last, self._style))
        page = _page(parts, self._documents, self._style)
        if not stop[1]:
            return Step(page, start, stop, reach, free=True)
        stream = self._stream(stop[0])
        place = stop[0], int(stream.piece_text[stop[1]])
        return Step(page, start, place, reach, free=bool(stream.piece_opens[stop[1]]))

    def _stream(self, number: int) -> _Stream:
        if number not in self._streams:
            made = _stream(self._documents[number], number, self._inks(number), self._style)
            self._streams[number] = made
        return self._streams[number]

    def _alone(self, number: int) -> bool:
        """Whether a document shares pages with no other one."""
        return len(self._documents[number].text) >= self._alone_from

    def _break(self, start: tuple[int, int]) -> tuple[tuple[int, int], Place]:
        """Stop of the page that starts at (document, piece) `start`, and how far it looked."""
        capacity = self._capacity
        candidates: list[tuple[int, int, int]] = []
        fallback = None
        used = 0
        index, first = start
        while index < len(self._documents):
            if (index, first) != start:
                # What began on an earlier page is alone for sure, however long it may be by now.
                if (index - 1 == start[0] and start[1]) or self._alone(index - 1):
                    return (index, 0), (index, 0)
                if self._alone(index):
                    return (index, 0), (index, self._alone_from)
                fallback = (index, 0)
                if used >= capacity * _LEAST_FILL:
                    candidates.append((int(self._stream(index).piece_hash[0]), index, 0))
            stream = self._stream(index)
            costs = used + _costs(stream, first, self._number_cells)
            fitting = int(np.searchsorted(costs, capacity, side="right"))
            inner = min(fitting, len(costs) - 1)  # stops before the document's end
            if inner:
                fallback = (index, first + inner)
            full = int(np.searchsorted(costs[:inner], capacity * _LEAST_FILL))
            for piece in range(first + 1 + full, first + 1 + inner):
                candidates.append((int(stream.piece_hash[piece]), index, piece))
            if fitting < len(costs):
                break
            used = int(costs[-1])
            index, first = index + 1, 0
        else:
            return (len(self._documents), 0), (len(self._documents), 1)
        ends = np.append(stream.piece_text, len(stream.document.text))
        # The piece that did not fit was looked at, and the character after it, which says
        # whether the piece ends there; of a short document, that it is short.
        short = index != start[0]
        last = len(stream.document.text) if short else int(ends[first + fitting + 1])
        reach = index, last + 1
        if candidates:
            _, index, piece = min(candidates)
            return (index, piece), reach
        assert fallback is not None  # a header and a piece take at most half a page
        return fallback, reach


def _stream(document: Document, number: int, inks: npt.NDArray[np.uint8], style: Style) -> _Stream:
    atlas = style.glyphs
    text = document.text
    cells, counts = encode(text, inks, atlas, carry_indent=True)
    at = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)  # first cell of a character
    feeds = np.flatnonzero(code_points(text) == 10)
    starts = np.concatenate(([0], feeds + 1))
    if len(starts) > 1 and starts[-1] == len(text):
        starts = starts[:-1]
    piece_cell, piece_text, piece_line, piece_opens = [], [], [], []
    limit = int(style.columns * style.rows * _LONG_PIECE)
    first_cells = at[np.maximum(starts - 1, 0)]
    first_cells[0] = 0
    ends = np.append(first_cells[1:], at[-1])
    long_lines = set(np.flatnonzero(ends - first_cells > limit).tolist())
    for index, (start, cell, end) in enumerate(
        zip(starts.tolist(), first_cells.tolist(), ends.tolist(), strict=True)
    ):
        piece_cell.append(cell)
        piece_text.append(start)
        piece_line.append(index + 1)
        piece_opens.append(True)
        if index in long_lines:
            for cut in range(cell + limit, end, limit):
                # Whole characters only: back to the first cell of the one that stands here.
                character = int(np.searchsorted(at, cut, side="right")) - 1
                piece_cell.append(int(at[character]))
                piece_text.append(character)
                piece_line.append(index + 1)
                piece_opens.append(False)
    offsets = np.array([*piece_text, len(text)])
    checks = [
        zlib.crc32(text[a:b].encode("utf-8", "surrogatepass"))
        for a, b in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)
    ]
    hashes = np.array(checks, np.int64)
    before = np.concatenate(([0], hashes[:-1]))
    mixed = (hashes * 0x9E3779B1 + before * 0x85EBCA6B) & 0xFFFFFFFF
    mixed[0] = zlib.crc32(document.path.encode("utf-8", "surrogatepass")) - _DOCUMENT_START
    return _Stream(
        document,
        number,
        header_cells(document.path, style.columns * style.rows // 4, atlas),
        cells,
        np.array([*piece_cell, len(cells)], np.int64),
        np.array(piece_text, np.int64),
        np.array(piece_line, np.int64),
        np.array(piece_opens, np.bool_),
        mixed,
    )


@lru_cache(maxsize=16)
def _number_cells(count: int, interval: int) -> npt.NDArray[np.int64]:
    """Cells that line numbers take in a part of 0, 1, ... `count` - 1 lines."""
    lines = np.arange(count)
    if not interval:
        return np.zeros(count, np.int64)
    numbered = (lines % interval == 0) & (lines > 1)
    widths = np.where(numbered, np.char.str_len(lines.astype("U10")), 0)
    total: npt.NDArray[np.int64] = np.cumsum(widths)
    return total


def _costs(
    stream: _Stream, first: int, number_cells: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Cells of the parts that start at piece `first` and stop before each later one, or the end.

    No further than a page can reach: each piece takes a cell, and `number_cells` has one entry
    more than a page has cells.
    """
    furthest = min(len(stream.piece_text), first + len(number_cells))
    stops = np.arange(first + 1, furthest + 1)
    begin = stream.piece_cell[first] + (first > 0 and stream.piece_opens[first])
    lines = stream.piece_line[stops - 1] - stream.piece_line[first] + 1
    numbers = number_cells[np.minimum(lines, len(number_cells) - 1)]
    # A part that stops before a line needs that line's feed as a mark of its own.
    feeds = np.append(stream.piece_opens, False)[stops]
    cells: npt.NDArray[np.int64] = stream.piece_cell[stops] - begin + numbers + feeds
    return cells + (len(stream.header) + 1)


def _part(
    stream: _Stream, first: int, last: int, style: Style
) -> tuple[Cells, npt.NDArray[np.int32]]:
    """Cells of pieces `first` to `last` - 1 with header and numbers, and the document of each."""
    atlas = style.glyphs
    opens = bool(stream.piece_opens[first])
    text_start = int(stream.piece_text[first])
    line = int(stream.piece_line[first])
    spaces = tabs = 0
    if opens:
        points = code_points(stream.document.text[text_start : text_start + marks.MAX_INDENT + 1])
        runs = line_indents(points, np.zeros(1, np.intp))
        spaces, tabs = int(runs[0][0]), int(runs[1][0])
    mark = marks.newline_mark(spaces, tabs)
    chunks = [
        stream.header,
        _mark_cell(mark, text_start, text_start + spaces + tabs, line, Ink.HEADER, atlas),
    ]
    cell = int(stream.piece_cell[first]) + (first > 0 and opens)
    pieces = np.arange(first + 1, last)
    numbers = stream.piece_line[pieces] - line + 1
    if style.number_interval:
        due = stream.piece_opens[pieces] & (numbers % style.number_interval == 0)
        for piece, number in zip(pieces[due].tolist(), numbers[due].tolist(), strict=True):
            stop = int(stream.piece_cell[piece])
            figure = "".join(marks.NUMBERS[int(digit)] for digit in str(number))
            chunks += [stream.cells[cell:stop], decoration(figure, Ink.GUTTER, atlas)]
            cell = stop
    chunks.append(stream.cells[cell : int(stream.piece_cell[last])])
    if last < len(stream.piece_text) and stream.piece_opens[last]:
        feed = int(stream.piece_text[last]) - 1
        previous = int(stream.piece_line[last]) - 1
        chunks.append(_mark_cell(marks.INDENTS[0], feed, feed + 1, previous, Ink.MARK, atlas))
    joined = join(chunks)
    return joined, np.where(joined.start >= 0, stream.number, -1).astype(np.int32)


def _mark_cell(mark: str, start: int, stop: int, line: int, ink: Ink, atlas: Atlas) -> Cells:
    return Cells(
        np.array([atlas.code_of[mark]], np.uint16),
        np.array([ink], np.uint8),
        *(np.array([value], np.int32) for value in (start, stop, line)),
    )


def _page(
    parts: list[tuple[Cells, npt.NDArray[np.int32]]], documents: Sequence[Document], style: Style
) -> Page:
    """Page of these parts, cropped to the patch grid."""
    cells = join([part for part, _ in parts])
    owners = np.concatenate([document for _, document in parts])
    spans = spans_of(cells, owners)
    rows = -(-len(cells) // style.columns)
    rows = -(-rows // style.row_step) * style.row_step
    codes = np.zeros(rows * style.columns, np.uint16)
    inks = np.zeros(rows * style.columns, np.uint8)
    codes[: len(cells)] = cells.codes
    inks[: len(cells)] = cells.inks
    if len(cells) < len(codes):
        codes[len(cells)] = style.glyphs.code_of[marks.END]
        inks[len(cells)] = Ink.MARK
    shape = (rows, style.columns)
    return Page(
        codes.reshape(shape),
        inks.reshape(shape),
        style.atlas,
        style.palette,
        style.layout,
        own_documents(documents, spans),
    )
