from __future__ import annotations

import json
from dataclasses import replace

from glyphagent.dependencies.difference import compare
from glyphagent.dependencies.formats.as_json import document, written
from glyphagent.dependencies.report import Report

from ..drawn_graphs import drawn


def test_the_shape_that_programs_rely_on(report: Report) -> None:
    told = json.loads(written(report))
    assert told == document(report)
    assert list(told)[:8] == [
        *("nodes", "edges", "symbol_edges", "cycles", "unresolved", "skipped", "errors"),
        "revision",
    ]
    assert {"id": "data.json", "language": "python"}.items() <= told["nodes"][3].items()
    assert told["edges"][0] == {
        "source": "app/core/dial.py",
        "target": "app/core/pool.py",
        "line": 1,
        "column": 8,
        "kind": "import",
        "name": "app/core/pool.py",
        "confidence": "exact",
    }
    assert [cycle["files"] for cycle in told["cycles"]] == [
        ["app/core/dial.py", "app/core/pool.py"]
    ]
    assert told["unresolved"][0]["reason"] == "missing"
    assert told["skipped"] == [{"path": "big.bin", "reason": "binary"}]
    assert [broken["rule"] for broken in told["broken_rules"]] == ["web -> app/core"]


def test_definitions_are_symbol_edges_and_file_edges_are_not(report: Report) -> None:
    told = document(report)
    (define,) = told["symbol_edges"]
    assert (define["kind"], define["target_symbol"], define["line"]) == ("define", "run", 3)
    assert {edge["kind"] for edge in told["edges"]} == {"import"}
    assert document(replace(report, symbols=False))["symbol_edges"] == []


def test_a_file_that_is_no_code_is_a_node_too() -> None:
    graph = drawn("a -> b")
    edges = {edge.target for edge in graph.edges}
    told = document(Report(graph))
    assert {node["id"] for node in told["nodes"]} >= edges


def test_a_difference_tells_impact_and_tests() -> None:
    old, new = drawn("test_a.py -> a\na -> b"), drawn("test_a.py -> a\na -> b c")
    texts = {"a": "1\n", "b": "", "test_a.py": ""}
    found = compare(old, new, texts, texts | {"a": "2\n"})
    told = document(Report(new, difference=found))
    assert told["changes"][0]["path"] == "a"
    assert told["tests"] == ["test_a.py"]
    (affected,) = told["impact"]["affected"]
    assert affected["path_by_files"][0]["target"] == "a"
    assert [edge["target"] for edge in told["edges_added"]] == ["c"]


def test_any_name_comes_back(hostile: Report) -> None:
    told = json.loads(written(hostile))
    assert [node["id"] for node in told["nodes"]] == list(hostile.files)
