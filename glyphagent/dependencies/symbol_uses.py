"""Who uses which definition: between files by the graph's symbol edges, inside files by name.

Symbol edges tell of other files only. Inside a file a use counts for every definition of the file
that its names can mean; such an edge is `inferred`. It errs on the side of too many, which is
what an impact wants: a step that is left out would hide a use.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

from glyphagent.dependencies.edges import Edge
from glyphagent.dependencies.facts import CALL, ITEM, FileFacts
from glyphagent.dependencies.graph import DependencyGraph

Symbol = tuple[str, str]
"""A file's path and the qualified name of a definition in it, empty for the file's top."""

_VALUES = ("variable", "constant", "field")
# Never reached through a base: whoever makes an instance names its type.
_MAKERS = frozenset(("__init__", "__new__", "__post_init__", "constructor", "__construct"))


class SymbolUses:
    """Uses of definitions in both directions, for one graph."""

    def __init__(self, graph: DependencyGraph) -> None:
        """Take a graph; files are looked into when they are asked about."""
        self._graph = graph
        self._inner: dict[str, tuple[Edge, ...]] = {}

    def inside(self, symbol: Symbol) -> tuple[Symbol, ...]:
        """A definition and all that is defined inside of it; for a file's top, all of the file."""
        path, name = symbol
        inner = f"{name}." if name else ""
        declared = (each.qualified_name for each in self._graph.declarations(path))
        within = (each for each in declared if each != name and each.startswith(inner))
        return (symbol, *((path, each) for each in dict.fromkeys(within)))

    def edges_to(self, symbol: Symbol) -> tuple[Edge, ...]:
        """Uses of a definition, in its own file and in others, sorted."""
        path, name = symbol
        own = (edge for edge in self.inner_edges(path) if edge.target_symbol == name)
        return tuple(sorted({*self._uses.get(symbol, ()), *own}))

    def edges_from(self, symbol: Symbol) -> tuple[Edge, ...]:
        """What a definition uses, in its own file and in others, sorted; not what its parts do."""
        path, name = symbol
        every = (*self._graph.symbol_edges_from(path), *self.inner_edges(path))
        return tuple(sorted({edge for edge in every if edge.source_symbol == name}))

    def overridden(self, symbol: Symbol) -> tuple[Edge, ...]:
        """Steps from each member of a base that a member overrides to it, sorted; `inferred`.

        Whoever calls the base's may run this one. The evidence is the base's own declaration.
        """
        path, name = symbol
        owner, _, member = name.rpartition(".")
        if not owner or member in _MAKERS or member == owner.rpartition(".")[2]:
            return ()
        found = set()
        seen = {(path, owner)}
        waiting = [(path, owner)]
        while waiting:
            for base in self._bases(waiting.pop()):
                if base in seen:
                    continue
                seen.add(base)
                waiting.append(base)
                whole = f"{base[1]}.{member}"
                for each in self._graph.declarations(base[0]):
                    if each.qualified_name == whole:
                        where = (each.line, each.column, "override", member)
                        found.add(Edge(base[0], path, *where, "inferred", whole, name))
        return tuple(sorted(found))

    def _bases(self, owner: Symbol) -> set[Symbol]:
        """Types that a type names as its bases, in its own file and in others."""
        path, name = owner
        every = self._graph.declarations(path)
        known = {each.qualified_name for each in every}
        found: set[Symbol] = set()
        for each in every:
            if each.qualified_name != name:
                continue
            found.update((path, base[0]) for base in each.bases if len(base) == 1)
            last = {base[-1] for base in each.bases if base}
            for edge in self._graph.symbol_edges_from(path):
                # The header of a type stands in the scope around it in some languages.
                head = each.line <= edge.line <= each.line_end
                named = edge.source_symbol == name or (head and edge.name.split(".")[-1] in last)
                if edge.kind == "inherit" and named:
                    found.add((edge.target, edge.target_symbol))
        return {base for base in found if base[0] != path or base[1] in known}

    def bound_at(self, path: str, line: int) -> tuple[Symbol, ...]:
        """Variables at the top of a file whose first value stands on a line."""
        return tuple(
            (path, each.qualified_name)
            for each in self._graph.declarations(path)
            if each.kind in _VALUES
            and not each.parent
            and each.line <= line <= max(each.line, each.line_end)
        )

    def inner_edges(self, path: str) -> tuple[Edge, ...]:
        """Uses of a file's definitions by each other, sorted; a definition's own left out."""
        if path not in self._inner:
            facts = self._graph.facts(path)
            self._inner[path] = () if facts is None else tuple(sorted(_inner_edges(facts)))
        return self._inner[path]

    @cached_property
    def _uses(self) -> dict[Symbol, list[Edge]]:
        found: dict[Symbol, list[Edge]] = defaultdict(list)
        for edge in self._graph.symbol_edges:
            found[edge.target, edge.target_symbol].append(edge)
        return found


def _inner_edges(facts: FileFacts) -> set[Edge]:
    tops: dict[str, list[str]] = defaultdict(list)
    members: dict[str, list[str]] = defaultdict(list)
    for each in facts.interface.declarations:
        (members if each.parent else tops)[each.name].append(each.qualified_name)
    brought = {each.alias for each in facts.interface.imports if each.alias}
    brought.update(local for each in facts.interface.imports for _, local in each.names)
    found = set()
    for use in facts.uses:
        source = facts.scopes[use.scope].symbol if use.scope < len(facts.scopes) else ""
        for index, name in enumerate(use.chain):
            if name in (CALL, ITEM):
                continue
            if index == 0 and name in brought and name not in tops:
                break
            targets = tops.get(name, ()) if index == 0 else members.get(name, ())
            # A bare name may be a sibling inside the type around it, as in Java or C++.
            targets = targets or (members.get(name, ()) if index == 0 else ())
            for target in targets:
                if target != source:
                    found.add(_edge(facts.path, use.line, use.column, use.kind, source, target))
    for each in facts.interface.declarations:
        if each.kind in _VALUES and each.value:
            for target in tops.get(each.value[0], ()):
                if target != each.qualified_name:
                    where = (each.line, each.column, "reference")
                    found.add(_edge(facts.path, *where, each.qualified_name, target))
    return found


def _edge(path: str, line: int, column: int, kind: str, source: str, target: str) -> Edge:
    name = target.rpartition(".")[2]
    return Edge(path, path, line, column, kind, name, "inferred", source, target)
