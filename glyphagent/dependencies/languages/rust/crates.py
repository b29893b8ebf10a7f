"""Which file is which module of which crate.

Source: doc.rust-lang.org/reference, "Modules": a module's file is `name.rs` or `name/mod.rs` in
its parent's folder, inline modules add folders, and `#[path]` names any file.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import chain
from typing import NamedTuple

from glyphagent.dependencies.facts import Chain, Declaration, ImportFact
from glyphagent.dependencies.languages.rust.cargo import Package, package_of
from glyphagent.dependencies.names import symbols_of
from glyphagent.dependencies.world import World

MODS = frozenset({"mod", "pub mod"})


class Module(NamedTuple):
    """A module: a file, or an inline module of it.

    Attributes:
        file: Path of the file.
        inner: Dotted name of the inline module, empty for the file's own.
    """

    file: str
    inner: str = ""


class Scope(NamedTuple):
    """What one module brings in, by name; its own items are `items_of`.

    Attributes:
        imports: Names of `use` declarations, `extern crate`s and modules in files.
        globs: Its `use path::*`, the public ones and then the others.
        included: Files whose text `include!` puts into it.
    """

    imports: dict[str, list[ImportFact]]
    globs: list[ImportFact]
    included: list[ImportFact]


Impl = tuple[str, str, str]


class FileModules(NamedTuple):
    """The modules of one file.

    Attributes:
        scopes: By dotted name of the inline module; the file's own is empty.
        inner: Dotted name of the inline module that a scope index lies in, functions left out.
        paths: Folders that `#[path]` gives to inline modules, by the module around and the name.
        macro_use: Pairs of an inline module and a module's name whose macros it shows.
        impls: Owner, head of the type and head of the trait of implementations, by the bare name
            of the owner.
        closures: Types of what a function gives to the closure that it takes.
    """

    scopes: Mapping[str, Scope]
    inner: Mapping[int, str]
    paths: Mapping[tuple[str, str], str]
    macro_use: tuple[tuple[str, str], ...]
    impls: Mapping[str, tuple[Impl, ...]]
    closures: Mapping[str, tuple[Chain, ...]]


_NO_FILE = FileModules({}, {}, {}, (), {}, {})


def file_modules(world: World, path: str) -> FileModules:
    """The modules of a file; none for an unknown file."""
    # Steady: a new function changes nothing here, and so spares all who look at it.
    make = partial(_file_modules, world, path)
    return world.memo("rust.modules", path, make, _NO_FILE, steady=True)


def items_of(world: World, path: str, parent: str, name: str) -> Iterator[Declaration]:
    """What a file declares under a name directly inside of a module or type."""
    qualified = f"{parent}.{name}" if parent else name
    # Macros have names of their own, told by their mark.
    found = (*symbols_of(world, path, qualified), *symbols_of(world, path, f"{qualified}!"))
    for each in found:
        if each.parent == parent and each.name == name:
            yield each


def _file_modules(world: World, path: str) -> FileModules:
    interface = world.interface(path)
    if interface is None or interface.language != "rust":
        return _NO_FILE
    inner: dict[int, str] = {0: ""}
    paths: dict[tuple[str, str], str] = {}
    macro_use: list[tuple[str, str]] = []
    impls: dict[str, tuple[Impl, ...]] = {}
    closures: dict[str, tuple[Chain, ...]] = {}
    for each in interface.extra:
        if not isinstance(each, tuple):
            continue
        if each[0] == "module":
            inner[each[1]] = each[2]
        elif each[0] == "path":
            paths[each[1], each[2]] = each[3]
        elif each[0] == "macro_use":
            macro_use.append((each[1], each[2]))
        elif each[0] == "closure":
            closures[each[1]] = each[2]
        elif each[0] == "impl":
            bare = each[1].rpartition(".")[2]
            impls[bare] = (*impls.get(bare, ()), each[1:])
    scopes = {name: Scope({}, [], []) for name in inner.values()}
    for fact in interface.imports:
        if fact.scope not in inner:
            continue
        scope = scopes[inner[fact.scope]]
        if fact.kind == "include":
            scope.included.append(fact)
        elif fact.kind in MODS:
            scope.imports.setdefault(fact.alias, []).append(fact)
        elif fact.names and fact.names[0][0] == "*":
            scope.globs.append(fact)
        elif fact.names or fact.alias:
            name = fact.names[0][1] if fact.names else fact.alias
            scope.imports.setdefault(name, []).append(fact)
    return FileModules(scopes, inner, paths, tuple(macro_use), impls, closures)


class Parent(NamedTuple):
    """How a file becomes part of a crate.

    Attributes:
        module: The module that declares or includes it.
        name: What it is called there; empty for a file that is included.
        named: Whether `#[path]` or `include!` names the file.
    """

    module: Module
    name: str
    named: bool


def parent_of(world: World, path: str) -> Parent | None:
    """The module that a file's own module is declared in; None for the root of a crate."""
    return world.memo("rust.parent", path, partial(_parent_of, world, path), None)


