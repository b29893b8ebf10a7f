"""How much a file matters to the others, and an order to read them in.

Importance is PageRank on file edges: a file matters if many that matter use it.

Source: L. Page, S. Brin, R. Motwani, T. Winograd, The PageRank Citation Ranking, 1999; damping
.85 as there. Started from given files alone it is personalised PageRank (section 6 there).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping

from glyphagent.dependencies.cycles import components
from glyphagent.dependencies.graph import DependencyGraph

_DAMPING = 0.85
_MOST_ROUNDS = 100
_TOLERANCE = 1e-10


def importance(
    graph: DependencyGraph, around: Iterable[str] = (), *, both_ways: bool = False
) -> dict[str, float]:
    """Importance of every node, in the nodes' order; the sum is 1.

    Args:
        graph: The graph. A pair of files weighs more the more symbols it uses, by logarithm.
        around: Files that all importance comes from; none for all files alike.
        both_ways: Whether importance flows to importers as well, as a neighbourhood wants it.
    """
    nodes = graph.nodes
    if not nodes:
        return {}
    place = {path: index for index, path in enumerate(nodes)}
    weights = _weights(graph, place)
    if both_ways:
        back = [((target, source), weight) for (source, target), weight in weights.items()]
        flows = [*weights.items(), *back]
    else:
        flows = list(weights.items())
    count = len(nodes)
    going_out = [0.0] * count
    for (source, _), weight in flows:
        going_out[source] += weight
    shares = [(source, target, weight / going_out[source]) for (source, target), weight in flows]
    ends = [index for index in range(count) if not going_out[index]]
    chosen = {place[path] for path in around if path in place} or set(range(count))
    start = [1 / len(chosen) if index in chosen else 0.0 for index in range(count)]
    rank = start
    # Plain lists: arrays would be faster on huge graphs, but importing numpy costs more than
    # all rounds on a graph of a thousand files.
    for _ in range(_MOST_ROUNDS):
        flown = [0.0] * count
        for source, target, share in shares:
            flown[target] += rank[source] * share
        stuck = math.fsum(rank[index] for index in ends)
        following = [
            _DAMPING * (come + stuck * first) + (1 - _DAMPING) * first
            for come, first in zip(flown, start, strict=True)
        ]
        moved = sum(abs(new - old) for new, old in zip(following, rank, strict=True))
        rank = following
        if moved < _TOLERANCE:
            break
    # Rounded, because the last digits differ between processors, and an order hangs on them.
    return {path: round(rank[index], 9) for path, index in place.items()}


def reading_order(
    graph: DependencyGraph, ranks: Mapping[str, float] | None = None
) -> tuple[str, ...]:
    """All nodes, each after what it uses; files of a cycle stand together, the best used first.

    Files are walked to by folder, so that what belongs together stays near each other.

    Args:
        graph: The graph.
        ranks: Importance of its files, if it is there already.
    """
    ranks = importance(graph) if ranks is None else ranks
    known = frozenset(graph.nodes)
    following = {path: [t for t in graph.imported[path] if t in known] for path in graph.nodes}
    order: list[str] = []
    # Components come after what they lead to, which is the order that is wanted.
    for files in components(following):
        order += sorted(files, key=lambda path: (-ranks.get(path, 0.0), path))
    return tuple(order)


def most_important(ranks: Mapping[str, float], count: int) -> list[tuple[str, float]]:
    """The files that matter most, first the highest rank, then by path."""
    return sorted(ranks.items(), key=lambda item: (-item[1], item[0]))[:count]


def _weights(graph: DependencyGraph, place: Mapping[str, int]) -> dict[tuple[int, int], float]:
    used = Counter((edge.source, edge.target) for edge in graph.symbol_edges)
    return {
        (place[source], place[target]): 1.0 + math.log2(1 + used[source, target])
        for source in graph.nodes
        for target in graph.imported[source]
        if target in place
    }
