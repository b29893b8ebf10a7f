"""From a source to its pages: read, choose what is worth its tokens, draw, add the map."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from glyphagent.cones import Cone, Wanted, select
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependency_map import map_pages
from glyphagent.document import Document, Skipped
from glyphagent.live_graph import LiveGraph
from glyphagent.outcomes import Places
from glyphagent.page import Page
from glyphagent.plugins import load
from glyphagent.profiles import Profile, visual_tokens
from glyphagent.sources import Source
from glyphagent.style import Style

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Rendered:
    """The pages of one state of a source.

    Attributes:
        documents: Documents on the pages, in page order.
        everything: All documents that were read, by folder and name.
        undrawn: Those that are on no page.
        skipped: What was left out of the source, and why.
        revision: State of the source.
        root: Name of the source, as the user gave it.
        pages: Pages of the documents, in order.
        maps: Pages of the dependency map.
        style: How they are drawn.
        cone: What was packed of the source; None if all of it was.
        lexers: What coloured each document.
        seconds: Wall time by stage.
    """

    documents: tuple[Document, ...]
    everything: tuple[Document, ...]
    undrawn: tuple[Document, ...]
    skipped: tuple[Skipped, ...]
    revision: str
    root: str
    pages: tuple[Page, ...]
    maps: tuple[Page, ...]
    style: Style
    cone: Cone | None
    lexers: dict[str, str]
    seconds: dict[str, float]


def render_source(
    source: Source,
    styles: Sequence[Style],
    profile: Profile,
    live: LiveGraph,
    progress: Progress,
    *,
    wanted: Wanted,
    with_map: bool,
) -> Rendered:
    """Read a source and draw what is wanted of it.

    Args:
        source: Where the documents come from.
        styles: Styles to choose from, the most legible one first.
        profile: Profile of the model that tokens are counted for.
        live: Gives the dependency graph, where it is needed.
        progress: Called with stage, done and total.
        wanted: What of the source is to be packed.
        with_map: Whether a dependency map follows the documents.

    Raises:
        SourceError: If nothing readable is there, or a file of the cone is not.
        StyleError: If the budget does not hold the files of the cone.
    """
    begun = time.perf_counter()
    progress("read", 0, 0)
    found = source.read()
    read = time.perf_counter()
    renderer, cone, graph = load("renderers", "code")(), None, None
    draw = partial(renderer.render, keep_order=True)
    documents, style = found.documents, styles[0]
    if wanted or with_map:
        graph = graph_of(live, found.documents, found.skipped, found.revision)
    if wanted and graph is not None:
        cone, documents, style = select(documents, graph, wanted, styles, profile, draw)
        if with_map and wanted.budget is not None:
            paths = [document.path for document in documents]
            # The map is drawn before the pages are counted, so with numbers as long as any.
            drawn = map_pages(graph, paths, lambda path: (1000, 1999), style, draw)
            room = wanted.budget - _tokens(drawn, profile)
            if cone.tokens > room:
                less = replace(wanted, budget=max(room, 1))
                every = found.documents
                cone, documents, style = select(every, graph, less, styles, profile, draw)
                cone = replace(cone, budget=wanted.budget)
    chosen = time.perf_counter()
    total = len(documents)
    pages = tuple(draw(documents, style, lambda done: progress("render", done, total)))
    highlight = float(getattr(renderer, "seconds_highlighting", 0.0))
    lexers = dict(getattr(renderer, "lexers", {}))
    maps: tuple[Page, ...] = ()
    if with_map and graph is not None:
        paths = [document.path for document in documents]
        maps = map_pages(graph, paths, Places(pages).pages_of, style, draw)
    rendered = time.perf_counter()
    kept = {document.path for document in documents}
    seconds = {
        "read": read - begun,
        "highlight": highlight,
        "layout": rendered - chosen - highlight,
        "paint": 0.0,
        "encode": 0.0,
        "total": rendered - begun,
    }
    return Rendered(
        documents,
        found.documents,
        tuple(document for document in found.documents if document.path not in kept),
        found.skipped,
        found.revision,
        found.root,
        pages,
        maps,
        style,
        cone,
        lexers,
        seconds if graph is None else {**seconds, "analyse": chosen - read},
    )


def _tokens(pages: Sequence[Page], profile: Profile) -> int:
    return sum(visual_tokens(profile, page.width_px, page.height_px) for page in pages)


def graph_of(
    live: LiveGraph, documents: Sequence[Document], skipped: Sequence[Skipped], revision: str
) -> DependencyGraph:
    """Dependency graph of documents."""
    return live.of(
        {document.path: document.text for document in documents},
        skipped=((each.path, each.reason) for each in skipped),
        revision=revision,
    )
