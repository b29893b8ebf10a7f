"""Go packages: which names the files of a folder declare together, and what imports bring in."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial
from typing import NamedTuple

from glyphagent.dependencies.facts import ImportFact, Interface
from glyphagent.dependencies.languages.go.builds import USUAL, build_for, holds, is_test
from glyphagent.dependencies.languages.go.chains import BUILTIN
from glyphagent.dependencies.languages.go.modules import find_package
from glyphagent.dependencies.names import Head, Value, head_of, imports_in, symbols_of
from glyphagent.dependencies.world import World

# `import "C"` has no folder, and these say nothing about a package.
_NOT_PACKAGES = frozenset(("C", "unsafe"))


class Entry(NamedTuple):
    """A file that declares a name of a package."""

    path: str
    name: str
    constraint: str
    test: bool


class Package(NamedTuple):
    """Files of one folder that have one package name.

    Attributes:
        folder: The folder.
        name: The package's name; `_test` packages have their own.
        files: Its files, sorted.
    """

    folder: str
    name: str
    files: tuple[Entry, ...]


_NONE = Package("", "", ())


def packages(world: World, folder: str) -> Mapping[str, Package]:
    """Packages whose files lie in a folder, by name."""
    make = partial(_packages, world, folder)
    return world.memo("go.packages", folder, make, {}, steady=True)


def _packages(world: World, folder: str) -> Mapping[str, Package]:
    files: dict[str, list[Entry]] = {}
    for path in world.entries(folder):
        head = head_of(world, path) if path.endswith(".go") else None
        if head is not None and head.language == "go":
            entry = Entry(path, "", stated_constraint(head), is_test(path))
            files.setdefault(head.package, []).append(entry)
    return {name: Package(folder, name, tuple(found)) for name, found in files.items()}


def declared(world: World, package: Package, name: str) -> tuple[Entry, ...]:
    """Files of a package that declare a name, methods by `Type.name`, in their order."""
    key = (package.folder, package.name, name)
    return world.memo("go.declared", key, partial(_declared, world, package, name), ())


def _declared(world: World, package: Package, name: str) -> tuple[Entry, ...]:
    paths = world.declaring("go", name, package.folder)
    return tuple(
        each._replace(name=name)
        for each in (package.files if paths else ())
        if each.path in paths
        for found in symbols_of(world, each.path, name)
        if (found.parent == "" and name != "init") or found.kind == "method"
    )


def initial(world: World, package: Package) -> tuple[Entry, ...]:
    """Files of a package that run code when it is loaded."""
    paths = world.declaring("go", "init", package.folder)
    return tuple(
        each
        for each in package.files
        if each.path in paths
        and any(found.kind == "function" for found in symbols_of(world, each.path, "init"))
    )


def stated_constraint(head: Head | Interface) -> str:
    """Build constraint of a file."""
    return str(head.extra[0]) if head.extra else ""


def constraint_in(world: World, path: str) -> str:
    """Build constraint of a file of the set."""
    head = head_of(world, path)
    return stated_constraint(head) if head is not None else ""


def package_of(world: World, path: str) -> Package:
    """The package that a file belongs to."""
    head = head_of(world, path)
    found = packages(world, posixpath.dirname(path))
    return found.get(head.package, _NONE) if head is not None else _NONE


def imported_package(world: World, folder: str) -> Package:
    """The package that an import of a folder names."""
    return world.memo("go.package", folder, partial(_imported_package, world, folder), _NONE)


def _imported_package(world: World, folder: str) -> Package:
    weights: Counter[str] = Counter()
    found = packages(world, folder)
    for name, package in found.items():
        for each in package.files:
            # A command, or a program that generates the rest, is no package to import.
            usual = 4 if holds(each.constraint, USUAL) else 1
            weights[name] += (usual if name not in ("main", "documentation") else 0) * (
                0 if each.test else 8
            ) + 1
    if not weights:
        return _NONE
    return found[max(sorted(weights), key=lambda name: weights[name])]


def choose(entries: Iterable[Entry], constraint: str, *, test: bool) -> Entry | None:
    """The entry that a file with a constraint is built with."""
    build = build_for(constraint)
    best: tuple[tuple[bool, bool, bool], Entry] | None = None
    for each in entries:
        rank = (
            not each.test or test,
            holds(each.constraint, build),
            not each.test,
        )
        if best is None or rank > best[0]:
            best = (rank, each)
    return best[1] if best is not None else None


def lookup(
    world: World, package: Package, name: str, constraint: str, *, test: bool
) -> Value | None:
    """What a package declares under a name, as a file with a constraint sees it."""
    entries = declared(world, package, name)
    if not entries:
        return None
    if not test and all(each.test for each in entries):
        return None
    entry = choose(entries, constraint, test=test)
    if entry is None:
        return None
    if holds(entry.constraint, build_for(constraint)):
        return Value("symbol", entry.path, entry.name)
    # Another build alone has it; what Go itself has under that name is meant then.
    return Value("symbol", entry.path, entry.name, sure=False) if name not in BUILTIN else None


def folder_of(world: World, path: str, fact: ImportFact) -> str | None:
    """Folder of the set that an import statement of a file leads to."""
    if fact.specifier in _NOT_PACKAGES or fact.kind not in ("import", "dot", "blank"):
        return None
    return find_package(world, posixpath.dirname(path), fact.specifier).folder


def named_imports(world: World, path: str) -> Mapping[str, tuple[str, bool]]:
    """Folders that a file's imports without an alias lead to, by the package's name."""
    return world.memo("go.imports", path, partial(_named_imports, world, path), {})


def _named_imports(world: World, path: str) -> Mapping[str, tuple[str, bool]]:
    found: dict[str, tuple[str, bool]] = {}
    for fact in imports_in(world, path):
        if fact.kind != "import" or fact.alias or fact.specifier in _NOT_PACKAGES:
            continue
        target = find_package(world, posixpath.dirname(path), fact.specifier)
        if target.folder is not None:
            name = imported_package(world, target.folder).name
            found.setdefault(name, (target.folder, target.sure))
    return found


class GoNames:
    """What Go says about names."""

    members_in_scope = False
    types_are_sure = True
    common_members: frozenset[str] = frozenset()
    has_free_names = True

    def imported(self, world: World, path: str, fact: ImportFact, name: str) -> Value | None:
        """The package that an import names, or what a dot import brings in."""
        if fact.kind not in ("import", "dot") or fact.specifier in _NOT_PACKAGES:
            return None
        found = find_package(world, posixpath.dirname(path), fact.specifier)
        if found.folder is None:
            return None
        value = Value("folder", found.folder, "", found.sure)
        return self.member(world, value, name) if name else value

    def free(self, world: World, path: str, name: str) -> Value | None:
        """A name of the same package, or a package that an import names by its own name."""
        constraint = constraint_in(world, path)
        found = lookup(world, package_of(world, path), name, constraint, test=is_test(path))
        if found is not None:
            return found
        imported = named_imports(world, path).get(name)
        return Value("folder", imported[0], "", imported[1]) if imported is not None else None

    def member(self, world: World, value: Value, name: str) -> Value | None:
        """An exported name of a package; a method that another file of the package declares."""
        if value.kind == "folder":
            if not name[:1].isupper():
                return None
            package = imported_package(world, value.path)
            found = lookup(world, package, name, "", test=True)
            return found and found._replace(sure=value.sure)
        if value.kind != "instance" or not value.name:
            return None
        constraint = constraint_in(world, value.path)
        package = package_of(world, value.path)
        return lookup(world, package, f"{value.name}.{name}", constraint, test=True)
