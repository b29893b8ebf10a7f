"""Cargo manifests as data: packages, their crates' root files, and what crates they depend on.

Source: doc.rust-lang.org/cargo/reference, "The Manifest Format", "Cargo Targets", "Workspaces",
"Specifying Dependencies" and "Overriding Dependencies". Features and platforms are not evaluated:
every dependency counts.
"""

from __future__ import annotations

import posixpath
import tomllib
from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

from glyphagent.dependencies.world import World

MANIFEST = "Cargo.toml"
# Crates that come with the compiler. Source: doc.rust-lang.org/std, "The Rust Standard Library".
BUILTIN = frozenset({"std", "core", "alloc", "proc_macro", "test"})
_TABLES = ("dependencies", "dev-dependencies", "build-dependencies", "dev_dependencies")
# Folders whose files are crates of their own: the target table that adds to them, and the key
# that switches the search off.
_TARGETS = {
    "src/bin": ("bin", "autobins"),
    "examples": ("example", "autoexamples"),
    "tests": ("test", "autotests"),
    "benches": ("bench", "autobenches"),
}
# `pub use` in a workspace member may have to look this far up for the workspace.
_HIGHEST = 32


class Dependency(NamedTuple):
    """A crate that a package may name.

    Attributes:
        folder: Folder of its package in the set, None if it comes from elsewhere.
    """

    folder: str | None = None


class Package(NamedTuple):
    """What a manifest says.

    Attributes:
        folder: Folder of the manifest.
        name: Name of the package.
        edition: Year of the edition.
        library: Name of its library crate as code writes it, empty if it has none.
        library_root: Root file of the library, empty if it has none.
        roots: Root files of all its crates, the library's first, then programs.
        guessed: Those of the roots that are crates for lying in a certain folder alone; they may
            be modules of another crate as well.
        dependencies: By the name that code uses.
    """

    folder: str
    name: str
    edition: int
    library: str
    library_root: str
    roots: tuple[str, ...]
    guessed: frozenset[str]
    dependencies: Mapping[str, Dependency]


def package_of(world: World, path: str) -> Package | None:
    """The package whose folder holds a file; None without a manifest."""
    folder = posixpath.dirname(path)
    while True:
        found = package_in(world, folder)
        if found is not None or not folder:
            return found
        folder = posixpath.dirname(folder)


def package_in(world: World, folder: str) -> Package | None:
    """The package of a folder, None if it has no manifest of one."""
    return world.memo("rust.package", folder, partial(_package, world, folder), None, steady=True)


def manifest(world: World, folder: str) -> Mapping[str, Any]:
    """A folder's manifest; empty if there is none, or none that can be read."""
    return world.memo("rust.manifest", folder, partial(_manifest, world, folder), _NOTHING)


_NOTHING: Mapping[str, Any] = MappingProxyType({})


def _manifest(world: World, folder: str) -> Mapping[str, Any]:
    path = posixpath.join(folder, MANIFEST)
    text = world.text(path) if world.exists(path) else None
    if text is None:
        return _NOTHING
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return _NOTHING


def _package(world: World, folder: str) -> Package | None:
    data = manifest(world, folder)
    about = data.get("package", data.get("project"))
    if not isinstance(about, dict):
        return None
    name = about.get("name")
    name = name if isinstance(name, str) else posixpath.basename(folder)
    edition = _edition(world, folder, about, data)
    library, library_root = _library(world, folder, name, data)
    sure = [library_root] if library_root else []
    sure.extend(_programs(world, folder, about, data))
    guessed = list(_placed(world, folder, about))
    dependencies = dict(_dependencies(world, folder, data))
    return Package(
        folder,
        name,
        edition,
        library,
        library_root,
        tuple(dict.fromkeys((*sure, *guessed))),
        frozenset(guessed) - frozenset(sure),
        MappingProxyType(dependencies),
    )


def _edition(world: World, folder: str, about: dict[str, Any], data: Mapping[str, Any]) -> int:
    written = about.get("edition")
    if isinstance(written, dict):
        shared = _workspace(world, folder, data)[1].get("package")
        written = shared.get("edition") if isinstance(shared, dict) else "2021"
    return int(written) if isinstance(written, str) and written.isdigit() else 2015


def crate_name(package: str) -> str:
    """Name of a package as code writes it."""
    return package.replace("-", "_")


