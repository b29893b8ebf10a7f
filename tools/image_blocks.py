"""Images out of message blocks: every shape that LangChain and the providers write them in.

Only bytes that are in the message are taken. A block that points elsewhere (a web address, a
file, a provider's file id) is refused: nothing here fetches anything.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image as PillowImage

from glyphagent.errors import BackendError, PageError
from glyphagent.plugins import Image
from glyphagent.raster import MAX_IMAGE_BYTES, MAX_IMAGE_PIXELS, decode_png

_DATA_URL = re.compile(r"data:(?P<mime>[\w.+-]+/[\w.+-]+)?(?:;[\w=.+-]+)*?;base64,", re.IGNORECASE)
_PNG = b"\x89PNG\r\n\x1a\n"
_OTHER_FORMATS = ("JPEG", "WEBP", "GIF")
_SHOWN = 60
_PAPER = 255


def image_of(block: Mapping[str, Any]) -> Image:
    """Pixels of an image block.

    Takes LangChain's blocks (`base64`, or `url` with a data URL) and their older form
    (`source_type`), OpenAI's `image_url` and `input_image`, Anthropic's `source`, and Google's
    `media`.

    Raises:
        BackendError: If the block points elsewhere, or holds no picture that can be read.

    Shapes:
        returned: uint8 [height, width, 3]
    """
    data = _bytes_of(block)
    if len(data) > MAX_IMAGE_BYTES:
        raise BackendError(f"an image block has more than {MAX_IMAGE_BYTES >> 20} MiB")
    try:
        return decode_png(data) if data.startswith(_PNG) else _other_format(data)
    except PageError as error:
        raise BackendError(f"an image block cannot be read: {error}") from error


def _bytes_of(block: Mapping[str, Any]) -> bytes:
    source = block.get("source")
    if isinstance(source, Mapping):  # Anthropic's own shape
        return _bytes_of({"type": "image", **{k: v for k, v in source.items() if k != "type"}})
    for key in ("base64", "data"):
        value = block.get(key)
        if isinstance(value, bytes):
            return value
        if isinstance(value, str) and value:
            return _from_url(value) if value.startswith("data:") else _decoded(value)
    url = block.get("image_url") or block.get("url")
    if isinstance(url, Mapping):
        url = url.get("url")
    if isinstance(url, str) and url:
        return _from_url(url)
    if name := block.get("file_id") or block.get("id"):
        raise BackendError(
            f"an image block refers to the file {str(name)[:_SHOWN]!r} of a provider, which a "
            "local model cannot see: send the image itself as base64"
        )
    raise BackendError(
        f"an image block holds no image; it has the keys {', '.join(sorted(map(str, block)))}"
    )


def _from_url(url: str) -> bytes:
    match = _DATA_URL.match(url)
    if match is None:
        raise BackendError(
            f"an image block points to {url[:_SHOWN]!r}; nothing is fetched: send the image "
            "itself, as base64 or a data URL"
        )
    return _decoded(url[match.end() :])


def _decoded(text: str) -> bytes:
    try:
        # Line feeds after every 76 characters are how MIME and many tools write it.
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BackendError(f"an image block is no valid base64: {error}") from error


def _other_format(data: bytes) -> Image:
    try:
        with PillowImage.open(io.BytesIO(data), formats=_OTHER_FORMATS) as picture:
            if picture.width * picture.height > MAX_IMAGE_PIXELS:
                raise PageError(f"{picture.width}x{picture.height} pixels are too many")
            if "transparency" in picture.info or picture.mode in ("RGBA", "LA", "PA"):
                layer = picture.convert("RGBA")
                paper = PillowImage.new("RGBA", layer.size, "white")
                return np.array(PillowImage.alpha_composite(paper, layer).convert("RGB"), np.uint8)
            return np.array(picture.convert("RGB"), np.uint8)
    except (
        OSError,
        SyntaxError,
        ValueError,
        OverflowError,
        EOFError,
        LookupError,
        PillowImage.DecompressionBombError,
        PillowImage.DecompressionBombWarning,
    ) as error:
        if isinstance(error, PageError):
            raise
        raise PageError(f"it is no PNG, JPEG, WebP or GIF, or is damaged: {error}") from error


def padded(image: Image, patch: int) -> Image:
    """The image with white added right and below, so that no processor resamples it."""
    height, width = image.shape[:2]
    down, across = -height % patch, -width % patch
    if not down and not across:
        return image
    return np.pad(image, ((0, down), (0, across), (0, 0)), constant_values=_PAPER)
