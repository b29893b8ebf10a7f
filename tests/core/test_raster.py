from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from glyphagent import raster
from glyphagent.atlas import bundled_atlas, bundled_atlas_names
from glyphagent.errors import PageError
from glyphagent.page import Page, SourceMap
from glyphagent.raster import decode_png, palette_pixels, palette_png, png_bytes, rgb_pixels
from glyphagent.style import PRESETS, THEMES, Style

EMPTY = SourceMap((), np.zeros((0, 6), np.int32))
COLOURS = st.tuples(*[st.integers(0, 255)] * 3)


@st.composite
def pages(draw: st.DrawFn) -> Page:
    atlas = draw(st.sampled_from(bundled_atlas_names()))
    rows, columns = draw(st.integers(1, 6)), draw(st.integers(1, 9))
    palette = tuple(draw(st.lists(COLOURS, min_size=2, max_size=16)))
    count = len(bundled_atlas(atlas).characters)
    codes = draw(hnp.arrays(np.uint16, (rows, columns), elements=st.integers(0, count - 1)))
    inks = draw(hnp.arrays(np.uint8, (rows, columns), elements=st.integers(0, len(palette) - 1)))
    return Page(codes, inks, atlas, palette, "flow", EMPTY)


def page_of(text: str, style: Style, ink: int = 1) -> Page:
    codes = np.zeros((style.rows, style.columns), np.uint16)
    codes.flat[: len(text)] = [style.glyphs.code_of[c] for c in text]
    inks = np.full(codes.shape, ink, np.uint8)
    return Page(codes, inks, style.atlas, style.palette, style.layout, EMPTY)


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Walk a PNG file as a strict decoder does: lengths, checksums, nothing after the end."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    found, position = [], 8
    while position < len(data):
        length, kind = struct.unpack(">I4s", data[position : position + 8])
        body = data[position + 8 : position + 8 + length]
        assert len(body) == length
        (check,) = struct.unpack(">I", data[position + 8 + length : position + 12 + length])
        assert check == zlib.crc32(kind + body)
        found.append((kind, body))
        position += 12 + length
    return found


def saved(image: Image.Image, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG", **options)
    return stream.getvalue()


@given(pages())
@settings(max_examples=60)
def test_a_png_shows_the_pixels_of_its_page(page: Page) -> None:
    assert np.array_equal(decode_png(png_bytes(page)), rgb_pixels(page))
    assert rgb_pixels(page).shape == (page.height_px, page.width_px, 3)


@given(pages())
@settings(max_examples=30)
def test_every_cell_shows_its_glyph_in_its_ink(page: Page) -> None:
    pixels, glyphs = palette_pixels(page), page.glyphs
    high, wide = glyphs.cell_height, glyphs.cell_width
    for (row, column), code in np.ndenumerate(page.codes):
        cell = pixels[row * high : (row + 1) * high, column * wide : (column + 1) * wide]
        assert np.array_equal(cell, glyphs.bitmaps[code] * page.inks[row, column])


@given(pages())
@settings(max_examples=30)
def test_a_png_is_well_formed_and_always_the_same(page: Page) -> None:
    data = png_bytes(page)
    (_, header), (_, palette), (_, body), (_, end) = found = chunks(data)
    assert [kind for kind, _ in found] == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
    assert struct.unpack(">IIBBBBB", header) == (page.width_px, page.height_px, 4, 3, 0, 0, 0)
    assert palette == bytes(value for colour in page.palette for value in colour)
    rows = zlib.decompress(body)
    stride = 1 + (page.width_px + 1) // 2
    assert len(rows) == stride * page.height_px
    assert set(rows[::stride]) == {0}
    assert end == b""
    assert png_bytes(page) == data


def test_the_fallback_without_isal_shows_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    page = page_of("def f(): return 1", PRESETS["grid"])
    monkeypatch.setattr(raster, "isal_zlib", None)
    chunks(png_bytes(page))
    assert np.array_equal(decode_png(png_bytes(page)), rgb_pixels(page))


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("theme", THEMES)
def test_presets_draw_full_pages_in_every_theme(preset: str, theme: str) -> None:
    style = PRESETS[preset].with_changes(theme=theme)
    page = page_of("x" * (style.rows * style.columns), style)
    pixels = decode_png(png_bytes(page))
    assert pixels.shape == (840, 588, 3)
    assert {tuple(colour) for colour in pixels.reshape(-1, 3)} == set(style.palette[:2])


def test_codes_and_inks_out_of_range_are_refused() -> None:
    page = page_of("x", PRESETS["grid"])
    wrong_code = Page(page.codes + 9999, page.inks, page.atlas, page.palette, "flow", EMPTY)
    with pytest.raises(PageError, match="glyph code"):
        palette_pixels(wrong_code)
    wrong_ink = Page(page.codes, page.inks + 15, page.atlas, page.palette[:4], "flow", EMPTY)
    with pytest.raises(PageError, match="palette of 4"):
        palette_pixels(wrong_ink)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (7, 3), (8, 1), (29, 2)])
def test_odd_widths_survive(width: int, height: int) -> None:
    pixels = np.arange(width * height, dtype=np.uint8).reshape(height, width) % 3
    palette = ((255, 255, 255), (1, 2, 3), (9, 8, 7))
    assert np.array_equal(decode_png(palette_png(pixels, palette)), np.array(palette)[pixels])


