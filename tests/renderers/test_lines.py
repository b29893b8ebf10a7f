"""Layout `lines`: numbered rows for people."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from glyphagent import marks
from glyphagent.document import Document, Location
from glyphagent.page import Page, recover
from glyphagent.renderers.lines import line_pages
from glyphagent.style import Ink, Style, preset
from glyphagent.transcript import TAB_STOP, transcribe

STYLE = preset("grid").with_changes(layout="lines", width_px=168, height_px=112)  # 24 by 8 cells


def render(documents: Sequence[Document], style: Style = STYLE) -> list[Page]:
    inks = (np.full(len(document.text), Ink.TEXT, np.uint8) for document in documents)
    return list(line_pages(documents, inks, style))


def rows(page: Page) -> list[str]:
    """Rows as people see them: numbers as digits, `>` for a header, `~` for a wrap."""
    characters = page.glyphs.characters
    drawn = ["".join(characters[code] for code in row) for row in page.codes.tolist()]
    for mark, shown in (
        (marks.HEADER, ">"),
        (marks.WRAP, "~"),
        (marks.LINE_END, "$"),
        (marks.NO_LINE_END, "!"),
        (marks.TAB, "→"),
    ):
        drawn = [row.replace(mark, shown) for row in drawn]
    figures = str.maketrans({mark: str(digit) for digit, mark in enumerate(marks.NUMBERS)})
    return [row.translate(figures).rstrip(" ") for row in drawn]


def test_each_line_has_its_number_and_its_row() -> None:
    (page,) = render([Document("pkg/a.py", "def f():\n    return 1\n")])
    assert rows(page) == [">pkg/a.py", "1 def f():", "2     return 1", ""]


def test_numbers_are_right_aligned() -> None:
    (page, *_) = render([Document("a", "x\n" * 10)], STYLE.with_changes(height_px=168))
    assert rows(page)[1:11] == [*(f" {n} x" for n in range(1, 10)), "10 x"]


def test_a_long_line_is_wrapped_with_a_mark() -> None:
    (page,) = render([Document("a", "abcdefghijklmnopqrstuvwxyz\n")])
    assert rows(page)[1:3] == ["1 abcdefghijklmnopqrstuv", "~ wxyz"]


def test_lines_that_close_with_a_blank_or_without_a_feed_say_so() -> None:
    (page,) = render([Document("a", "x \ny\t\nz")])
    assert rows(page)[1:4] == ["1 x $", "2 y→", "3 z!"]


def test_tabs_reach_the_next_stop() -> None:
    (page,) = render([Document("a", "\tx\ny\tz\n")])
    assert rows(page)[1:3] == ["1 →" + " " * (TAB_STOP - 1) + "x", "2 y→" + " " * 2 + "z"]


def test_every_page_opens_with_a_header_and_no_header_stands_alone() -> None:
    text = "".join(f"line {n} {'x' * (n * 7 % 60)}\n" for n in range(1, 60))
    documents = [Document("a.py", text), Document("b.py", text), Document("c.py", "")]
    pages = render(documents)
    for page in pages:
        shown = rows(page)
        assert shown[0].startswith(">")
        bodies = [row for row in shown if row]
        for above, below in zip(bodies, [*bodies[1:], ">"], strict=True):
            assert not (above.startswith(">") and below.startswith(">")) or above == ">c.py"
        parts = transcribe(page.codes, page.glyphs.characters)
        assert [part.path for part in parts] == [p.path for p in page.source_map.locations()]


def test_a_line_that_fits_is_not_divided_between_pages() -> None:
    lines = [f"{'y' * (n * 13 % 80)}\n" for n in range(80)]
    pages = render([Document("a", "".join(lines))])
    last = 0
    for page in pages:
        (place,) = page.source_map.locations()
        assert place.line_start == last + 1
        last = place.line_end
    assert last == 80


@pytest.mark.parametrize("character", ["x", "\t", " ", "\u202e", "中"])
def test_a_huge_line_stands_on_many_pages(character: str) -> None:
    document = Document("a b", character * 3000)
    pages = render([document])
    assert len(pages) > 10
    assert recover(pages) == {"a b": document.text}
    parts = [part for page in pages for part in transcribe(page.codes, page.glyphs.characters)]
    assert "".join(part.text for part in parts) == document.text
    assert {part.path for part in parts} == {"a b"}
    assert {p.source_map.locations()[0] for p in pages} == {Location("a b", 1, 1)}


def test_a_long_path_goes_on_below_and_comes_back() -> None:
    path = "some folder/with a rather long/name.py"  # a blank ends the first row
    page, *_ = render([Document(path, "x\n")], STYLE.with_changes(height_px=280))
    assert rows(page)[0] == ">some folder/with a rath"
    assert rows(page)[1] == "~>er long/name.py"
    (part,) = transcribe(page.codes, page.glyphs.characters)
    assert (part.path, part.text) == (path, "x\n")
