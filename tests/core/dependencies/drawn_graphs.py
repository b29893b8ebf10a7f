"""Graphs drawn as text, so that a test shows what it is about; no language takes part.

a -> b c      file a imports b and c, one import a line
a.f ~> b.g    function f of a calls g of b
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from hypothesis import strategies as st

from glyphagent.dependencies.edges import Edge, Linked, Unresolved
from glyphagent.dependencies.facts import Declaration, FileFacts, Interface
from glyphagent.dependencies.graph import DependencyGraph

_KINDS = {"~>": "call", "<|": "inherit"}


def drawn(
    text: str,
    *,
    declared: Mapping[str, Sequence[Declaration]] | None = None,
    unresolved: Sequence[Unresolved] = (),
    skipped: Sequence[tuple[str, str]] = (),
) -> DependencyGraph:
    """The graph that a drawing shows; a file's own name is its module's."""
    files: dict[str, list[Edge]] = defaultdict(list)
    uses: dict[str, list[Edge]] = defaultdict(list)
    for line in filter(str.strip, text.splitlines()):
        sign = next((sign for sign in _KINDS if sign in line), None)
        if sign is not None:
            (source, own), (target, other) = map(_symbol, line.split(sign))
            where = (len(uses[source]) + 1, 5, _KINDS[sign])
            uses[source].append(Edge(source, target, *where, other, "exact", own, other))
            files.setdefault(source, [])
            files.setdefault(target, [])
            continue
        source, _, rest = (part.strip() for part in line.partition("->"))
        files.setdefault(source, [])
        for target in rest.split():
            files.setdefault(target, [])
            line_number = len(files[source]) + 1
            files[source].append(Edge(source, target, line_number, 8, "import", target))
    declared = declared or {}
    facts = {
        path: FileFacts(Interface(path, "python", declarations=tuple(declared.get(path, ()))))
        for path in files
    }
    missing = {path: tuple(u for u in unresolved if u.source == path) for path in files}
    linked = {
        path: Linked(tuple(sorted(edges)), tuple(sorted(uses[path])), missing[path])
        for path, edges in files.items()
    }
    return DependencyGraph(facts, linked, skipped=skipped, revision="r1")


def function(name: str, first: int, last: int, parent: str = "") -> Declaration:
    """A function on those lines."""
    qualified = f"{parent}.{name}" if parent else name
    kind = "method" if parent else "function"
    return Declaration(name, qualified, kind, parent, line=first, column=5, line_end=last)


def class_(name: str, first: int, last: int) -> Declaration:
    """A class on those lines."""
    return Declaration(name, name, "class", line=first, column=7, line_end=last)


def road(edges: Sequence[Edge] | None) -> str:
    """A path as `a > b > c`."""
    if not edges:
        return ""
    return " > ".join([edges[0].source, *(edge.target for edge in edges)])


@st.composite
def graphs(draw: st.DrawFn, most: int = 12) -> DependencyGraph:
    """Any small graph."""
    names = [f"f{index}" for index in range(draw(st.integers(1, most)))]
    some = st.lists(st.sampled_from(names), max_size=4, unique=True)
    return drawn("\n".join(f"{name} -> {' '.join(draw(some))}" for name in names))


def _symbol(text: str) -> tuple[str, str]:
    path, _, name = text.strip().partition(".")
    return path, name