def _library(world: World, folder: str, name: str, data: Mapping[str, Any]) -> tuple[str, str]:
    written = data.get("lib")
    written = written if isinstance(written, dict) else {}
    own_name = written.get("name")
    path = written.get("path")
    root = _below(folder, path if isinstance(path, str) else "src/lib.rs")
    if not world.exists(root):
        return "", ""
    return crate_name(own_name if isinstance(own_name, str) else name), root


def _programs(
    world: World, folder: str, about: dict[str, Any], data: Mapping[str, Any]
) -> Iterator[str]:
    """Root files of the main program, the build script, and all targets that are written down."""
    main = _below(folder, "src/main.rs")
    if world.exists(main):
        yield main
    for place, (table, _) in _TARGETS.items():
        for target in _tables(data.get(table)):
            path = target.get("path")
            name = target.get("name")
            if isinstance(path, str):
                found = [_below(folder, path)]
            elif isinstance(name, str):
                inside = (f"{place}/{name}.rs", f"{place}/{name}/main.rs", f"src/{name}.rs")
                found = [_below(folder, each) for each in inside]
            else:
                continue
            yield from (each for each in found[:2] if world.exists(each))
    script = about.get("build")
    script = _below(folder, script if isinstance(script, str) else "build.rs")
    if about.get("build") is not False and world.exists(script):
        yield script


def _placed(world: World, folder: str, about: dict[str, Any]) -> Iterator[str]:
    """Root files that are found by where they lie."""
    for place, (_, switch) in _TARGETS.items():
        if about.get(switch) is False:
            continue
        for entry in world.entries(_below(folder, place)):
            root = entry if entry.endswith(".rs") else posixpath.join(entry, "main.rs")
            if world.exists(root):
                yield root


def _dependencies(
    world: World, folder: str, data: Mapping[str, Any]
) -> Iterator[tuple[str, Dependency]]:
    top, workspace = _workspace(world, folder, data)
    shared = workspace.get("dependencies")
    shared = shared if isinstance(shared, dict) else {}
    patched = _patches(world, top, data)
    targets = data.get("target")
    every = [data]
    if isinstance(targets, dict):
        every.extend(each for each in targets.values() if isinstance(each, dict))
    for tables in every:
        for kind in _TABLES:
            table = tables.get(kind)
            for name, written in table.items() if isinstance(table, dict) else ():
                base = folder
                if isinstance(written, dict) and written.get("workspace") is True:
                    written, base = shared.get(name, {}), top
                package, path = name, None
                if isinstance(written, dict):
                    renamed, path = written.get("package"), written.get("path")
                    package = renamed if isinstance(renamed, str) else name
                local = _below(base, path) if isinstance(path, str) else patched.get(package)
                yield _called(world, name, package, local), Dependency(local)


def _called(world: World, name: str, package: str, folder: str | None) -> str:
    """How code names a dependency: by its own key if renamed, else by its library's name."""
    if folder is not None and name == package:
        data = manifest(world, folder)
        library = data.get("lib")
        written = library.get("name") if isinstance(library, dict) else None
        if isinstance(written, str):
            return crate_name(written)
    return crate_name(name)


def _patches(world: World, top: str, data: Mapping[str, Any]) -> dict[str, str]:
    """Folders of packages that stand in for published ones."""
    found: dict[str, str] = {}
    for source in (manifest(world, top), data):
        patch = source.get("patch")
        tables = list(patch.values()) if isinstance(patch, dict) else []
        for table in tables:
            for name, written in table.items() if isinstance(table, dict) else ():
                if isinstance(written, dict) and isinstance(written.get("path"), str):
                    package = written.get("package")
                    key = package if isinstance(package, str) else name
                    found[key] = _below(top, written["path"])
    return found


def _workspace(world: World, folder: str, data: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Folder of the workspace that a package belongs to, and its table."""
    about = data.get("package")
    named = about.get("workspace") if isinstance(about, dict) else None
    if isinstance(named, str):
        top = _below(folder, named)
        written = manifest(world, top).get("workspace")
        return top, written if isinstance(written, dict) else _NOTHING
    top = folder
    for _ in range(_HIGHEST):
        written = manifest(world, top).get("workspace")
        if isinstance(written, dict):
            return top, written
        if not top:
            break
        top = posixpath.dirname(top)
    return folder, _NOTHING


def _tables(written: object) -> list[dict[str, Any]]:
    every = written if isinstance(written, list) else []
    return [each for each in every if isinstance(each, dict)]


def _below(folder: str, path: str) -> str:
    """A path as written in a folder's manifest, from the root of the set."""
    found = posixpath.normpath(posixpath.join(folder, path.replace("\\", "/")))
    return "" if found == "." else found
