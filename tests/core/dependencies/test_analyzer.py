"""The analyser: an update equals a full run, faults are listed, workers change nothing."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.edges import Linked
from glyphagent.dependencies.facts import FileFacts
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.languages import Language, load_language
from glyphagent.dependencies.world import World

Parts = tuple[object, ...]

# Pieces that name each other across files, so that changes are felt far away.
PIECES = [
    "from .b import B, f\n", "from .a import *\n", "from . import a, b, c\n", "import p.c as c\n",
    "class A(B): ...\n", "class B:\n    def m(self): return A()\n", "def f() -> 'A': ...\n",
    "f().m()\n", "c.f().m().only()\n", "class C:\n    def only(self): ...\n", "x = f()\nx.m()\n",
    "def g(u): u.only()\n", "!!! broken(\n", "from .gone import lost\n", "A = B\n",
]  # fmt: skip
PATHS = ["p/__init__.py", "p/a.py", "p/b.py", "p/c.py", "c.py", "q/a.py"]
states = st.dictionaries(
    st.sampled_from(PATHS), st.lists(st.sampled_from(PIECES), max_size=4).map("".join), max_size=6
)


def parts(graph: DependencyGraph) -> Parts:
    return (
        graph.nodes,
        graph.edges,
        graph.symbol_edges,
        graph.definitions,
        graph.unresolved,
        graph.skipped,
        graph.errors,
    )


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str | None]:
    """New texts of changed documents, None for those that are gone."""
    every = sorted(before.keys() | after.keys())
    return {path: after.get(path) for path in every if before.get(path) != after.get(path)}


@settings(max_examples=150)
@given(states, st.lists(states, min_size=1, max_size=4))
def test_an_update_equals_a_full_run(first: dict[str, str], rest: list[dict[str, str]]) -> None:
    analyzer = DependencyAnalyzer(first, workers=0)
    before = first
    for after in rest:
        graph = analyzer.update(difference(before, after))
        assert parts(graph) == parts(DependencyAnalyzer(after, workers=0).graph)
        before = after


def test_a_change_inside_a_function_links_its_own_file_alone() -> None:
    texts = {"a.py": "def f():\n    return 1\n", "b.py": "from a import f\nf()\n"}
    analyzer = DependencyAnalyzer(texts, workers=0)
    analyzer.update({"a.py": "# moved\n\ndef f():\n    x = 2\n    return x + 1\n"})
    assert analyzer.collected == ("a.py",)
    assert analyzer.relinked == ("a.py",)
    (edge,) = (each for each in analyzer.graph.definitions if each.name == "f")
    assert edge.line == 3


def test_a_new_name_links_those_who_asked_for_it() -> None:
    texts = {"a.py": "", "b.py": "from a import f\n", "c.py": "import a\n", "d.py": "import b\n"}
    analyzer = DependencyAnalyzer(texts, workers=0)
    assert not analyzer.graph.symbol_edges
    graph = analyzer.update({"a.py": "def f(): ...\n"})
    assert set(analyzer.relinked) == {"a.py", "b.py"}
    assert [(e.source, e.target_symbol) for e in graph.symbol_edges] == [("b.py", "f")]


def test_a_file_that_goes_takes_its_edges_along() -> None:
    texts = {"a.py": "import b\n", "b.py": "import a\n"}
    analyzer = DependencyAnalyzer(texts, workers=0)
    graph = analyzer.update({"b.py": None}, revision="next")
    assert graph.nodes == ("a.py",)
    assert graph.edges == ()
    assert [u.reason for u in graph.unresolved] == ["external"]
    assert graph.revision == "next"


def test_workers_give_what_one_process_gives() -> None:
    texts = {
        f"m{n}.py": f"import m{(n + 1) % 7}\nm{(n + 1) % 7}.f()\ndef f(): ...\n" for n in range(7)
    }
    done: list[tuple[str, int, int]] = []
    with_workers = DependencyAnalyzer(
        texts, workers=2, progress=lambda *each: done.append(each)
    ).graph
    assert parts(with_workers) == parts(DependencyAnalyzer(texts, workers=0).graph)
    assert done[0][0] == "collect"
    assert done[-1] == ("link", 7, 7)


def test_a_file_whose_worker_dies_is_listed() -> None:
    analyzer = DependencyAnalyzer(
        {"a.py": "import b\n", "b.py": "x = 1\n" * 200_000}, workers=1, timeout_s=0.001
    )
    assert dict(analyzer.graph.skipped).keys() >= {"b.py"}
    assert "not analysed" in dict(analyzer.graph.skipped)["b.py"]


def test_files_of_no_known_language_are_no_nodes() -> None:
    graph = DependencyAnalyzer({"a.py": "", "README.md": "", "x.unknown": ""}, workers=0).graph
    assert graph.nodes == ("a.py",)


@pytest.mark.parametrize("module", ["python"])
def test_a_language_is_loaded_once(module: str) -> None:
    assert load_language(module) is load_language(module)


def test_edges_can_be_asked_for_from_both_ends() -> None:
    texts = {
        "a.py": "from b import f\nimport b\nf()\n",
        "b.py": "def f(): ...\n",
        "c.py": "import a",
    }
    graph = DependencyAnalyzer(texts, workers=0).graph
    assert graph.imported == {"a.py": ("b.py",), "b.py": (), "c.py": ("a.py",)}
    assert graph.importers == {"a.py": ("c.py",), "b.py": ("a.py",), "c.py": ()}
    assert [each.line for each in graph.edges_to("b.py")] == [1, 2]
    assert [(e.kind, e.line) for e in graph.symbol_edges_to("b.py")] == [
        ("reference", 1),
        ("call", 3),
    ]
    assert graph.language("a.py") == "python"
    assert graph.edges_from("nothing.py") == ()


def test_a_linker_that_fails_costs_its_own_file_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    language = load_language("python")
    link = type(language).link

    def faulty(self: Language, facts: FileFacts, world: World) -> Linked:
        if facts.path == "b.py":
            world.interface("a.py")
            raise ValueError("no way")
        return link(self, facts, world)

    monkeypatch.setattr(type(language), "link", faulty)
    monkeypatch.setattr(DependencyAnalyzer, "strict", False)
    texts = {"a.py": "import b\n", "b.py": "import a\n"}
    analyzer = DependencyAnalyzer(texts, workers=0)
    assert [e.source for e in analyzer.graph.edges] == ["a.py"]
    assert analyzer.graph.skipped == (("b.py", "its edges are missing: ValueError: no way"),)
    monkeypatch.undo()
    graph = analyzer.update({"a.py": "import b\nx = 1\n"})
    assert "b.py" in analyzer.relinked
    assert graph.skipped == ()
    assert parts(graph) == parts(
        DependencyAnalyzer({**texts, "a.py": "import b\nx = 1\n"}, workers=0).graph
    )


def test_a_chain_of_names_that_is_too_long_is_told_of() -> None:
    def chain(length: int) -> dict[str, str]:
        texts = {f"m{n}.py": f"from m{n + 1} import leaf\n" for n in range(length)}
        return texts | {f"m{length}.py": "def leaf(): ...\n", "use.py": "import m0\nm0.leaf()\n"}

    graph = DependencyAnalyzer(chain(100), workers=0).graph
    assert ("use.py", "m100.py", "call") in {
        (e.source, e.target, e.kind) for e in graph.symbol_edges
    }
    assert graph.skipped == ()
    reasons = dict(DependencyAnalyzer(chain(3000), workers=0).graph.skipped)
    assert "too far" in reasons["use.py"]
