"""One state of a source, held as pages: it never changes, whatever becomes of the files.

A session swaps one snapshot for the next; a question that is under way keeps the one that it
began with. What is costly and not always wanted (the index of places, the guard, the dependency
graph) is made when it is first asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.document import Document
from glyphagent.guard import Guard
from glyphagent.history import State
from glyphagent.live_graph import LiveGraph
from glyphagent.outcomes import Places
from glyphagent.page import Page
from glyphagent.rendering import Rendered, graph_of


class Snapshot:
    """A state of a source and its pages.

    Attributes:
        made: What was read and drawn.
        pages: The pages, in order; those of the dependency map are the last ones.
        map_pages: How many of them are the dependency map's.
        root_name: Name of the source's own folder.
    """

    def __init__(self, made: Rendered, root: str, live: LiveGraph, turn: threading.RLock) -> None:
        """Hold a state.

        Args:
            made: What was read and drawn.
            root: Where the source lies.
            live: Gives its dependency graph; other snapshots of the source share it.
            turn: Held while the graph is being made.
        """
        self.made = made
        self.pages: tuple[Page, ...] = (*made.pages, *made.maps)
        self.map_pages = len(made.maps)
        self.root_name = Path(root).name
        self._live, self._turn = live, turn
        self._graph: DependencyGraph | None = None

    @property
    def revision(self) -> str:
        """State of the source."""
        return self.made.revision

    @property
    def document_pages(self) -> tuple[Page, ...]:
        """The pages without the dependency map's."""
        return self.made.pages

    @cached_property
    def by_path(self) -> Mapping[str, Document]:
        """Every document that was read, also those on no page."""
        return {document.path: document for document in self.made.everything}

    @cached_property
    def places(self) -> Places:
        """Where on the pages lines stand."""
        return Places(self.made.pages)

    @cached_property
    def guard(self) -> Guard:
        """What holds a model's answers against these documents."""
        return Guard(self.by_path, self.root_name)

    @cached_property
    def state(self) -> State:
        """What histories compare."""
        digests = [page.digest for page in self.pages]
        return State.of(self.revision, self.by_path, digests, self.made.skipped)

    @property
    def graph(self) -> DependencyGraph:
        """The dependency graph of all documents, analysed when first asked for."""
        if self._graph is None:
            made = self.made
            with self._turn:
                # Others of this source may have taken the analysis on or back: it follows.
                self._graph = graph_of(self._live, made.everything, made.skipped, made.revision)
        return self._graph
