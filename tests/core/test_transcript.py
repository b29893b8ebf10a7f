"""What a misread page gives; that well-read pages give their text is tested with the layouts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from glyphagent import marks
from glyphagent.atlas import bundled_atlas
from glyphagent.transcript import Part, transcribe

ATLAS = bundled_atlas("fixed-7x14")
NEW, FOUR = marks.INDENTS[0], marks.INDENTS[4]
FLOW = f"{marks.HEADER}pkg/a.py{NEW}def f():{FOUR}return 1{NEW}x = 22{NEW}y = 3{NEW}{marks.END}"
TEXT = "def f():\n    return 1\nx = 22\ny = 3\n"
ONE, TWO, THREE = list(marks.NUMBERS[1:4])
LINES = [
    f"{marks.HEADER}pkg/a.py",
    f"{ONE} def f():",
    f"{TWO}     return 1",
    f"{THREE} x = 22{marks.NO_LINE_END}",
]


def codes_of(text: str, columns: int = 24) -> npt.NDArray[np.uint16]:
    text = text.ljust(-(-len(text) // columns) * columns)
    codes = np.array([ATLAS.characters.index(c) for c in text], np.uint16)
    return codes.reshape(-1, columns)


def read(text: str, columns: int = 24) -> list[Part]:
    return transcribe(codes_of(text, columns), ATLAS.characters)


def read_rows(rows: list[str], columns: int = 24) -> list[Part]:
    return read("".join(row.ljust(columns) for row in rows), columns)


def test_both_layouts_are_read() -> None:
    (flow,) = read(FLOW)
    assert (flow.path, flow.text) == ("pkg/a.py", TEXT)
    (lines,) = read_rows(LINES)
    assert (lines.path, lines.text) == ("pkg/a.py", "def f():\n    return 1\nx = 22")


def test_characters_point_at_their_cells() -> None:
    (part,) = read(FLOW)
    assert part.cells.dtype == np.int32
    for character, cell in zip(part.text, part.cells.tolist(), strict=True):
        assert FLOW[cell] in (character, NEW, FOUR)
    (part,) = read_rows(LINES)
    drawn = "".join(row.ljust(24) for row in LINES)
    for character, cell in zip(part.text, part.cells.tolist(), strict=True):
        assert drawn[cell] in (character, " ")


@pytest.mark.parametrize("cell", [0, 3, 9, 13, 18, 26])
@pytest.mark.parametrize("read_as", ["?", marks.NUMBERS[7], marks.END, marks.WRAP, NEW, FOUR])
def test_one_misread_cell_does_not_turn_the_layout(cell: int, read_as: str) -> None:
    parts = read(FLOW[:cell] + read_as + FLOW[cell + 1 :])
    assert parts[-1].text.endswith("x = 22\ny = 3\n")
    drawn = "".join(row.ljust(24) for row in LINES)
    parts = read(drawn[:cell] + read_as + drawn[cell + 1 :])
    assert parts[-1].text.endswith("x = 22")
    assert "return 1" in parts[-1].text or cell >= 48 + 2


def test_a_page_opens_with_a_header_whatever_was_read_there() -> None:
    for read_as in ("?", " ", NEW, marks.ESCAPE, "▶"):
        (part,) = read(read_as + FLOW[1:])
        assert (part.path, part.text) == ("pkg/a.py", TEXT)
        (part,) = read_rows([read_as + LINES[0][1:], *LINES[1:]])
        assert part.path == "pkg/a.py"


@pytest.mark.parametrize("stray", [0, 1, 2])
def test_cells_after_the_end_are_blank_whatever_was_read_there(stray: int) -> None:
    codes = codes_of(FLOW.ljust(96))
    for index in range(stray):
        codes.flat[70 + 5 * index] = ATLAS.code_of["."]
    (part,) = transcribe(codes, ATLAS.characters)
    assert part.text == TEXT


def test_an_end_that_text_follows_is_none() -> None:
    (part,) = read(FLOW[:14] + marks.END + FLOW[15:])
    assert part.text == TEXT.replace("def f()", "def \ufffd()")


@pytest.mark.parametrize(
    ("drawn", "text"),
    [
        ("E9", "é"),
        ("1F389", "🎉"),
        ("10FFFF", "\U0010ffff"),
        ("A", "\n"),
        ("", "\ufffd"),
        ("110000", "\ufffd"),
        ("D800", "\ufffd"),
        ("DC80", "\ufffd"),
        ("XY", "\ufffd"),
        ("+1", "\ufffd"),
        ("e9", "\ufffd"),
        ("0000041", "\ufffd0000041\ufffd"),
    ],
)
def test_escapes_that_mean_nothing_are_marked(drawn: str, text: str) -> None:
    escape = f"{marks.ESCAPE}{drawn}{marks.ESCAPE_END}"
    (part,) = read(f"{marks.HEADER}a{NEW}<{escape}>{NEW}{marks.END}")
    assert part.text == f"<{text}>\n"
    (part,) = read_rows([f"{marks.HEADER}a", f"{ONE} <{escape}>"])
    assert part.text == f"<{text}>\n"


def test_an_escape_that_does_not_close_costs_one_character() -> None:
    (part,) = read(f"{marks.HEADER}a{NEW}x{marks.ESCAPE}12 return{NEW}{marks.END}")
    assert part.text == "x\ufffd12 return\n"


def test_names_may_hold_bytes_that_are_no_text() -> None:
    (part,) = read(f"{marks.HEADER}{marks.ESCAPE}DC80{marks.ESCAPE_END}.py{NEW}x{marks.END}")
    assert part.path == "\udc80.py"


def test_codes_that_no_atlas_has_do_not_raise() -> None:
    codes = codes_of(FLOW)
    codes[1, 3] = 0xFFFF
    assert len(transcribe(codes, ATLAS.characters)) == 1


@pytest.mark.parametrize("shape", [(0, 24), (1, 1), (2, 24)])
def test_blank_pages_have_no_text(shape: tuple[int, int]) -> None:
    parts = transcribe(np.zeros(shape, np.uint16), ATLAS.characters)
    assert "".join(part.text + part.path for part in parts) == ""


def test_random_cells_never_raise() -> None:
    dice = np.random.default_rng(0)
    special = np.array([ATLAS.code_of[mark] for mark in marks.ALL], np.uint16)
    for number in range(400):
        codes = dice.integers(0, len(ATLAS.characters), (6, 20), np.uint16)
        share = dice.random() * (number % 3) / 2
        codes = np.where(dice.random(codes.shape) < share, dice.choice(special, codes.shape), codes)
        codes[dice.random(codes.shape) < dice.random()] = 0
        for part in transcribe(codes, ATLAS.characters):
            assert len(part.text) == len(part.cells)
            assert (np.diff(part.cells) >= 0).all()
            part.text.encode()
