"""What names of C and C++ mean to the shared binding."""

from __future__ import annotations

from dataclasses import replace

from glyphagent.dependencies.binding import Binder
from glyphagent.dependencies.edges import Edge
from glyphagent.dependencies.facts import FileFacts, ImportFact, Use
from glyphagent.dependencies.languages.c.scopes import (
    USED_NAMESPACES,
    definition,
    entries,
    leads_outside,
    visible,
)
from glyphagent.dependencies.names import TYPES, Value, marks_of, symbol_of
from glyphagent.dependencies.resolving import Resolver
from glyphagent.dependencies.world import World


class CNames:
    """The rules of C and C++ for names."""

    members_in_scope = True
    types_are_sure = True
    has_free_names = True
    common_members: frozenset[str] = frozenset()

    def imported(self, world: World, path: str, fact: ImportFact, name: str) -> Value | None:
        """Nothing: includes bring in text, which `free` looks through."""
        return None

    def free(self, world: World, path: str, name: str) -> Value | None:
        """What an include shows, or a namespace that is used as a whole."""
        found = visible(world, path, name)
        if found is not None and found.sure:
            return found
        for space in marks_of(world, path, USED_NAMESPACES):
            inner = visible(world, path, f"{space}.{name}")
            if inner is not None:
                return inner
        return found

    def member(self, world: World, value: Value, name: str) -> Value | None:
        """A member of a namespace or type that other files declare."""
        if value.kind not in ("symbol", "instance") or not value.name:
            return None
        found = visible(world, value.path, f"{value.name}.{name}")
        if found is not None:
            return found
        declared = symbol_of(world, value.path, value.name)
        if declared is not None and declared.kind in TYPES:
            return None
        if declared is not None and declared.kind == "type" and declared.type:
            # Perhaps another name of a namespace: `namespace b = a;`
            return visible(world, value.path, ".".join((*declared.type, name)))
        # The type itself is another file's: its fields and bases are there.
        whole = self.free(world, value.path, value.name)
        if whole is None or whole.path == value.path:
            return None
        return CResolver(self, world).type_member(whole.path, whole.name, name)


class _Steps(Resolver):
    """Additions to following chains."""

    def as_type(self, value: Value | None) -> Value | None:
        """The type that a symbol is."""
        return super().as_type(self._whole(value) if value is not None else None)

    def member(self, value: Value, name: str) -> Value | None:
        """A member; inside a class its name, which its constructors bear too, is the class."""
        return super().member(self._whole(value), name)

    def _whole(self, value: Value) -> Value:
        """The class for its constructor, other values as they are."""
        holder, _, last = value.name.rpartition(".")
        if value.kind != "symbol" or not holder or holder.rpartition(".")[2] != last:
            return value
        declared = self.declaration(value)
        if declared is None or declared.kind != "method":
            return value
        found = visible(self.world, value.path, holder)
        if found is None:
            found = self.names.free(self.world, value.path, holder)
        return found or value

    def item(self, value: Value) -> Value | None:
        """What taking an item gives: pointers are arrays."""
        found = super().item(value)
        if found is None and value.kind == "instance":
            return value
        if found is None and value.kind == "symbol":
            held = self.settled(value)
            return held if held is not None and held.kind == "instance" else None
        return found


class CResolver(_Steps):
    """Chains as seen from outside of functions."""


class CBinder(_Steps, Binder):
    """The uses of one file as symbol edges."""

    def name(self, scope: int, name: str) -> Value | None:
        """What a name means in a scope: a function's definition rather than its declaration."""
        return self._defined(super().name(scope, name))

    def member(self, value: Value, name: str) -> Value | None:
        """A member: a method's definition rather than its declaration."""
        return self._defined(super().member(value, name))

    def _defined(self, value: Value | None) -> Value | None:
        if value is None or value.kind != "symbol":
            return value
        if leads_outside(self.world, value.path, value.name):
            return value
        return definition(self.world, self.path, value)

    def _only_member(self, use: Use) -> Value | None:
        """Nothing: types are declared, so what has no known receiver is another's."""
        return None

    def symbol_edges(self) -> tuple[Edge, ...]:
        """Edges for all uses that lead into other files, sorted; only functions are called."""
        found = {self._called(edge) for edge in super().symbol_edges()}
        return tuple(sorted(edge for edge in found if edge.target != self.path))

    def _called(self, edge: Edge) -> Edge:
        if edge.kind != "call":
            return edge
        declared = symbol_of(self.world, edge.target, edge.target_symbol)
        if declared is None or declared.kind in ("function", "method"):
            outside = leads_outside(self.world, edge.target, edge.target_symbol)
            return replace(edge, kind="reference") if outside else edge
        if declared.kind == "class":
            maker = f"{edge.target_symbol}.{declared.name}"
            if any(each.path == edge.target for each in entries(self.world, maker)):
                value = Value("symbol", edge.target, maker)
                found = definition(self.world, self.path, value)
                return replace(edge, target=found.path, target_symbol=maker)
            return edge
        return replace(edge, kind="reference")


def symbol_edges(facts: FileFacts, world: World) -> tuple[Edge, ...]:
    """Symbol edges of a file, sorted."""
    return CBinder(NAMES, facts, world).symbol_edges()


NAMES = CNames()
