"""What a renderer offers so that pages can be drawn one by one, from any page break on.

The protocol between `drawing`, which decides what has to be drawn again, and renderers, which
know how a page follows from what stands on it. Renderers without it are asked for whole runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from glyphagent.document import Document
from glyphagent.page import Page

if TYPE_CHECKING:
    from glyphagent.style import Style

Place = tuple[int, int]
"""A document of a run, from 0, and a character of its text, from 0."""


@dataclass(frozen=True, slots=True)
class Step:
    """One page of a run, and what it follows from.

    A page follows from the text and inks from `start` to `reach`, and from the drawn paths of
    the documents between. The end of the run counts as a character: that of the document after
    the last one.

    Attributes:
        page: The page.
        start: Where it starts.
        stop: Where the next page starts; (number of documents, 0) at the end.
        reach: First place that had no say in the page, nor in where it stops.
        free: Whether what follows `stop` is the same whatever text of the document stands before,
            as long as some does.
    """

    page: Page
    start: Place
    stop: Place
    reach: Place
    free: bool


class Coloured(Protocol):
    """Inks of a document and what chose them.

    Shapes:
        inks: uint8 [len(text)].
    """

    @property
    def inks(self) -> npt.NDArray[np.uint8]:
        """Ink of each character."""
        ...

    @property
    def lexer(self) -> str:
        """What chose the inks."""
        ...

    @property
    def seconds(self) -> float:
        """Time that it took."""
        ...

    @property
    def sound(self) -> bool:
        """Whether it would come out the same again: no deadline passed, no worker died."""
        ...


class RunLayout(Protocol):
    """Documents that share pages, ready to be laid out."""

    def page_from(self, start: Place) -> Step:
        """The page that starts at a page break, or at the first document's start."""
        ...


@runtime_checkable
class Stepwise(Protocol):
    """A renderer whose pages can be drawn one by one."""

    @property
    def identity(self) -> str:
        """Name and version: equal ones draw the same pages."""
        ...

    def colour(self, documents: Sequence[Document], style: Style) -> Iterator[Coloured]:
        """Yield the colouring of each document, in order."""
        ...

    def run_layout(
        self,
        documents: Sequence[Document],
        inks: Callable[[int], npt.NDArray[np.uint8]],
        style: Style,
    ) -> RunLayout:
        """Layout of documents that share pages; inks are asked for by number when needed."""
        ...
