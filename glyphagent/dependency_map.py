"""The dependency map of a page set: who uses whom, as an index in words and as a drawn graph.

It stands on pages of its own after the last document page, so it disturbs nothing that is cached
before it, and no cell of it belongs to a source line. It is drawn with characters that the atlas
has, in layout `lines`, so a reader reads it back like any other page.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from glyphagent.dependencies.cone import cut
from glyphagent.dependencies.cycles import components
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.importance import reading_order
from glyphagent.document import Document
from glyphagent.page import CELL_START, CELL_STOP, TEXT_START, TEXT_STOP, Page, SourceMap
from glyphagent.style import Ink, Style

TITLE = "dependency map"
"""What the map's header says where a document's has its path."""

Draw = Callable[[Sequence[Document], Style], Iterable[Page]]
"""What makes pages of documents: a renderer's `render`."""

_MOST_FILES = 400
_NAME_CELLS = 30
# Neighbouring lanes differ in ink, so that an eye can follow one.
_LANE_INKS = (Ink.FUNCTION, Ink.TYPE, Ink.STRING, Ink.ATTRIBUTE, Ink.GUTTER)
# What stands for a character that an atlas lacks because it would look like this one.
_ALIKE = {"│": "|", "─": "-", "●": "*", "◆": "#", "┐": "+", "┘": "+", "┤": "+", "→": ">"}

Piece = tuple[str, Ink]


@dataclass(frozen=True, slots=True)
class _Node:
    """A row of the drawn graph.

    Attributes:
        number: Number that it has in the index; folders are numbered in the drawing alone.
        label: What it is called.
        uses: Rows that it uses.
    """

    number: int
    label: str
    uses: frozenset[int]


def map_pages(
    graph: DependencyGraph,
    paths: Sequence[str],
    pages_of: Callable[[str], Sequence[int]],
    style: Style,
    draw: Draw,
) -> tuple[Page, ...]:
    """Pages of the map of these files; none where no two of them have to do with each other.

    Args:
        graph: The dependency graph.
        paths: Files on the map; those that the graph does not know are left out.
        pages_of: Pages that show a file, for the index.
        style: Style of the document pages.
        draw: What makes pages; a renderer's `render`.
    """
    index, drawing = map_lines(graph, paths, pages_of, style)
    if not index:
        return ()
    # A drawing that a page divides has no column numbers on its second half.
    whole = len(index) + len(drawing) + 2 <= style.rows
    parts = [[*index, [], *drawing]] if whole and drawing else [index, drawing]
    plain = style.with_changes(layout="lines", highlight=False)
    pages: list[Page] = []
    for lines in filter(None, parts):
        text = "".join("".join(piece for piece, _ in line) + "\n" for line in lines)
        inks = [ink for line in lines for piece, ink in (*line, ("\n", Ink.TEXT)) for _ in piece]
        drawn = draw([Document(TITLE, text)], plain)
        pages += [_coloured(page, np.array(inks, np.uint8)) for page in drawn]
    return tuple(pages)


