"""C and C++: preprocessor lines, includes, linkage, classes; a whole project against clang."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.languages.c.cleaning import cleaned
from glyphagent.dependencies.languages.c.collecting import collect_c
from glyphagent.dependencies.languages.c.directives import directives

FIXTURES = Path(__file__).parents[3] / "dependencies" / "fixtures"


def project() -> dict[str, str]:
    root = FIXTURES / "c"
    paths = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in paths}


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / "c.truth.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def graph() -> DependencyGraph:
    return DependencyAnalyzer(project(), workers=0).graph


def graph_of(files: dict[str, str]) -> DependencyGraph:
    return DependencyAnalyzer(files, workers=0).graph


def targets(graph: DependencyGraph, path: str) -> list[tuple[str, str]]:
    return [(edge.target, edge.confidence) for edge in graph.edges_from(path)]


def calls(graph: DependencyGraph, path: str) -> set[tuple[str, str]]:
    every = graph.symbol_edges_from(path)
    return {(edge.target, edge.target_symbol) for edge in every if edge.kind == "call"}


def test_includes_are_what_the_compiler_says(truth: dict[str, Any], graph: DependencyGraph) -> None:
    files = set(truth["files"])
    found: dict[tuple[str, str], set[int]] = {}
    for edge in graph.edges:
        if edge.source in files and edge.target in files:
            found.setdefault((edge.source, edge.target), set()).add(edge.line)
    true = {(each["source"], each["target"]): each for each in truth["edges"]}
    assert set(found) <= set(true)
    assert {pair for pair, each in true.items() if each["required"]} <= set(found)
    assert all(lines <= set(true[pair]["lines"]) for pair, lines in found.items())


def test_calls_are_what_the_compiler_says(truth: dict[str, Any], graph: DependencyGraph) -> None:
    true = {(e["source"], e["target"], e["line"], e["name"]) for e in truth["calls"]}
    found = {
        (edge.source, edge.target, edge.line, edge.target_symbol.rpartition(".")[2])
        for edge in graph.symbol_edges
        if edge.kind == "call"
    }
    assert found == true


def test_what_is_no_directive_includes_nothing() -> None:
    text = (
        '/* #include "a.h"\n#include "b.h" */\n// #include "c.h" \\\n#include "d.h"\n'
        'const char *s = "\\\n#include \\"e.h\\"";\n'
        'auto r = R"x(\n#include "f.h"\n)x"; int n = 1\'000\'000;\n#include "g.h"\n'
    )
    assert [each.target for each in directives(text).inclusions] == ["g.h"]


def test_directives_may_be_spaced_continued_and_commented() -> None:
    text = (
        '/**/ #include "a.h"\n\t#  include /* x */ <b.h> // y\n'
        '#include\\\n "c.h"\n%:include "d.h"\n'
    )
    found = directives(text).inclusions
    assert [(each.target, each.form) for each in found] == [
        ("a.h", "quote"),
        ("b.h", "angle"),
        ("c.h", "quote"),
        ("d.h", "quote"),
    ]


def test_a_directive_may_be_cut_anywhere() -> None:
    text = (
        '#inc\\\nlude "a.h"\n#\\\r\n include <b\\\n.h>\n#include\\\n"c.h"\n#def\\\nine\\\n CUT 1\n'
    )
    found = directives(text)
    assert [(each.target, each.line, each.column) for each in found.inclusions] == [
        ("a.h", 2, 6),
        ("b.h", 4, 10),
        ("c.h", 7, 1),
    ]
    assert [(each.name, each.body) for each in found.macros] == [("CUT", "1")]


def test_conditions_stand_as_written_and_a_guard_is_none() -> None:
    text = (
        "// a header\n#ifndef A_H\n#define A_H\n#include <a.h>\n#if X > 1 && \\\n  defined(Y)\n"
        "#include <b.h>\n#elif Z\n#include <c.h>\n#else\n#include <d.h>\n#if 0\n"
        "it's \"open\n#include <e.h>\n#endif\n#endif\n#ifdef W\n#include <f.h>\n#endif\n#endif\n"
    )
    assert {each.target: each.condition for each in directives(text).inclusions} == {
        "a.h": "",
        "b.h": "X > 1 && defined(Y)",
        "c.h": "Z",
        "d.h": "!(X > 1 && defined(Y) || Z)",
        "e.h": "!(X > 1 && defined(Y) || Z) && 0",
        "f.h": "defined(W)",
    }


def test_the_own_folder_comes_first_for_quotes_and_never_for_brackets() -> None:
    files = {
        "src/a.c": '#include "x.h"\n#include <y.h>\n#include <string.h>\n#include "gone.h"\n',
        "src/x.h": "",
        "include/x.h": "",
        "include/y.h": "",
        "src/string.h": "",
        "CMakeLists.txt": "include_directories(include)\n",
    }
    graph = graph_of(files)
    assert targets(graph, "src/a.c") == [("include/y.h", "inferred"), ("src/x.h", "exact")]
    missing = graph.unresolved_in("src/a.c")
    assert [(each.name, each.reason) for each in missing] == [
        ("string.h", "external"),
        ("gone.h", "missing"),
    ]


def test_a_compilation_database_says_where_to_look() -> None:
    entry = {
        "directory": "/home/me/p/build",
        "file": "/home/me/p/src/a.c",
        "arguments": ["cc", "-I", "../one", "-iquote../two", "-isystem", "/usr/include", "-c"],
    }
    files = {
        "src/a.c": '#include <x.h>\n#include "z.h"\n',
        "one/x.h": "#include_next <x.h>\n",
        "three/x.h": "",
        "one/z.h": "",
        "two/z.h": "",
        "compile_commands.json": json.dumps([entry, "nonsense"]),
    }
    graph = graph_of(files)
    assert targets(graph, "src/a.c") == [("one/x.h", "exact"), ("two/z.h", "exact")]
    broken = graph_of(files | {"compile_commands.json": "[{"})
    assert {confidence for _, confidence in targets(broken, "src/a.c")} == {"inferred"}


def test_a_computed_include_is_followed_where_its_macro_is_here() -> None:
    files = {
        "a.c": '#define H "a.h"\n#include H\n#include OTHER(x)\n',
        "a.h": "",
    }
    graph = graph_of(files)
    assert targets(graph, "a.c") == [("a.h", "inferred")]
    assert [(each.name, each.reason) for each in graph.unresolved] == [("OTHER(x)", "dynamic")]


def test_an_include_leads_to_any_document_of_the_set() -> None:
    graph = graph_of({"a.c": '#include "t.def"\n#include "t.inc"\n', "t.def": "", "t.inc": ""})
    assert [target for target, _ in targets(graph, "a.c")] == ["t.def", "t.inc"]


def test_a_call_leads_to_the_definition_and_static_ones_stay() -> None:
    files = {
        "a.h": "int f(int);\nint g(void);\n",
        "f.c": '#include "a.h"\nint f(int x) { return x; }\n',
        "other.c": "static int g(void) { return 2; }\nint h(void) { return g(); }\n",
        "a.c": '#include "a.h"\nint main(void) { return f(1) + g(); }\n',
    }
    assert calls(graph_of(files), "a.c") == {("f.c", "f"), ("a.h", "g")}
    assert calls(graph_of(files), "other.c") == set()


def test_several_definitions_are_told_apart_by_guess_only() -> None:
    files = {
        "io.h": "int pull(void);\n",
        "posix/io.c": '#include "../io.h"\nint pull(void) { return 1; }\n',
        "windows/io.c": '#include "../io.h"\nint pull(void) { return 2; }\n',
        "posix/main.c": '#include "../io.h"\nint main(void) { return pull(); }\n',
    }
    (edge,) = (e for e in graph_of(files).symbol_edges_from("posix/main.c") if e.kind == "call")
    assert (edge.target, edge.confidence) == ("posix/io.c", "inferred")


def test_macros_that_hide_declarations_are_read_past() -> None:
    text = (
        "class API Client : public Base { void run() GUARDED; };\n"
        "EXTERN int CALL pull OF((int a));\nPUBLIC struct node *first(void);\n"
    )
    assert len(cleaned(text)) == len(text)
    facts = collect_c("a.hpp", text)
    names = {each.qualified_name: each.kind for each in facts.interface.declarations}
    assert names == {
        "Client": "class",
        "Client.run": "method",
        "pull": "function",
        "first": "function",
    }


def test_modules_are_found_by_their_declaration() -> None:
    files = {
        "shade.cpp": "module;\n#include <vector>\nexport module shade;\nexport import :leaf;\n",
        "leaf.cpp": "export module shade:leaf;\nexport int leaves() { return 3; }\n",
        "use.cpp": "import shade;\nimport std;\nint use() { return leaves(); }\n",
    }
    graph = graph_of(files)
    assert [(e.target, e.kind) for e in graph.edges_from("use.cpp")] == [("shade.cpp", "import")]
    assert [e.target for e in graph.edges_from("shade.cpp")] == ["leaf.cpp"]
    assert calls(graph, "use.cpp") == {("leaf.cpp", "leaves")}


def test_structs_enums_and_macros_are_referred_to_in_their_headers() -> None:
    files = {
        "a.h": "struct node { struct node *next; };\nenum kind { ONE };\n#define TWO 2\n",
        "a.c": '#include "a.h"\nint f(struct node *n) { return n->next == 0 ? ONE : TWO; }\n',
    }
    found = graph_of(files).symbol_edges_from("a.c")
    assert {edge.target_symbol for edge in found} == {"node", "node.next", "ONE", "TWO"}


def test_deep_nesting_is_no_matter() -> None:
    deep = "int f(void) { return " + "(" * 4000 + "1" + ")" * 4000 + "; }"
    assert collect_c("a.c", deep).interface.declarations
    assert collect_c("a.c", "#if A\n" * 3000 + '#include "x.h"\n').interface.imports
    assert collect_c("a.c", '"\\' * 20000 + '"\n#include "x.h"\n').interface.imports
    assert collect_c("a.cpp", "int x = a" + ".b()" * 3000 + ";").interface.path == "a.cpp"


def test_without_uses_the_includes_are_the_same(graph: DependencyGraph) -> None:
    bare = DependencyAnalyzer(project(), workers=0, symbols=False).graph
    assert bare.edges == graph.edges
    assert bare.symbol_edges == ()


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_collecting_and_linking_stand_any_damage(data: st.DataObject) -> None:
    files = project()
    sources = sorted(path for path in files if not path.endswith((".txt", ".json", ".def")))
    path = data.draw(st.sampled_from(sources))
    text = files[path]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    filler = data.draw(st.text(alphabet="{}()<>;#*,\"'\\/=é\n abc", max_size=12))
    files[path] = text[:start] + filler + text[end:]
    broken = DependencyAnalyzer(files, workers=0).graph
    assert path in broken.nodes


def test_an_update_equals_a_full_run() -> None:
    files = project()
    analyzer = DependencyAnalyzer(files, workers=0)
    plant = "include/garden/plant.h"
    steps: list[dict[str, str | None]] = [
        {plant: files[plant].replace("plant_free", "plant_drop")},
        {"core/inner/memory_posix.c": None},
        {"core/inner/memory_posix.c": files["core/inner/memory_posix.c"], "app/bed.h": ""},
        {"compile_commands.json": None},
        {plant: files[plant]},
    ]
    for step in steps:
        analyzer.update(step)
        files = {path: text for path, text in (files | step).items() if text is not None}
        fresh = DependencyAnalyzer(files, workers=0).graph
        assert analyzer.graph.edges == fresh.edges
        assert analyzer.graph.symbol_edges == fresh.symbol_edges
        assert analyzer.graph.unresolved == fresh.unresolved


def test_a_definition_under_a_condition_stands_in_for_the_one_without() -> None:
    files = {
        "io.h": "int io_open(int);\nint io_close(int);\n",
        "io.c": '#include "io.h"\nint io_open(int n) { return n; }\n',
        "tools/main.c": (
            '#include "../io.h"\n#ifdef SOLO\nint io_open(int n) { return 0; }\n#endif\n'
            "int io_close(int n) { return n; }\n"
            "int main(void) { return io_open(io_close(1)); }\n"
        ),
        "tools/other.c": '#include "../io.h"\nint f(void) { return io_open(1) + io_close(2); }\n',
    }
    graph = graph_of(files)
    assert calls(graph, "tools/main.c") == {("io.c", "io_open")}
    assert calls(graph, "tools/other.c") == {("io.c", "io_open"), ("tools/main.c", "io_close")}


@pytest.mark.parametrize(
    ("other", "called"),
    [("memcpy", set()), ("fast_copy", {("copy.c", "copy")})],
    ids=["outside", "of the set"],
)
def test_a_macro_that_renames_a_function_in_the_other_branch(
    other: str, called: set[tuple[str, str]]
) -> None:
    files = {
        "copy.h": (
            f"void fast_copy(void *);\n#ifdef HAVE\n#  define copy(x) {other}(x)\n"
            "#else\nvoid copy(void *);\n#endif\n"
        ),
        "copy.c": '#include "copy.h"\n#ifndef HAVE\nvoid copy(void *x) {}\n#endif\n',
        "a.c": '#include "copy.h"\nvoid f(void *x) { copy(x); }\n',
    }
    assert calls(graph_of(files), "a.c") == called


def test_what_the_standard_library_has_is_not_called_in_a_conditional_declaration() -> None:
    declared = "extern void *malloc(unsigned);\nextern void *pool(unsigned);\n"
    files = {
        "old.h": f"#ifndef OLD_H\n#define OLD_H\n#ifndef STDC\n{declared}#endif\n#endif\n",
        "a.c": '#include "old.h"\nvoid f(void) { malloc(1); pool(2); }\n',
    }
    assert calls(graph_of(files), "a.c") == {("old.h", "pool")}
    # A guard is no condition: what a header declares plainly is its own.
    files["old.h"] = f"#ifndef OLD_H\n#define OLD_H\n{declared}#endif\n"
    assert calls(graph_of(files), "a.c") == {("old.h", "pool"), ("old.h", "malloc")}


def test_what_a_macro_gives_is_unknown() -> None:
    files = {
        "a.h": "struct s { int m; };\n#define first(x) ((x)->all[0])\nint g(int);\n",
        "a.c": '#include "a.h"\nint f(void *x) { return first(x)->m + first(x).m + g(1); }\n',
    }
    graph = graph_of(files)
    assert graph.skipped == ()
    assert calls(graph, "a.c") == {("a.h", "g")}
