"""Cuts a bitmap font into an atlas: characters from a BDF file, marks drawn here.

Run as `python -m glyphagent.renderers.fonts FOLDER` it makes the bundled atlases anew; a test
holds that they are what it makes. Outline fonts are not its business yet.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import numpy as np
import numpy.typing as npt

from glyphagent import marks
from glyphagent.atlas import Atlas
from glyphagent.errors import StyleError

Bitmap = npt.NDArray[np.uint8]

# Characters that source code and its documents use, in the order of their codes. Space is 0.
_EXTRA = (
    "–—‘’‚“”„†‡•…‰‹›€™←↑→↓↔⇐⇒⇔∀∂∃∅∇∈∉∏∑−√∞∧∨∩∪∫≈≠≡≤≥⊂⊆"
    "─│┌┐└┘├┤┬┴┼═║╔╗╚╝╠╣╦╩╬╭╮╯╰▀▄█▌▐░▒▓■□▪▲△▶▼▽◀◆◇○●◦★☆☐☑☒♠♣♥♦✓✗"
    "αβγδεζηθικλμνξοπρςστυφχψωΓΔΘΛΞΠΣΦΨΩ"
)
CHARACTERS = (
    "".join(map(chr, range(0x20, 0x7F)))
    + "".join(chr(c) for c in range(0xA1, 0x100) if c != 0xAD)
    + "".join(chr(c) for c in range(0x100, 0x180) if c not in (0x149, 0x17F))
    + _EXTRA
    + marks.ALL
)

_DIGITS = (
    ".#. #.# #.# #.# .#.",
    ".#. ##. .#. .#. ###",
    "### ..# ### #.. ###",
    "### ..# .## ..# ###",
    "#.# #.# ### ..# ..#",
    "### #.. ### ..# ###",
    "#.. #.. ### #.# ###",
    "### ..# .#. .#. .#.",
    "### #.# ### #.# ###",
    "### #.# ### ..# ..#",
)

# Pictures of the marks that carry no figure, per cell height.
_TALL = {
    marks.END: ".#####. .#####. .##.##. .#...#. .##.##. .#####. .#####.",
    marks.HEADER: "##..... ####... #####.. ######. ####### ######. #####.. ####... ##.....",
    marks.TAB: "#...... #...#.. #....#. #.##### #....#. #...#.. #......",
    marks.RETURN: ".##.... #...... #...... #...... .##.... ....##. ....#.# ....##. ....#.# ....#.#",
    marks.ESCAPE: ".###### .#.#... .#.#... .#.#... .#.#... .#.#... .#.#... .#.#... .#.#... .######",
    marks.ESCAPE_END: "######. ...#.#. ...#.#. ...#.#. ...#.#. ...#.#. ...#.#. ...#.#. ...#.#. ######.",
    marks.WRAP: ".#..... .#..... .#..... .#..#.. .#...#. .###### .....#. ....#..",
    marks.LINE_END: "......# ......# ......# ......# #.#.#.# ......# ......# ......# ......#",
    marks.NO_LINE_END: "......# ..###.# .#...#. #...##. #..#.#. #.#..#. ##...#. .#..#.. #.###.. #......",
}
_SHORT = {
    marks.END: "####### ####### ###.### ##...## ###.### ####### #######",
    marks.HEADER: "##..... ####... ######. ####### ######. ####... ##.....",
    marks.TAB: "#...... #...#.. #....#. #.##### #....#. #...#.. #......",
    marks.RETURN: ".##.... #...... #...... .##.##. ....#.# ....##. ....#.#",
    marks.ESCAPE: ".###### .#.#... .#.#... .#.#... .#.#... .#.#... .######",
    marks.ESCAPE_END: "######. ...#.#. ...#.#. ...#.#. ...#.#. ...#.#. ######.",
    marks.WRAP: ".#..... .#..... .#..#.. .#...#. .###### .....#. ....#..",
    marks.LINE_END: "......# ......# ......# #.#.#.# ......# ......# ......#",
    marks.NO_LINE_END: "......# ..###.# .#..##. .#.#.#. .##..#. #.###.. #......",
}

# Redrawn so that no two of 0 O o, 1 l I | !, ) }, H M, - – — ─, · and blank look alike.
_REDRAWN = {
    14: {
        "0": "..##... .#..#.. #....#. #...##. #..#.#. #..#.#. #.#..#. ##...#. .#..#.. ..##...",
        "l": ".##.... ..#.... ..#.... ..#.... ..#.... ..#.... ..#.... ..#.... ..#.... ...##..",
        "|": "...#... ...#... ...#... ...#... ...#... ...#... "
        "...#... ...#... ...#... ...#... ...#... ...#...",
        "-": "....... ....... .####..",
        "–": "....... ....... .#####. .#####.",
        "—": "....... ....... ####### #######",
        "·": "....... ....... ..##... ..##...",
    },
    7: {
        "0": "...#... ..#.#.. ..###.. ..###.. ..#.#.. ...#... .......",
        "l": "..##... ...#... ...#... ...#... ...#... ...##.. .......",
        "|": "...#... ...#... ...#... ...#... ...#... ...#... ...#...",
        "{": "...##.. ..#.... ..#.... .#..... ..#.... ..#.... ...##..",
        "}": "..##... ....#.. ....#.. .....#. ....#.. ....#.. ..##...",
        "M": ".#...#. .##.##. .#.#.#. .#.#.#. .#...#. .#...#. .......",
        "W": ".#...#. .#...#. .#.#.#. .#.#.#. .##.##. .#...#. .......",
        "–": ".#####. .#####.",
        "—": "####### #######",
        "·": "..##... ..##...",
    },
}
_LEAST_DIFFERENCE = 2  # pixels between any two drawn characters, marks and ASCII apart


def read_bdf(text: str) -> dict[str, tuple[int, int, Bitmap]]:
    """Glyphs of a BDF font: character to (left, bottom, ink) relative to the baseline origin.

    Source: Adobe, Glyph Bitmap Distribution Format, version 2.2.
    """
    glyphs: dict[str, tuple[int, int, Bitmap]] = {}
    lines = iter(text.splitlines())
    point, box = -1, (0, 0, 0, 0)
    for line in lines:
        if line.startswith("ENCODING "):
            point = int(line.split()[1])
        elif line.startswith("BBX "):
            width, height, left, bottom = (int(part) for part in line.split()[1:5])
            box = (width, height, left, bottom)
        elif line == "BITMAP":
            width, height, left, bottom = box
            ink = np.zeros((height, width), np.uint8)
            for row in range(height):
                digits = next(lines)
                bits = bin(int(digits, 16))[2:].zfill(4 * len(digits))
                ink[row] = [int(bit) for bit in bits[:width]]
            if point >= 0:
                glyphs[chr(point)] = (left, bottom, ink)
    return glyphs


def cut_atlas(
    name: str,
    font: Mapping[str, tuple[int, int, Bitmap]],
    *,
    cell: tuple[int, int],
    ascent: int,
    offset: int,
    title: str,
    licence: str,
) -> Atlas:
    """Atlas of `CHARACTERS` cut from `font`, with the marks drawn in the same cells.

    Characters that the font lacks, that do not fit the cell, or that differ from an earlier
    character by fewer than `_LEAST_DIFFERENCE` pixels stay blank, hence undrawable.

    Args:
        name: Name of the atlas.
        font: Glyphs as `read_bdf` gives them.
        cell: Width and height of a cell in pixels; the height is 7 or 14.
        ascent: Pixels between the cell's top and the baseline.
        offset: Pixels between the cell's left side and the glyph's origin.
        title: Name of the font, for the manifest.
        licence: Its licence.

    Raises:
        StyleError: If no marks are drawn for that cell.
    """
    width, height = cell
    if width != 7 or height not in _REDRAWN:
        raise StyleError(f"no marks are drawn for cells of {width}x{height}; drawn: 7x7, 7x14")
    bitmaps = np.zeros((len(CHARACTERS), height, width), np.uint8)
    pictures = _mark_pictures(height)
    seen = np.zeros((1, height, width), np.uint8)  # the space
    order = [*pictures, *(c for c in CHARACTERS if c not in pictures)]
    for character in order:
        code = CHARACTERS.index(character)
        if character in pictures:
            cut: Bitmap | None = pictures[character]
        elif character in _REDRAWN[height]:
            cut = _picture(_REDRAWN[height][character], height)
        else:
            cut = _place(font.get(character), width, height, ascent, offset)
        least = 1 if character in pictures or character.isascii() else _LEAST_DIFFERENCE
        if cut is None or np.count_nonzero(seen != cut, axis=(1, 2)).min() < least:
            continue
        seen = np.concatenate((seen, cut[None]))
        bitmaps[code] = cut
    return Atlas(name, CHARACTERS, bitmaps, title, licence)


def _place(
    glyph: tuple[int, int, Bitmap] | None, width: int, height: int, ascent: int, offset: int
) -> Bitmap | None:
    """Ink of a glyph in its cell, or None if there is none or it does not fit."""
    if glyph is None:
        return None
    left, bottom, ink = glyph
    top = ascent - bottom - ink.shape[0]
    x = left + offset
    if top < 0 or x < 0 or top + ink.shape[0] > height or x + ink.shape[1] > width:
        return None
    cut = np.zeros((height, width), np.uint8)
    cut[top : top + ink.shape[0], x : x + ink.shape[1]] = ink
    return cut


def _picture(drawing: str, height: int) -> Bitmap:
    """Ink of a drawing in rows of `#` and `.`, in the middle of a cell of that height."""
    rows = np.array([[c == "#" for c in row] for row in drawing.split()], np.uint8)
    above = (height - len(rows)) // 2
    return np.pad(rows, ((above, height - len(rows) - above), (0, 0)))


def _figure(number: int, height: int, top: int) -> Bitmap:
    """Ink of a number of at most two 3x5 digits in a cell 7 wide."""
    cut = np.zeros((height, 7), np.uint8)
    text = str(number)
    columns = (0, 4) if len(text) == 2 else (4,)
    for digit, x in zip(text, columns, strict=True):
        cut[top : top + 5, x : x + 3] = _picture(_DIGITS[int(digit)], 5)
    return cut


def _mark_pictures(height: int) -> dict[str, Bitmap]:
    """Ink of every mark in cells 7 wide."""
    tall = height == 14
    pictures = {c: _picture(drawn, height) for c, drawn in (_TALL if tall else _SHORT).items()}
    arrow = _picture("......# ......# ..#...# .###### ..#....", 5)
    tab_arrow = _picture("......# ...#..# ....#.# ####### ....#.#", 5)
    for run, head, bar in (
        (marks.INDENTS, arrow, "#######"),
        (marks.TAB_INDENTS, tab_arrow, "#.#.#.#"),
    ):
        for number, character in enumerate(run, start=run is marks.TAB_INDENTS):
            cut = _figure(number, height, 8 if tall else 2)
            if tall:
                cut[1:6] = head
            else:
                cut[0] = _picture(bar, 1)[0]
            pictures[character] = cut
    for number, character in enumerate(marks.NUMBERS):
        cut = np.zeros((height, 7), np.uint8)
        digit = _picture(_DIGITS[number], 5)
        if tall:  # each pixel twice as tall: figures that people can read
            cut[2:12, 2:5] = np.repeat(digit, 2, axis=0)
            cut[13] = 1
        else:
            cut[0:5, 2:5] = digit
            cut[6] = 1
        pictures[character] = cut
    return pictures


def grid_atlases() -> list[Atlas]:
    """The atlases of the presets `grid` (7x14) and `grid-dense` (7x7), cut anew."""
    licence = "public domain"
    folder = files("glyphagent.renderers")
    made = []
    for name, font, cell, ascent, offset in (
        ("fixed-7x14", "fixed-7x14.bdf", (7, 14), 12, 0),
        ("fixed-7x7", "fixed-5x7.bdf", (7, 7), 6, 1),
    ):
        glyphs = read_bdf(folder.joinpath(font).read_text(encoding="utf-8"))
        title = f"X.Org misc-fixed {font.removeprefix('fixed-').removesuffix('.bdf')}"
        made.append(
            cut_atlas(
                name, glyphs, cell=cell, ascent=ascent, offset=offset, title=title, licence=licence
            )
        )
    return made


def main(folder: Path) -> None:
    """Write the bundled atlases into `folder`."""
    for atlas in grid_atlases():
        atlas.save(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
