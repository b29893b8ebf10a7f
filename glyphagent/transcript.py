"""Turns the cells of a page back into source text: the inverse of the layouts.

It needs nothing but glyph codes, so it serves the embedded reader, which has only pixels to go
by, as well as tests. What cannot be understood (a misread mark, an escape that does not close)
becomes U+FFFD and never an exception: a reader may err, and its text must still arrive.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from glyphagent import marks

TAB_STOP = 4  # cells between tab stops in layout `lines`
UNREADABLE = "\ufffd"
"""Stands for what cannot be understood."""
ELISION = "…"
"""Opens a header's path that was too long; its end follows."""

_TOKEN = re.compile("[^\ue000-\uf8ff]+|[\ue000-\uf8ff]", re.DOTALL)
_INDENT = re.compile(f"[{marks.INDENTS}{marks.TAB_INDENTS}]")
_HEX = re.compile("[0-9A-F]{1,6}")
_GUTTER = re.compile(f" *[{marks.NUMBERS}{marks.WRAP}]+ ")  # opens every row of text in `lines`
_HEADER_WRAP = marks.WRAP + marks.HEADER
_STRAY_AFTER_END = 1 / 8  # part of the cells after an end that may be misread as no blank
_INDENT_TEXT = {
    **{mark: " " * count for count, mark in enumerate(marks.INDENTS)},
    **{mark: "\t" * count for count, mark in enumerate(marks.TAB_INDENTS, start=1)},
}


@dataclass(frozen=True, eq=False)
class Part:
    """The part of a document that stands on a page.

    Attributes:
        path: Path as the header has it; empty if no header was read.
        text: Source text; the parts of a document, joined in page order, are its text.
        cells: Cell that shows each character, counted along rows from the top left.

    Shapes:
        cells: int32 [len(text)].
    """

    path: str
    text: str
    cells: npt.NDArray[np.int32] = field(repr=False)


