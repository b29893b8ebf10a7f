from __future__ import annotations

import pytest
from hypothesis import given

from glyphagent.dependencies.facts import FileFacts, Interface, Scope, Use
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.paths import evidence, reach, shortest_path, shortest_symbol_path
from glyphagent.dependencies.symbol_uses import SymbolUses

from .drawn_graphs import class_, drawn, function, graphs, road

networkx = pytest.importorskip("networkx")


def test_of_equal_paths_the_first_by_name_comes_back() -> None:
    graph = drawn("a -> c b\nb -> d\nc -> d\nd -> e")
    assert road(shortest_path(graph, "a", "e")) == "a > b > d > e"


def test_no_way_and_no_step() -> None:
    graph = drawn("a -> b")
    assert shortest_path(graph, "b", "a") is None
    assert shortest_path(graph, "a", "a") == ()


def test_evidence_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="b has no edge to a"):
        evidence(drawn("a -> b"), "b", "a")


@given(graphs())
def test_lengths_are_those_of_networkx(graph: DependencyGraph) -> None:
    other = networkx.DiGraph(graph.imported)
    expected = dict(networkx.all_pairs_shortest_path_length(other))
    for source in graph.nodes:
        found = reach([source], lambda path: graph.imported[path])
        assert {path: distance for path, (distance, _) in found.items()} == expected[source]
        for target in graph.nodes:
            way = shortest_path(graph, source, target)
            assert (None if way is None else len(way)) == expected[source].get(target)


def test_a_way_between_symbols_goes_through_files() -> None:
    declared = {
        "a": [function("main", 1, 9)],
        "b": [class_("Pool", 1, 20), function("get", 3, 9, "Pool")],
        "c": [function("dial", 1, 5)],
    }
    graph = drawn("a.main ~> b.Pool.get\nb.Pool.get ~> c.dial", declared=declared)
    uses = SymbolUses(graph)
    way = shortest_symbol_path(uses, ("a", "main"), ("c", "dial"))
    assert way is not None
    assert [edge.target_symbol for edge in way] == ["Pool.get", "dial"]
    whole = shortest_symbol_path(uses, ("b", "Pool"), ("c", ""))
    assert whole is not None
    assert len(whole) == 1
    assert shortest_symbol_path(uses, ("c", "dial"), ("a", "main")) is None
    assert shortest_symbol_path(uses, ("b", "Pool.get"), ("b", "Pool")) == ()


def test_uses_inside_a_file_are_inferred_by_name() -> None:
    declared = (function("outer", 1, 3), function("inner", 5, 6), function("other", 8, 9))
    facts = FileFacts(
        Interface("a", "python", declarations=declared),
        scopes=(Scope(-1, "module"), Scope(0, "function", "outer")),
        uses=(Use(1, ("inner", "()"), "call", 2, 5),),
    )
    graph = DependencyGraph({"a": facts}, {})
    (edge,) = SymbolUses(graph).inner_edges("a")
    assert (edge.source_symbol, edge.target_symbol, edge.line) == ("outer", "inner", 2)
    assert edge.confidence == "inferred"
