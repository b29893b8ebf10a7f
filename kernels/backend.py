"""The plugin `local`: models that run in this process, without any service.

Without a model it is the embedded reader, which turns pixels back into text and generates
nothing. With one, it is any Glm4v checkpoint, from a folder or the hub, answering in its own
words. Importing this module imports no torch; a model is loaded when first used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from glyphagent.errors import BackendError
from glyphagent.page import Page
from glyphagent.plugins import Chunk, Context, Image, PageText, Turn
from glyphagent.raster import rgb_pixels

from .checkpoint import READER_FILE, check_type
from .device import find_device, find_dtype, torch_missing
from .reader import GlyphReader

if TYPE_CHECKING:
    from .chat_turns import HeldPage
    from .glm4v import Glm4v

EMBEDDED = "nano"
"""Name of the reader that ships with glyphagent."""

_HUB_ID = re.compile(r"[\w][\w.-]*/[\w][\w.-]*")


class _Read(Protocol):
    def __call__(self, images: Sequence[Image]) -> list[PageText]: ...


class LocalBackend:
    """A model in this process: the embedded reader, or a Glm4v checkpoint.

    Attributes:
        name: Name of the plugin.
        model: `nano`, or the folder or hub id that was named.
        read: Reads pages back to text, from pixels alone. Only a backend whose model has a glyph
            head has this attribute, so that `isinstance(backend, Reader)` tells.
    """

    name = "local"
    read: _Read

    def __init__(self, model: str | None = None, device: str = "auto", dtype: str = "auto") -> None:
        """Choose a model; it is loaded when first used.

        Args:
            model: Folder or hub id of a Glm4v checkpoint, or folder of a reader like the embedded
                one, which is taken if this is None or `nano`.
            device: `cpu`, `cuda`, or `auto`: CUDA if there is one.
            dtype: `float32`, `bfloat16`, `float16`, or `auto`: what suits the model.

        Raises:
            BackendError: If there is no such model, or it is of another kind.
        """
        self.model = EMBEDDED if model is None else str(model)
        self._device, self._dtype = device, dtype
        self._reader: GlyphReader | None = None
        folder = None if self.model == EMBEDDED else Path(self.model)
        if folder is None or (folder / READER_FILE).is_file():
            self._reader = GlyphReader(folder, device=device, dtype=dtype)
            self.read = self._reader.read
        elif folder.is_dir():
            _check_folder(folder)
        elif not _HUB_ID.fullmatch(self.model):
            raise BackendError(
                f"no folder {self.model!r}, and no hub id either (those look like zai-org/Glyph)"
            )

    @property
    def digest(self) -> str:
        """What decides the readings of a reader, to keep them by; empty for other models."""
        return "" if self._reader is None else self._reader.digest

    def prefill(self, images: Sequence[Page | Image]) -> Context:
        """Hold these pages, in order, for any number of questions.

        Raises:
            BackendError: If the model cannot be loaded, or a page's sides are no multiples of
                its merged patch.
        """
        if self._reader is not None:
            return _Unanswering(self.model)
        pixels = [rgb_pixels(image) if isinstance(image, Page) else image for image in images]
        labels = [
            label(image, number) if isinstance(image, Page) else ""
            for number, image in enumerate(images)
        ]
        return PageContext(self._glm4v, self._glm4v.hold(pixels, labels))

    @cached_property
    def _glm4v(self) -> Glm4v:
        try:
            from .glm4v import Glm4v
        except ImportError as error:
            raise torch_missing() from error
        return Glm4v(self.model, find_device(self._device), find_dtype(self._dtype))


class PageContext:
    """Pages held by a Glm4v checkpoint.

    Attributes:
        visual_tokens: Number of visual tokens that the pages take.
    """

    def __init__(self, model: Glm4v, pages: Sequence[HeldPage]) -> None:
        """Hold encoded pages of this model."""
        self._model, self._pages = model, pages
        self.visual_tokens = sum(len(page.tokens) for page in pages)

    def stream(self, prompt: str, max_tokens: int) -> Iterator[Chunk]:
        """Yield the answer as it is made; closing the iterator cancels.

        Raises:
            BackendError: If the conversation does not fit, or generation fails.
        """
        return self._model.stream(self._pages, prompt, max_tokens)

    def stream_turns(self, turns: Sequence[Turn], max_tokens: int) -> Iterator[Chunk]:
        """Yield the next turn of a conversation; closing the iterator cancels.

        Raises:
            BackendError: If the conversation does not fit, the model's chat template cannot say
                it, or generation fails.
        """
        return self._model.stream_turns(self._pages, turns, max_tokens)


class _Unanswering:
    """Context of a reader: it reads pages and says nothing."""

    def __init__(self, model: str) -> None:
        self._model = model

    def stream(self, prompt: str, max_tokens: int) -> Iterator[Chunk]:
        """Refuse.

        Raises:
            BackendError: Always.
        """
        raise BackendError(
            f"{self._model!r} reads pages and does not generate: its decoder is untrained in this "
            "version; name a Glm4v checkpoint such as zai-org/Glyph with --model"
        )


def label(page: Page, number: int) -> str:
    """What stands as text before a page: its number, and the lines that it shows."""
    places = ", ".join(str(location) for location in page.source_map.locations())
    return f"Page {number}: {places}" if places else f"Page {number}"


def _check_folder(folder: Path) -> None:
    """Tell early, without torch, that a folder holds another kind of model."""
    if not (folder / "config.json").is_file():
        raise BackendError(f"{str(folder)!r} has no config.json: not a Glm4v checkpoint folder")
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BackendError(f"{str(folder)!r} is no checkpoint: {error}") from error
    check_type(config, str(folder))
