from __future__ import annotations

from glyphagent.dependencies.cone import cut, find_cone

from .drawn_graphs import drawn, road

GRAPH = """
app -> service
service -> store log
store -> driver log
test_service -> service
far -> app
"""


def test_neighbours_by_distance_then_importance() -> None:
    cone = find_cone(drawn(GRAPH), ["service"], hops=1)
    assert [(m.path, m.direction) for m in cone] == [
        ("service", "itself"),
        *sorted(
            [(m.path, m.direction) for m in cone[1:]],
            key=lambda pair: next(-m.score for m in cone if m.path == pair[0]),
        ),
    ]
    assert {m.path: m.direction for m in cone[1:]} == {
        "app": "used_by",
        "log": "uses",
        "store": "uses",
        "test_service": "used_by",
    }


def test_hops_and_directions() -> None:
    graph = drawn(GRAPH)
    far = {m.path: (m.distance, road(m.road)) for m in find_cone(graph, ["service"], hops=2)}
    assert far["driver"] == (2, "service > store > driver")
    assert far["far"] == (2, "far > app > service")
    below = find_cone(graph, ["service"], hops=9, used_by=False)
    assert {m.path for m in below} == {"service", "store", "log", "driver"}
    assert find_cone(graph, ["no such file"]) == ()


def test_a_cut_keeps_the_edges_between_its_files() -> None:
    graph = cut(drawn(GRAPH), ["service", "store", "log", "unknown"])
    assert graph.nodes == ("log", "service", "store")
    assert [(e.source, e.target) for e in graph.edges] == [
        ("service", "log"),
        ("service", "store"),
        ("store", "log"),
    ]
    assert graph.revision == "r1"
