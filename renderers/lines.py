"""Layout `lines`: one source line a row, with absolute numbers, wrapped with a mark. For people.

An insertion moves every row below it, so these pages are not stable under edits; `flow` is.
A line stands in one block of rows, which no page divides; a line that would fill more than half
a page stands in several.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from glyphagent import marks
from glyphagent.atlas import Atlas
from glyphagent.document import Document
from glyphagent.page import Page
from glyphagent.stepwise import Place, Step
from glyphagent.style import Ink, Style
from glyphagent.transcript import TAB_STOP

from .cells import (
    Cells,
    decoration,
    encode,
    header_cells,
    join,
    own_documents,
    pages_by_folder,
    spans_of,
)

_Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Body:
    """Cells of a document, each with its place among the document's rows.

    Attributes:
        cells: All cells, and a mark for each open end.
        row: Row of each cell, counted from the document's first.
        column: Column of each cell.
        block_row: First row of each block; one more at the end.
        block_text: Text offset of each block's first character.
        number: Line number that stands before each row; 0 for a row that continues a line.
        digits: Cells that numbers take.
    """

    cells: Cells
    row: _Ints
    column: _Ints
    block_row: _Ints
    block_text: _Ints
    number: _Ints
    digits: int


@dataclass(frozen=True, eq=False)
class _Piece:
    """A header, or blocks of a document, placed on a page.

    Attributes:
        cells: The cells.
        at: Cell of the page where each stands.
        document: Number of the document.
        top: First row on the page.
        number: As in `_Body`, for the rows of this piece; empty for a header.
        digits: As in `_Body`.
    """

    cells: Cells
    at: _Ints
    document: int
    top: int
    number: _Ints
    digits: int = 0


def line_pages(
    documents: Sequence[Document], inks: Iterator[npt.NDArray[np.uint8]], style: Style
) -> Iterator[Page]:
    """Pages of these documents, folder by folder.

    Args:
        documents: Documents, those of one folder side by side.
        inks: Ink of each character, one array a document.
        style: A style whose layout is `lines`.
    """
    # Documents are asked for in order, each once.
    return pages_by_folder(documents, lambda run: LinesRun(run, lambda number: next(inks), style))


class LinesRun:
    """Documents that share pages in layout `lines`."""

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
            style: A style whose layout is `lines`.
        """
        self._documents = documents
        self._inks = inks
        self._style = style
        self._bodies: dict[int, tuple[Cells, _Body]] = {}

    def page_from(self, start: Place) -> Step:
        """The page that starts at a page break, or at the first document's start.

        Numbers are absolute and as wide as the document's last one, so a page follows from all
        of every document that it looks at.
        """
        for number in [number for number in self._bodies if number < start[0]]:
            del self._bodies[number]
        style = self._style
        pieces: list[_Piece] = []
        used = 0  # rows of the page so far
        block = int(np.searchsorted(self._body(start[0])[1].block_text, start[1]))
        for number in range(start[0], len(self._documents)):
            header, body = self._body(number)
            high = -(-len(header) // style.columns)
            blocks = len(body.block_row) - 1
            opened = False
            while block < blocks or not opened:
                first = int(body.block_row[block])
                room = style.rows - used - high
                stop = int(np.searchsorted(body.block_row, first + room, side="right")) - 1
                if room < 0 or (stop == block and block < blocks):
                    page = _page(pieces, self._documents, style)
                    offset = int(body.block_text[block]) if block else 0
                    return Step(page, start, (number, offset), (number + 1, 0), free=not block)
                pieces.append(_placed_header(header, number, used, style))
                pieces.append(_placed(body, block, stop, number, used + high, style))
                used += high + int(body.block_row[stop]) - first
                block, opened = stop, True
            block = 0
        page, end = _page(pieces, self._documents, style), len(self._documents)
        return Step(page, start, (end, 0), (end, 1), free=True)

    def _body(self, number: int) -> tuple[Cells, _Body]:
        if number not in self._bodies:
            document = self._documents[number]
            body = _body(document, self._inks(number), self._style)
            self._bodies[number] = _header(document, self._style), body
        return self._bodies[number]


def _header(document: Document, style: Style) -> Cells:
    """Cells of a header, row after row."""
    cells = header_cells(document.path, style.columns * style.rows // 4, style.glyphs)
    if not document.text:  # an empty document stands in the source map through its header
        none = np.zeros(1, np.int32)
        cells = join([Cells(cells.codes[:1], cells.inks[:1], none, none, none + 1), cells[1:]])
    wrap = decoration(marks.WRAP + marks.HEADER, Ink.HEADER, style.glyphs)
    width = style.columns - len(wrap)
    rows = [cells[: style.columns]]
    for start in range(style.columns, len(cells), width):
        rows += [wrap, cells[start : start + width]]
    return join(rows)


def _body(document: Document, inks: npt.NDArray[np.uint8], style: Style) -> _Body:
    text, atlas = document.text, style.glyphs
    cells, counts = encode(text, inks, atlas, carry_indent=False)
    if not text:
        none = np.zeros(0, np.int64)
        return _Body(cells, none, none, np.zeros(1, np.int64), none, none, 0)
    _draw_feeds(cells, text, atlas)
    digits = len(str(document.line_count))
    width = style.columns - digits - 1
    room = width * max(style.rows // 2, 1)
    at = np.concatenate(([0], np.cumsum(counts)))
    starts = at[document.line_starts]
    open_end = not text.endswith("\n")
    tabs = np.flatnonzero(cells.codes == atlas.code_of[marks.TAB])
    block_cell, is_open = _blocks(cells, starts, tabs, room, open_end)
    block_line = cells.line[block_cell]
    block = np.searchsorted(block_cell, np.arange(len(cells)), side="right") - 1
    place = np.arange(len(cells)) - block_cell[block]
    if len(tabs):
        place += _widening(tabs, place, block, width)
    last = np.append(block_cell[1:], len(cells)) - 1
    step = np.where(np.isin(last, tabs), _tab_step(place[last] % width, width), 1)
    ends = place[last] + step  # where an open end would stand
    rows = -(-(ends + is_open) // width)
    block_row = np.concatenate(([0], np.cumsum(rows)))
    number = np.zeros(int(block_row[-1]), np.int64)
    opens = np.concatenate(([True], block_line[1:] != block_line[:-1]))
    number[block_row[:-1][opens]] = block_line[opens]
    mark = decoration(marks.NO_LINE_END, Ink.MARK, atlas)
    opened = np.flatnonzero(is_open)
    order = np.argsort(np.append(np.arange(len(cells)), last[opened] + 0.5), kind="stable")
    joined = join([cells, *[mark] * len(opened)])
    place = np.append(place, ends[opened])[order]
    block = np.append(block, opened)[order]
    return _Body(
        Cells(*(column[order] for column in joined.columns)),
        block_row[block] + place // width,
        digits + 1 + place % width,
        block_row,
        cells.start[block_cell].astype(np.int64),
        number,
        digits,
    )


def _draw_feeds(cells: Cells, text: str, atlas: Atlas) -> None:
    """Draw each line feed as a blank, or as a mark where the line closes with a blank."""
    feeds = np.flatnonzero(cells.codes == atlas.code_of[marks.INDENTS[0]])
    offsets = cells.start[feeds]
    closing = np.array([o > 0 and text[o - 1] == " " for o in offsets.tolist()], np.bool_)
    cells.codes[feeds] = np.where(closing, atlas.code_of[marks.LINE_END], 0)


def _blocks(
    cells: Cells, starts: _Ints, tabs: _Ints, room: int, open_end: bool
) -> tuple[_Ints, npt.NDArray[np.bool_]]:
    """First cell of each block, and whether its end is open: no line feed follows.

    A block takes at most `room` cells, its open end included, tabs at their widest.
    """
    widths = np.ones(len(cells), np.int64)
    widths[tabs] = TAB_STOP
    ends = np.cumsum(widths)
    before = np.concatenate(([0], ends))[starts]
    sizes = np.diff(np.append(before, ends[-1] + open_end))
    cuts: list[int] = []
    for line in np.flatnonzero(sizes > room).tolist():
        taken, final = int(before[line]), int(before[line] + sizes[line])
        while final - taken > room:
            stop = int(np.searchsorted(ends, taken + room - 1, side="right"))
            while cells.start[stop] == cells.start[stop - 1]:
                stop -= 1  # an escape stays whole
            cuts.append(stop)
            taken = int(ends[stop - 1])
    first = np.sort(np.concatenate((starts, np.array(cuts, np.int64))))
    return first, np.append(np.isin(first[1:], cuts), open_end)


def _tab_step(column: _Ints, width: int) -> _Ints:
    """Cells that a tab takes at a column, to the next tab stop or the row's end."""
    step: _Ints = np.minimum(TAB_STOP - column % TAB_STOP, width - column)
    return step


def _widening(tabs: _Ints, place: _Ints, block: _Ints, width: int) -> _Ints:
    """How many cells the tabs before each cell, in its block, move it to the right."""
    extra = np.zeros(len(place), np.int64)
    current, shift = -1, 0
    for tab, here, owner in zip(
        tabs.tolist(), place[tabs].tolist(), block[tabs].tolist(), strict=True
    ):
        if owner != current:
            current, shift = owner, 0
        column = (here + shift) % width
        step = min(TAB_STOP - column % TAB_STOP, width - column)
        extra[tab] = step - 1
        shift += step - 1
    moved: _Ints = np.cumsum(extra) - extra
    opening = np.arange(len(place)) - place  # the first cell of the block of each
    moved -= moved[opening]
    return moved


def _placed_header(header: Cells, number: int, top: int, style: Style) -> _Piece:
    at = top * style.columns + np.arange(len(header))
    return _Piece(header, at, number, top, np.zeros(0, np.int64))


def _placed(body: _Body, block: int, stop: int, number: int, top: int, style: Style) -> _Piece:
    """Blocks `block` to `stop` - 1 of a document from the page's row `top`."""
    first, last = int(body.block_row[block]), int(body.block_row[stop])
    begin, end = np.searchsorted(body.row, (first, last)).tolist()
    at = (body.row[begin:end] - first + top) * style.columns + body.column[begin:end]
    numbers = body.number[first:last]
    return _Piece(body.cells[begin:end], at, number, top, numbers, body.digits)


def _page(pieces: list[_Piece], documents: Sequence[Document], style: Style) -> Page:
    """Page of these pieces, cropped to the patch grid."""
    at = np.concatenate([piece.at for piece in pieces])
    cells = join([piece.cells for piece in pieces])
    rows = int(at[-1]) // style.columns + 1
    rows = -(-rows // style.row_step) * style.row_step
    codes = np.zeros((rows, style.columns), np.uint16)
    inks = np.zeros((rows, style.columns), np.uint8)
    codes.reshape(-1)[at] = cells.codes
    inks.reshape(-1)[at] = cells.inks
    for piece in pieces:
        _draw_gutter(codes, inks, piece, style.glyphs)
    owners = np.concatenate([np.full(len(p.cells), p.document, np.int32) for p in pieces])
    spans = spans_of(cells, np.where(cells.start >= 0, owners, -1).astype(np.int32), at)
    source_map = own_documents(documents, spans)
    return Page(codes, inks, style.atlas, style.palette, style.layout, source_map)


def _draw_gutter(
    codes: npt.NDArray[np.uint16], inks: npt.NDArray[np.uint8], piece: _Piece, atlas: Atlas
) -> None:
    """Draw the line numbers of a piece, and the wrap mark of rows that have none."""
    rows = np.arange(piece.top, piece.top + len(piece.number))
    figures = np.array([atlas.code_of[mark] for mark in marks.NUMBERS], np.uint16)
    for place in range(piece.digits):
        shown = piece.number >= 10**place
        column = piece.digits - 1 - place
        codes[rows[shown], column] = figures[piece.number[shown] // 10**place % 10]
        inks[rows[shown], column] = Ink.GUTTER
    wrapped = rows[piece.number == 0]
    if len(wrapped):
        codes[wrapped, piece.digits - 1] = atlas.code_of[marks.WRAP]
        inks[wrapped, piece.digits - 1] = Ink.MARK