def map_lines(
    graph: DependencyGraph,
    paths: Iterable[str],
    pages_of: Callable[[str], Sequence[int]],
    style: Style,
) -> tuple[list[list[Piece]], list[list[Piece]]]:
    """Lines of the index and of the drawn graph, in pieces of one ink each.

    Nothing where no file uses another. Files are numbered in reading order: after what they use.
    """
    known = [path for path in dict.fromkeys(paths) if path in graph.imported]
    ordered = reading_order(cut(graph, known))
    shown = list(ordered[:_MOST_FILES])
    number = {path: n for n, path in enumerate(shown, 1)}
    uses = {path: [t for t in graph.imported[path] if t in number] for path in shown}
    count = sum(map(len, uses.values()))
    if not count:
        return [], []
    used_by: dict[str, list[str]] = {path: [] for path in shown}
    for path, targets in uses.items():
        for target in targets:
            used_by[target].append(path)
    # The gutter numbers the map's own lines; there are fewer than a thousand a page.
    width = style.columns - 4
    head = f"{len(shown)} files; {count} times one of them imports another"
    lines: list[list[Piece]] = [[(head, Ink.TEXT)]]
    if left := len(ordered) - len(shown):
        lines.append([(f"{left} more files are not on this map", Ink.TEXT)])
    lines += [[], [("INDEX", Ink.KEYWORD), (" a number names a file, p its pages", Ink.COMMENT)]]
    digits = len(str(len(shown)))
    for path in shown:
        told = [(f"{number[path]:>{digits}} ", Ink.NUMBER), (_visible(path), Ink.HEADER)]
        told.append((_page_range(pages_of(path)), Ink.GUTTER))
        for word, others in (("uses", uses[path]), ("used by", used_by[path])):
            if others:
                figures = " ".join(map(str, sorted(number[other] for other in others)))
                told += [(f"  {word} ", Ink.COMMENT), (figures, Ink.NUMBER)]
        lines += _wrapped(told, width, digits + 3)
    nodes, what = _nodes(shown, uses, style.rows - 8)
    drawing = list(_drawing(nodes, what, width))
    index, graphic = (
        [[(_drawn(piece, style), ink) for piece, ink in line] for line in part]
        for part in (lines, drawing)
    )
    return index, graphic


def _nodes(
    shown: Sequence[str], uses: Mapping[str, Sequence[str]], most: int
) -> tuple[list[_Node], str]:
    """Rows of the drawing: the files, or folders where there are too many files for one page."""
    joined = {path for path in shown if uses[path]} | {t for path in shown for t in uses[path]}
    kept = [path for path in shown if path in joined]
    home = {path: path for path in kept}
    what = "files"
    depth = max(path.count("/") for path in kept)
    while len(set(home.values())) > most and depth:
        home = {path: "/".join(path.split("/")[:-1][:depth]) + "/" for path in kept}
        depth -= 1
        what = "folders"
    found: dict[str, set[str]] = {home[path]: set() for path in kept}
    for path in kept:
        found[home[path]].update(home[t] for t in uses[path] if home[t] != home[path])
    order = list(found)
    number = {path: n for n, path in enumerate(shown, 1)}
    if what == "folders":
        following = {label: sorted(targets) for label, targets in found.items()}
        order = [label for group in components(following) for label in group]
        number = {label: n for n, label in enumerate(order, 1)}
    rows = {label: row for row, label in enumerate(order[:most])}
    nodes = [
        _Node(number[label], label, frozenset(rows[t] for t in found[label] if t in rows))
        for label in rows
    ]
    return nodes, what


