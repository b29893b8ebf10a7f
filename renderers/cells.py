"""Documents as streams of cells: every character becomes glyph codes, inks and a source range.

Both layouts start here; where rows and pages break is `flow`'s and `lines`' business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt

from glyphagent import marks
from glyphagent.atlas import MISSING, Atlas
from glyphagent.document import Document
from glyphagent.page import DOCUMENT, Page, SourceMap
from glyphagent.stepwise import Place, RunLayout
from glyphagent.style import Ink
from glyphagent.transcript import ELISION

_NEWLINE, _TAB, _RETURN, _SPACE = 10, 9, 13, 32
_LEAST_OF_DIGITS = np.array([0, *(16**digits for digits in range(1, 6))])  # 1 to 6 of them


@dataclass(frozen=True, eq=False)
class Cells:
    """A run of cells with the source characters that each stands for.

    Cells with the same range show it together; a range of -1 marks decoration.

    Shapes:
        codes: uint16 [n]; inks: uint8 [n]; start, stop, line: int32 [n].
    """

    codes: npt.NDArray[np.uint16]
    inks: npt.NDArray[np.uint8]
    start: npt.NDArray[np.int32]
    stop: npt.NDArray[np.int32]
    line: npt.NDArray[np.int32]

    def __len__(self) -> int:
        """Number of cells."""
        return len(self.codes)

    @property
    def columns(self) -> tuple[npt.NDArray[Any], ...]:
        """The arrays, in order."""
        return self.codes, self.inks, self.start, self.stop, self.line

    def __getitem__(self, part: slice) -> Cells:
        """Cells of a slice, sharing memory."""
        return Cells(*(column[part] for column in self.columns))


def decoration(text: str, ink: Ink, atlas: Atlas) -> Cells:
    """Cells of text that comes from no document; each character must be drawable."""
    codes = np.array([atlas.code_of[c] for c in text], np.uint16)
    none = np.full(len(codes), -1, np.int32)
    return Cells(codes, np.full(len(codes), ink, np.uint8), none, none, none)


@lru_cache(maxsize=4096)
def escaped(text: str, atlas: Atlas) -> tuple[str, ...]:
    """How each character of a name is drawn: itself, or an escape if the atlas lacks it.

    Closing blanks are escaped too, since nothing shows where they end.
    """
    shown = len(text.rstrip(" "))
    return tuple(
        character
        if character in atlas.code_of and index < shown and not "\ue000" <= character <= "\uf8ff"
        else f"{marks.ESCAPE}{ord(character):X}{marks.ESCAPE_END}"
        for index, character in enumerate(text)
    )


def header_cells(path: str, most: int, atlas: Atlas) -> Cells:
    """Cells of a header without its closing mark; of a path too long for `most`, only its end."""
    drawn = escaped(path, atlas)
    room = most - len(marks.HEADER)
    if sum(map(len, drawn)) > room:
        room -= len(ELISION)
        start = len(drawn)
        while start and len(drawn[start - 1]) <= room:
            start -= 1
            room -= len(drawn[start])
        drawn = (ELISION, *drawn[start:])
    return decoration(marks.HEADER + "".join(drawn), Ink.HEADER, atlas)


def join(chunks: list[Cells]) -> Cells:
    """Cells of all chunks in one run."""
    return Cells(*map(np.concatenate, zip(*(chunk.columns for chunk in chunks), strict=True)))


def code_points(text: str) -> npt.NDArray[np.uint32]:
    """Code point of each character."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


def encode(
    text: str, inks: npt.NDArray[np.uint8], atlas: Atlas, *, carry_indent: bool
) -> tuple[Cells, npt.NDArray[np.int32]]:
    """Cells of a whole document, and the number of cells that each character opened.

    A line feed is one cell, a newline mark; with `carry_indent` the mark also stands for the
    blanks that open the next line, as far as one mark can, and the blanks that open the first
    line have no cell (the header's closing mark stands for them).

    Shapes:
        inks: uint8 [len(text)].
        second result: int32 [len(text)].
    """
    points = code_points(text)
    codes = np.full(len(points), MISSING, np.uint16)
    small = points < 0x10000
    codes[small] = atlas.codes[points[small]]
    inks = np.where(points == _SPACE, np.uint8(Ink.TEXT), inks)
    feeds = np.flatnonzero(points == _NEWLINE)
    for point, mark in ((_TAB, marks.TAB), (_RETURN, marks.RETURN), (_NEWLINE, marks.INDENTS[0])):
        where = points == point
        codes[where] = atlas.code_of[mark]
        inks[where] = Ink.MARK
    counts = np.ones(len(points), np.int32)
    stops = np.arange(1, len(points) + 1, dtype=np.int32)
    if carry_indent and len(points):
        spaces, tabs = line_indents(points, np.concatenate(([0], feeds + 1)))
        space_codes = np.array([atlas.code_of[m] for m in marks.INDENTS], np.uint16)
        tab_codes = np.array([atlas.code_of[m] for m in marks.INDENTS[0] + marks.TAB_INDENTS])
        codes[feeds] = np.where(tabs[1:] > 0, tab_codes[tabs[1:]], space_codes[spaces[1:]])
        carried = spaces + tabs
        stops[feeds] += carried[1:]
        opens = np.concatenate(([0], feeds + 1))
        change = np.zeros(len(points) + 1, np.int32)
        np.add.at(change, opens, 1)
        np.add.at(change, opens + carried, -1)
        counts[np.cumsum(change[:-1]) > 0] = 0
    missing = np.flatnonzero((codes == MISSING) & (counts > 0))
    figures = np.searchsorted(_LEAST_OF_DIGITS, points[missing], side="right")
    counts[missing] = figures + 2
    lines = np.cumsum(points == _NEWLINE, dtype=np.int32) + 1
    lines[feeds] -= 1
    offsets = np.cumsum(counts) - counts
    cells = Cells(
        np.repeat(codes, counts),
        np.repeat(inks, counts),
        np.repeat(np.arange(len(points), dtype=np.int32), counts),
        np.repeat(stops, counts),
        np.repeat(lines, counts),
    )
    _draw_escapes(cells, offsets[missing], points[missing], figures, atlas)
    return cells, counts


