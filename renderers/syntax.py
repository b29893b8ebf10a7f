"""The `code` renderer: source code and any other text, highlighted, in cells.

This is the plugin `code`. It puts documents in order, has them highlighted and hands them to the
layout that the style names. A renderer of a third party reuses the layouts and brings its own
colours.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import numpy.typing as npt

from glyphagent.document import Document
from glyphagent.page import Page
from glyphagent.style import RENDERER_VERSION, Ink, Style

from .flow import FlowRun, flow_pages
from .highlight import Colouring, Highlighter, plain
from .lines import LinesRun, line_pages

_LAYOUTS = {"flow": flow_pages, "lines": line_pages}
_RUNS: dict[str, type[FlowRun | LinesRun]] = {"flow": FlowRun, "lines": LinesRun}
_OFF = "highlighting is off"
# Whatever decides on inks besides our own code.
_LEXERS = (
    *("pygments", "tree-sitter", "tree-sitter-python"),
    *("tree-sitter-javascript", "tree-sitter-typescript"),
)


class CodeRenderer:
    """Renders documents as highlighted pages.

    Attributes:
        lexers: What coloured each document of the last rendering: `tree-sitter:python`,
            `pygments:Go`, or `plain` with the reason why nothing else did.
        seconds_highlighting: Wall time of the last rendering that went into highlighting.
    """

    def __init__(self, highlighter: Highlighter | None = None) -> None:
        """Use this highlighter, or one of its own."""
        self.highlighter = highlighter or Highlighter()
        self.lexers: dict[str, str] = {}
        self.seconds_highlighting = 0.0

    def render(
        self,
        documents: Sequence[Document],
        style: Style,
        on_document: Callable[[int], None] | None = None,
        *,
        keep_order: bool = False,
    ) -> Iterator[Page]:
        """Yield the pages of these documents, ordered by folder and name.

        Args:
            documents: Documents in any order.
            style: How to draw them.
            on_document: Called with the number of documents highlighted so far.
            keep_order: Whether they stay in the order given; neighbours of one folder share
                pages.
        """
        ordered = list(documents)
        if not keep_order:
            ordered.sort(key=lambda d: (d.path.rpartition("/")[0], d.path))
        inks = self._inks(ordered, style, on_document)
        yield from _LAYOUTS[style.layout](ordered, inks, style)

    def _inks(
        self,
        documents: Sequence[Document],
        style: Style,
        on_document: Callable[[int], None] | None,
    ) -> Iterator[npt.NDArray[np.uint8]]:
        self.lexers.clear()
        self.seconds_highlighting = 0.0
        if not style.highlight:
            for document in documents:
                self.lexers[document.path] = f"plain: {_OFF}"
                yield np.full(len(document.text), Ink.TEXT, np.uint8)
            return
        for done, (document, colouring) in enumerate(
            zip(documents, self.highlighter.colour(documents), strict=True), start=1
        ):
            self.lexers[document.path] = colouring.lexer
            self.seconds_highlighting += colouring.seconds
            if on_document is not None:
                on_document(done)
            yield colouring.inks

    @property
    def identity(self) -> str:
        """Name and version, those of the lexers included: equal ones draw the same pages."""
        return _identity()

    def colour(self, documents: Sequence[Document], style: Style) -> Iterator[Colouring]:
        """Yield the colouring of each document, in order."""
        if style.highlight:
            yield from self.highlighter.colour(documents)
            return
        for document in documents:
            yield plain(document.text, _OFF)

    def run_layout(
        self,
        documents: Sequence[Document],
        inks: Callable[[int], npt.NDArray[np.uint8]],
        style: Style,
    ) -> FlowRun | LinesRun:
        """Layout of documents that share pages, whatever their folders are."""
        return _RUNS[style.layout](documents, inks, style)


@cache
def _identity() -> str:
    found = [f"code {RENDERER_VERSION}"]
    for name in _LEXERS:
        with contextlib.suppress(PackageNotFoundError):
            found.append(f"{name} {version(name)}")
    return ", ".join(found)
