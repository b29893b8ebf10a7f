"""What one file's text proves about other files: edges with evidence, and what led nowhere.

Plain data. Every edge names the place in its source file that proves it, so that nobody has to
believe it. How edges are found is the language files' business; what follows from them is the
graph's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FileEdgeKind = Literal["import", "include", "reexport", "dynamic"]
SymbolEdgeKind = Literal["define", "reference", "call", "inherit"]
# exact: the language's own rules lead there. inferred: a rule that can be wrong (a receiver's
# type was guessed, a name is the only one of its kind). dynamic: decided when the program runs.
Confidence = Literal["exact", "inferred", "dynamic"]
# external: outside of the source set by the language's rules. missing: should be in the set and
# is not. skipped: the file is there, but was not read. dynamic: named when the program runs.
Reason = Literal["external", "missing", "skipped", "dynamic"]


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """One proven use of one file by another.

    Attributes:
        source: Path of the file that uses.
        target: Path of the file that is used; for a `define` edge the source itself.
        line: Line of the evidence in the source, from 1.
        column: Column of the evidence, from 1, in characters.
        kind: For file edges `import`, `include`, `reexport` or `dynamic`; for symbol edges
            `define`, `reference`, `call` or `inherit`. Three more are steps of the roads that
            impact, paths and rules show, never edges of a graph: `package` (an import runs the
            package around its target), `conftest` (pytest runs it for the tests below it) and
            `override` (a call of the method may run this one of a subclass).
        name: Module, header or name as written at the evidence.
        confidence: `exact`, `inferred` or `dynamic`.
        source_symbol: Qualified name of the definition around the evidence, empty at the top of
            the file; file edges have none.
        target_symbol: Qualified name of what is used in its own file; file edges have none.
        condition: What decides whether the evidence counts, empty if nothing does: `typing`,
            `lazy`, `test`, or a preprocessor's or build's condition as written.
    """

    source: str
    target: str
    line: int
    column: int
    kind: str
    name: str
    confidence: Confidence = "exact"
    source_symbol: str = ""
    target_symbol: str = ""
    condition: str = ""


_CONDITIONS = {"typing": "for types only", "lazy": "when it runs", "test": "in tests"}


def condition_of(edge: Edge) -> str:
    """What decides whether an edge counts, in words; a build's own condition as written."""
    return _CONDITIONS.get(edge.condition, edge.condition)


def reservations(edge: Edge) -> tuple[str, ...]:
    """What is to be said of an edge besides its ends, in words: its condition, and its doubt."""
    doubt = "" if edge.confidence == "exact" else edge.confidence
    return tuple(filter(None, (condition_of(edge), doubt)))


@dataclass(frozen=True, slots=True, order=True)
class Unresolved:
    """An import that names no file of the set.

    Attributes:
        source: Path of the file that imports.
        line: Line from 1.
        column: Column from 1, in characters.
        name: Module, header or crate as written; an expression's text for `dynamic`.
        reason: `external`, `missing`, `skipped` or `dynamic`.
    """

    source: str
    line: int
    column: int
    name: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Linked:
    """All that one file proves, once the rest of the set may be looked at.

    Attributes:
        edges: File edges, sorted; every statement has its own, also to the same file.
        symbol_edges: Symbol edges, sorted; `define` edges are left to the graph.
        unresolved: Sorted.
    """

    edges: tuple[Edge, ...] = ()
    symbol_edges: tuple[Edge, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
