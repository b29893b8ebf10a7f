"""What both layouts promise: no character is lost, and every cell knows where it comes from."""

from __future__ import annotations

import sysconfig
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from glyphagent import marks
from glyphagent.decoding import decode
from glyphagent.document import Document, Location
from glyphagent.page import (
    CELL_START,
    CELL_STOP,
    TEXT_START,
    TEXT_STOP,
    Page,
    recover,
)
from glyphagent.renderers.flow import flow_pages
from glyphagent.renderers.lines import line_pages
from glyphagent.renderers.syntax import CodeRenderer
from glyphagent.style import LAYOUTS, Ink, Style, preset
from glyphagent.transcript import Part, transcribe

# Pieces that layouts stumble over: blanks that rows and pages end in, characters that have to be
# escaped, and those that imitate our own marks.
_PIECES = st.one_of(
    st.sampled_from(
        [
            *(" ", "  ", "    ", "\t", "\t\t", " \t", "\t ", "\n", "\n\n", "\r\n", "\r", "\f"),
            *("\v", "\0", "\x1b[31m", "\x7f", "\x85", "\xa0", "\xad", "\u2028", "\u200b"),
            *("\u200d", "\u202e", "\u2066", "\u2069", "\ufeff", "\ufffd", "\uffff", "\U0010ffff"),
            *("中文", "日本語", "한국", "🎉", "👩‍💻", "e\u0301", "é", "ß", "…", "─", "λ"),
            *("\n" * 9, " " * 41, " " * 90, "\n" + " " * 40, "\n" + " " * 41, "\n" + "\t" * 13),
            *("\n" + "\t" * 12 + " ", "x \n", "x\t\n", "x \r\n", "x" * 27 + " ", "x" * 200),
        ]
    ),
    st.sampled_from(marks.ALL),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.text("abc 0O1lI|", max_size=30),
    st.integers(1, 700).map(lambda n: "word " * (n // 5) + "y" * (n % 5)),
    st.integers(1, 60).map(lambda n: "l = 1\n" * n),
)
TEXTS = st.one_of(st.just(""), st.lists(_PIECES, max_size=12).map("".join))
_NAMES = st.one_of(
    st.sampled_from(
        [
            *("a.py", "README", "a b.txt", " lead", "trail ", "tab\tname.c", "new\nline.py"),
            *("\ue001x\ue020.py", "…", "日本.md", "\u202egpj.py", "[id]+(1).ts", "a" * 90),
            *("long name " * 30, "中" * 70, "x" * 27, "x" * 26 + " y", "\udc80.py"),
        ]
    ),
    st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), max_size=40),
)
PATHS = st.builds("{}{}".format, st.sampled_from(["", "src/", "src/deep/er/", "z/"]), _NAMES)


@st.composite
def document_sets(draw: st.DrawFn) -> list[Document]:
    paths = draw(st.lists(PATHS.filter(bool), min_size=1, max_size=4, unique=True))
    return [Document(path, draw(TEXTS)) for path in paths]


@st.composite
def styles(draw: st.DrawFn) -> Style:
    chosen = preset(draw(st.sampled_from(["grid", "grid-dense"])))
    return chosen.with_changes(
        layout=draw(st.sampled_from(LAYOUTS)),
        width_px=28 * draw(st.sampled_from([5, 6, 7, 21])),
        height_px=28 * draw(st.sampled_from([1, 2, 3, 4, 30])),
        number_interval=draw(st.sampled_from([0, 1, 2, 10])),
    )


def render(documents: Iterable[Document], style: Style) -> list[Page]:
    """Pages in the order that the plugin gives them, without its workers."""
    ordered = sorted(documents, key=lambda d: (d.path.rpartition("/")[0], d.path))
    inks = (np.full(len(d.text), Ink.TEXT, np.uint8) for d in ordered)
    return list((flow_pages if style.layout == "flow" else line_pages)(ordered, inks, style))


def parts_of(pages: Iterable[Page]) -> list[tuple[Page, Part]]:
    return [(p, part) for p in pages for part in transcribe(p.codes, p.glyphs.characters)]


