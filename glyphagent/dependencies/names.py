"""What a language says about names, and a file's names in tables."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import NamedTuple, Protocol

from glyphagent.dependencies.facts import Declaration, ImportFact, Interface
from glyphagent.dependencies.showing import marks
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


class Head(NamedTuple):
    """What a file says of itself as a whole: `language`, `package` and `extra` of an interface."""

    language: str
    package: str
    extra: tuple[object, ...]


class Tables(NamedTuple):
    """A file's declarations and imports by name.

    Attributes:
        members: Under each declaration, by name; under the empty name the file's top.
        symbols: By qualified name.
        imports: By scope and the name that they bind.
        stars: Imports of all names by scope.
        exports: As in `Interface`.
        repeated: All declarations of those qualified names that have several.
    """

    members: Mapping[str, Mapping[str, Declaration]]
    symbols: Mapping[str, Declaration]
    imports: Mapping[tuple[int, str], tuple[tuple[ImportFact, str], ...]]
    stars: Mapping[int, tuple[ImportFact, ...]]
    exports: Mapping[str, str]
    repeated: Mapping[str, tuple[Declaration, ...]]


NO_TABLES = Tables({}, {}, {}, {}, {}, {})
NO_MEMBERS: Mapping[str, Declaration] = {}


def tables(world: World, path: str) -> Tables:
    """A file's declarations and imports by name; empty for an unknown file.

    Whoever asks is linked again whenever anything in the file's interface changes; the functions
    below look at one name alone.
    """
    world.looks.add(("interface", path))
    return _tables(world, path)


def member_of(world: World, path: str, parent: str, name: str) -> Declaration | None:
    """What a file declares under a name directly inside of a declaration, or at its top."""
    world.looks.add(("declared", (path, parent, name)))
    return _tables(world, path).members.get(parent, NO_MEMBERS).get(name)


def symbol_of(world: World, path: str, qualified_name: str) -> Declaration | None:
    """What a file declares under a qualified name."""
    world.looks.add(("symbol", (path, qualified_name)))
    return _tables(world, path).symbols.get(qualified_name)


def imports_of(world: World, path: str, name: str) -> tuple[tuple[ImportFact, str], ...]:
    """Imports that bind a name at the top of a file, and the name that each takes."""
    world.looks.add(("imported", (path, 0, name)))
    return _tables(world, path).imports.get((0, name), ())


def stars_of(world: World, path: str) -> tuple[ImportFact, ...]:
    """Imports of all names at the top of a file."""
    world.looks.add(("stars", (path, 0)))
    return _tables(world, path).stars.get(0, ())


def symbols_of(world: World, path: str, qualified_name: str) -> tuple[Declaration, ...]:
    """All that a file declares under a qualified name, in the order of the file."""
    world.looks.add(("symbol", (path, qualified_name)))
    found = _tables(world, path)
    one = found.symbols.get(qualified_name)
    return found.repeated.get(qualified_name, (one,)) if one is not None else ()


def imports_in(world: World, path: str) -> tuple[ImportFact, ...]:
    """All imports of a file."""
    world.looks.add(("imports", (path,)))
    interface = world.peek(path)
    return interface.imports if interface is not None else ()


def head_of(world: World, path: str) -> Head | None:
    """What a file says of itself as a whole; None for no file, or one of no known language."""
    world.looks.add(("head", (path,)))
    interface = world.peek(path)
    if interface is None:
        return None
    return Head(interface.language, interface.package, interface.extra)


def marks_of(world: World, path: str, mark: str) -> tuple[Hashable, ...]:
    """What a file's `extra` holds under a mark."""
    world.looks.add(("marks", (path, mark)))
    return marks(world.peek(path), mark)


def is_marked(world: World, path: str, mark: str, member: Hashable) -> bool:
    """Whether a file's `extra` holds something under a mark."""
    world.looks.add(("marked", (path, mark, member)))
    return member in marks(world.peek(path), mark)


def _tables(world: World, path: str) -> Tables:
    interface = world.peek(path)
    if interface is None:
        return NO_TABLES
    kept = world.attached.get(path)
    if kept is None or kept[0] is not interface:
        kept = world.attached[path] = (interface, tables_of(interface))
    made: Tables = kept[1]
    return made


def tables_of(interface: Interface) -> Tables:
    """An interface's declarations and imports by name."""
    members: dict[str, dict[str, Declaration]] = {}
    symbols: dict[str, Declaration] = {}
    repeated: dict[str, tuple[Declaration, ...]] = {}
    for each in interface.declarations:
        here = members.setdefault(each.parent, {})
        # A name given to a function and to a variable is the function: the variable is a fallback.
        known = symbols.get(each.qualified_name)
        if known is not None:
            before = repeated.get(each.qualified_name, (known,))
            repeated[each.qualified_name] = (*before, each)
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
        repeated,
    )


def weight(each: Declaration) -> int:
    """How much a declaration says: types and functions, then what has a type or value."""
    if each.kind in TYPES or each.kind in ("function", "method", "macro"):
        return 2
    return 1 if each.type or each.value else 0
