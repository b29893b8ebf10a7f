from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from glyphagent import marks
from glyphagent.atlas import MISSING, Atlas, bundled_atlas, bundled_atlas_names
from glyphagent.errors import StyleError


@pytest.fixture
def atlas() -> Atlas:
    """Three characters of 2 by 3 pixels; the last has no picture of its own."""
    bitmaps = np.zeros((4, 3, 2), np.uint8)
    bitmaps[1] = 1
    bitmaps[3, 0] = 1
    return Atlas("small", f" ab{marks.END}", bitmaps, "drawn here", "none")


def test_what_is_written_is_read_back(atlas: Atlas, tmp_path: Path) -> None:
    atlas.save(tmp_path)
    again = Atlas.read(tmp_path, "small")
    assert np.array_equal(again.bitmaps, atlas.bitmaps)
    assert (again.characters, again.digest) == (atlas.characters, atlas.digest)
    assert (again.font, again.licence) == ("drawn here", "none")
    assert (again.cell_width, again.cell_height) == (2, 3)


def test_only_what_has_a_picture_is_drawable(atlas: Atlas) -> None:
    assert atlas.drawable.tolist() == [True, True, False, True]
    assert atlas.code_of == {" ": 0, "a": 1, marks.END: 3}


def test_text_never_finds_a_mark(atlas: Atlas) -> None:
    assert atlas.codes[ord("a")] == 1
    assert atlas.codes[ord("b")] == MISSING
    assert atlas.codes[ord(marks.END)] == MISSING


def test_the_digest_tells_pixels_and_characters_apart(atlas: Atlas) -> None:
    other = atlas.bitmaps.copy()
    other[1, 0, 0] = 0
    assert Atlas("small", atlas.characters, other, "", "").digest != atlas.digest
    renamed = atlas.characters.replace("a", "c")
    assert Atlas("small", renamed, atlas.bitmaps, "", "").digest != atlas.digest
    assert Atlas("other", atlas.characters, atlas.bitmaps, "", "").digest == atlas.digest


def test_the_bundled_ones_share_their_characters() -> None:
    assert bundled_atlas_names() == ["fixed-7x14", "fixed-7x7"]
    tall, short = (bundled_atlas(name) for name in bundled_atlas_names())
    assert tall.characters == short.characters
    assert tall.characters[0] == " "
    assert (tall.cell_width, tall.cell_height) == (7, 14)
    assert (short.cell_width, short.cell_height) == (7, 7)


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(StyleError, match="no atlas named '8x16'; bundled: fixed-7x14, fixed-7x7"):
        bundled_atlas("8x16")


@pytest.mark.parametrize("name", ["../atlases/fixed-7x14", "/etc/passwd", ""])
def test_a_name_is_no_path(name: str) -> None:
    with pytest.raises(StyleError):
        bundled_atlas(name)


@pytest.mark.parametrize(
    "change",
    [
        {"cell": [0, 0]},
        {"cell": [2]},
        {"cell": ["x", "y"]},
        {"cell": [2, 7]},
        {"characters": []},
        {"characters": ["20"] * 3},
        {"characters": ["61", "20", "62", "63"]},
        {"characters": ["20", "FFFFFFFFFFFF", "62", "63"]},
        {"characters": [f"{code:X}" for code in range(0x20, 0x200)]},
        {"characters": ["zz"]},
        {"digest": "0" * 32},
        {"name": None, "digest": None},
    ],
)
def test_facts_that_do_not_fit_are_refused(
    atlas: Atlas, tmp_path: Path, change: dict[str, object]
) -> None:
    atlas.save(tmp_path)
    file = tmp_path / "small.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(StyleError, match="small"):
        Atlas.read(tmp_path, "small")


def test_pixels_that_were_changed_are_refused(atlas: Atlas, tmp_path: Path) -> None:
    atlas.save(tmp_path)
    with Image.open(tmp_path / "small.png") as picture:
        changed = picture.convert("L")
    changed.putpixel((2, 0), 255)
    changed.save(tmp_path / "small.png")
    with pytest.raises(StyleError, match="does not match its digest"):
        Atlas.read(tmp_path, "small")


@pytest.mark.parametrize("name", ["small.json", "small.png"])
def test_damaged_files_are_refused(atlas: Atlas, tmp_path: Path, name: str) -> None:
    atlas.save(tmp_path)
    whole = (tmp_path / name).read_bytes()
    dice = random.Random(name)
    for _ in range(150):
        data = bytearray(whole)
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        (tmp_path / name).write_bytes(data[: dice.choice([len(data), dice.randrange(len(data))])])
        try:
            again = Atlas.read(tmp_path, "small")
        except StyleError:
            continue
        # Some bytes do not matter: a checksum that is not looked at, the font's name.
        assert again.digest == atlas.digest