class _Writer:
    """Collects text together with the cell of each character."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.cells: list[int] = []

    def put(self, text: str, cell: int, *, spread: bool = False) -> None:
        """Add text shown by one cell, or with `spread` by as many cells as characters."""
        self.text.append(text)
        self.cells += range(cell, cell + len(text)) if spread else [cell] * len(text)

    def part(self, path: str) -> Part:
        """Everything put so far."""
        return Part(path, "".join(self.text), np.array(self.cells, np.int32))


def transcribe(codes: npt.NDArray[np.uint16], characters: str) -> list[Part]:
    """Parts of documents that a page shows, in page order.

    The layout is told from the page itself, by majority, so that one misread cell decides
    nothing: only `flow` has newline marks, only `lines` has gutters.

    Args:
        codes: Glyph code of each cell.
        characters: Character of each code, as in `Atlas.characters`.

    Shapes:
        codes: uint16 [rows, columns].
    """
    table = np.array(list(characters), dtype="U1")
    rows = ["".join(row) for row in table[np.minimum(codes, len(table) - 1)].tolist()]
    page = "".join(rows)
    gutters = sum(_GUTTER.match(row) is not None for row in rows)
    flows = len(_INDENT.findall(page)) > gutters
    return list(_flow_parts(page) if flows else _line_parts(rows))


def _flow_parts(page: str) -> Iterator[Part]:
    stop = _end(page)
    writer = _Writer()
    path, position = "", 0
    while position < stop:
        # A page opens with a header, whatever its first cell was read as.
        if page[position] == marks.HEADER or position == 0:
            if position:
                yield writer.part(path)
            writer = _Writer()
            found = _INDENT.search(page, position + 1, stop)
            close = found.start() if found else stop
            header = _plain(page, position + 1, close, surrogates=True)
            path = "".join(text for text, _, _ in header)
            if found:
                writer.put(_INDENT_TEXT[found.group()], close)
            position = close + 1
        elif page[position] in _INDENT_TEXT:
            writer.put("\n" + _INDENT_TEXT[page[position]], position)
            position += 1
        elif page[position] in marks.NUMBERS:
            position += 1
        else:
            text, cell, position = next(_plain(page, position, stop))
            writer.put(text, cell, spread=position == cell + len(text))
    if stop:
        yield writer.part(path)


def _end(page: str) -> int:
    """Where the text of a page in layout `flow` stops: at the end mark that only blanks follow."""
    end = page.find(marks.END)
    while end >= 0:
        rest = len(page) - end - 1
        if rest - page.count(" ", end + 1) <= rest * _STRAY_AFTER_END:
            return end
        end = page.find(marks.END, end + 1)
    return len(page)


def _plain(
    page: str, position: int, stop: int, *, surrogates: bool = False
) -> Iterator[tuple[str, int, int]]:
    """Yield (text, first cell, next cell) of characters, tabs, returns and escapes."""
    while position < stop:
        match = _TOKEN.match(page, position, stop)
        assert match is not None  # the pattern takes any character
        token = match.group()
        if token == marks.ESCAPE:
            close = page.find(marks.ESCAPE_END, position, min(position + 8, stop))
            digits = page[position + 1 : close] if close >= 0 else ""
            after = close + 1 if close >= 0 else position + 1
            yield _unescape(digits, surrogates), position, after
            position = after
            continue
        if token == marks.TAB:
            token = "\t"
        elif token == marks.RETURN:
            token = "\r"
        elif "\ue000" <= token[0] <= "\uf8ff":
            token = UNREADABLE
        yield token, position, position + len(token)
        position += len(token)


def _unescape(digits: str, surrogates: bool) -> str:
    """Character of an escape; only names may hold a surrogate, for a byte that is no text."""
    if not _HEX.fullmatch(digits):
        return UNREADABLE
    point = int(digits, 16)
    if point > 0x10FFFF or (0xD800 <= point <= 0xDFFF and not surrogates):
        return UNREADABLE
    return chr(point)


def _line_parts(rows: list[str]) -> Iterator[Part]:
    """Parts of a page in layout `lines`."""
    width = len(rows[0]) if rows else 0
    writer: _Writer | None = None
    path, number = "", 0
    while number < len(rows):
        row, last = rows[number], number
        # A page opens with a header, whatever its first cell was read as.
        if row[0] == marks.HEADER or (number == 0 and not _GUTTER.match(row)):
            if writer is not None:
                yield writer.part(path)
            writer = _Writer()
            while last + 1 < len(rows) and rows[last + 1].startswith(_HEADER_WRAP):
                last += 1
            more = (r.removeprefix(_HEADER_WRAP) for r in rows[number + 1 : last + 1])
            header = "".join((row[1:], *more)).rstrip(" ")
            plain = _plain(header, 0, len(header), surrogates=True)
            path = "".join(text for text, _, _ in plain)
        elif not row.strip(" ") or row.startswith(marks.END):
            break
        else:
            writer = writer or _Writer()
            while last + 1 < len(rows) and _goes_on(rows[last], rows[last + 1]):
                last += 1
            _put_line(writer, rows[number : last + 1], number * width)
        number = last + 1
    if writer is not None:
        yield writer.part(path)


def _goes_on(row: str, below: str) -> bool:
    """Whether the row below continues this one; a very long line stands in several pieces."""
    open_end = row.rstrip(" ").endswith(marks.NO_LINE_END)
    return below.lstrip(" ").startswith(marks.WRAP) and not open_end


def _gutter(row: str) -> int:
    """Cells before the text of a row: blanks, number or wrap mark, one blank."""
    position = len(row) - len(row.lstrip(" "))
    while position < len(row) and row[position] in marks.NUMBERS + marks.WRAP:
        position += 1
    return min(position + 1, len(row))


def _put_line(writer: _Writer, rows: list[str], first_cell: int) -> None:
    """Add one source line that stands on these rows."""
    width = len(rows[0])
    shown: list[str] = []
    cells: list[int] = []
    feed = first_cell
    for index, row in enumerate(rows):
        start = _gutter(row)
        text = row[start:] if index < len(rows) - 1 else row[start:].rstrip(" ")
        opening = first_cell + index * width + start
        column = len(text)
        if marks.TAB not in text:
            shown.append(text)
            cells += range(opening, opening + column)
        else:
            column = 0
            while column < len(text):
                shown.append(text[column])
                cells.append(opening + column)
                column += TAB_STOP - column % TAB_STOP if text[column] == marks.TAB else 1
        feed = opening + min(column, width - start - 1)
    line = "".join(shown)
    ends = not line.endswith(marks.NO_LINE_END)
    if line.endswith((marks.NO_LINE_END, marks.LINE_END)):
        line, feed = line[:-1], cells[-1]
    for piece, start, after in _plain(line, 0, len(line)):
        writer.text.append(piece)
        writer.cells += cells[start:after] if len(piece) == after - start else [cells[start]]
    if ends:
        writer.put("\n", feed)
