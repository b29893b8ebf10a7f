"""A graph that is kept up to date is the graph that a fresh analysis gives."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.live_graph import LiveGraph, unanalysed

FIRST = {
    "pkg/__init__.py": "from .a import go\n",
    "pkg/a.py": "from pkg import b\n\n\ndef go():\n    return b.run()\n",
    "pkg/b.py": "def run():\n    return 1\n",
    "pyproject.toml": "[project]\nname = 'pkg'\n",
}
# States one after the other: an edit, a broken file, a new one, all gone, and back.
STATES: list[dict[str, str]] = [
    {**FIRST, "pkg/a.py": "from . import b\nb.run()\n"},
    {"pkg/a.py": "def f(:\n", "pkg/c.py": "import pkg.a\npkg.a.f()\n"},
    {},
    FIRST,
]


def facts(graph: DependencyGraph) -> tuple[Any, ...]:
    return (
        *(graph.nodes, graph.edges, graph.symbol_edges, graph.definitions, graph.unresolved),
        *(graph.errors, graph.skipped, graph.revision),
    )


def test_only_what_changed_is_analysed_again() -> None:
    live = LiveGraph()
    graph = live.of(FIRST, revision="1")
    assert live.of(FIRST, revision="1") is graph
    assert graph.imported["pkg/a.py"] == ("pkg/b.py",)
    changed = {**FIRST, "pkg/b.py": "def run():\n    return 2\n"}
    after = live.of(changed, revision="2")
    assert live._analyzer is not None
    assert live._analyzer.collected == ("pkg/b.py",)
    assert facts(after) == facts(LiveGraph().of(changed, revision="2"))
    assert graph.revision == "1"


def test_several_threads_get_the_graphs_that_they_asked_for() -> None:
    """A refresh that draws a map, and a question about the state before."""
    live = LiveGraph()
    live.of(FIRST)
    fresh = [facts(LiveGraph().of(each, revision=str(n))) for n, each in enumerate(STATES)]
    wrong: list[object] = []

    def work(number: int) -> None:
        for turn in range(6):
            n = (number + turn) % len(STATES)
            try:
                if facts(live.of(STATES[n], revision=str(n))) != fresh[n]:
                    wrong.append(n)
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_an_update_that_is_interrupted_leaves_nothing_half_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    live = LiveGraph()
    live.of(FIRST)
    without = {path: text for path, text in FIRST.items() if path != "pkg/b.py"}

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(DependencyAnalyzer, "_link", stop)
        with pytest.raises(KeyboardInterrupt):
            live.of(without)
    assert facts(live.of(without)) == facts(LiveGraph().of(without))


def test_files_that_come_and_go_leave_nothing_behind() -> None:
    """A folder is worked on for days: what is kept must not grow with what was there once."""
    live = LiveGraph()

    def work(number: int) -> None:
        new = f"def go_{number}():\n    pass\n\n\nclass C{number}:\n    def m{number}(self):\n"
        live.of(
            {
                **FIRST,
                f"tmp{number}.py": f"{new}        return go_{number}()\n",
                "pkg/a.py": f"import tmp{number}\n\n\ntmp{number}.C{number}().m{number}()\n",
            }
        )

    def sizes() -> dict[str, int]:
        assert live._analyzer is not None
        every = {**vars(live._analyzer), **vars(live._analyzer._world)}
        return {name: len(each) for name, each in every.items() if isinstance(each, dict | set)}

    work(1)
    work(2)
    before = sizes()
    for number in range(3, 7):
        work(number)
    assert sizes() == before


def test_a_failed_analysis_is_told_apart_from_what_was_left_out() -> None:
    reasons = [
        ("a.py", "not analysed: it took more than 20 s"),
        ("b.py", "its edges are missing: ValueError: x"),
        ("big.py", "too large"),
    ]
    assert unanalysed(DependencyGraph({}, {}, skipped=reasons)) == ("a.py", "b.py")


def test_what_was_left_out_is_told() -> None:
    live = LiveGraph()
    assert live.of(FIRST).skipped == ()
    assert live.of(FIRST, skipped=[("big.py", "too large")]).skipped == (("big.py", "too large"),)


def test_an_update_equals_a_fresh_analysis() -> None:
    live = LiveGraph()
    live.of(FIRST)
    for number, texts in enumerate(STATES):
        graph = live.of(texts, revision=str(number))
        assert facts(graph) == facts(LiveGraph().of(texts, revision=str(number)))
