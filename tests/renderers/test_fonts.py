from __future__ import annotations

import subprocess
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from glyphagent import marks
from glyphagent.atlas import Atlas, bundled_atlas, bundled_atlas_names
from glyphagent.errors import StyleError
from glyphagent.renderers.fonts import CHARACTERS, cut_atlas, grid_atlases, read_bdf

ASCII = "".join(map(chr, range(0x20, 0x7F)))

BDF = """STARTFONT 2.1
FONTBOUNDINGBOX 7 7 0 -1
STARTCHAR A
ENCODING 65
BBX 3 4 1 -1
BITMAP
40
A0
E0
A0
ENDCHAR
STARTCHAR wide
ENCODING 66
BBX 9 1 0 0
BITMAP
8080
ENDCHAR
STARTCHAR nameless
ENCODING -1
BBX 1 1 0 0
BITMAP
80
ENDCHAR
ENDFONT
"""


@pytest.fixture(params=bundled_atlas_names())
def atlas(request: pytest.FixtureRequest) -> Atlas:
    return bundled_atlas(request.param)


def difference(atlas: Atlas, first: str, second: str) -> int:
    one, other = (atlas.bitmaps[atlas.code_of[c]] for c in (first, second))
    return int(np.count_nonzero(one != other))


def test_the_bundled_atlases_are_what_the_fonts_give() -> None:
    made = {atlas.name: atlas for atlas in grid_atlases()}
    assert sorted(made) == bundled_atlas_names()
    for name, atlas in made.items():
        bundled = bundled_atlas(name)
        assert atlas.characters == bundled.characters
        assert np.array_equal(atlas.bitmaps, bundled.bitmaps)
        assert (atlas.digest, atlas.font, atlas.licence) == (
            bundled.digest,
            bundled.font,
            bundled.licence,
        )


@pytest.mark.slow
def test_the_module_writes_the_bundled_files_byte_for_byte(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "glyphagent.renderers.fonts", str(tmp_path)]
    subprocess.run(command, check=True, timeout=120)
    bundled = Path(__file__).parents[2] / "glyphagent" / "atlases"
    assert sorted(f.name for f in tmp_path.iterdir()) == sorted(f.name for f in bundled.iterdir())
    for file in tmp_path.glob("*.json"):
        assert file.read_bytes() == (bundled / file.name).read_bytes()


def test_every_ascii_character_and_mark_can_be_drawn(atlas: Atlas) -> None:
    assert not [c for c in ASCII + marks.ALL if c not in atlas.code_of]


def test_no_two_drawn_characters_look_alike(atlas: Atlas) -> None:
    drawn = atlas.bitmaps[atlas.drawable]
    assert len(np.unique(drawn, axis=0)) == len(drawn)


def test_escapes_elisions_and_figures_can_be_drawn(atlas: Atlas) -> None:
    assert set("…0123456789ABCDEF") <= set(atlas.code_of)


@pytest.mark.parametrize(
    "alike", ["0Oo", "1lI|!", ")}]", "({[", "HM", "-\u2013\u2014\u2500", "·.,'`", "5S", "2Z"]
)
def test_characters_that_are_mistaken_for_each_other_differ(atlas: Atlas, alike: str) -> None:
    drawn = [c for c in alike if c in atlas.code_of]
    for first, second in combinations(drawn, 2):
        assert difference(atlas, first, second) >= 2, (first, second)


def test_marks_differ_from_every_character(atlas: Atlas) -> None:
    codes = np.array([atlas.code_of[mark] for mark in marks.ALL])
    others = atlas.drawable.copy()
    others[codes] = False
    for mark, code in zip(marks.ALL, codes.tolist(), strict=True):
        apart = np.count_nonzero(atlas.bitmaps[others] != atlas.bitmaps[code], axis=(1, 2))
        assert int(apart.min()) >= 2, hex(ord(mark))


def test_no_character_has_two_codes() -> None:
    assert len(set(CHARACTERS)) == len(CHARACTERS)
    assert CHARACTERS[0] == " "


def test_a_bdf_font_is_read_with_its_places() -> None:
    glyphs = read_bdf(BDF)
    assert set(glyphs) == {"A", "B"}
    left, bottom, ink = glyphs["A"]
    assert (left, bottom) == (1, -1)
    assert ink.tolist() == [[0, 1, 0], [1, 0, 1], [1, 1, 1], [1, 0, 1]]
    assert glyphs["B"][2].tolist() == [[1, 0, 0, 0, 0, 0, 0, 0, 1]]


def test_glyphs_that_do_not_fit_stay_undrawable() -> None:
    atlas = cut_atlas(
        "small", read_bdf(BDF), cell=(7, 7), ascent=6, offset=1, title="t", licence="none"
    )
    assert "A" in atlas.code_of
    assert "B" not in atlas.code_of
    top = atlas.bitmaps[atlas.code_of["A"]]
    assert top[3].tolist() == [0, 0, 0, 1, 0, 0, 0]  # baseline 6, four rows, one below: rows 3-6


def test_a_cell_without_marks_is_refused() -> None:
    with pytest.raises(StyleError, match="8x16"):
        cut_atlas("x", {}, cell=(8, 16), ascent=12, offset=0, title="", licence="")
