"""A part of a source that is worth its tokens: a file with what it uses and what uses it.

The dependency graph says who is near and who matters, `budget` what fits; here both meet the
pages: what a document costs is measured on pages laid out without their colours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from glyphagent.budget import Candidate, LeftOut, pack
from glyphagent.dependencies.cone import Member, cut, find_cone
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.importance import importance, reading_order
from glyphagent.document import Document
from glyphagent.errors import StyleError
from glyphagent.focus import HOPS, path_named
from glyphagent.page import CELL_START, CELL_STOP, DOCUMENT, Page
from glyphagent.profiles import Profile, visual_tokens
from glyphagent.style import Style

Draw = Callable[[Sequence[Document], Style], Iterable[Page]]
"""What makes pages of documents, in their order."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a source is to be packed.

    Attributes:
        files: Files whose cone is wanted, as the user names them; none for the whole source.
        hops: How far the cone reaches.
        budget: Most visual tokens of all pages of documents; None for no limit.
    """

    files: tuple[str, ...] = ()
    hops: int = HOPS
    budget: int | None = None

    def __post_init__(self) -> None:
        """Refuse what no source can give.

        Raises:
            StyleError: If a number is not one that counts something.
        """
        for name, value, least in (("hops", self.hops, 0), ("budget", self.budget, 1)):
            whole = isinstance(value, int) and not isinstance(value, bool)
            if value is not None and (not whole or value < least):
                raise StyleError(f"{name} is a whole number from {least} on, not {value!r}")

    def __bool__(self) -> bool:
        """Whether less than the whole source is wanted."""
        return bool(self.files) or self.budget is not None


@dataclass(frozen=True, slots=True)
class Packed:
    """A document that was packed.

    Attributes:
        path: Its path.
        distance: Imports between it and the nearest file asked for; 0 is such a file, None where
            no file was asked for or the graph does not know it.
        direction: `itself`, `uses` or `used_by`; empty where no file was asked for.
        importance: How much it matters, for the files asked for or for all; the graph's whole is 1.
        tokens: Visual tokens of its share of the pages.
    """

    path: str
    distance: int | None
    direction: str
    importance: float
    tokens: int


@dataclass(frozen=True, slots=True)
class Cone:
    """What was packed of a source, and what was not.

    Attributes:
        files: Files asked for, by their paths; none where the whole source was.
        hops: How far the cone reaches.
        budget: The budget; None if there was none.
        packed: Documents on the pages, in page order.
        left_out: Documents of the cone that did not fit the budget, most important first.
        outside: Number of documents that are no part of the cone.
        tokens: Visual tokens of the documents' pages.
    """

    files: tuple[str, ...]
    hops: int
    budget: int | None
    packed: tuple[Packed, ...]
    left_out: tuple[LeftOut, ...]
    outside: int
    tokens: int

    @property
    def told(self) -> str:
        """What was packed and what was not, in one sentence for people."""
        hops = "1 hop" if self.hops == 1 else f"{self.hops} hops"
        about = f" of the cone of {', '.join(self.files)} ({hops})" if self.files else ""
        kept = f"{len(self.packed)} documents{about} in {self.tokens:,} visual tokens"
        parts = []
        if self.left_out:
            parts.append(f"{len(self.left_out)} more did not fit the budget of {self.budget:,}")
        if self.outside:
            parts.append(f"{self.outside} others are outside of it")
        return "; ".join([kept, *parts])


def select(
    documents: Sequence[Document],
    graph: DependencyGraph,
    wanted: Wanted,
    styles: Sequence[Style],
    profile: Profile,
    draw: Draw,
) -> tuple[Cone, tuple[Document, ...], Style]:
    """What to draw of a source, in which order and in which style.

    Documents stand in reading order, each after what it uses; those that the graph does not know
    come first, by path. The same source gives the same choice.

    Args:
        documents: All documents of the source.
        graph: Their dependency graph.
        wanted: What is wanted of them.
        styles: Styles to choose from, the most legible one first.
        profile: Profile of the model that tokens are counted for.
        draw: What makes pages, without a need for colours.

    Raises:
        SourceError: If a file asked for is not there; the message names the nearest.
        StyleError: If the files asked for do not fit the budget, or how the model counts images
            is not known.
    """
    if wanted.budget is not None and not profile.takes_images:
        raise StyleError(
            f"a budget counts visual tokens, and how {profile.name} sees images is not known"
        )
    by_path = {document.path: document for document in documents}
    files = tuple(dict.fromkeys(path_named(name, by_path) for name in wanted.files))
    members = _members(graph, files, wanted.hops, by_path)
    ordered = tuple(by_path[path] for path in _reading_order(graph, members))
    named = {style.preset: style for style in styles}
    costs = {name: _shares(ordered, style, profile, draw) for name, style in named.items()}
    ranked = sorted(members.values(), key=lambda m: (m.distance, -m.score, m.path))
    candidates = [
        Candidate(
            each.path,
            {name: cost[each.path] for name, cost in costs.items()},
            -number,
            each.distance == 0 and bool(files),
        )
        for number, each in enumerate(ranked)
    ]
    room = wanted.budget
    while True:
        packing = pack(candidates, room, tuple(named), uniform=True)
        style = named[packing.packed[0].density] if packing.packed else styles[0]
        if not packing.packed and packing.left_out:
            least = min(packing.left_out, key=lambda each: each.tokens or 0)
            takes = f"{least.path} takes {least.tokens or 0:,} tokens"
            raise StyleError(f"{takes}, more than the budget: give more")
        kept = set(packing.paths)
        chosen = tuple(document for document in ordered if document.path in kept)
        shares = _shares(chosen, style, profile, draw)
        total = sum(shares.values())
        if wanted.budget is None or total <= wanted.budget:
            break
        # Shares are exact for all documents together; fewer may be a little dearer.
        room = packing.tokens - max(total - wanted.budget, 1)
        if room < 1:
            what = ", ".join(files) or chosen[0].path
            raise StyleError(f"{what} takes {total:,} tokens, more than the budget: give more")
    packed = tuple(
        Packed(
            document.path,
            member.distance if files and document.path in graph.importers else None,
            member.direction if files else "",
            member.score,
            shares[document.path],
        )
        for document in chosen
        for member in (members[document.path],)
    )
    outside = len(documents) - len(members)
    cone = Cone(files, wanted.hops, wanted.budget, packed, packing.left_out, outside, total)
    return cone, chosen, style


def _members(
    graph: DependencyGraph, files: Sequence[str], hops: int, documents: Iterable[str]
) -> dict[str, Member]:
    """Files of the cone by path, those asked for even if the graph does not know them."""
    if files:
        unknown = (Member(path, 0, "itself", 0.0) for path in files if path not in graph.importers)
        return {each.path: each for each in (*find_cone(graph, files, hops), *unknown)}
    ranks = importance(graph)
    return {path: Member(path, 0, "itself", ranks.get(path, 0.0)) for path in documents}


def _reading_order(graph: DependencyGraph, paths: Mapping[str, Member]) -> list[str]:
    known = reading_order(cut(graph, paths))
    others = sorted(set(paths) - set(known), key=lambda path: (path.rpartition("/")[0], path))
    return [*others, *known]


def _shares(
    documents: Sequence[Document], style: Style, profile: Profile, draw: Draw
) -> Counter[str]:
    """Visual tokens of each document: of a page that several share, by their cells."""
    found: Counter[str] = Counter({document.path: 0 for document in documents})
    for page in draw(documents, replace(style, highlight=False)):
        tokens = visual_tokens(profile, page.width_px, page.height_px)
        spans = page.source_map.spans
        cells = np.bincount(spans[:, DOCUMENT], spans[:, CELL_STOP] - spans[:, CELL_START]).cumsum()
        before = 0
        # Rounded so that the shares of a page add up to the page.
        for document, share in zip(page.source_map.documents, cells.tolist(), strict=True):
            upto = round(tokens * share / cells[-1]) if cells[-1] else tokens
            found[document.path] += upto - before
            before = upto
    return found
