"""From a source to its pages: choose what is worth its tokens, plan, draw, add the map."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from glyphagent.cones import Cone, Wanted, select
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependency_map import map_pages
from glyphagent.document import Document, Skipped
from glyphagent.drawing import Drawing
from glyphagent.live_graph import LiveGraph
from glyphagent.outcomes import Places
from glyphagent.page import Page
from glyphagent.planning import Plan, first_plan, next_plan
from glyphagent.profiles import Profile, visual_tokens
from glyphagent.sources import SourceSet
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
        plan: Which documents share pages, and in which order they stand.
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
    plan: Plan


def render_source(
    found: SourceSet,
    styles: Sequence[Style],
    profile: Profile,
    live: LiveGraph,
    drawing: Drawing,
    progress: Progress,
    *,
    wanted: Wanted,
    with_map: bool,
    before: Rendered | None = None,
) -> Rendered:
    """Draw what is wanted of a source.

    Args:
        found: What was read of it.
        styles: Styles to choose from, the most legible one first.
        profile: Profile of the model that tokens are counted for.
        live: Gives the dependency graph, where it is needed.
        drawing: Draws, and remembers what it drew.
        progress: Called with stage, done and total.
        wanted: What of the source is to be packed.
        with_map: Whether a dependency map follows the documents.
        before: The state before, whose style and order of pages are kept; None to plan anew.

    Raises:
        SourceError: If a file of the cone is not there.
        StyleError: If the budget does not hold the files of the cone.
    """
    begun = time.perf_counter()
    cone, graph = None, None
    renderer: Any = drawing.renderer  # our own takes documents in the order that they have
    draw = partial(renderer.render, keep_order=True)
    if before is not None:
        styles = (before.style,)
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
    by_path = {document.path: document for document in documents}
    if before is None:
        plan = first_plan(documents)
    else:
        known = {document.path: document for document in before.documents}
        undrawn = {document.path for document in found.documents} - by_path.keys()
        plan = next_plan(before.plan, known, documents, undrawn)
    documents = tuple(by_path[path] for run in plan.runs for path in run)
    total, told = len(documents), 0

    def report(done: int) -> None:
        nonlocal told
        if done > told:
            told = done
            progress("render", done, total)

    pages = drawing.draw(plan, by_path, style, report)
    maps: tuple[Page, ...] = ()
    if with_map and graph is not None:
        paths = [document.path for document in documents]
        maps = map_pages(graph, paths, Places(pages).pages_of, style, draw)
    rendered = time.perf_counter()
    seconds = {
        "highlight": drawing.seconds_highlighting,
        "layout": rendered - chosen - drawing.seconds_highlighting,
        "paint": 0.0,
        "encode": 0.0,
    }
    return Rendered(
        documents,
        found.documents,
        tuple(document for document in found.documents if document.path not in by_path),
        found.skipped,
        found.revision,
        found.root,
        pages,
        maps,
        style,
        cone,
        drawing.lexers,
        seconds if graph is None else {**seconds, "analyse": chosen - begun},
        plan,
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
