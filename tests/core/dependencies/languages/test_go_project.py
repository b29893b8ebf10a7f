"""Go modules, workspaces, builds and embedded documents; a whole project against go/types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.languages.go.builds import USUAL, build_for, constraint_of, holds

FIXTURES = Path(__file__).parents[3] / "dependencies" / "fixtures"
PKG = "package {0}\n\nfunc {1}() {{}}\n"


def graph_of(files: dict[str, str]) -> DependencyGraph:
    return DependencyAnalyzer(files, workers=0).graph


def calls(graph: DependencyGraph, path: str) -> set[str]:
    return {edge.target for edge in graph.symbol_edges_from(path) if edge.kind == "call"}


def project() -> dict[str, str]:
    root = FIXTURES / "go"
    paths = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in paths}


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / "go.truth.json").read_text("utf-8"))
    return found


def test_file_edges_are_what_the_compiler_says(truth: dict[str, Any]) -> None:
    files = set(truth["files"])
    found: dict[tuple[str, str], set[int]] = {}
    for edge in graph_of(project()).edges:
        if edge.source in files and edge.target in files:
            found.setdefault((edge.source, edge.target), set()).add(edge.line)
    true = {(each["source"], each["target"]): each for each in truth["edges"]}
    assert set(found) <= set(true)
    assert {pair for pair, each in true.items() if each["required"]} <= set(found)
    assert all(lines <= set(true[pair]["lines"]) for pair, lines in found.items())


def test_calls_are_what_the_compiler_says(truth: dict[str, Any]) -> None:
    files = set(truth["files"])
    true = {(e["source"], e["target"], e["line"], e["name"]) for e in truth["calls"]}
    found = {
        (edge.source, edge.target, edge.line, edge.name)
        for edge in graph_of(project()).symbol_edges
        if edge.kind == "call" and edge.source in files and edge.target in files
    }
    assert found == true


def test_every_imported_package_of_the_set_is_reached(truth: dict[str, Any]) -> None:
    pairs = {
        (str(Path(edge.source).parent), str(Path(edge.target).parent))
        for edge in graph_of(project()).edges
        if edge.source in truth["files"] and edge.kind == "import"
    }
    assert {pair for pair in pairs if pair[0] != pair[1]} == {
        tuple(pair) for pair in truth["package_edges"]
    }


def test_an_update_equals_a_fresh_analysis() -> None:
    files = project()
    analyzer = DependencyAnalyzer(files, workers=0)
    store = files["app/internal/store/item.go"]
    steps: list[dict[str, str | None]] = [
        {"app/internal/store/item.go": store.replace("func (t Tags) First", "func (t Tags) Last")},
        {"app/internal/store/item.go": "\n\n" + store},
        {"app/internal/text/map.go": None},
        {"app/internal/text/map.go": files["app/internal/text/map.go"]},
        {"app/go.mod": "module example.org/other\n"},
        {"lib/ring/go.mod": None, "app/web/pages/new.html": "<p>\n"},
        {"app/internal/store/key.go": "package broken\n\nfunc ("},
        {"app/go.mod": files["app/go.mod"], "lib/ring/go.mod": files["lib/ring/go.mod"]},
    ]
    for step in steps:
        analyzer.update(step)
        for path, text in step.items():
            if text is None:
                del files[path]
            else:
                files[path] = text
        fresh = graph_of(files)
        assert analyzer.graph.edges == fresh.edges
        assert analyzer.graph.symbol_edges == fresh.symbol_edges
        assert analyzer.graph.unresolved == fresh.unresolved


def test_a_change_inside_a_function_links_its_file_alone() -> None:
    files = project()
    analyzer = DependencyAnalyzer(files, workers=0)
    path = "app/internal/store/item.go"
    analyzer.update({path: files[path].replace("*c++", "*c += 2")})
    assert analyzer.relinked == (path,)


@pytest.mark.parametrize(
    ("manifests", "imported", "target"),
    [
        ({"go.mod": "module a.org/x"}, "a.org/x/util", "util/u.go"),
        ({"go.mod": "module a.org/x // why\n\nrequire (\n\tb.org v1\n)\n"}, "a.org/x/util",
         "util/u.go"),
        ({"go.mod": "module a.org/x\nreplace (\n\tb.org/y => ./util\n)\n"}, "b.org/y",
         "util/u.go"),
        ({"go.mod": "module a.org/x", "util/go.mod": "module c.org/u",
          "go.work": "go 1.20\nuse (\n.\n./util\n)\n"}, "c.org/u", "util/u.go"),
        ({"go.mod": "module a.org/x"}, "v.org/dep", "vendor/v.org/dep/v.go"),
        ({}, "github.com/owner/project/util", "util/u.go"),
        ({"go.mod": "<<<<<<< broken\n("}, "v.org/dep", "vendor/v.org/dep/v.go"),
    ],
)  # fmt: skip
def test_manifests_say_where_a_package_is(
    manifests: dict[str, str], imported: str, target: str
) -> None:
    files = {
        **manifests,
        "main.go": f'package main\n\nimport p "{imported}"\n\nfunc main() {{ p.Do() }}\n',
        "util/u.go": PKG.format("util", "Do"),
        "vendor/v.org/dep/v.go": PKG.format("dep", "Do"),
    }
    graph = graph_of(files)
    assert calls(graph, "main.go") == {target}


def test_a_nested_module_is_no_folder_of_the_outer_one() -> None:
    graph = graph_of(
        {
            "go.mod": "module a.org/x",
            "util/go.mod": "module c.org/u",
            "util/u.go": PKG.format("util", "Do"),
            "main.go": 'package main\n\nimport "a.org/x/util"\n\nfunc main() { util.Do() }\n',
            "other.go": 'package main\n\nimport "c.org/u"\n\nfunc other() { util.Do() }\n',
        }
    )
    assert [(each.name, each.reason) for each in graph.unresolved] == [("a.org/x/util", "missing")]
    edges = graph.edges_from("other.go")
    assert [(edge.target, edge.confidence) for edge in edges] == [("util/u.go", "inferred")]


def test_embedded_documents_are_edges() -> None:
    graph = graph_of(project())
    found = {(e.target, e.line, e.kind) for e in graph.edges_from("app/web/assets.go")}
    # A folder leaves out what begins with an underscore, a pattern does not.
    assert found == {
        ("app/web/pages/home.html", 5, "dynamic"), ("app/web/pages/_draft.html", 5, "dynamic")
    }  # fmt: skip
    missing = [(u.name, u.reason) for u in graph.unresolved if u.source == "app/web/assets.go"]
    assert missing == [("embed", "external"), ("nothing/*.css", "missing")]


def test_cgo_comments_include_headers_of_the_set() -> None:
    text = '// #include <stdio.h>\n// #include "fast.h"\n/*\n#include "none.h"\n*/\nimport "C"\n'
    graph = graph_of({"go.mod": "module a", "a.go": f"package a\n\n{text}", "fast.h": "int f();\n"})
    assert [(e.target, e.line, e.kind) for e in graph.edges_from("a.go")] == [
        ("fast.h", 4, "include")
    ]
    assert [(u.name, u.reason) for u in graph.unresolved_in("a.go")] == [
        ("none.h", "external"), ("C", "external")
    ]  # fmt: skip


def test_programs_that_share_a_folder_are_kept_apart() -> None:
    graph = graph_of(project())
    assert calls(graph, "tools/gen/main.go") == set()
    assert calls(graph, "tools/gen/zz.go") == {"tools/gen/helper.go"}


@pytest.mark.parametrize(
    ("path", "head", "constraint"),
    [
        ("a.go", "", ""),
        ("a_linux.go", "", "linux"),
        ("a_linux_arm64_test.go", "", "linux && arm64"),
        ("linux.go", "", ""),
        ("a_unix.go", "//go:build unix\n", "unix"),
        ("a_windows.go", "//go:build cgo || race\n", "windows && (cgo || race)"),
        ("a.go", "// +build linux,!cgo darwin\n// +build amd64\n",
         "((linux && !cgo) || darwin) && amd64"),
    ],
)  # fmt: skip
def test_constraints_come_from_names_and_comments(path: str, head: str, constraint: str) -> None:
    assert constraint_of(path, head) == constraint


@pytest.mark.parametrize(
    "constraint", ["windows", "!unix", "js && wasm", "!cgo && (foo || !linux)", "go1.99", "!go1.2"]
)
def test_a_build_is_found_for_every_file(constraint: str) -> None:
    assert holds(constraint, build_for(constraint))
    assert (build_for(constraint) == USUAL) == holds(constraint, USUAL)


@pytest.mark.parametrize("constraint", ["&&", "(linux", "linux windows", "((((", "!", "🙂"])
def test_a_broken_constraint_leaves_nothing_out(constraint: str) -> None:
    assert holds(constraint, USUAL)
