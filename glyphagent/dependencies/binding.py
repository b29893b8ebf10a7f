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
    Use,
)
from glyphagent.dependencies.languages import language_module
from glyphagent.dependencies.names import NO_MEMBERS, TYPES, Names, Value, tables
from glyphagent.dependencies.resolving import LONGEST, Resolver
from glyphagent.dependencies.world import World

# How many local names an unknown receiver is followed through.
_MOST_STEPS = 4


def source_symbol(facts: FileFacts, use: Use) -> str:
    """The definition that a use stands in; a type for the names of its bases, beside its own."""
    around = facts.scopes[use.scope].symbol
    if use.kind != "inherit":
        return around
    place = (use.line, use.column)
    types = [
        each
        for each in facts.interface.declarations
        if each.kind in TYPES
        and each.parent == around
        and (each.line, each.column) <= place
        and use.line <= each.line_end
    ]
    last = max(types, key=lambda each: (each.line, each.column), default=None)
    return last.qualified_name if last is not None else around


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
            found.update(self._edges_of(use))
        return tuple(sorted(found))

    def _edges_of(self, use: Use) -> Iterator[Edge]:
        """The edge that one use proves, if it leads into another file."""
        kind, last = use.kind, use.chain[0]
        value = self.name(use.scope, last)
        reached = (value, last)
        for part in use.chain[1:]:
            if value is None:
                break
            value = self.step(value, part)
            if value is not None:
                last = part if part not in (CALL, ITEM) else last
                reached = (value, last)
        if value is None and reached[0] is None and kind == "call":
            value, last = self._only_member(use), use.chain[-1]
        elif value is None:
            value, last = reached
            kind = "reference"
        if value is None or value.kind not in ("symbol", "module") or last == UNKNOWN:
            return
        if kind == "call":
            # What is called is what a variable holds; of one that holds nothing known, no more
            # can be said than that it is named.
            callee = self.callee(value)
            if callee is not None and callee.kind == "symbol":
                value = callee._replace(sure=callee.sure and value.sure)
            elif not self.counts_as_called(value):
                kind = "reference"
        if value.path != self.path:
            confidence: Confidence = "exact" if value.sure else "inferred"
            yield Edge(
                *(self.path, value.path, use.line, use.column, kind, last, confidence),
                source_symbol(self.facts, use),
                value.name,
            )

    def callee(self, value: Value) -> Value | None:
        """What a call of a value calls: what a variable holds in the end."""
        return self.settled(value) if value.kind == "symbol" else None

    def counts_as_called(self, value: Value) -> bool:
        """Whether a call of a variable or field of unknown value is a call of that."""
        return False

    def _only_member(self, use: Use) -> Value | None:
        """The only method of the set that has a called name, where the receiver is unknown."""
        name = use.chain[-1]
        if len(use.chain) < 2 or name in self.names.common_members:
            return None
        if self._is_outside(use.scope, use.chain, _MOST_STEPS):
            return None
        places = self.world.members(name)
        if len(places) != 1 or language_module(places[0][0]) != language_module(self.path):
            return None
        return Value("symbol", *places[0], sure=False)

    def _is_outside(self, scope: int, chain: Chain, steps: int) -> bool:
        """Whether a chain begins, by way of local names, at an import from outside of the set."""
        head = chain[0]
        at = scope
        while at >= 0 and steps:
            if (at, head) in self._tables.imports:
                return True
            for each in self._bound.get((at, head), ()):
                known = each.type or each.value
                if known and known[0] != head and self._is_outside(at, known, steps - 1):
                    return True
            at = self.facts.scopes[at].parent
        declared = self._tables.members.get("", NO_MEMBERS).get(head)
        value = declared.value if declared is not None else ()
        return bool(value and steps and value[0] != head) and self._is_outside(0, value, steps - 1)

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
