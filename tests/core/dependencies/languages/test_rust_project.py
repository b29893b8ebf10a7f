"""A workspace against its compiler; any text at all; updates that equal full runs."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.languages.rust import LANGUAGE
from glyphagent.dependencies.languages.rust.paths import decoded

FIXTURES = Path(__file__).parents[3] / "dependencies" / "fixtures" / "rust"
GARDEN = {
    path.relative_to(FIXTURES / "garden").as_posix(): path.read_text("utf-8")
    for path in sorted((FIXTURES / "garden").rglob("*"))
    if path.is_file()
}
SOURCES = [text for path, text in GARDEN.items() if path.endswith(".rs")]


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / "garden.truth.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def graph() -> DependencyGraph:
    return DependencyAnalyzer(GARDEN, workers=0).graph


def test_file_edges_are_what_the_compiler_says(
    truth: dict[str, Any], graph: DependencyGraph
) -> None:
    files = set(truth["files"])
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    for edge in graph.edges:
        if edge.source in files and edge.target in files:
            found[edge.source, edge.target].add(edge.line)
    true = {(each["source"], each["target"]): each for each in truth["edges"]}
    assert set(found) <= set(true)
    assert {pair for pair, each in true.items() if each["req"]} <= set(found)
    assert all(lines & set(true[pair]["lines"]) for pair, lines in found.items())


def test_calls_are_what_the_compiler_says(truth: dict[str, Any], graph: DependencyGraph) -> None:
    files = set(truth["files"])
    true = {(e["source"], e["target"], e["line"], e["name"]) for e in truth["calls"]}
    named = {
        (e["source"], e["target"], e["line"], e["name"])
        for e in truth["calls"]
        if e.get("named", True)
    }
    found = {
        (e.source, e.target, e.line, e.target_symbol.rpartition(".")[2])
        for e in graph.symbol_edges
        if e.kind == "call" and e.source in files and e.target in files
    }
    assert found <= true
    # `Err(broken) => broken.message()`: a result's error has no known type.
    assert {each[3] for each in named - found} <= {"message"}


def test_what_the_workspace_leaves_out_has_its_edges(graph: DependencyGraph) -> None:
    assert "crates/attic/src/lib.rs" in graph.nodes
    other = "crates/soil/src/platform/other.rs"
    assert [edge.condition for edge in graph.edges_to(other)] == ["not(unix)"]


def test_every_definition_is_in_its_place(graph: DependencyGraph) -> None:
    for path, text in GARDEN.items():
        lines = text.split("\n")
        for each in graph.declarations(path) if path.endswith(".rs") else ():
            if not each.name.isdigit():
                assert lines[each.line - 1][each.column - 1 :].startswith(each.name), each
            assert each.line <= each.line_end <= len(lines)


def test_no_path_is_shown_as_it_is_kept(graph: DependencyGraph) -> None:
    for edge in (*graph.edges, *graph.symbol_edges):
        assert decoded(edge.name) is None
        assert "'" not in edge.name


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_collecting_never_raises(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(SOURCES))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    put = data.draw(
        st.sampled_from(["", "{", "}", "(", "use ", "::", "é", "\0", "\ud800", "m!{", '"'])
    )
    broken = text[:start] + put + text[end:]
    for uses in (True, False):
        facts = LANGUAGE.collect("src/x.rs", broken, uses=uses)
        assert all(use.line >= 1 and use.column >= 1 for use in facts.uses)
    texts = {**GARDEN, "crates/soil/src/layers/mod.rs": broken}
    assert DependencyAnalyzer(texts, workers=0).graph.nodes


@pytest.mark.parametrize(
    "text",
    [
        "mod a { " * 2000,
        "fn f() { " + "(" * 5000,
        "fn f() { x" + ".y()" * 3000 + "; }",
        "fn f() -> " + "Box<" * 3000,
        "use a::{" * 2000,
        "fn f() { let " + "(" * 3000 + "x",
        "m!{ mod x; " * 50 + "}" * 50,
        "fn f() { if let " + "A(" * 2000,
        "use " + "a::" * 3000 + "b;",
        "fn f() { println!(" + '"' * 999 + ") }",
    ],
    ids=lambda text: text[:12],
)
def test_deep_or_endless_text_is_collected(text: str) -> None:
    texts = {"src/lib.rs": text, "src/x.rs": "use crate::a::b;"}
    assert DependencyAnalyzer(texts, workers=0).graph.nodes == ("src/lib.rs", "src/x.rs")


@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_an_update_equals_a_full_run(data: st.DataObject) -> None:
    texts = dict(GARDEN)
    analyzer = DependencyAnalyzer(texts, workers=0)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(sorted(texts)))
        change = data.draw(st.sampled_from(["drop", "cut", "grow", "swap", "new", "back"]))
        new: str | None = texts[path]
        if change == "drop":
            new = None
        elif change == "cut":
            lines = texts[path].split("\n")
            at = data.draw(st.integers(0, len(lines) - 1))
            new = "\n".join(lines[:at] + lines[at + 1 :])
        elif change == "grow":
            new = texts[path] + "\npub fn added() -> soil::Layer { crate::added_too() }\n"
        elif change == "swap":
            new = texts[data.draw(st.sampled_from(sorted(texts)))]
        elif change == "new":
            path, new = "crates/soil/src/layers/loam/extra.rs", "use super::*;\n"
        elif path in GARDEN:
            new = GARDEN[path]
        if new is None:
            texts.pop(path)
        else:
            texts[path] = new
        updated = analyzer.update({path: new})
        full = DependencyAnalyzer(texts, workers=0).graph
        assert updated.edges == full.edges
        assert updated.symbol_edges == full.symbol_edges
        assert updated.unresolved == full.unresolved


def test_imports_alone_have_the_same_file_edges(graph: DependencyGraph) -> None:
    alone = DependencyAnalyzer(GARDEN, workers=0, symbols=False).graph
    assert {(e.source, e.target) for e in alone.edges} == {
        (e.source, e.target) for e in graph.edges
    }
    assert not alone.symbol_edges
