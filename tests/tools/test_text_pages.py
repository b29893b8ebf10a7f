"""Texts as page images: drawn alone, remembered within bounds, always the same."""

from __future__ import annotations

import base64
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from glyphagent.document import Document
from glyphagent.errors import PluginError
from glyphagent.plugins import load
from glyphagent.raster import decode_png, rgb_pixels
from glyphagent.style import preset
from glyphagent.tools import text_pages
from glyphagent.tools.text_pages import TextPages, shown_path, text_key

TEXT = Path(str(text_pages.__file__)).read_text()
STYLE = replace(preset("grid"), highlight=False)


def test_pages_show_the_whole_text_in_order() -> None:
    drawn = TextPages().draw("a.py", TEXT, STYLE)
    pages = list(load("renderers", "code")().render([Document("a.py", TEXT)], STYLE))
    for picture, page in zip(drawn.pictures, pages, strict=True):
        pixels = decode_png(base64.b64decode(picture.base64))
        assert pixels.shape == (picture.height_px, picture.width_px, 3)
        assert np.array_equal(pixels, rgb_pixels(page))
    lines = [(picture.line_start, picture.line_end) for picture in drawn.pictures]
    assert lines[0][0] == 1
    assert lines[-1][1] == TEXT.count("\n")
    assert all(after[0] in (before[1], before[1] + 1) for before, after in pairwise(lines))


def test_what_is_remembered_is_not_drawn_again_and_what_is_forgotten_is_alike() -> None:
    drawer = TextPages(memory_bytes=400_000)
    first = drawer.draw("a.py", TEXT, STYLE)
    assert drawer.draw("a.py", TEXT, STYLE) is first
    assert 0 < first.size_bytes < 400_000
    for number in range(400_000 // first.size_bytes + 1):
        drawer.draw("a.py", f"{TEXT}# {number}", STYLE)
    again = drawer.draw("a.py", TEXT, STYLE)
    assert again is not first
    assert again == first


def test_every_choice_makes_another_drawing() -> None:
    drawer = TextPages()
    first = drawer.draw("a.py", TEXT, STYLE)
    assert drawer.draw("b.py", TEXT, STYLE) != first
    assert drawer.draw("a.py", TEXT, preset("grid-dense")) != first
    number = "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678"
    assert number in drawer.draw("a.py", TEXT + number, STYLE).exact
    assert drawer.draw("a.py", TEXT + number, STYLE, sidecar_share=0.0).exact == ()


def test_a_text_of_codes_is_not_drawn() -> None:
    text = "\u6f22\u5b57 are two of these characters\n" * 50
    assert TextPages().draw("a.txt", text, STYLE, max_escapes=0.01).pictures == ()
    drawn = TextPages().draw("a.txt", text, STYLE)
    assert drawn.pictures
    assert drawn.escapes == 100


def test_keys_and_names_are_short() -> None:
    assert text_key("a") == text_key("a") != text_key("b")
    assert len(text_key("\ud800")) == 10
    assert shown_path("a\nb\x00c") == "a b c"
    assert shown_path(" ") == "text"
    assert len(shown_path("x/" * 500)) <= 120


def test_a_renderer_that_is_not_there_is_refused() -> None:
    with pytest.raises(PluginError, match="no renderer named 'cod'"):
        TextPages("cod")