def joined(pages: Iterable[Page]) -> list[str]:
    """Texts in page order; the parts of a document follow one another."""
    return [
        "".join(part.text for _, part in group)
        for _, group in groupby(parts_of(pages), key=lambda item: item[1].path)
    ]


def in_order(documents: Iterable[Document]) -> list[Document]:
    return sorted(documents, key=lambda d: (d.path.rpartition("/")[0], d.path))


def is_elided(path: str) -> bool:
    return path.startswith("…")


SMALL = preset("grid").with_changes(width_px=140, height_px=28)
SMALL_LINES = SMALL.with_changes(layout="lines")


@settings(max_examples=150)
@given(document_sets(), styles())
@example([Document("a", "\U0010ffff" * 9)], SMALL_LINES)
@example([Document("a", "x" * 200)], SMALL_LINES)
@example([Document("a b" * 13, "x")], SMALL_LINES.with_changes(height_px=280))
@example([Document("中" * 20, "x")], SMALL_LINES.with_changes(height_px=840))
def test_the_source_map_gives_every_text_back(documents: list[Document], style: Style) -> None:
    assert recover(render(documents, style)) == {d.path: d.text for d in documents}


@settings(max_examples=150)
@given(document_sets(), styles())
@example([Document("a", "\U0010ffff" * 9)], SMALL_LINES)
@example([Document("a", "x" * 200)], SMALL_LINES)
@example([Document("a b" * 13, "x")], SMALL_LINES.with_changes(height_px=280))
@example([Document("中" * 20, "x")], SMALL_LINES.with_changes(height_px=840))
@example([Document("a", ""), Document("b", "\n"), Document("c", " ")], SMALL)
def test_the_glyphs_alone_give_every_text_back(documents: list[Document], style: Style) -> None:
    pages = render(documents, style)
    beside = [(place.path, page) for page in pages for place in page.source_map.locations()]
    read = parts_of(pages)
    assert len(read) == len(beside)
    texts: dict[str, str] = {}
    for (path, page), (drawn_on, part) in zip(beside, read, strict=True):
        assert drawn_on is page
        assert part.path == path or is_elided(part.path)
        texts[path] = texts.get(path, "") + part.text
    assert texts == {d.path: d.text for d in documents}


@settings(max_examples=80)
@given(document_sets(), styles())
def test_pages_lie_on_the_grid_and_are_the_same_every_time(
    documents: list[Document], style: Style
) -> None:
    pages = render(documents, style)
    for page in pages:
        assert page.width_px == style.width_px
        assert 0 < page.height_px <= style.height_px
        assert page.height_px % style.patch_px == 0
        assert len(page.palette) <= 16
        assert int(page.inks.max()) < len(page.palette)
        assert page.glyphs.drawable[page.codes].all()
    assert [page.digest for page in render(documents, style)] == [page.digest for page in pages]


