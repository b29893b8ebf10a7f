"""Shortest paths in the dependency graph, each step an edge with its evidence.

Breadth first and in sorted order everywhere, so that of several shortest paths always the same
one comes back. `impact`, `cone` and `rules` walk with what is here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import TypeVar

from glyphagent.dependencies.edges import Edge
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.symbol_uses import Symbol, SymbolUses

Node = TypeVar("Node")
_TRUST = {"exact": 0, "inferred": 1, "dynamic": 2}


def reach(
    starts: Iterable[Node],
    neighbours: Callable[[Node], Iterable[Node]],
    hops: int | None = None,
) -> dict[Node, tuple[int, Node | None]]:
    """Distance of every node in reach and the node before it, nearest first.

    Args:
        starts: Where to begin; their distance is 0, and no node is before them.
        neighbours: Next nodes of a node, in the order that decides between equal paths.
        hops: Largest distance, None for all that can be reached.
    """
    found: dict[Node, tuple[int, Node | None]] = dict.fromkeys(starts, (0, None))
    ring = list(found)
    distance = 0
    while ring and (hops is None or distance < hops):
        distance += 1
        following: list[Node] = []
        for node in ring:
            for neighbour in neighbours(node):
                if neighbour not in found:
                    found[neighbour] = (distance, node)
                    following.append(neighbour)
        ring = following
    return found


def evidence(graph: DependencyGraph, source: str, target: str) -> Edge:
    """The file edge that proves best that one file uses another: exact ones first, then by line.

    Raises:
        ValueError: There is no such edge.
    """
    edges = (edge for edge in graph.edges_from(source) if edge.target == target)
    best = min(edges, key=lambda e: (_TRUST[e.confidence], e.condition != "", e), default=None)
    if best is None:
        raise ValueError(f"{source} has no edge to {target}")
    return best


def steps(graph: DependencyGraph, files: Sequence[str]) -> tuple[Edge, ...]:
    """Evidence for each step of a walk along file edges."""
    return tuple(evidence(graph, source, target) for source, target in pairwise(files))


def walk_to(found: dict[Node, tuple[int, Node | None]], node: Node) -> list[Node]:
    """Nodes from `node` back to the start that `reach` came from, both included."""
    walked = [node]
    while (before := found[walked[-1]][1]) is not None:
        walked.append(before)
    return walked


def shortest_path(graph: DependencyGraph, source: str, target: str) -> tuple[Edge, ...] | None:
    """Edges that lead from one file to another; None if none do, empty if they are the same."""
    if source == target:
        return ()
    found = reach([source], lambda path: graph.imported.get(path, ()))
    if target not in found:
        return None
    return steps(graph, walk_to(found, target)[::-1])


def shortest_symbol_path(
    uses: SymbolUses, source: Symbol, target: Symbol
) -> tuple[Edge, ...] | None:
    """Symbol edges that lead from one definition to another; None if none do.

    A definition stands for all that is defined inside of it, at both ends and on the way: who
    uses a class may use its methods, and `("a.py", "")` is the whole file.
    """
    if _stands_for(target, source):
        return ()
    came: dict[Symbol, Edge] = {}
    seen = set(uses.inside(source))
    ring = sorted(seen)
    while ring:
        following: list[Symbol] = []
        for symbol in ring:
            for edge in uses.edges_from(symbol):
                reached = (edge.target, edge.target_symbol)
                if _stands_for(target, reached):
                    return (*_road(uses, came, symbol, source), edge)
                for inner in uses.inside(reached) if reached[1] else (reached,):
                    if inner not in seen:
                        seen.add(inner)
                        came[inner] = edge
                        following.append(inner)
        ring = following
    return None


def _stands_for(whole: Symbol, part: Symbol) -> bool:
    if whole[0] != part[0]:
        return False
    return not whole[1] or part[1] == whole[1] or part[1].startswith(f"{whole[1]}.")


def _road(
    uses: SymbolUses, came: dict[Symbol, Edge], reached: Symbol, source: Symbol
) -> tuple[Edge, ...]:
    road: list[Edge] = []
    begin = frozenset(uses.inside(source))
    while reached not in begin:
        edge = came[reached]
        road.append(edge)
        reached = (edge.source, edge.source_symbol)
    return tuple(road[::-1])
