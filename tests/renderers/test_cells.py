from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphagent import marks
from glyphagent.atlas import bundled_atlas
from glyphagent.renderers.cells import (
    Cells,
    code_points,
    encode,
    escaped,
    header_cells,
    join,
    line_indents,
    spans_of,
)
from glyphagent.style import Ink

ATLAS = bundled_atlas("fixed-7x14")


def drawn(cells: Cells) -> str:
    return "".join(ATLAS.characters[code] for code in cells.codes.tolist())


def encoded(text: str, *, carry_indent: bool = True) -> Cells:
    inks = np.full(len(text), Ink.STRING, np.uint8)
    return encode(text, inks, ATLAS, carry_indent=carry_indent)[0]


def escape(point: str) -> str:
    return f"{marks.ESCAPE}{point}{marks.ESCAPE_END}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ab", "ab"),
        ("a\tb\r\n", f"a{marks.TAB}b{marks.RETURN}{marks.INDENTS[0]}"),
        ("a\n  b", f"a{marks.INDENTS[2]}b"),
        ("a\n\t\tb", f"a{marks.TAB_INDENTS[1]}b"),
        ("a\n \tb", f"a{marks.INDENTS[1]}{marks.TAB}b"),
        ("  a", "a"),  # the header's closing mark carries the first indent
        ("中", escape("4E2D")),
        ("\0\x1b", escape("0") + escape("1B")),
        ("🎉", escape("1F389")),
        (marks.HEADER, escape("E001")),
        ("\uf8ff", escape("F8FF")),
        ("\xa0", escape("A0")),
        ("", ""),
    ],
)
def test_text_is_drawn_in_cells(text: str, shown: str) -> None:
    assert drawn(encoded(text)) == shown


def test_what_is_escaped_has_the_ink_of_escapes_and_blanks_none_of_their_own() -> None:
    cells = encoded("a 中\n")
    assert cells.inks.tolist() == [Ink.STRING, Ink.TEXT, *[Ink.ESCAPE] * 6, Ink.MARK]


def test_cells_know_their_characters_and_lines() -> None:
    cells = encoded("a\n  é中\n")
    assert cells.start.tolist() == [0, 1, 4, *[5] * 6, 6]
    assert cells.stop.tolist() == [1, 4, 5, *[6] * 6, 7]
    assert cells.line.tolist() == [1, 1, 2, *[2] * 6, 2]


@given(st.text(st.sampled_from(" \t\nx"), max_size=60))
def test_indents_are_what_opens_a_line(text: str) -> None:
    lines = text.split("\n")
    starts = np.cumsum([0, *(len(line) + 1 for line in lines[:-1])])
    spaces, tabs = line_indents(code_points(text), starts)
    for line, some_spaces, some_tabs in zip(lines, spaces.tolist(), tabs.tolist(), strict=True):
        leading = len(line) - len(line.lstrip(" "))
        assert some_spaces == min(leading, marks.MAX_INDENT)
        assert some_tabs == (
            0 if leading else min(len(line) - len(line.lstrip("\t")), marks.MAX_TAB_INDENT)
        )


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a b", "a b"),
        ("a  ", "a" + escape("20") * 2),
        (" a", " a"),
        ("\n", escape("A")),
        (marks.END, escape("E000")),
        ("\udc80", escape("DC80")),
        (" ", escape("20")),
    ],
)
def test_names_are_escaped_where_they_would_not_be_seen(name: str, shown: str) -> None:
    assert "".join(escaped(name, ATLAS)) == shown


@given(st.text(st.sampled_from("ab/ 中\n"), max_size=60), st.integers(10, 40))
def test_a_header_never_takes_more_than_its_room(path: str, most: int) -> None:
    header = drawn(header_cells(path, most, ATLAS))
    assert len(header) <= most
    assert header.startswith(marks.HEADER)
    whole = "".join(escaped(path, ATLAS))
    if len(whole) < most:
        assert header[1:] == whole
    else:
        assert header[1] == "…"
        assert whole.endswith(header[2:])
        assert len(header) > most - 8  # no whole character more would fit


def test_escapes_do_not_run_on_into_their_neighbours() -> None:
    cells = encoded("a中b中中c")
    spans = spans_of(cells, np.zeros(len(cells), np.int32))
    assert spans[:, [3, 4]].tolist() == [[0, 1], [1, 2], [2, 3], [3, 4], [4, 5], [5, 6]]


def test_spans_break_where_cells_are_apart() -> None:
    cells = encoded("abcd")
    at = np.array([0, 1, 10, 11])
    spans = spans_of(cells, np.zeros(4, np.int32), at)
    assert spans.tolist() == [[0, 2, 0, 0, 2, 1], [10, 12, 0, 2, 4, 1]]


def test_joined_cells_are_the_cells_in_a_row() -> None:
    both = join([encoded("ab"), encoded("c中")])
    assert drawn(both) == "abc" + escape("4E2D")
    assert len(both) == 9
