"""What a language says about names, and a file's names in tables."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple, Protocol

from glyphagent.dependencies.facts import Declaration, ImportFact, Interface
from glyphagent.dependencies.world import World

TYPES = frozenset({"class", "interface", "enum"})


class Value(NamedTuple):
    """What an expression stands for.

    Attributes:
        kind: `module` (a file's names), `folder` (a namespace or package without one file),
            `symbol` (a declaration itself), `instance` (of a type), `items` (a collection of such
            instances) or `language` (a language's own, for its `Names` alone).
        path: Path of the file or folder.
        name: Qualified name of the symbol or type, empty for modules.
        sure: Whether the language's own rules lead here, with nothing guessed.
        owner: The type that a method was looked up on: path and qualified name.
    """

    kind: str
    path: str
    name: str = ""
    sure: bool = True
    owner: tuple[str, str] | None = None


class Names(Protocol):
    """What a language says about names."""

    # Whether a type's members are visible inside its methods without a receiver (Java, C++).
    members_in_scope: bool
    # Whether declared types are the language's own truth (not so in Python).
    types_are_sure: bool
    # Names of methods that the language's own library has as well: never told by name alone.
    common_members: frozenset[str]
    # Whether `free` ever gives anything.
    has_free_names: bool

    def imported(self, world: World, path: str, fact: ImportFact, name: str) -> Value | None:
        """What an import in a file brings in under a name; the module itself for no name."""
        ...

    def free(self, world: World, path: str, name: str) -> Value | None:
        """What a name means that a file neither declares nor imports: same package, builtins."""
        ...

    def member(self, world: World, value: Value, name: str) -> Value | None:
        """A member that the general rules do not find: submodules, methods in other files."""
        ...


class Tables(NamedTuple):
    """A file's declarations and imports by name."""

    members: Mapping[str, Mapping[str, Declaration]]
    symbols: Mapping[str, Declaration]
    imports: Mapping[tuple[int, str], tuple[tuple[ImportFact, str], ...]]
    stars: Mapping[int, tuple[ImportFact, ...]]
    exports: Mapping[str, str]


NO_TABLES = Tables({}, {}, {}, {}, {})
NO_MEMBERS: Mapping[str, Declaration] = {}


def tables(world: World, path: str) -> Tables:
    """A file's declarations and imports by name; empty for an unknown file."""
    return world.memo("tables", path, partial(_tables, world, path), NO_TABLES)


def _tables(world: World, path: str) -> Tables:
    interface = world.interface(path)
    return NO_TABLES if interface is None else tables_of(interface)


def tables_of(interface: Interface) -> Tables:
    """An interface's declarations and imports by name."""
    members: dict[str, dict[str, Declaration]] = {}
    symbols: dict[str, Declaration] = {}
    for each in interface.declarations:
        here = members.setdefault(each.parent, {})
        # A name given to a function and to a variable is the function: the variable is a fallback.
        known = here.get(each.name)
        if known is None or weight(each) >= weight(known):
            here[each.name] = each
            symbols[each.qualified_name] = each
    imports: dict[tuple[int, str], list[tuple[ImportFact, str]]] = {}
    stars: dict[int, list[ImportFact]] = {}
    for fact in interface.imports:
        if fact.alias:
            imports.setdefault((fact.scope, fact.alias), []).append((fact, ""))
        for name, local in fact.names:
            if name == "*" and local in ("*", ""):
                stars.setdefault(fact.scope, []).append(fact)
            elif local:
                imports.setdefault((fact.scope, local), []).append((fact, name))
    return Tables(
        members,
        symbols,
        {key: tuple(found) for key, found in imports.items()},
        {key: tuple(found) for key, found in stars.items()},
        dict(interface.exports),
    )


def weight(each: Declaration) -> int:
    """How much a declaration says: types and functions, then what has a type or value."""
    if each.kind in TYPES or each.kind in ("function", "method", "macro"):
        return 2
    return 1 if each.type or each.value else 0
