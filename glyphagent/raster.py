"""Pixels of pages: palette indices, RGB arrays and PNG files, all pure functions of a `Page`.

The PNG writer is our own because a page is the easiest picture there is: at most 16 colours, so
4 bits a pixel, and unfiltered rows that repeat so often that the fastest deflate packs them well.
Reading pictures that others made is Pillow's work, behind limits.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from glyphagent.atlas import bundled_atlas
from glyphagent.errors import PageError
from glyphagent.page import Page

try:
    from isal import isal_zlib
except ImportError:  # ISA-L has no wheel for some machines
    isal_zlib = None  # type: ignore[assignment]

MAX_IMAGE_PIXELS = 8192 * 8192
"""Most pixels of a picture that `decode_png` opens: the largest page a style allows."""

MAX_IMAGE_BYTES = 64 * 1024 * 1024
"""Largest file that `decode_png` reads."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PALETTE_TYPE = 3
# Measured on 588x840 pages of source: isal level 1 needs 0.39 ms for 54 kB; level 2 0.40 ms for
# the same, level 3 twice the time, zlib level 1 2.2 ms for 59 kB, zlib level 6 10.6 ms for 46 kB.
_LEVEL = 1

Pixels = npt.NDArray[np.uint8]


def palette_pixels(page: Page) -> Pixels:
    """Ink of each pixel, an index into the page's palette; paper is 0.

    Raises:
        PageError: If a code is not in the atlas, or an ink not in the palette.

    Shapes:
        returns: uint8 [height_px, width_px].
    """
    scanlines = _scanlines(page.atlas)
    if page.codes.size and int(page.codes.max()) >= scanlines.shape[1]:
        raise PageError(f"glyph code {page.codes.max()} is not in atlas {page.atlas!r}")
    if page.inks.size and int(page.inks.max()) >= len(page.palette):
        raise PageError(f"ink {page.inks.max()} is not in a palette of {len(page.palette)}")
    rows, columns = page.codes.shape
    height, width = scanlines.shape[0], scanlines.dtype.itemsize
    # A scanline of a glyph moves as one item: 1.6 times as fast as atlas[codes] transposed.
    cells = np.empty((rows, height, columns), scanlines.dtype)
    for y in range(height):
        cells[:, y] = scanlines[y].take(page.codes)
    pixels = cells.view(np.uint8).reshape(rows, height, columns * width)
    pixels *= np.repeat(page.inks, width, axis=1)[:, None, :]
    return pixels.reshape(rows * height, columns * width)


def rgb_pixels(page: Page) -> Pixels:
    """Colour of each pixel.

    Shapes:
        returns: uint8 [height_px, width_px, 3].
    """
    colours: Pixels = np.asarray(page.palette, np.uint8)
    return colours.take(palette_pixels(page), axis=0)


def png_bytes(page: Page) -> bytes:
    """PNG file of the page: the same bytes for the same page, on the same machine and install."""
    return palette_png(palette_pixels(page), page.palette)


def palette_png(pixels: Pixels, palette: Sequence[tuple[int, int, int]]) -> bytes:
    """PNG file with 4 bits a pixel, of at most 16 colours.

    Source: PNG (Portable Network Graphics) Specification, Third Edition, sections 5 and 11.

    Raises:
        PageError: If there is no pixel, or the palette is empty or has more than 16 colours.

    Shapes:
        pixels: uint8 [height_px, width_px], each below `len(palette)`.
    """
    height, width = pixels.shape
    if not pixels.size or not 1 <= len(palette) <= 16:
        raise PageError(f"no 16-colour PNG of {width}x{height} pixels, {len(palette)} colours")
    if width % 2:
        pixels = np.pad(pixels, ((0, 0), (0, 1)))
    # Two neighbours at a time: the left one goes to the high half of the byte. The first byte of
    # a row names its filter, 0 for none.
    pairs = np.ascontiguousarray(pixels).view("<u2")
    rows = np.zeros((height, 1 + pairs.shape[1]), np.uint8)
    rows[:, 1:] = (pairs << 4) | (pairs >> 8)
    header = struct.pack(">IIBBBBB", width, height, 4, _PALETTE_TYPE, 0, 0, 0)
    colours = np.asarray(palette, np.uint8).tobytes()
    body = _deflate(rows)
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", colours),
            _chunk(b"IDAT", body),
            _chunk(b"IEND", b""),
        )
    )


