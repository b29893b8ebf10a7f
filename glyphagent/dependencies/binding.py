"""The uses of one file as symbol edges: scopes and local names first, then what they stand for."""

from __future__ import annotations

from collections.abc import Iterator

from glyphagent.dependencies.edges import Confidence, Edge
from glyphagent.dependencies.facts import (
    CALL,
    ITEM,
    ITEMS,
    UNKNOWN,
    Binding,
    Chain,
    FileFacts,
)
from glyphagent.dependencies.names import NO_MEMBERS, Names, Value, tables
from glyphagent.dependencies.resolving import LONGEST, Resolver
from glyphagent.dependencies.world import World


class Binder(Resolver):
    """The uses of one file as symbol edges."""

    def __init__(self, names: Names, facts: FileFacts, world: World) -> None:
        """Take a file."""
        super().__init__(names, world)
        self.facts = facts
        self.path = facts.path
        self._tables = tables(world, facts.path)
        self._bound: dict[tuple[int, str], list[Binding]] = {}
        for each in facts.bindings:
            self._bound.setdefault((each.scope, each.name), []).append(each)
        self._seen: dict[tuple[int, str], Value | None] = {}

    def symbol_edges(self) -> tuple[Edge, ...]:
        """Edges for all imports of names and all uses that lead into other files, sorted."""
        found = set(self._imports())
        for use in self.facts.uses:
            symbol = self.facts.scopes[use.scope].symbol
            value: Value | None = self.name(use.scope, use.chain[0])
            kind, last = use.kind, use.chain[0]
            reached = (value, last)
            for part in use.chain[1:]:
                if value is None:
                    break
                value = self.step(value, part)
                if value is not None:
                    last = part if part not in (CALL, ITEM) else last
                    reached = (value, last)
            if value is None:
                value, last = reached
                kind = "reference"
            if value is None or value.kind not in ("symbol", "module"):
                continue
            if value.path == self.path or (value.kind == "module" and kind != "reference"):
                continue
            if value.kind == "symbol" and last in (CALL, ITEM, UNKNOWN):
                continue
            confidence: Confidence = "exact" if value.sure else "inferred"
            found.add(
                Edge(
                    self.path,
                    value.path,
                    use.line,
                    use.column,
                    kind,
                    last,
                    confidence,
                    symbol,
                    value.name,
                )
            )
        return tuple(sorted(found))

    def _imports(self) -> Iterator[Edge]:
        """Edges of kind `reference` from import statements to where their names are defined."""
        for fact in self.facts.interface.imports:
            symbol = self.facts.scopes[fact.scope].symbol if fact.scope else ""
            for number, (name, _) in enumerate(fact.names):
                if name == "*":
                    continue
                value = self.names.imported(self.world, self.path, fact, name)
                if value is None or value.kind != "symbol" or value.path == self.path:
                    continue
                line = fact.name_lines[number] if fact.name_lines else fact.line
                column = fact.column if line == fact.line else 1
                sure: Confidence = "exact" if value.sure else "inferred"
                yield Edge(
                    *(self.path, value.path, line, column, "reference", name, sure, symbol),
                    value.name,
                    fact.condition,
                )

    def name(self, scope: int, name: str) -> Value | None:
        """What a name means in a scope of the file."""
        special = self.special(self.path, name)
        if special is not None or name[:1] in ("@", "^", UNKNOWN):
            return special
        key = (scope, name)
        if key in self._seen:
            return self._seen[key]
        # Stands in while the value is sought: `x = x.next`.
        self._seen[key] = None
        value = self._name(scope, name)
        self._seen[key] = value
        return value

    def _name(self, scope: int, name: str) -> Value | None:
        at, first = scope, True
        while at >= 0:
            here = self.facts.scopes[at]
            bound = self._bound.get((at, name))
            if bound is not None:
                return self._bound_value(at, bound)
            if here.kind == "function" or first or self.names.members_in_scope or at == 0:
                members = self._tables.members.get(here.symbol, NO_MEMBERS) if at else NO_MEMBERS
                inner = members.get(name)
                if inner is not None:
                    return Value("symbol", self.path, inner.qualified_name)
                if here.kind == "class" and self.names.members_in_scope:
                    inherited = self.type_member(self.path, here.symbol, name)
                    if inherited is not None:
                        return inherited
            if at:
                for fact, imported in self._tables.imports.get((at, name), ()):
                    value = self.names.imported(self.world, self.path, fact, imported)
                    if value is not None:
                        return value
                for fact in self._tables.stars.get(at, ()):
                    value = self.names.imported(self.world, self.path, fact, name)
                    if value is not None:
                        return value
            at, first = here.parent, False
        own = self._tables
        if not (self.names.has_free_names or (0, name) in own.imports or 0 in own.stars):
            declared = own.members.get("", NO_MEMBERS).get(name)
            # Most names are builtins or this file's own: no need to keep an answer for each.
            return Value("symbol", self.path, declared.qualified_name) if declared else None
        return self.top(self.path, name)

    def _bound_value(self, scope: int, bound: list[Binding]) -> Value | None:
        """What a local name holds: the first of its declared types and values that is known."""
        for each in bound:
            if each.type:
                value = self._local_type(scope, each.type)
                if value is not None:
                    return value
            if each.value:
                value = self.local(scope, each.value)
                if value is not None:
                    return value._replace(sure=value.sure and self.names.types_are_sure)
        return None

    def _local_type(self, scope: int, chain: Chain) -> Value | None:
        many = chain[-1] == ITEMS
        kind = self.as_type(self.local(scope, chain[:-1] if many else chain))
        if kind is None:
            return None
        # A method's own receiver is no guess.
        sure = kind.sure and (self.names.types_are_sure or chain[0][:1] == "@")
        return Value("items" if many else "instance", kind.path, kind.name, sure)

    def local(self, scope: int, chain: Chain) -> Value | None:
        """What a chain means in a scope of the file."""
        if not chain or len(chain) > LONGEST:
            return None
        return self.walk(self.name(scope, chain[0]), chain)
