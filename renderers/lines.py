"""Layout `lines`: one source line a row, with absolute numbers, wrapped with a mark. For people.

An insertion moves every row below it, so these pages are not stable under edits; `flow` is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
import numpy.typing as npt

from glyphagent import marks
from glyphagent.document import Document
from glyphagent.page import Page
from glyphagent.style import Ink, Style
from glyphagent.transcript import TAB_STOP

from .cells import Cells, decoration, encode, header_cells, join, own_documents, spans_of

_Row = tuple[Cells, int]  # cells and the number of their document


def line_pages(
    documents: Sequence[Document], inks: Iterator[npt.NDArray[np.uint8]], style: Style
) -> Iterator[Page]:
    """Yield the pages of these documents, folder by folder.

    Args:
        documents: Documents, those of one folder side by side.
        inks: Ink of each character, one array a document.
        style: A style whose layout is `lines`.
    """
    numbered = enumerate(documents)
    for _, folder in groupby(numbered, key=lambda item: item[1].path.rpartition("/")[0]):
        rows: list[_Row] = []
        for number, document in folder:
            header = _header_rows(document, number, style)
            if len(rows) + len(header) >= style.rows:
                yield _page(rows, documents, style)
                rows = []
            rows += header
            for block in _line_blocks(document, next(inks), style):
                if len(rows) + len(block) > style.rows:
                    yield _page(rows, documents, style)
                    rows = list(header)
                rows += [(row, number) for row in block]
        if rows:
            yield _page(rows, documents, style)


def _header_rows(document: Document, number: int, style: Style) -> list[_Row]:
    atlas, columns = style.glyphs, style.columns
    cells = header_cells(document.path, columns * style.rows // 4, atlas)
    rows = [cells[:columns]]
    wrap = decoration(marks.WRAP, Ink.HEADER, atlas)
    for start in range(columns, len(cells), columns - 1):
        rows.append(join([wrap, cells[start : start + columns - 1]]))
    if not document.text:  # an empty document stands in the source map through its header
        none = np.zeros(1, np.int32)
        first = rows[0]
        mark = Cells(first.codes[:1], first.inks[:1], none, none, none + 1)
        rows[0] = join([mark, first[1:]])
    return [(row, number) for row in rows]


def _line_blocks(
    document: Document, inks: npt.NDArray[np.uint8], style: Style
) -> Iterator[list[Cells]]:
    """Yield the rows of each line; a line too large for the rest of a page in several blocks."""
    text = document.text
    if not text:
        return
    atlas = style.glyphs
    cells, counts = encode(text, inks, atlas, carry_indent=False)
    _draw_feeds(cells, text, style)
    at = np.concatenate(([0], np.cumsum(counts))).tolist()
    digits = len(str(document.line_count))
    width = style.columns - digits - 1
    most = max(style.rows // 2, 1)  # header rows take at most a quarter of a page
    space = decoration(" ", Ink.TEXT, atlas)
    wrapped = join([*[space] * (digits - 1), decoration(marks.WRAP, Ink.MARK, atlas), space])
    open_end = decoration(marks.NO_LINE_END, Ink.MARK, atlas)
    tab = atlas.code_of[marks.TAB]
    starts = [*document.line_starts, len(text)]
    for index, (start, stop) in enumerate(zip(starts[:-1], starts[1:], strict=True)):
        body = cells[at[start] : at[stop]]
        if text[stop - 1] != "\n":
            body = join([body, open_end])
        figure = "".join(marks.NUMBERS[int(digit)] for digit in str(index + 1))
        number = decoration(figure, Ink.GUTTER, atlas)
        gutter = join([*[space] * (digits - len(figure)), number, space])
        for block in _blocks(body, width * most // TAB_STOP, open_end):
            rows = _wrap(block, width, tab, space)
            yield [join([gutter if i == 0 else wrapped, row]) for i, row in enumerate(rows)]
            gutter = wrapped


def _draw_feeds(cells: Cells, text: str, style: Style) -> None:
    """Draw each line feed as a blank, or as a mark where the line closes with a blank."""
    atlas = style.glyphs
    feeds = np.flatnonzero(cells.codes == atlas.code_of[marks.INDENTS[0]])
    offsets = cells.start[feeds]
    closing = np.array([o > 0 and text[o - 1] == " " for o in offsets.tolist()], np.bool_)
    cells.codes[feeds] = np.where(closing, atlas.code_of[marks.LINE_END], 0)


def _blocks(body: Cells, most: int, open_end: Cells) -> Iterator[Cells]:
    """Yield a line's cells in blocks of at most `most`, all but the last with an open end."""
    start = 0
    while len(body) - start > most:
        stop = start + most - 1
        while stop > start + 1 and body.start[stop] == body.start[stop - 1]:
            stop -= 1  # an escape stays whole
        yield join([body[start:stop], open_end])
        start = stop
    yield body[start:]


def _wrap(body: Cells, width: int, tab: int, space: Cells) -> list[Cells]:
    """Rows of a line, tabs widened to the next tab stop of their row."""
    if not (body.codes == tab).any():
        return [body[i : i + width] for i in range(0, max(len(body), 1), width)]
    rows: list[Cells] = []
    chunks: list[Cells] = []
    column = 0
    for index, code in enumerate(body.codes.tolist()):
        if column == width:
            rows.append(join(chunks))
            chunks, column = [], 0
        step = min(TAB_STOP - column % TAB_STOP, width - column) if code == tab else 1
        chunks += [body[index : index + 1], *[space] * (step - 1)]
        column += step
    rows.append(join(chunks))
    return rows


def _page(rows: list[_Row], documents: Sequence[Document], style: Style) -> Page:
    """Page of these rows, cropped to the patch grid."""
    height = -(-len(rows) // style.row_step) * style.row_step
    codes = np.zeros((height, style.columns), np.uint16)
    inks = np.zeros((height, style.columns), np.uint8)
    placed: list[Cells] = []
    owners: list[npt.NDArray[np.int32]] = []
    none = decoration(" " * style.columns, Ink.PAPER, style.glyphs)
    for index, (row, number) in enumerate(rows):
        codes[index, : len(row)] = row.codes
        inks[index, : len(row)] = row.inks
        placed += [row, none[len(row) :]]
        owner = np.full(style.columns, -1, np.int32)
        owner[: len(row)][row.start >= 0] = number
        owners.append(owner)
    spans = spans_of(join(placed), np.concatenate(owners))
    return Page(
        codes,
        inks,
        style.atlas,
        style.palette,
        style.layout,
        own_documents(documents, spans),
    )