@pytest.mark.parametrize("colours", [0, 17])
def test_a_palette_has_one_to_sixteen_colours(colours: int) -> None:
    with pytest.raises(PageError, match="16-colour"):
        palette_png(np.zeros((2, 2), np.uint8), [(0, 0, 0)] * colours)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_becomes_rgb(mode: str, tmp_path: Path) -> None:
    grey = Image.new("L", (5, 4), 255)
    grey.putpixel((2, 1), 0)
    image = grey.convert("I").point(lambda v: v * 257) if mode == "I;16" else grey.convert(mode)
    path = tmp_path / "page.png"
    image.convert(mode).save(path) if mode != "I;16" else image.convert("I;16").save(path)
    pixels = decode_png(path)
    assert pixels.shape == (4, 5, 3)
    assert pixels[1, 2].tolist() == [0, 0, 0]
    assert (pixels == 255).sum() == 3 * 19


def test_transparent_parts_lie_on_white() -> None:
    image = Image.new("RGBA", (2, 1), (0, 0, 0, 0))
    image.putpixel((1, 0), (200, 0, 0, 255))
    assert decode_png(saved(image)).tolist() == [[[255, 255, 255], [200, 0, 0]]]
    palette = Image.new("P", (2, 1), 1)
    palette.putpalette([0, 0, 0, 10, 20, 30])
    palette.putpixel((0, 0), 0)
    data = saved(palette, transparency=0)
    assert decode_png(data).tolist() == [[[255, 255, 255], [10, 20, 30]]]


def test_every_truncation_is_an_error_of_ours() -> None:
    data = png_bytes(page_of("truncated", PRESETS["grid"]))
    for stop in (*range(0, len(data), 7), len(data) - 1):
        with pytest.raises(PageError):
            decode_png(data[:stop])


@given(st.data())
@settings(max_examples=80)
def test_no_damage_goes_unnoticed(data: st.DataObject) -> None:
    good = png_bytes(page_of("damage", PRESETS["grid-dense"]))
    bad = bytearray(good)
    place = data.draw(st.integers(0, len(good) - 1))
    bad[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(PageError, match=r"PNG|pixels"):
        decode_png(bytes(bad))


def repaired(data: bytes) -> bytes:
    """The same chunks with the checksums that they should have."""
    out, position = data[:8], 8
    while position + 12 <= len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        chunk = data[position + 4 : position + 8 + length]
        out += struct.pack(">I", length) + chunk + struct.pack(">I", zlib.crc32(chunk))
        position += 12 + length
    return out


@given(st.data())
@settings(max_examples=80)
def test_a_hostile_file_is_decoded_or_refused(data: st.DataObject) -> None:
    bad = bytearray(png_bytes(page_of("damage", PRESETS["grid-dense"])))
    for _ in range(data.draw(st.integers(1, 4))):
        bad[data.draw(st.integers(8, 140))] = data.draw(st.integers(0, 255))
    try:
        pixels = decode_png(repaired(bytes(bad)))
    except PageError:
        return
    assert pixels.dtype == np.uint8
    assert pixels.shape[2] == 3


def header_saying(width: int, height: int) -> bytes:
    body = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunk = b"IHDR" + body
    return b"\x89PNG\r\n\x1a\n\0\0\0\x0d" + chunk + struct.pack(">I", zlib.crc32(chunk))


@pytest.mark.parametrize("size", [(60_000, 60_000), (2**31 - 1, 1), (0, 5), (10**5, 10**4)])
def test_huge_and_empty_pictures_are_refused_by_their_header(size: tuple[int, int]) -> None:
    with pytest.raises(PageError, match="pixels"):
        decode_png(header_saying(*size))


def test_a_second_header_cannot_smuggle_in_a_huge_picture() -> None:
    small, huge = header_saying(4, 4), header_saying(20_000, 20_000)[8:]
    with pytest.raises(PageError):
        decode_png(small + huge + chunks_end())


def chunks_end() -> bytes:
    idat = b"IDAT" + zlib.compress(b"\0" * 64)
    return (
        struct.pack(">I", len(idat) - 4)
        + idat
        + struct.pack(">I", zlib.crc32(idat))
        + b"\0\0\0\0IEND"
        + struct.pack(">I", zlib.crc32(b"IEND"))
    )


def test_text_chunks_cannot_blow_up() -> None:
    data = png_bytes(page_of("x", PRESETS["grid"]))
    text = b"zTXtk\0\0" + zlib.compress(b"\0" * 80_000_000, 9)
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    with pytest.raises(PageError):
        decode_png(data[:33] + chunk + data[33:])


def test_what_is_no_png_is_named(tmp_path: Path) -> None:
    picture = tmp_path / "photo.png"
    Image.new("RGB", (8, 8)).save(picture, "JPEG")
    with pytest.raises(PageError, match=r"photo\.png is not a PNG"):
        decode_png(picture)
    with pytest.raises(PageError, match="cannot read"):
        decode_png(tmp_path / "absent.png")
    with pytest.raises(PageError, match="cannot read"):
        decode_png(tmp_path)


def test_a_pipe_does_not_hold_us(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(PageError, match="is not a plain file"):
        decode_png(tmp_path / "pipe.png")
