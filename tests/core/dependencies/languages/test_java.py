"""Java: packages, imports, nesting, inheritance and calls; a whole project against javac."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.languages import load_language
from glyphagent.dependencies.languages.java.collecting import collect_java

FIXTURES = Path(__file__).parents[3] / "dependencies" / "fixtures"


def project() -> dict[str, str]:
    root = FIXTURES / "java"
    paths = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in paths}


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / "java.truth.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def graph() -> DependencyGraph:
    return DependencyAnalyzer(project(), workers=0).graph


def graph_of(files: dict[str, str]) -> DependencyGraph:
    return DependencyAnalyzer(files, workers=0).graph


def edges(graph: DependencyGraph, path: str) -> set[tuple[str, int]]:
    return {(edge.target, edge.line) for edge in graph.edges_from(path)}


def calls(graph: DependencyGraph, path: str) -> set[tuple[str, str]]:
    every = graph.symbol_edges_from(path)
    return {(edge.target, edge.target_symbol) for edge in every if edge.kind == "call"}


def test_file_edges_are_what_the_compiler_says(
    truth: dict[str, Any], graph: DependencyGraph
) -> None:
    files = set(truth["files"])
    found: dict[tuple[str, str], set[int]] = {}
    for edge in graph.edges:
        if edge.source in files and edge.target in files:
            found.setdefault((edge.source, edge.target), set()).add(edge.line)
    true = {(each["source"], each["target"]): set(each["lines"]) for each in truth["edges"]}
    assert set(found) == set(true)
    assert all(lines <= true[pair] for pair, lines in found.items())


def test_calls_are_what_the_compiler_says(truth: dict[str, Any], graph: DependencyGraph) -> None:
    true = {(e["source"], e["target"], e["line"], e["name"]) for e in truth["calls"]}
    found = {
        (edge.source, edge.target, edge.line, edge.name)
        for edge in graph.symbol_edges
        if edge.kind == "call"
    }
    # What a map's key or an enum's own valueOf gives is not followed.
    assert found <= true
    assert {name for _, _, _, name in true - found} <= {"price", "times", "valueOf"}


def test_inheritance_is_what_the_compiler_says(
    truth: dict[str, Any], graph: DependencyGraph
) -> None:
    true = {(e["source"], e["target"], e["line"]) for e in truth["inherits"]}
    found = {(e.source, e.target, e.line) for e in graph.symbol_edges if e.kind == "inherit"}
    assert found == true


def test_an_unused_import_is_an_edge_and_a_comment_is_none() -> None:
    files = {
        "a/A.java": "package a;\nimport b.B;\n/** {@link C} */ class A {}\n",
        "a/C.java": "package a;\nclass C {}\n",
        "b/B.java": "package b;\npublic class B {}\n",
    }
    assert edges(graph_of(files), "a/A.java") == {("b/B.java", 2)}


def test_a_wildcard_reaches_what_is_used_and_the_own_package_comes_first() -> None:
    files = {
        "a/A.java": "package a;\nimport b.*;\nclass A {\n  B b;\n  C c;\n}\n",
        "a/C.java": "package a;\nclass C {}\n",
        "b/B.java": "package b;\npublic class B {}\n",
        "b/C.java": "package b;\npublic class C {}\n",
        "b/D.java": "package b;\npublic class D {}\n",
    }
    assert edges(graph_of(files), "a/A.java") == {("b/B.java", 4), ("a/C.java", 5)}


def test_imports_that_lead_nowhere_say_why() -> None:
    files = {
        "src/main/java/a/A.java": "package a;\nimport a.b.Gone;\nimport java.util.List;\n",
        "src/main/java/a/b/B.java": "package a.b;\nclass B {}\n",
    }
    found = graph_of(files).unresolved_in("src/main/java/a/A.java")
    assert [(each.name, each.reason) for each in found] == [
        ("a.b.Gone", "missing"),
        ("java.util.List", "external"),
    ]


def test_a_nested_type_is_inherited_with_its_holder() -> None:
    files = {
        "Base.java": "class Base { static class In { void go() {} } }\n",
        "Sub.java": "class Sub extends Base {}\n",
        "Use.java": "class Use {\n  Sub.In in = new Sub.In();\n  void f() { in.go(); }\n}\n",
    }
    graph = graph_of(files)
    assert {target for target, _ in edges(graph, "Use.java")} == {"Sub.java", "Base.java"}
    assert ("Base.java", "Base.In.go") in calls(graph, "Use.java")


def test_a_variable_hides_no_method_and_a_method_no_field() -> None:
    files = {
        "A.java": "class A { Part part; Part part() { return part; } int size() { return 1; } }\n",
        "Part.java": "class Part { void go() {} }\n",
        "B.java": (
            "class B extends A {\n  void f() {\n    int size = size();\n"
            "    this.part.go();\n    part().go();\n  }\n}\n"
        ),
    }
    assert calls(graph_of(files), "B.java") == {
        ("A.java", "A.size"),
        ("A.java", "A.part"),
        ("Part.java", "Part.go"),
    }


def test_main_code_does_not_see_test_code() -> None:
    files = {
        "src/main/java/a/A.java": "package a;\nclass A { Objects o; }\n",
        "src/test/java/a/Objects.java": "package a;\nclass Objects { A a; }\n",
    }
    graph = graph_of(files)
    assert graph.edges_from("src/main/java/a/A.java") == ()
    assert edges(graph, "src/test/java/a/Objects.java") == {("src/main/java/a/A.java", 2)}


def test_the_module_of_the_same_name_that_is_nearer_is_meant() -> None:
    files = {
        "one/src/main/java/a/T.java": "package a;\npublic class T {}\n",
        "two/src/main/java/a/T.java": "package a;\npublic class T {}\n",
        "two/src/main/java/b/U.java": "package b;\nimport a.T;\nclass U {}\n",
    }
    (edge,) = graph_of(files).edges_from("two/src/main/java/b/U.java")
    assert (edge.target, edge.confidence) == ("two/src/main/java/a/T.java", "inferred")


def test_type_parameters_are_no_types() -> None:
    files = {
        "A.java": "class A<T extends B> { T t; <U> U f(U u) { t.go(); return u; } }\n",
        "B.java": "class B { void go() {} }\n",
        "T.java": "class T {}\n",
        "U.java": "class U {}\n",
    }
    graph = graph_of(files)
    assert edges(graph, "A.java") == {("B.java", 1)}
    assert calls(graph, "A.java") == {("B.java", "B.go")}


def test_broken_text_keeps_what_stands() -> None:
    text = "package a;\nimport b.B;\nclass A { void f( { B.go(); }\n class C extends B { @@@ }"
    files = {"a/A.java": text, "b/B.java": "package b;\npublic class B { static void go() {} }\n"}
    graph = graph_of(files)
    assert collect_java("a/A.java", text).has_errors
    assert edges(graph, "a/A.java") == {("b/B.java", 2)}
    assert ("b/B.java", "B.go") in calls(graph, "a/A.java")


def test_deep_nesting_is_no_matter() -> None:
    deep = "class A { int f() { return " + "(" * 5000 + "1" + ")" * 5000 + "; } }"
    chain = "class B { void f() { a" + ".b()" * 3000 + "; } }"
    assert collect_java("A.java", deep).interface.declarations
    assert collect_java("B.java", chain).interface.declarations


def test_without_uses_the_file_edges_are_the_same(graph: DependencyGraph) -> None:
    bare = DependencyAnalyzer(project(), workers=0, symbols=False).graph
    lines = {(each.source, each.target, each.line) for each in graph.edges}
    assert {(each.source, each.target, each.line) for each in bare.edges} == lines
    assert bare.symbol_edges == ()


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_collecting_and_linking_stand_any_damage(data: st.DataObject) -> None:
    files = {path: text for path, text in project().items() if path.endswith(".java")}
    path = data.draw(st.sampled_from(sorted(files)))
    text = files[path]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    filler = data.draw(st.text(alphabet="{}()<>;.@,\"'=é\n abc", max_size=12))
    files[path] = text[:start] + filler + text[end:]
    broken = DependencyAnalyzer(files, workers=0).graph
    assert path in broken.nodes


def test_an_update_equals_a_full_run() -> None:
    files = project()
    analyzer = DependencyAnalyzer(files, workers=0)
    price = next(path for path in files if path.endswith("Price.java"))
    limits = next(path for path in files if path.endswith("Limits.java"))
    steps: list[dict[str, str | None]] = [
        {price: files[price].replace("plus", "add")},
        {limits: None},
        {
            limits: files[limits],
            "core/src/main/java/shop/store/Price.java": "package shop.store;\n"
            "public class Price {}\n",
        },
        {price: files[price] + "\n"},
    ]
    for step in steps:
        analyzer.update(step)
        files = {path: text for path, text in (files | step).items() if text is not None}
        fresh = DependencyAnalyzer(files, workers=0).graph
        assert analyzer.graph.edges == fresh.edges
        assert analyzer.graph.symbol_edges == fresh.symbol_edges
        assert analyzer.graph.unresolved == fresh.unresolved


def test_the_language_is_found_by_its_suffix() -> None:
    assert load_language("java").name == "java"