def _drawing(nodes: Sequence[_Node], what: str, width: int) -> Iterator[list[Piece]]:
    """Yield the lines of the drawn graph: a row for each node, a lane for each that is used."""
    used = Counter(target for node in nodes for target in node.uses)
    if not used:
        return
    names = [_short(node.label, what) for node in nodes]
    digits = len(str(max(node.number for node in nodes)))
    name_cells = max(map(len, names))
    room = width - digits - name_cells - 3
    step = 2 if 2 * len(used) <= room else 1
    ranked = sorted(used, key=lambda row: (-used[row], row))
    lanes = sorted(ranked[: room // step])
    yield [
        ("GRAPH", Ink.KEYWORD),
        (f" of {what}: ", Ink.COMMENT),
        ("●", Ink.FUNCTION),
        (" in a row: it imports what the column is numbered", Ink.COMMENT),
    ]
    if any(target > row for row, node in enumerate(nodes) for target in node.uses):
        yield [("◆", Ink.ESCAPE), (" the same, and imported back: part of a cycle", Ink.COMMENT)]
    if len(lanes) < len(used):
        yield [(f"the {len(lanes)} most used of {len(used)} have a column", Ink.COMMENT)]
    for place in reversed(range(digits)):
        figures = [str(nodes[lane].number).rjust(digits)[digits - 1 - place] for lane in lanes]
        indent = " " * (digits + name_cells + 2)
        yield [(f"{indent}{''.join(f.rjust(step) for f in figures)}".rstrip(), Ink.NUMBER)]
    reach = {
        lane: [row for row, node in enumerate(nodes) if lane in node.uses] + [lane]
        for lane in lanes
    }
    for row, node in enumerate(nodes):
        cells = list(_row(row, node, lanes, reach, step))
        yield [
            (f"{node.number:>{digits}} ", Ink.NUMBER),
            (names[row], Ink.HEADER),
            (" " * (name_cells - len(names[row]) + 1), Ink.TEXT),
            *_without_end(cells),
        ]


def _row(
    row: int, node: _Node, lanes: Sequence[int], reach: Mapping[int, list[int]], step: int
) -> Iterator[Piece]:
    """Yield the cells of a row right of its name, from left to right."""
    touched = [n for n, lane in enumerate(lanes) if lane in node.uses or lane == row]
    last = max(touched, default=-1)
    for n, lane in enumerate(lanes):
        ink = _LANE_INKS[n % len(_LANE_INKS)]
        run = ("─" if n <= last else " ", Ink.GUTTER)
        for _ in range(step - 1):
            yield run
        first, final = min(reach[lane]), max(reach[lane])
        if lane == row:
            yield "┤" if first < row < final else "┘" if first < row else "┐", ink
        elif lane in node.uses:
            yield ("◆", Ink.ESCAPE) if lane > row else ("●", ink)
        elif first < row < final:
            yield "│", ink
        else:
            yield run


def _without_end(cells: list[Piece]) -> list[Piece]:
    while cells and cells[-1][0] == " ":
        cells.pop()
    return cells


def _short(label: str, what: str) -> str:
    """A name for a row: of a path too long its end, after a mark."""
    label = _visible(label)
    if len(label) <= _NAME_CELLS:
        return label
    base = posixpath.basename(label) if what == "files" else label
    return "…" + (label if len(base) < _NAME_CELLS - 1 else base)[-(_NAME_CELLS - 1) :]


def _visible(name: str) -> str:
    """A name whose characters cannot break a line of the map or pass for marks."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in name)


def _page_range(numbers: Sequence[int]) -> str:
    if not numbers:
        return ""
    first, last = min(numbers), max(numbers)
    return f" p{first}" if first == last else f" p{first}-{last}"


def _wrapped(line: Sequence[Piece], width: int, indent: int) -> Iterator[list[Piece]]:
    """Yield a line as rows of at most so many cells, divided at blanks."""
    row: list[Piece] = []
    used = 0
    for text, ink in line:
        for word in _words(text):
            if used + len(word.rstrip()) > width and used > indent:
                yield row
                row, used = [(" " * indent, Ink.TEXT)], indent
                word = word.lstrip()
            row.append((word, ink))
            used += len(word)
    yield row


def _words(text: str) -> list[str]:
    """Words with the blanks before them."""
    words: list[str] = []
    start = 0
    for stop in range(1, len(text) + 1):
        if stop == len(text) or (text[stop] == " " and text[stop - 1] != " "):
            words.append(text[start:stop])
            start = stop
    return words


def _drawn(text: str, style: Style) -> str:
    codes = style.glyphs.code_of
    return "".join(c if c in codes else _ALIKE.get(c, c) for c in text)


def _coloured(page: Page, inks: npt.NDArray[np.uint8]) -> Page:
    """The page with the map's own inks, and without any claim to show a document."""
    painted = page.inks.copy()
    cells = painted.reshape(-1)
    columns = [CELL_START, CELL_STOP, TEXT_START, TEXT_STOP]
    for start, stop, first, last in page.source_map.spans[:, columns].tolist():
        if stop - start == last - first:
            cells[start:stop] = inks[first:last]
    nothing = SourceMap((), np.zeros((0, 6), np.int32))
    return replace(page, inks=painted, source_map=nothing)