def decode_png(source: bytes | Path) -> Pixels:
    """Colour of each pixel of a PNG file, transparent parts on white.

    Takes every kind of PNG: palette, grey of any depth, colour, with or without transparency. Of
    an animated one it takes the first picture.

    Raises:
        PageError: If the file cannot be read, is not a PNG, is damaged, or is larger than
            `MAX_IMAGE_BYTES` or `MAX_IMAGE_PIXELS`.

    Shapes:
        returns: uint8 [height, width, 3].
    """
    name = "this picture" if isinstance(source, bytes) else str(source)
    data = source if isinstance(source, bytes) else _read(source)
    if len(data) > MAX_IMAGE_BYTES:
        raise PageError(f"{name} has more than {MAX_IMAGE_BYTES >> 20} MiB")
    if data[:8] != _SIGNATURE or data[12:16] != b"IHDR":
        raise PageError(f"{name} is not a PNG file")
    _check_chunks(name, data)
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            image.load()
            return _flatten(image)
    except MemoryError as error:
        raise PageError(f"{name} does not fit into memory") from error
    except (
        OSError,
        SyntaxError,
        ValueError,
        OverflowError,
        EOFError,
        LookupError,
        struct.error,
        zlib.error,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        raise PageError(f"{name} is a damaged PNG file: {error}") from error


@cache
def _scanlines(atlas: str) -> npt.NDArray[np.void]:
    """Rows of glyphs, one item of `cell_width` bytes each: [cell_height, characters]."""
    bitmaps = bundled_atlas(atlas).bitmaps
    items: npt.NDArray[np.void] = np.ascontiguousarray(bitmaps.transpose(1, 0, 2)).view(
        f"V{bitmaps.shape[2]}"
    )
    return items[..., 0]


def _deflate(rows: Pixels) -> bytes:
    return zlib.compress(rows, _LEVEL) if isal_zlib is None else isal_zlib.compress(rows, _LEVEL)


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(data, zlib.crc32(kind))
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)


def _read(path: Path) -> bytes:
    try:
        # Without O_NONBLOCK a named pipe would hold us for ever.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(handle, "rb") as stream:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise PageError(f"{path} is not a plain file")
            return stream.read(MAX_IMAGE_BYTES + 1)
    except OSError as error:
        raise PageError(f"cannot read {path}: {error.strerror or error}") from error


def _check_chunks(name: str, data: bytes) -> None:
    """Refuse a damaged, truncated or huge PNG; Pillow overlooks a lost end and wrong checksums."""
    position, kind = len(_SIGNATURE), b""
    while kind != b"IEND":
        body = position + 8
        if body > len(data):
            raise PageError(f"{name} is a truncated PNG file")
        length, kind = struct.unpack_from(">I4s", data, position)
        position = body + length + 4
        if position > len(data):
            raise PageError(f"{name} is a truncated PNG file")
        (check,) = struct.unpack_from(">I", data, body + length)
        if check != zlib.crc32(memoryview(data)[body - 4 : body + length]):
            raise PageError(f"{name} is a damaged PNG file: wrong checksum at byte {body}")
        # Every header, not only the first: a hostile file may carry a second one.
        if kind == b"IHDR":
            if length != 13:
                raise PageError(f"{name} is a damaged PNG file: a header of {length} bytes")
            width, height = struct.unpack_from(">II", data, body)
            if not width or not height or width * height > MAX_IMAGE_PIXELS:
                raise PageError(
                    f"{name} has {width}x{height} pixels; at most {MAX_IMAGE_PIXELS} can be read"
                )


def _flatten(image: Image.Image) -> Pixels:
    if image.mode.startswith("I"):  # 16-bit grey, which convert() would clip instead of scale
        grey = (np.asarray(image).astype(np.int64) >> 8).astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=2)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)
    return np.array(image.convert("RGB"), np.uint8)