def check_spans(page: Page) -> None:
    spans = page.source_map.spans
    assert (spans[:, CELL_START] < spans[:, CELL_STOP]).all()
    assert (spans[1:, CELL_START] >= spans[:-1, CELL_STOP]).all()
    assert (spans[:, TEXT_START] <= spans[:, TEXT_STOP]).all()
    codes = page.codes.reshape(-1)
    marked = {
        "\t": {marks.TAB},
        "\r": {marks.RETURN},
        "\n": {" ", marks.LINE_END, marks.INDENTS[0]},
    }
    for start, stop, number, first, last, line in spans.tolist():
        document = page.source_map.documents[number]
        shown = document.text[first:last]
        location = Location(document.path, line, line)
        for cell in {start, (start + stop) // 2, stop - 1}:
            assert page.source_map.location_at(cell) == location
        if first < last:
            assert document.line_at(first) == line
        if stop - start == len(shown) and shown:
            for cell, character in zip(codes[start:stop].tolist(), shown, strict=True):
                allowed = marked.get(character, {character})
                drawn = page.glyphs.characters[cell]
                carried = character in " \t" and drawn in marks.INDENTS + marks.TAB_INDENTS
                # A row's end may leave one cell of an escape.
                left = stop - start == 1 and drawn in marks.ESCAPE + marks.ESCAPE_END
                assert drawn in allowed or carried or left
        elif len(shown) > 1:
            assert not shown.strip(" \t\n")
        assert not stop - start > 8 or stop - start == len(shown)


@settings(max_examples=80)
@given(document_sets(), styles())
def test_spans_are_ordered_and_show_what_they_say(documents: list[Document], style: Style) -> None:
    for page in render(documents, style):
        check_spans(page)


@settings(max_examples=40)
@given(document_sets(), styles())
def test_boxes_cover_exactly_the_cells_of_a_line(documents: list[Document], style: Style) -> None:
    for page in render(documents, style):
        width, height = page.glyphs.cell_width, page.glyphs.cell_height
        rows, columns = page.codes.shape
        owners = [page.source_map.location_at(cell) for cell in range(rows * columns)]
        for place in {owner for owner in owners if owner is not None}:
            covered = np.zeros((rows, columns), np.int32)
            for left, top, right, bottom in page.boxes_of(place):
                assert left % width == right % width == top % height == bottom % height == 0
                covered[top // height : bottom // height, left // width : right // width] += 1
            assert covered.reshape(-1).tolist() == [int(owner == place) for owner in owners]
            left, top, _, _ = page.boxes_of(place)[0]
            assert page.location_at(left, top) == place


@settings(max_examples=80)
@given(document_sets(), styles())
def test_each_character_read_points_at_its_cell(documents: list[Document], style: Style) -> None:
    offsets = dict.fromkeys((d.path for d in documents), 0)
    texts = {d.path: d for d in documents}
    for page in render(documents, style):
        parts = transcribe(page.codes, page.glyphs.characters)
        for place, part in zip(page.source_map.locations(), parts, strict=True):
            assert len(part.cells) == len(part.text)
            assert (np.diff(part.cells) >= 0).all()
            for cell in part.cells.tolist():
                offset = offsets[place.path]
                offsets[place.path] += 1
                found = page.source_map.location_at(cell)
                assert found is not None
                # Blanks that open a line are carried by the mark that ends the line before.
                lines = texts[place.path].line_at(offset)
                assert found.path == place.path
                assert lines - found.line_start in (0, 1)
                if found.line_start != lines:
                    assert texts[place.path].text[offset] in " \t"


@settings(max_examples=60)
@given(TEXTS, styles(), st.lists(st.tuples(st.integers(0), st.integers(0, 700)), max_size=6))
def test_no_misread_page_raises(text: str, style: Style, misread: list[tuple[int, int]]) -> None:
    for page in render([Document("dir/a b.py", text)], style):
        codes = page.codes.copy()
        for cell, code in misread:
            codes.flat[cell % codes.size] = code
        for part in transcribe(codes, page.glyphs.characters):
            assert len(part.cells) == len(part.text)
            part.text.encode()  # nothing that could not be written down


def standard_library() -> list[Document]:
    """At least 300 files of a real project."""
    root = Path(sysconfig.get_path("stdlib"))
    names = ["asyncio", "collections", "concurrent", "email", "encodings", "html", "http"]
    names += ["importlib", "json", "logging", "multiprocessing", "re", "unittest", "urllib", "xml"]
    files = [*(f for name in names for f in (root / name).rglob("*.py")), *root.glob("[ab]*.py")]
    found = (decode(str(f.relative_to(root)), f.read_bytes(), max_line=10_000) for f in files)
    return [document for document in found if isinstance(document, Document)]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_real_project_comes_back_byte_for_byte(layout: str) -> None:
    documents = standard_library()
    assert len(documents) >= 300
    data = {document.path: document.data for document in documents}
    dense = preset("grid-dense").with_changes(layout=layout)
    pages = list(CodeRenderer().render(documents, dense.with_changes(highlight=False)))
    found = recover(pages)
    by_path = {document.path: document for document in documents}
    read: dict[str, str] = {}
    for page in pages:
        parts = transcribe(page.codes, page.glyphs.characters)
        for part in parts:
            read[part.path] = read.get(part.path, "") + part.text
    assert read == found
    for path, text in found.items():
        document = by_path[path]
        assert document.bom + text.encode(document.encoding) == data[path]
    assert set(found) == set(data)
