"""A file, what it uses and what uses it, by distance and importance; and a graph cut down to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from glyphagent.dependencies.edges import Edge, Linked
from glyphagent.dependencies.facts import FileFacts
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.importance import importance
from glyphagent.dependencies.paths import reach, steps, walk_to


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a cone.

    Attributes:
        path: The file.
        distance: Imports between it and the nearest of the files asked for; 0 is such a file.
        direction: `itself`, `uses` (it is used by them) or `used_by` (it uses them).
        score: Importance as seen from the files asked for; the sum over all files is 1.
        road: Shortest path of edges that makes it a member.
    """

    path: str
    distance: int
    direction: Literal["itself", "uses", "used_by"]
    score: float
    road: tuple[Edge, ...] = ()


def find_cone(
    graph: DependencyGraph,
    files: Iterable[str],
    hops: int = 2,
    *,
    uses: bool = True,
    used_by: bool = True,
) -> tuple[Member, ...]:
    """The files and their neighbourhood: nearest first, then those that matter more to them.

    A file in both directions counts where it is nearer, as used if that is equal.

    Args:
        graph: The graph.
        files: Files to start from; those that the graph does not know are left out.
        hops: Largest distance.
        uses: Whether what they use is wanted.
        used_by: Whether what uses them is wanted.
    """
    starts = sorted({path for path in files if path in graph.importers})
    if not starts:
        return ()
    ranks = importance(graph, starts, both_ways=True)
    down = reach(starts, lambda p: graph.imported.get(p, ()) if uses else (), hops)
    up = reach(starts, lambda p: graph.importers.get(p, ()) if used_by else (), hops)
    members = []
    for path in {**down, **up}:
        score = ranks.get(path, 0.0)
        below, above = down.get(path), up.get(path)
        if path in starts:
            members.append(Member(path, 0, "itself", score))
        elif below is not None and (above is None or below[0] <= above[0]):
            road = steps(graph, walk_to(down, path)[::-1])
            members.append(Member(path, below[0], "uses", score, road))
        elif above is not None:
            road = steps(graph, walk_to(up, path))
            members.append(Member(path, above[0], "used_by", score, road))
    return tuple(sorted(members, key=lambda m: (m.distance, -m.score, m.path)))


def cut(graph: DependencyGraph, paths: Iterable[str]) -> DependencyGraph:
    """The graph of some of the files alone, with the edges between them."""
    kept = frozenset(paths)
    facts: dict[str, FileFacts] = {}
    linked: dict[str, Linked] = {}
    for path in sorted(kept):
        known = graph.facts(path)
        if known is not None:
            facts[path] = known
            linked[path] = Linked(
                tuple(edge for edge in graph.edges_from(path) if edge.target in kept),
                tuple(edge for edge in graph.symbol_edges_from(path) if edge.target in kept),
                graph.unresolved_in(path),
            )
    skipped = (skip for skip in graph.skipped if skip[0] in kept)
    return DependencyGraph(facts, linked, skipped=skipped, revision=graph.revision)
