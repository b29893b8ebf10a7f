from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.importance import importance, most_important, reading_order

from .drawn_graphs import drawn, graphs

networkx = pytest.importorskip("networkx")


@given(graphs())
def test_the_ranks_solve_the_equation(graph: DependencyGraph) -> None:
    nodes = graph.nodes
    flow = np.full((len(nodes), len(nodes)), 1 / len(nodes))
    for column, source in enumerate(nodes):
        if targets := graph.imported[source]:
            flow[:, column] = [(path in targets) / len(targets) for path in nodes]
    start = np.full(len(nodes), 0.15 / len(nodes))
    expected = np.linalg.solve(np.eye(len(nodes)) - 0.85 * flow, start)
    ranks = importance(graph)
    assert list(ranks) == list(nodes)
    assert list(ranks.values()) == pytest.approx(expected, abs=1e-6)


def test_from_a_file_alone_only_its_cone_matters() -> None:
    ranks = importance(drawn("a -> b\nb -> c\nx -> y"), ["a"])
    assert ranks["x"] == ranks["y"] == 0
    assert ranks["a"] > ranks["b"] > ranks["c"] > 0


def test_what_is_used_by_many_leads() -> None:
    ranks = importance(drawn("a -> core\nb -> core\nc -> core a"))
    assert [path for path, _ in most_important(ranks, 2)] == ["core", "a"]


@given(graphs())
def test_used_things_are_read_first(graph: DependencyGraph) -> None:
    order = reading_order(graph)
    assert sorted(order) == sorted(graph.nodes)
    place = {path: index for index, path in enumerate(order)}
    other = networkx.DiGraph(graph.imported)
    home = {
        f: fs for fs in map(frozenset, networkx.strongly_connected_components(other)) for f in fs
    }
    for source, targets in graph.imported.items():
        for target in targets:
            assert place[target] < place[source] or home[target] == home[source]
    for files in home.values():
        places = [place[path] for path in files]
        assert max(places) - min(places) == len(files) - 1


def test_an_empty_graph_has_no_order() -> None:
    assert (importance(drawn("")), reading_order(drawn(""))) == ({}, ())
