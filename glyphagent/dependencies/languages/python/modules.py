"""Which file of the set a Python module name means.

The set is looked at as an interpreter would that was started at the likeliest place: the file's
own folder for scripts, the folder above the outermost package, source folders (`src`, `lib`,
`python`), the root. A folder without `__init__.py` is a namespace package.
"""

from __future__ import annotations

import posixpath
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from glyphagent.dependencies.world import World

_SUFFIXES = (".py", ".pyi", ".pyw")
_SOURCE_FOLDERS = ("src", "lib", "python")
# How many imports must fit the set for each one that does not, to name the set by them.
_FITS_PER_MISFIT = 10
# How many imports by one name are weighed, at least.
_ENOUGH = 200
_NO_ROOTS: tuple[str, ...] = ()


class Module(NamedTuple):
    """What a module name means.

    Attributes:
        file: Its file; None for a namespace package.
        folder: Folder of its submodules; None for a plain module.
    """

    file: str | None
    folder: str | None


def locate(world: World, path: str, specifier: str) -> Module | None:
    """Give the module that a specifier in a file means, None if it lies outside of the set."""
    folder = posixpath.dirname(path)
    dots = len(specifier) - len(specifier.lstrip("."))
    return world.memo(
        "python.locate",
        (folder, specifier),
        partial(_relative if dots else _absolute, world, folder, specifier),
        None,
    )


def module_file(world: World, base: str) -> str | None:
    """Give the file of a module at a path without suffix; a package comes before a module."""
    for suffix in _SUFFIXES[:2]:
        path = posixpath.join(base, "__init__" + suffix)
        if world.exists(path):
            return path
        if base and world.exists(base + suffix):
            return base + suffix
    return base + ".pyw" if base and world.exists(base + ".pyw") else None


def _at(world: World, root: str, parts: list[str]) -> Module | None:
    base = posixpath.join(root, *parts)
    file = module_file(world, base)
    package = file is None or posixpath.basename(file).startswith("__init__.")
    folder = base if package and world.is_folder(base) else None
    return Module(file, folder) if file is not None or folder is not None else None


def _relative(world: World, folder: str, specifier: str) -> Module | None:
    dots = len(specifier) - len(specifier.lstrip("."))
    climbed = folder.split("/") if folder else []
    if dots - 1 > len(climbed):
        return None
    base = "/".join(climbed[: len(climbed) - (dots - 1)])
    return _at(world, base, [part for part in specifier[dots:].split(".") if part])


def _absolute(world: World, folder: str, specifier: str) -> Module | None:
    parts = specifier.split(".")
    namespace: Module | None = None
    for root in world.memo("python.roots", folder, partial(_roots, world, folder), _NO_ROOTS):
        found = _at(world, root, parts)
        if found is None:
            continue
        if found.file is not None:
            return found
        # A folder of this name may be anything: a package further on is likelier meant.
        if namespace is None and _holds_python(world, found.folder or ""):
            namespace = found
    own = own_name(world)
    if own and parts[0] == own:
        found = _at(world, "", parts[1:])
        if found is not None:
            return found
    return namespace


def _holds_python(world: World, folder: str) -> bool:
    """Whether a folder, or one directly in it, holds a Python file."""
    for entry in world.entries(folder):
        if entry.endswith(_SUFFIXES):
            return True
        if world.is_folder(entry) and any(e.endswith(_SUFFIXES) for e in world.entries(entry)):
            return True
    return False


def _is_package(world: World, folder: str) -> bool:
    return any(world.exists(posixpath.join(folder, "__init__" + end)) for end in _SUFFIXES[:2])


def _roots(world: World, folder: str) -> tuple[str, ...]:
    """Folders to search for an absolute import out of a folder, the nearest ones first."""
    roots: dict[str, None] = {}
    if not _is_package(world, folder):
        # A script's own folder comes first on the path.
        roots[folder] = None
    top = folder
    while _is_package(world, top) and top:
        top = posixpath.dirname(top)
    if not _is_package(world, top):
        roots[top] = None
    while top:
        top = posixpath.dirname(top)
        if not _is_package(world, top):
            roots[top] = None
    common = world.memo(
        "python.common_roots", "", partial(_common_roots, world), _NO_ROOTS, steady=True
    )
    for root in common:
        if not _is_package(world, root):
            roots[root] = None
    return tuple(roots)


