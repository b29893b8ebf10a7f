"""What a change can reach: files, definitions and tests, each with the path that proves it.

Two answers, told apart. By files: whoever imports a changed file, or makes it run as a package
or a `conftest.py` around what it needs, however indirectly; a change reaches nothing else, as far
as the imports are known. By symbols: the narrower set whose definitions use a changed definition
along proven uses, or what it overrides in a base; it can miss a use that only a run decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from glyphagent.dependencies.changes import Lines
from glyphagent.dependencies.edges import Edge
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.implied import implied, implied_steps
from glyphagent.dependencies.paths import reach, walk_to
from glyphagent.dependencies.symbol_uses import Symbol, SymbolUses

_TEST_FOLDERS = frozenset(("test", "tests", "__tests__", "spec", "specs", "testing", "e2e"))
_TEST_NAMES = re.compile(
    r"(?:test_.*|.*_test|.*_tests|.*_spec|tests?|conftest|.*\.test|.*\.spec|.*\.cy|"
    r".*(?<=[a-z0-9])(?:Test|Tests|TestCase|Spec|IT)|Test[A-Z].*)\.\w+"
)


@dataclass(frozen=True, slots=True)
class Affected:
    """One file that a change can reach.

    Attributes:
        path: The file.
        distance: Imports between it and the nearest changed file.
        road: Shortest path of file edges, and of steps that they imply (kinds `package` and
            `conftest`), from it to a changed file.
        is_test: Whether its name or folder says that it is a test.
        symbols: Its definitions that use a changed one, sorted; empty name for the file's top.
        symbol_road: Shortest path of symbol edges from one of them to a changed definition.
    """

    path: str
    distance: int
    road: tuple[Edge, ...]
    is_test: bool
    symbols: tuple[str, ...] = ()
    symbol_road: tuple[Edge, ...] = ()

    @property
    def by_symbols(self) -> bool:
        """Whether a proven use of a changed definition leads there."""
        return bool(self.symbols)


@dataclass(frozen=True, slots=True)
class Impact:
    """What a change can reach.

    Attributes:
        changed: Changed files that the graph knows, sorted.
        symbols: Changed definitions, sorted.
        outside: Changed files with a change outside of every definition: what it means for
            others no symbol edge tells, so go by files there.
        affected: Files in reach of it without the changed ones, nearest first.
    """

    changed: tuple[str, ...]
    symbols: tuple[Symbol, ...]
    outside: tuple[str, ...]
    affected: tuple[Affected, ...]

    @property
    def tests(self) -> tuple[str, ...]:
        """Tests to run: those in reach by files, and changed ones; sorted."""
        reached = {each.path for each in self.affected if each.is_test}
        return tuple(sorted(reached | {path for path in self.changed if is_test(path)}))


def is_test(path: str) -> bool:
    """Whether a path says that it is a test, by the habits of the languages that are read."""
    *folders, name = path.split("/")
    if any(folder.lower() in _TEST_FOLDERS for folder in folders):
        return True
    return _TEST_NAMES.fullmatch(name) is not None


def find_impact(
    graph: DependencyGraph,
    changed: Mapping[str, Lines | None],
    *,
    uses: SymbolUses | None = None,
) -> Impact:
    """What a change can reach in a graph.

    Args:
        graph: State in which the files are changed.
        changed: Changed lines of each changed file; None for the whole file. Files that the
            graph does not know reach nothing.
        uses: The graph's symbol uses, if they are there already.
    """
    uses = uses or SymbolUses(graph)
    files = sorted(path for path in changed if path in graph.importers)
    found = reach(files, implied(graph).importers)
    symbols, outside = _changed_symbols(graph, {path: changed[path] for path in files})
    reached, came = _symbols_in_reach(uses, symbols)
    affected = []
    for path, (distance, _) in found.items():
        if distance:
            mine = tuple(sorted(reached.get(path, ())))
            road = min((_symbol_road(came, (path, name)) for name in mine), key=len, default=())
            walked = implied_steps(graph, walk_to(found, path))
            affected.append(Affected(path, distance, walked, is_test(path), mine, road))
    affected += [
        # A symbol edge without an import: files of one package, or an import that is unresolved.
        Affected(path, 0, (), is_test(path), tuple(sorted(names)), _nearest(came, path, names))
        for path, names in reached.items()
        if path not in found
    ]
    affected.sort(key=lambda each: (each.distance or len(each.symbol_road), each.path))
    return Impact(tuple(files), tuple(sorted(symbols)), outside, tuple(affected))


def _nearest(came: Mapping[Symbol, Edge], path: str, names: Iterable[str]) -> tuple[Edge, ...]:
    return min((_symbol_road(came, (path, name)) for name in sorted(names)), key=len)


def _changed_symbols(
    graph: DependencyGraph, changed: Mapping[str, Lines | None]
) -> tuple[set[Symbol], tuple[str, ...]]:
    """Innermost definitions around the changed lines, and the files with lines around none."""
    symbols: set[Symbol] = set()
    outside = []
    for path, lines in changed.items():
        declarations = graph.declarations(path)
        if lines is None:
            symbols.update((path, each.qualified_name) for each in declarations)
            symbols.add((path, ""))
            continue
        spans = [(d.line, max(d.line_end, d.line), d.qualified_name) for d in declarations]
        apart = False
        for begin, end in lines:
            around = {n for first, last, n in spans if first <= end and begin <= last}
            # Of a class and its method that both hold all changed lines, the method is meant.
            whole = {n for first, last, n in spans if first <= begin and end <= last}
            outer = {n for n in whole if any(i != n and i.startswith(f"{n}.") for i in whole)}
            symbols.update((path, name) for name in around - outer)
            apart = apart or not whole
        if apart:
            symbols.add((path, ""))
            outside.append(path)
    return symbols, tuple(sorted(outside))


def _symbols_in_reach(
    uses: SymbolUses, starts: Iterable[Symbol]
) -> tuple[dict[str, set[str]], dict[Symbol, Edge]]:
    """Definitions that use the given ones, by file without those, and the edge each came by."""
    came: dict[Symbol, Edge] = {}
    ring = sorted(starts)
    begin = frozenset(ring)
    seen = set(ring)
    for start in ring:
        seen.update(inner for inner in uses.inside(start) if start[1])
    ring = sorted(seen)
    while ring:
        following: list[Symbol] = []
        for symbol in ring:
            for edge in (*uses.edges_to(symbol), *uses.overridden(symbol)):
                user = (edge.source, edge.source_symbol)
                for each in _carriers(uses, user, edge):
                    if each not in seen:
                        seen.add(each)
                        came[each] = edge
                        following.append(each)
        ring = following
    reached: dict[str, set[str]] = {}
    changed = {path for path, _ in begin}
    for path, name in came:
        if path not in changed:
            reached.setdefault(path, set()).add(name)
    return reached, came


def _carriers(uses: SymbolUses, user: Symbol, edge: Edge) -> Iterable[Symbol]:
    """What a use hands the change on to.

    A type that inherits hands it to all of its members, a value at the top of a file to its name.
    """
    if edge.kind == "inherit" and user[1]:
        return uses.inside(user)
    if not user[1]:
        return (user, *uses.bound_at(edge.source, edge.line))
    return (user,)


def _symbol_road(came: Mapping[Symbol, Edge], symbol: Symbol) -> tuple[Edge, ...]:
    road = []
    while (edge := came.get(symbol)) is not None:
        road.append(edge)
        symbol = (edge.target, edge.target_symbol)
    return tuple(road)
