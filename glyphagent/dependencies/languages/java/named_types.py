"""Which file declares a Java type: by package, import, nesting and inheritance.

A type is found by its file's name and that file's own package line, so no build file is needed
for it; source roots only decide between several modules that declare the same name.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from glyphagent.dependencies.facts import Chain, Declaration, Interface
from glyphagent.dependencies.languages.java.roots import hidden_from, partners
from glyphagent.dependencies.world import World

KINDS = frozenset(("class", "interface", "enum"))


@dataclass(frozen=True, slots=True)
class Type:
    """A declared type: its file, its qualified name there, and whether no other could be meant."""

    path: str
    name: str
    exact: bool = True


# What an import names that is not in the set: it hides every other meaning of the name.
OUTSIDE = Type("", "")


class Unit:
    """One file's types and imports, prepared for lookups."""

    def __init__(self, interface: Interface) -> None:
        """Sort what a file shows."""
        self.path = interface.path
        self.folder = posixpath.dirname(interface.path)
        self.package = interface.package
        self.types = {
            each.qualified_name: each for each in interface.declarations if each.kind in KINDS
        }
        self.single: dict[str, tuple[str, str]] = {}
        self.wild: list[tuple[str, str]] = []
        for each in interface.imports:
            for name, local in each.names:
                if name == "*":
                    self.wild.append((each.specifier, each.kind))
                else:
                    self.single.setdefault(local, (each.specifier, each.kind))

    def __eq__(self, other: object) -> bool:
        """Whether lookups in two units give the same, whatever else their files declare."""
        return isinstance(other, Unit) and vars(self) == vars(other)


def unit(world: World, path: str) -> Unit | None:
    """A file of the set, prepared for lookups; None if it is no Java file."""

    def make() -> Unit | None:
        interface = world.interface(path)
        known = interface is not None and interface.language == "java"
        return Unit(interface) if interface is not None and known else None

    # Steady: a new method changes no unit, and so no other file's types.
    return world.memo("java.unit", path, make, None, steady=True)


def around(file: Unit, symbol: str) -> Iterator[str]:
    """Qualified names of the types around a definition, innermost first."""
    while symbol:
        if symbol in file.types:
            yield symbol
        symbol = symbol.rpartition(".")[0]


def top_level(world: World, folder: str, package: str, name: str) -> Type | None:
    """The top-level type of a package, as seen from a folder."""

    def make() -> Type | None:
        found = []
        for path in world.named(f"{name}.java"):
            there = unit(world, path)
            fits = there is not None and there.package == package and name in there.types
            if fits and not hidden_from(folder, path):
                found.append(path)
        if not found:
            # A second type of another file; only its own package may name it.
            for beside in partners(folder):
                if hidden_from(folder, beside):
                    continue
                path = _seconds(world, beside, package).get(name, "")
                if path:
                    return Type(path, name)
            return None
        best = max(found, key=partial(_nearness, folder))
        return Type(best, name, len(found) == 1 or _nearness(folder, best)[0] >= _SAME_MODULE)

    return world.memo("java.top", (folder, package, name), make, None)


def _seconds(world: World, folder: str, package: str) -> dict[str, str]:
    """Files of a folder by the top-level types that are not named after their file."""

    def make() -> dict[str, str]:
        found: dict[str, str] = {}
        for path in world.entries(folder):
            there = unit(world, path) if path.endswith(".java") else None
            if there is not None and there.package == package:
                for name, each in there.types.items():
                    if not each.parent:
                        found.setdefault(name, path)
        return found

    return world.memo("java.seconds", (folder, package), make, {})


_SAME_MODULE = 1


def _nearness(folder: str, path: str) -> tuple[int, int, str]:
    """How near a file is to a folder: same folder, module's other root, common part of the path."""
    mine, its = folder.split("/"), posixpath.dirname(path).split("/")
    shared = 0
    for a, b in zip(mine, its, strict=False):
        if a != b:
            break
        shared += 1
    beside = posixpath.dirname(path)
    kind = 2 if beside == folder else 1 if beside in partners(folder) else 0
    # Among equals the one whose path comes first, whatever order they were met in.
    return kind, shared, "".join(chr(0x10FFFF - ord(each)) for each in path)


def by_full_name(world: World, folder: str, parts: Sequence[str]) -> Type | None:
    """The type that a fully qualified name means; the package is the longest that fits."""
    for cut in range(len(parts) - 1, 0, -1):
        found = top_level(world, folder, ".".join(parts[:cut]), parts[cut])
        if found is not None:
            for name in parts[cut + 1 :]:
                found = member_type(world, found, name)
                if found is None:
                    break
            else:
                return found
    return None


def member_type(world: World, holder: Type, name: str) -> Type | None:
    """A nested type of a type, its own or inherited."""

    def make() -> Type | None:
        there = unit(world, holder.path)
        if there is None:
            return None
        nested = f"{holder.name}.{name}"
        if nested in there.types:
            return Type(holder.path, nested, holder.exact)
        for base in bases(world, holder):
            found = member_type(world, base, name)
            if found is not None:
                return found
        return None

    return world.memo("java.member", (holder, name), make, None)


def bases(world: World, type_: Type) -> tuple[Type, ...]:
    """Types of the set that a type extends and implements, in its order."""

    def make() -> tuple[Type, ...]:
        there = unit(world, type_.path)
        declared = there.types.get(type_.name) if there is not None else None
        if there is None or declared is None:
            return ()
        found = (_base(world, there, declared, chain) for chain in declared.bases)
        return tuple(each for each in found if each is not None)

    return world.memo("java.bases", type_, make, ())


def _base(world: World, there: Unit, declared: Declaration, chain: Chain) -> Type | None:
    if chain[0].startswith("@"):
        return Type(there.path, chain[0][1:])
    steps = named(world, there, declared.parent, chain)
    return steps[-1] if len(steps) == len(chain) else _full(world, there, chain)


def _full(world: World, there: Unit, chain: Chain) -> Type | None:
    return by_full_name(world, there.folder, chain) if len(chain) > 1 else None


def named(world: World, file: Unit, symbol: str, names: Sequence[str]) -> list[Type]:
    """Types that names mean one after the other: `Outer`, then `Outer.Inner`; stops at others."""
    found = simple(world, file, symbol, names[0])
    if found is None or found is OUTSIDE:
        return []
    steps = [found]
    for name in names[1:]:
        found = member_type(world, found, name)
        if found is None:
            break
        steps.append(found)
    return steps


def simple(world: World, file: Unit, symbol: str, name: str) -> Type | None:
    """The type that a bare name means inside a definition; `OUTSIDE` if an import decides so."""
    for holder in around(file, symbol):
        if holder.rpartition(".")[2] == name:
            return Type(file.path, holder)
        found = member_type(world, Type(file.path, holder), name)
        if found is not None:
            return found
    if name in file.types:
        return Type(file.path, name)
    if name in file.single:
        specifier, kind = file.single[name]
        found = by_full_name(world, file.folder, specifier.split("."))
        if found is not None or kind == "import":
            return found or OUTSIDE
    found = top_level(world, file.folder, file.package, name)
    if found is not None:
        return found
    for specifier, _ in file.wild:
        found = top_level(world, file.folder, specifier, name)
        if found is None:
            holder_type = by_full_name(world, file.folder, specifier.split("."))
            found = member_type(world, holder_type, name) if holder_type is not None else None
        if found is not None:
            return found
    return None
