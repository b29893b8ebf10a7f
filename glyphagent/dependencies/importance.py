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
    # Loading it takes longer than most commands, and only this function needs it.
    import numpy as np

    nodes = graph.nodes
    if not nodes:
        return {}
    place = {path: index for index, path in enumerate(nodes)}
    weights = _weights(graph, place)
    sources = np.array([pair[0] for pair in weights], dtype=np.intp)
    targets = np.array([pair[1] for pair in weights], dtype=np.intp)
    values = np.array(list(weights.values()), dtype=np.float64)
    if both_ways:
        sources, targets = np.concatenate((sources, targets)), np.concatenate((targets, sources))
        values = np.concatenate((values, values))
    count = len(nodes)
    going_out = np.bincount(sources, values, count) if len(values) else np.zeros(count)
    shares = values / going_out[sources] if len(values) else values
    start = np.zeros(count)
    start[[place[path] for path in around if path in place]] = 1.0
    start = start / start.sum() if start.any() else np.full(count, 1 / count)
    rank = start.copy()
    for _ in range(_MOST_ROUNDS):
        flown = np.bincount(targets, rank[sources] * shares, count) if len(values) else 0.0
        stuck = rank[going_out == 0].sum()
        following = _DAMPING * (flown + stuck * start) + (1 - _DAMPING) * start
        moved = float(np.abs(following - rank).sum())
        rank = following
        if moved < _TOLERANCE:
            break
    # Rounded, because the last digits differ between processors, and an order hangs on them.
    return {path: round(float(rank[index]), 9) for path, index in place.items()}


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
