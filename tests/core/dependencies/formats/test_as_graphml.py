from __future__ import annotations

import pytest

from glyphagent.dependencies.formats.as_graphml import written
from glyphagent.dependencies.report import Report

networkx = pytest.importorskip("networkx")


def test_graph_tools_read_it(report: Report) -> None:
    graph = networkx.parse_graphml(written(report))
    assert set(graph.nodes) == set(report.files)
    assert set(graph.edges) == set(report.pairs)
    assert graph.nodes["app/core/pool.py"]["in_cycle"] is True
    assert graph.edges["app/main.py", "web/view.py"]["lines"] == "2"
    assert graph.edges["app/core/dial.py", "app/core/pool.py"]["in_cycle_edge"] is True


def test_any_name_is_a_node_of_its_own(hostile: Report) -> None:
    graph = networkx.parse_graphml(written(hostile))
    assert len(graph.nodes) == len(hostile.files)
    speakable = {path for path in hostile.files if "\x00" not in path and "\r" not in path}
    assert speakable <= set(graph.nodes)
