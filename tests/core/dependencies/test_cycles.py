from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from glyphagent.dependencies.cone import cut
from glyphagent.dependencies.cycles import components, find_cycles
from glyphagent.dependencies.edges import Linked
from glyphagent.dependencies.facts import FileFacts, Interface
from glyphagent.dependencies.graph import DependencyGraph

from .drawn_graphs import drawn, graphs, road

networkx = pytest.importorskip("networkx")


def test_each_cycle_has_a_shortest_way_round_with_its_edges() -> None:
    graph = drawn(
        """
        a -> b
        b -> c
        c -> a d
        d -> c
        x -> y
        y -> x
        alone -> a alone
        """
    )
    large, small = find_cycles(graph)
    assert large.files == ("a", "b", "c", "d")
    assert road(large.example) == "c > d > c"
    assert [(edge.source, edge.line) for edge in large.example] == [("c", 2), ("d", 1)]
    assert (small.files, road(small.example)) == (("x", "y"), "x > y > x")


def test_a_firm_way_round_needs_no_lazy_import() -> None:
    graph = drawn("a -> b c\nb -> a\nc -> d\nd -> a")
    put_off = (replace(graph.edges_from("b")[0], condition="lazy"),)
    linked = {path: Linked(graph.edges_from(path)) for path in graph.nodes}
    facts = {path: FileFacts(Interface(path, "python")) for path in graph.nodes}
    (cycle,) = find_cycles(DependencyGraph(facts, linked | {"b": Linked(put_off)}))
    assert road(cycle.example) == "a > b > a"
    assert road(cycle.firm) == "a > c > d > a"
    (cycle,) = find_cycles(cut(DependencyGraph(facts, linked | {"b": Linked(put_off)}), "ab"))
    assert cycle.firm == ()


@pytest.mark.parametrize(
    ("language", "files", "one"),
    [
        ("go", ("p/a.go", "p/b.go"), True),
        ("java", ("p/A.java", "q/B.java"), False),
        ("python", ("p/a.py", "p/b.py"), False),
    ],
)
def test_files_of_one_package_may_use_each_other(
    language: str, files: tuple[str, str], one: bool
) -> None:
    graph = drawn(f"{files[0]} -> {files[1]}\n{files[1]} -> {files[0]}")
    facts = {path: FileFacts(Interface(path, language)) for path in files}
    linked = {path: Linked(graph.edges_from(path)) for path in files}
    (cycle,) = find_cycles(DependencyGraph(facts, linked))
    assert cycle.one_package is one


def test_a_file_that_imports_itself_is_no_cycle() -> None:
    assert find_cycles(drawn("a -> a b")) == ()


def test_a_chain_deeper_than_pythons_stack() -> None:
    count = 30_000
    following = {f"{n:06}": [f"{(n + 1) % count:06}"] for n in range(count)}
    assert [len(files) for files in components(following)] == [count]


@given(graphs())
def test_the_same_components_as_networkx(graph: DependencyGraph) -> None:
    other = networkx.DiGraph(graph.imported)
    expected = {frozenset(files) for files in networkx.strongly_connected_components(other)}
    assert {frozenset(files) for files in components(graph.imported)} == expected


@given(graphs())
def test_a_component_comes_after_all_that_it_leads_to(graph: DependencyGraph) -> None:
    place = {f: n for n, files in enumerate(components(graph.imported)) for f in files}
    for source, targets in graph.imported.items():
        assert all(place[target] <= place[source] for target in targets)


@given(graphs(most=7))
def test_the_example_is_a_real_and_a_shortest_cycle(graph: DependencyGraph) -> None:
    other = networkx.DiGraph(graph.imported)
    for cycle in find_cycles(graph):
        assert set(cycle.example) <= set(graph.edges)
        ends = [edge.target for edge in cycle.example]
        assert [edge.source for edge in cycle.example] == [ends[-1], *ends[:-1]]
        rounds = networkx.simple_cycles(other.subgraph(cycle.files))
        assert len(cycle.example) == min(map(len, rounds))
