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
_UNREADABLE = "\ufffd"
_TOKEN = re.compile("[^\ue000-\uf8ff]+|[\ue000-\uf8ff]", re.DOTALL)
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
        self.cells: list[npt.NDArray[np.int32]] = []

    def put(self, text: str, cell: int, *, spread: bool = False) -> None:
        """Add text shown by one cell, or with `spread` by as many cells as characters."""
        if text:
            self.text.append(text)
            count = np.arange(len(text), dtype=np.int32) if spread else 0
            self.cells.append(np.full(len(text), cell, np.int32) + count)

    def part(self, path: str) -> Part:
        """Everything put so far."""
        cells = np.concatenate(self.cells) if self.cells else np.zeros(0, np.int32)
        return Part(path, "".join(self.text), cells)


def transcribe(codes: npt.NDArray[np.uint16], characters: str) -> list[Part]:
    """Parts of documents that a page shows, in page order.

    The layout is told from the page itself: only `flow` closes a header with an indent mark.

    Args:
        codes: Glyph code of each cell.
        characters: Character of each code, as in `Atlas.characters`.

    Shapes:
        codes: uint16 [rows, columns].
    """
    table = np.array(list(characters), dtype="U1")
    rows = ["".join(row) for row in table[np.minimum(codes, len(table) - 1)].tolist()]
    page = "".join(rows)
    header = re.match(f"{marks.HEADER}[^{marks.HEADER}{marks.INDENTS}{marks.TAB_INDENTS}]*", page)
    closed = header is not None and page[header.end() : header.end() + 1] in _INDENT_TEXT
    flows = closed or (header is None and any(mark in page for mark in marks.INDENTS))
    return list(_flow_parts(page) if flows else _line_parts(rows))


def _flow_parts(page: str) -> Iterator[Part]:
    end = page.find(marks.END)
    stop = end if end >= 0 else len(page)
    writer = _Writer()
    path, started, position = "", False, 0
    while position < stop:
        match = _TOKEN.match(page, position)
        assert match is not None  # the pattern takes any character
        token = match.group()
        if token == marks.HEADER:
            if started:
                yield writer.part(path)
            writer, started = _Writer(), True
            close = position + 1
            while close < stop and page[close] not in _INDENT_TEXT:
                close += 1
            path = "".join(text for text, _, _ in _plain(page, position + 1, close))
            if close < stop:
                writer.put(_INDENT_TEXT[page[close]], close)
            position = close + 1
            continue
        started = True
        if token in _INDENT_TEXT:
            writer.put("\n" + _INDENT_TEXT[token], position)
            position += 1
        elif token in marks.NUMBERS:
            position += 1
        else:
            text, cell, position = next(_plain(page, position, stop))
            writer.put(text, cell, spread=len(token) > 1 and position == cell + len(text))
    if started:
        yield writer.part(path)


def _plain(page: str, position: int, stop: int) -> Iterator[tuple[str, int, int]]:
    """Yield (text, first cell, next cell) of characters, tabs, returns and escapes."""
    while position < stop:
        match = _TOKEN.match(page, position, stop)
        assert match is not None  # the pattern takes any character
        token = match.group()
        if token == marks.ESCAPE:
            close = page.find(marks.ESCAPE_END, position, min(position + 9, stop))
            digits = page[position + 1 : close] if close >= 0 else ""
            after = close + 1 if close >= 0 else position + 1
            yield _unescape(digits), position, after
            position = after
            continue
        if token == marks.TAB:
            token = "\t"
        elif token == marks.RETURN:
            token = "\r"
        elif "\ue000" <= token[0] <= "\uf8ff":
            token = _UNREADABLE
        yield token, position, position + len(token)
        position += len(token)


def _unescape(digits: str) -> str:
    try:
        return chr(int(digits, 16))
    except (ValueError, OverflowError):
        return _UNREADABLE


def _line_parts(rows: list[str]) -> Iterator[Part]:
    """Parts of a page in layout `lines`."""
    width = len(rows[0]) if rows else 0
    writer: _Writer | None = None
    path, number, header_open = "", 0, False
    while number < len(rows):
        row = rows[number]
        if row[0] == marks.HEADER:
            if writer is not None:
                yield writer.part(path)
            writer, header_open = _Writer(), True
            path = _header_text(row[1:])
        elif not row.strip(" ") or row.startswith(marks.END):
            break
        elif header_open and row.lstrip(" ").startswith(marks.WRAP) and row[0] == marks.WRAP:
            path += _header_text(row[1:])
        else:
            header_open = False
            writer = writer or _Writer()
            last = number
            while last + 1 < len(rows) and _is_wrapped(rows[last + 1]):
                last += 1
            _put_line(writer, rows[number : last + 1], number * width)
            number = last
        number += 1
    if writer is not None:
        yield writer.part(path)


def _header_text(row: str) -> str:
    row = row.rstrip(" ")
    return "".join(text for text, _, _ in _plain(row, 0, len(row)))


def _is_wrapped(row: str) -> bool:
    return row.lstrip(" ").startswith(marks.WRAP)


def _gutter(row: str) -> int:
    """Cells before the text of a row: blanks, number or wrap mark, one blank."""
    position = len(row) - len(row.lstrip(" "))
    while position < len(row) and row[position] in marks.NUMBERS + marks.WRAP:
        position += 1
    return min(position + 1, len(row))


def _put_line(writer: _Writer, rows: list[str], first_cell: int) -> None:
    """Add one source line that stands on these rows."""
    width = len(rows[0])
    text: list[str] = []
    cells: list[int] = []
    for index, row in enumerate(rows):
        start = _gutter(row)
        shown = row[start:] if index < len(rows) - 1 else row[start:].rstrip(" ")
        column = 0
        while column < len(shown):
            text.append(shown[column])
            cells.append(first_cell + index * width + start + column)
            step = TAB_STOP - column % TAB_STOP if shown[column] == marks.TAB else 1
            column += step
    line = "".join(text)
    ends = not line.endswith(marks.NO_LINE_END)
    if line.endswith((marks.NO_LINE_END, marks.LINE_END)):
        line = line[:-1]
    for piece, start, after in _plain(line, 0, len(line)):
        if len(piece) == after - start:
            for offset, character in enumerate(piece):
                writer.put(character, cells[start + offset])
        else:
            writer.put(piece, cells[start])
    if ends:
        writer.put("\n", cells[-1] if cells else first_cell)
