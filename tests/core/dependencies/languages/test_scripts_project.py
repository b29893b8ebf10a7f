"""A whole workspace in TypeScript and JavaScript against the compiler's truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.graph import DependencyGraph

FIXTURES = Path(__file__).parents[3] / "dependencies" / "fixtures"


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / "scripts.truth.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def graph() -> DependencyGraph:
    root = FIXTURES / "scripts"
    paths = (path for path in root.rglob("*") if path.is_file())
    texts = {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in paths}
    return DependencyAnalyzer(texts, workers=0).graph


def test_file_edges_are_what_the_compiler_says(
    graph: DependencyGraph, truth: dict[str, Any]
) -> None:
    files = set(truth["files"])
    found: dict[tuple[str, str], set[int]] = {}
    for edge in graph.edges:
        if edge.source in files and edge.target in files:
            found.setdefault((edge.source, edge.target), set()).add(edge.line)
    true = {(each["source"], each["target"]): each for each in truth["edges"]}
    assert set(found) <= set(true)
    assert {pair for pair, each in true.items() if each["required"]} <= set(found)
    assert all(lines <= set(true[pair]["lines"]) for pair, lines in found.items())


def test_calls_are_what_the_compiler_says(graph: DependencyGraph, truth: dict[str, Any]) -> None:
    files = set(truth["files"])
    true = {(each["source"], each["target"], each["name"]) for each in truth["calls"]}
    found = {
        (edge.source, edge.target, edge.target_symbol.rpartition(".")[2])
        for edge in graph.symbol_edges
        if edge.kind == "call" and edge.source in files and edge.target in files
    }
    assert found == true


def test_documents_that_are_no_scripts_are_targets_too(graph: DependencyGraph) -> None:
    targets = {edge.target for edge in graph.edges_from("app/main.tsx")}
    assert {"app/settings.json", "app/style.css"} <= targets
    assert not [each for each in graph.unresolved if each.reason not in ("external",)]
