"""What Java's names mean to the shared binding: packages, imports, library collections."""

from __future__ import annotations

from glyphagent.dependencies.binding import Binder
from glyphagent.dependencies.edges import Edge
from glyphagent.dependencies.facts import FileFacts, ImportFact, Use
from glyphagent.dependencies.languages.java.named_types import (
    Type,
    by_full_name,
    member_type,
    top_level,
    unit,
)
from glyphagent.dependencies.names import Value, symbols_of
from glyphagent.dependencies.resolving import Resolver
from glyphagent.dependencies.world import World

# Methods of the library's collections, streams and optionals that give a holder of the same
# items, and those that give one item. What others give is not followed.
_KEEP = frozenset(
    """
    stream parallelStream filter iterator listIterator sorted distinct limit skip subList values
    entrySet findFirst findAny min max toList clone spliterator descendingIterator reversed toArray
    headSet tailSet subSet descendingSet takeWhile dropWhile
    """.split()  # noqa: SIM905 - names in quotes would hide that it is a list
)
_GIVE = frozenset(
    """
    get next previous orElse orElseGet orElseThrow getFirst getLast first last peek poll pop
    element pollFirst pollLast removeFirst removeLast peekFirst peekLast getValue getOrDefault
    firstElement lastElement elementAt join call floor ceiling higher lower take getNow set put
    putIfAbsent computeIfAbsent
    """.split()  # noqa: SIM905
)
_KEEPER, _GIVER = "[]=", "[]:"


class JavaNames:
    """Java's rules for names."""

    members_in_scope = True
    types_are_sure = True
    has_free_names = True
    common_members: frozenset[str] = frozenset()

    def imported(self, world: World, path: str, fact: ImportFact, name: str) -> Value | None:
        """The type that an import brings in, or the static member."""
        file = unit(world, path)
        if file is None or not name or fact.kind == "requires":
            return None
        parts = fact.specifier.split(".")
        wild = any(taken == "*" for taken, _ in fact.names)
        if fact.kind == "static":
            holder = by_full_name(world, file.folder, parts if wild else parts[:-1])
            if holder is None:
                return None
            return JavaResolver(self, world).type_member(holder.path, holder.name, name)
        if not wild:
            return _symbol(by_full_name(world, file.folder, parts))
        # A type of the own package hides one that a wildcard offers.
        found = top_level(world, file.folder, file.package, name)
        found = found or top_level(world, file.folder, fact.specifier, name)
        if found is None and name[:1].isupper():
            holder = by_full_name(world, file.folder, parts)
            found = member_type(world, holder, name) if holder is not None else None
        return _symbol(found)

    def free(self, world: World, path: str, name: str) -> Value | None:
        """A type of the same package, or the beginning of a package's name."""
        file = unit(world, path)
        if file is None:
            return None
        found = _symbol(top_level(world, file.folder, file.package, name))
        if found is None and name[:1].islower():
            return Value("language", file.folder, name)
        return found

    def member(self, world: World, value: Value, name: str) -> Value | None:
        """A package's type or inner package; other members are found by the general rules."""
        if value.kind != "language" or value.name[:1] in "^[":
            return None
        if name[:1].isupper():
            return _symbol(top_level(world, value.path, value.name, name))
        return value._replace(name=f"{value.name}.{name}")


def _symbol(found: Type | None) -> Value | None:
    return Value("symbol", found.path, found.name, found.exact) if found is not None else None


class _Steps(Resolver):
    """Java's additions to following chains."""

    def member(self, value: Value, name: str) -> Value | None:
        """A member; methods have none, so a field of the same name is meant."""
        if value.kind == "items":
            mark = _KEEPER if name in _KEEP else _GIVER if name in _GIVE else ""
            return Value("language", value.path, mark + value.name, False) if mark else None
        return super().member(self._field(value), name)

    def called(self, value: Value) -> Value | None:
        """What a call gives, of the library's holders too."""
        if value.kind == "language" and value.name[:3] in (_KEEPER, _GIVER):
            kind = "items" if value.name[:3] == _KEEPER else "instance"
            return Value(kind, value.path, value.name[3:], False)
        return super().called(value)

    def item(self, value: Value) -> Value | None:
        """What taking an item gives."""
        return super().item(self._field(value))

    def _field(self, value: Value) -> Value:
        """The value of the field that shares its name with a method that is not called."""
        if value.kind != "symbol":
            return value
        declared = self.declaration(value)
        if declared is None or declared.kind != "method":
            return value
        for each in symbols_of(self.world, value.path, value.name):
            if each.kind == "field" and each.type:
                return self.typed(value.path, each.parent, each.type) or value
        return value


class JavaResolver(_Steps):
    """Chains as seen from outside of methods."""


class JavaBinder(_Steps, Binder):
    """The uses of one file as symbol edges."""

    def _only_member(self, use: Use) -> Value | None:
        """Nothing: types are declared, so what has no known receiver is another's."""
        return None


def symbol_edges(facts: FileFacts, world: World) -> tuple[Edge, ...]:
    """Symbol edges of a file, sorted."""
    return JavaBinder(NAMES, facts, world).symbol_edges()


NAMES = JavaNames()