def _parent_of(world: World, path: str) -> Parent | None:
    package = package_of(world, path)
    if package is not None and path in package.roots and path not in package.guessed:
        return None
    base = posixpath.basename(path)
    folder = posixpath.dirname(path)
    if package is None and base in ("lib.rs", "main.rs"):
        return None
    # Inline modules add folders: the declaration may be any number of folders up.
    at = posixpath.dirname(folder) if base == "mod.rs" else folder
    top = package.folder if package is not None else ""
    guessed = package.guessed if package is not None else frozenset()
    while True:
        for file in _owners(world, at, package):
            # Tests and examples beside each other are no modules of each other.
            if file != path and not (path in guessed and file in guessed):
                found = _declares(world, file, path)
                if found is not None:
                    return found
        if not at or at == top:
            break
        at = posixpath.dirname(at)
    return _strays(world, top if package is not None else None).get(path)


def _owners(world: World, folder: str, package: Package | None) -> Iterator[str]:
    """Files whose modules lie in a folder, likely ones first."""
    roots = package.roots if package is not None else ()
    yield from (each for each in roots if posixpath.dirname(each) == folder)
    for name in ("mod.rs", "lib.rs", "main.rs"):
        each = posixpath.join(folder, name)
        if each not in roots and world.exists(each):
            yield each
    if folder and world.exists(folder + ".rs"):
        yield folder + ".rs"


def _declares(world: World, file: str, path: str) -> Parent | None:
    """The declaration in a file that leads to another one."""
    stem = posixpath.basename(path).removesuffix(".rs")
    if stem == "mod":
        stem = posixpath.basename(posixpath.dirname(path))
    for inner, scope in file_modules(world, file).scopes.items():
        for fact in scope.imports.get(stem, ()):
            if fact.kind in MODS and path in module_files(world, Module(file, inner), fact):
                return Parent(Module(file, inner), stem, named=bool(fact.names))
    return None


def _strays(world: World, folder: str | None) -> Mapping[str, Parent]:
    """Files of a package that are named by `#[path]` or `include!`, and where that is."""
    if folder is None:
        return _NO_STRAYS
    find = partial(_find_strays, world, folder)
    return world.memo("rust.strays", folder, find, _NO_STRAYS, steady=True)


_NO_STRAYS: Mapping[str, Parent] = {}


def _find_strays(world: World, folder: str) -> Mapping[str, Parent]:
    found: dict[str, Parent] = {}
    waiting = [folder]
    while waiting:
        for entry in world.entries(waiting.pop()):
            if entry.endswith(".rs"):
                for path, parent in _named_by(world, entry):
                    found.setdefault(path, parent)
            elif world.is_folder(entry):
                waiting.append(entry)
    # What such files declare lies where nobody would look for it.
    strays = [path for path, parent in found.items() if parent.name]
    for path in strays:
        for parent, target in _declared(world, path, named=False):
            if target not in found:
                found[target] = parent
                strays.append(target)
    return found


def _named_by(world: World, path: str) -> Iterator[tuple[str, Parent]]:
    """Files that a file names by `#[path]` or `include!`."""
    for parent, target in _declared(world, path, named=True):
        yield target, parent
    for inner, scope in file_modules(world, path).scopes.items():
        for fact in scope.included:
            included = included_file(world, path, fact)
            if included is not None:
                yield included, Parent(Module(path, inner), "", named=True)