def _draw_escapes(
    cells: Cells,
    first: npt.NDArray[np.intp],
    points: npt.NDArray[np.uint32],
    figures: npt.NDArray[np.intp],
    atlas: Atlas,
) -> None:
    """Draw escapes of these code points, in so many digits, from these cells on."""
    hexadecimal = np.array([atlas.code_of[digit] for digit in "0123456789ABCDEF"], np.uint16)
    cells.codes[first] = atlas.code_of[marks.ESCAPE]
    cells.codes[first + figures + 1] = atlas.code_of[marks.ESCAPE_END]
    cells.inks[first] = cells.inks[first + figures + 1] = Ink.ESCAPE
    for place in range(len(_LEAST_OF_DIGITS)):
        some = figures > place
        where = first[some] + figures[some] - place
        cells.codes[where] = hexadecimal[points[some] >> (4 * place) & 15]
        cells.inks[where] = Ink.ESCAPE


def line_indents(
    points: npt.NDArray[np.uint32], starts: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Spaces, or else tabs, that open the lines at `starts`, as far as one mark carries them."""

    def run(point: int, most: int) -> npt.NDArray[np.int32]:
        others = np.append(np.flatnonzero(points != point), len(points))
        length = others[np.searchsorted(others, starts)] - starts
        return np.minimum(length, most).astype(np.int32)

    spaces = run(_SPACE, marks.MAX_INDENT)
    tabs = run(_TAB, marks.MAX_TAB_INDENT)
    return spaces, np.where(spaces > 0, 0, tabs)


def spans_of(
    cells: Cells, document: npt.NDArray[np.int32], at: npt.NDArray[np.int64] | None = None
) -> npt.NDArray[np.int32]:
    """Span rows of a page's cells, as `SourceMap` has them.

    Args:
        cells: Cells in page order.
        document: Document of each, -1 for decoration.
        at: Cell of the page where each stands; None where they stand one after the other.

    Shapes:
        document: int32 [n]; at: int64 [n].
    """
    kept = np.flatnonzero(document >= 0)
    if not len(kept):
        return np.zeros((0, 6), np.int32)
    start, stop, line, doc = (a[kept] for a in (cells.start, cells.stop, cells.line, document))
    cell = kept if at is None else at[kept]
    plain = stop - start == 1
    same = (start[1:] == start[:-1]) & (stop[1:] == stop[:-1])
    follows = plain[1:] & plain[:-1] & (start[1:] == stop[:-1])
    joined = (same | follows) & (line[1:] == line[:-1]) & (doc[1:] == doc[:-1])
    joined &= cell[1:] == cell[:-1] + 1
    # An escape's cells all share one range; they must not run on into plain neighbours.
    pair = np.concatenate((same, [False])) | np.concatenate(([False], same))
    joined &= same | ~(pair[1:] | pair[:-1])
    first = np.concatenate(([0], np.flatnonzero(~joined) + 1))
    last = np.concatenate((first[1:], [len(kept)])) - 1
    return np.stack(
        (cell[first], cell[last] + 1, doc[first], start[first], stop[last], line[first]), axis=1
    ).astype(np.int32)


def own_documents(documents: Sequence[Document], spans: npt.NDArray[np.int32]) -> SourceMap:
    """Source map that holds only the documents that the spans refer to, renumbered."""
    used, numbers = np.unique(spans[:, DOCUMENT], return_inverse=True)
    spans = spans.copy()
    spans[:, DOCUMENT] = numbers
    return SourceMap(tuple(documents[number] for number in used.tolist()), spans)


def pages_by_folder(
    documents: Sequence[Document], layout: Callable[[list[Document]], RunLayout]
) -> Iterator[Page]:
    """Yield the pages of documents, folder by folder: folders share none.

    Args:
        documents: Documents, those of one folder side by side.
        layout: Lays out the documents of one folder; called for one folder after the other.
    """
    for _, folder in groupby(documents, key=lambda document: document.path.rpartition("/")[0]):
        run = list(folder)
        pages = layout(run)
        place: Place = (0, 0)
        while place[0] < len(run):
            step = pages.page_from(place)
            yield step.page
            place = step.stop