def _common_roots(world: World) -> tuple[str, ...]:
    """Folders that hold outermost packages, and usual source folders, the shallow ones first."""
    packages = {
        posixpath.dirname(path) for end in _SUFFIXES[:2] for path in world.named("__init__" + end)
    }
    roots = {""}
    for folder in packages:
        while folder in packages and folder:
            folder = posixpath.dirname(folder)
        roots.add(folder)
    roots |= {folder for folder in _SOURCE_FOLDERS if world.is_folder(folder)}
    return tuple(sorted(roots, key=lambda root: (root.count("/"), root)))


def own_name(world: World) -> str:
    """Give the name under which the root folder is imported, empty if it is no package."""
    return world.memo("python.own", "", partial(_own_name, world), "", steady=True)


def _own_name(world: World) -> str:
    """Name under which the root folder is imported, where it is itself a package.

    The folder may have been renamed, so its files' absolute imports are weighed too. A name
    counts only where the set holds what is imported by it: a library from outside often has an
    `exceptions` or `utils` of its own.
    """
    if not _is_package(world, ""):
        return ""
    name = world.root_name
    weighed = _weigh(world, name)
    known = name in sys.stdlib_module_names
    given = weighed.get(name, _Weight())
    plausible = name.isidentifier() and given.misfits <= given.fits
    if plausible and given.fits:
        return name
    # A few modules may be missing from the set, compiled ones for instance.
    strong = sorted(
        each
        for each, weight in _weigh(world, "").items()
        if len(weight.targets) > 1 and weight.misfits * _FITS_PER_MISFIT <= weight.fits
    )
    if len(strong) == 1:
        return strong[0]
    return name if plausible and not known else ""


@dataclass(slots=True)
class _Weight:
    """What speaks for a name of the root, and against it."""

    targets: set[str] = field(default_factory=set)
    fits: int = 0
    misfits: int = 0


def _weigh(world: World, only: str) -> dict[str, _Weight]:
    """Weigh one first name, or all but the standard library's, by the imports that use it."""
    found: dict[str, _Weight] = {}
    homes: dict[str, Module | None] = {}
    for path in world.files():
        if not path.endswith(_SUFFIXES):
            continue
        interface = world.interface(path)
        for fact in interface.imports if interface is not None else ():
            first, _, rest = fact.specifier.partition(".")
            if not first or fact.computed or (only and first != only):
                continue
            if not only and first in sys.stdlib_module_names:
                continue
            if rest not in homes:
                homes[rest] = _at(world, "", rest.split(".") if rest else [])
            weight = found.setdefault(first, _Weight())
            names = [name for name, _ in fact.names]
            for target in _tried(world, path, rest, homes[rest], names):
                if target is None:
                    weight.misfits += 1
                else:
                    weight.targets.add(target)
                    weight.fits += 1
            if only and weight.fits + weight.misfits >= _ENOUGH:
                return found
    return found


def _tried(
    world: World, path: str, rest: str, home: Module | None, names: list[str]
) -> Iterator[str | None]:
    """What an import takes from the set if its first name is the root's: files, or None.

    Nothing is given for what proves neither: the bare package, a star, a dunder.
    """
    if home is None or (rest and home.file == path):
        # No file imports itself by its full name.
        yield None
        return
    if not names:
        if rest and home.file is not None:
            yield home.file
        return
    interface = world.interface(home.file) if home.file is not None else None
    mine: set[str] = set()
    if interface is not None:
        mine = {each.name for each in interface.declarations if not each.parent}
        for fact in interface.imports:
            mine.update(local for _, local in fact.names)
            mine.update([fact.alias] if fact.alias else ())
    for name in names:
        submodule = (
            module_file(world, posixpath.join(home.folder, name))
            if home.folder is not None
            else None
        )
        if submodule is not None:
            yield submodule
        elif name in mine:
            yield home.file
        elif "*" not in mine and name != "*" and not name.startswith("__"):
            yield None