def _declared(world: World, path: str, *, named: bool) -> Iterator[tuple[Parent, str]]:
    """Files of the modules that a file declares, with or without `#[path]`."""
    for inner, scope in file_modules(world, path).scopes.items():
        module = Module(path, inner)
        for fact in chain.from_iterable(scope.imports.values()):
            if fact.kind in MODS and bool(fact.names) == named:
                for target in module_files(world, module, fact):
                    yield Parent(module, fact.alias, named), target


def included_file(world: World, path: str, fact: ImportFact) -> str | None:
    """Path that an `include!` in a file names; None if only a build can tell."""
    if fact.computed:
        return None
    written = fact.specifier.replace("\\", "/")
    folder = posixpath.dirname(path)
    if written.startswith("$CARGO_MANIFEST_DIR"):
        package = package_of(world, path)
        if package is None:
            return None
        folder = package.folder
        written = written.removeprefix("$CARGO_MANIFEST_DIR").lstrip("/")
    found = posixpath.normpath(posixpath.join(folder, written))
    return None if found.startswith(("../", "/")) or found == ".." else found


def module_folder(world: World, path: str) -> str:
    """Folder in which the modules of a file lie."""
    folder, base = posixpath.split(path)
    if base == "mod.rs":
        return folder
    parent = parent_of(world, path)
    if parent is None or parent.named:
        return folder
    return posixpath.join(folder, base.removesuffix(".rs"))


def module_files(world: World, module: Module, fact: ImportFact) -> tuple[str, ...]:
    """Files that a `mod name;` may stand for, by all conditions; empty if there is none."""
    return tuple(path for path, _ in module_candidates(world, module, fact) if world.exists(path))


def module_candidates(
    world: World, module: Module, fact: ImportFact
) -> tuple[tuple[str, str], ...]:
    """Files that a `mod name;` could stand for, with the condition of each."""
    name = fact.specifier
    named = fact.names
    found: list[tuple[str, str]] = []
    if named:
        # Outside of inline modules `#[path]` starts at the file's own folder.
        folder = _inline_folder(world, module) if module.inner else posixpath.dirname(module.file)
        for path, condition in named:
            target = posixpath.normpath(posixpath.join(folder, path.replace("\\", "/")))
            found.append((target, condition))
        if any(not condition for _, condition in named):
            return tuple(found)
    folders = [_inline_folder(world, module)]
    if not module.inner and posixpath.basename(module.file) != "mod.rs":
        # A file whose place in its crate nobody tells may be read either way.
        parts = posixpath.splitext(module.file)[0], posixpath.dirname(module.file)
        folders.extend(each for each in parts if parent_of(world, module.file) is None)
    for folder in dict.fromkeys(folders):
        places = (posixpath.join(folder, f"{name}.rs"), posixpath.join(folder, name, "mod.rs"))
        there = [each for each in places if world.exists(each) and each != module.file]
        if there:
            return (*found, (there[0], ""))
    return tuple(found)


def _inline_folder(world: World, module: Module) -> str:
    """Folder in which the modules of a module lie, inline modules' folders included."""
    folder = module_folder(world, module.file)
    paths = file_modules(world, module.file).paths
    outer = ""
    for name in module.inner.split(".") if module.inner else ():
        named = paths.get((outer, name))
        if named is not None and not outer:
            folder = posixpath.dirname(module.file)
        folder = posixpath.join(folder, named if named is not None else name)
        outer = f"{outer}.{name}" if outer else name
    return posixpath.normpath(folder) if folder else folder


def root_of(world: World, path: str) -> str:
    """Root file of the crate that a file belongs to; itself if no other file declares it."""
    seen = {path}
    while True:
        parent = parent_of(world, path)
        if parent is None or parent.module.file in seen:
            return path
        path = parent.module.file
        seen.add(path)


def outer_module(world: World, module: Module) -> Module | None:
    """The module around a module, `super`; None for a crate's own."""
    if module.inner:
        return Module(module.file, module.inner.rpartition(".")[0])
    parent = parent_of(world, module.file)
    if parent is None:
        return None
    if parent.name:
        return parent.module
    return outer_module(world, parent.module)
