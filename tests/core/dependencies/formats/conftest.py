"""Reports that every format is tried on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from glyphagent.dependencies.edges import Edge, Linked, Unresolved
from glyphagent.dependencies.facts import FileFacts, Interface
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.report import Report
from glyphagent.dependencies.rules import find_broken, forbidden

from ..drawn_graphs import drawn, function

DRAWING = """
app/main.py -> app/core/pool.py web/view.py data.json
app/core/pool.py -> app/core/dial.py
app/core/dial.py -> app/core/pool.py
web/view.py -> app/core/pool.py
web/test_view.py -> web/view.py
app/main.py.run ~> app/core/pool.py.get
"""

# What each format could take for its own.
HOSTILE = (
    "</script><script>document.title='owned'</script>.py",
    "<!-- <img src=x onerror=\"document.title='owned'\">.py",
    "]]>&amp;'\"`${1}.py",
    'a"; owned [shape=star]; "\\.py',
    "line\nfeed\ttab\rreturn.py",
    "bell\x07null\x00.py",
    "quote\u2028separator\u202e.py",
    "end\n  n1 --> n2; %% #quot; click n0 call owned().py",
    "ünï/cödé 100%.py",
    "c:/drive.py",
    "constructor/__proto__/toString.py",
)


@pytest.fixture
def report() -> Report:
    """A small report with a cycle, a broken rule, and imports that lead nowhere."""
    lost = (
        Unresolved("app/main.py", 9, 3, ".gone", "missing"),
        Unresolved("app/main.py", 10, 8, "json", "external"),
    )
    declared = {"app/main.py": [function("run", 3, 9)]}
    text = DRAWING.replace("app/main.py.run ~> app/core/pool.py.get\n", "")
    graph = drawn(text, declared=declared, unresolved=lost, skipped=[("big.bin", "binary")])
    whole = Report(graph, "shop")
    return replace(whole, broken=find_broken(graph, [forbidden("web -> app/core")]))


@pytest.fixture
def hostile() -> Report:
    """A report whose files, symbols and modules are all named against us."""
    linked = {}
    for index, path in enumerate(HOSTILE):
        target = HOSTILE[(index + 1) % len(HOSTILE)]
        linked[path] = Linked(
            (Edge(path, target, 1, 1, "import", target, condition=path),),
            (Edge(path, target, 2, 1, "call", target, "inferred", path, target),),
            (Unresolved(path, 3, 1, target, "missing"),),
        )
    facts = {path: FileFacts(Interface(path, "python")) for path in HOSTILE}
    return Report(DependencyGraph(facts, linked, skipped=[(HOSTILE[0], HOSTILE[1])]), HOSTILE[0])
