"""What paths lead to: modules, items, other crates.

Source: doc.rust-lang.org/reference, "Name resolution", "Use declarations", "Preludes" and
"Macros by example", scoping.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import NamedTuple

from glyphagent.dependencies.facts import Declaration, ImportFact
from glyphagent.dependencies.languages.rust.cargo import BUILTIN, package_in, package_of
from glyphagent.dependencies.languages.rust.crates import (
    MODS,
    Module,
    file_modules,
    included_file,
    items_of,
    module_files,
    outer_module,
    parent_of,
    root_of,
)
from glyphagent.dependencies.languages.rust.paths import MACRO, TYPE, VALUE
from glyphagent.dependencies.names import head_of
from glyphagent.dependencies.world import World

_TYPES = frozenset({"class", "enum", "interface", "type", "namespace"})
_VALUES = frozenset({"function", "constant", "variable", "class"})
_KINDS = {TYPE: _TYPES, VALUE: _VALUES, MACRO: frozenset({"macro"})}
# A path with more parts is machine-made.
_LONGEST = 32


class Entity(NamedTuple):
    """What a name stands for.

    Attributes:
        kind: `module`, `item`, `external` or `missing` (a crate that should be in the set).
        file: Its file; nothing for other crates.
        name: Dotted name of the inline module, qualified name of the item, or the crate.
        what: Kind of the item's declaration.
    """

    kind: str
    file: str
    name: str
    what: str = ""


class Resolved(NamedTuple):
    """Where a path leads.

    Attributes:
        entity: What was reached; None if the path leads to nothing that is known.
        rest: Parts of the path behind it that are not modules' business: members of types, and
            what follows a name that is not known.
        module: The module that the path leads into: the last one on its way.
    """

    entity: Entity | None
    rest: tuple[str, ...] = ()
    module: Module | None = None


_NOWHERE = Resolved(None)


def lookup(world: World, module: Module, name: str, wanted: str = "") -> tuple[Entity, ...]:
    """What a name stands for in a module, the module's own first.

    Args:
        world: The set.
        module: The module.
        name: The name.
        wanted: `VALUE`, `TYPE` or `MACRO`: what `use path::*` bring in is looked at only if the
            module has no such thing of its own. By default all that the name stands for.
    """
    key = (*module, name, wanted)
    return world.memo("rust.name", key, partial(_lookup, world, module, name, wanted), ())


def _lookup(world: World, module: Module, name: str, wanted: str) -> tuple[Entity, ...]:
    scope = file_modules(world, module.file).scopes.get(module.inner)
    if scope is None:
        return ()
    found: dict[Entity, None] = {}
    for declared in items_of(world, module.file, module.inner, name):
        found[_entity(module, declared)] = None
    for fact in sorted(scope.imports.get(name, ()), key=_is_unlikely):
        found.update(dict.fromkeys(_imported(world, module, fact)))
    if wanted and _of_kind(list(found), wanted) is not None:
        return tuple(found)
    for fact in scope.globs:
        found.update(dict.fromkeys(_through(world, module, fact, name, wanted)))
    for fact in scope.included:
        file = included_file(world, module.file, fact)
        if file is not None and file != module.file:
            found.update(dict.fromkeys(lookup(world, Module(file), name, wanted)))
    if not found and not module.inner:
        parent = parent_of(world, module.file)
        if parent is not None and not parent.name:
            return lookup(world, parent.module, name, wanted)
    return tuple(found)


def _is_unlikely(fact: ImportFact) -> bool:
    """Whether an import is the lesser one of two for one name: the other builds' one."""
    return "not(" in fact.condition or "windows" in fact.condition


def _entity(module: Module, declared: Declaration) -> Entity:
    if declared.kind == "namespace":
        return Entity("module", module.file, declared.qualified_name)
    return Entity("item", module.file, declared.qualified_name, declared.kind)


def _imported(world: World, module: Module, fact: ImportFact) -> Iterator[Entity]:
    """What an import under a name brings in."""
    if fact.kind in MODS:
        yield from (Entity("module", file, "") for file in module_files(world, module, fact))
    elif fact.kind == "extern":
        crate = extern_crate(world, module, fact.specifier)
        if crate is not None:
            yield crate
    else:
        yield from resolve_all(world, module, import_path(fact), in_use=True)


def _through(
    world: World, module: Module, fact: ImportFact, name: str, wanted: str
) -> Iterator[Entity]:
    """What a `use path::*` brings in under a name."""
    for target in resolve_all(world, module, fact.specifier, in_use=True):
        if target.kind == "module":
            other = Module(target.file, target.name)
            for each in lookup(world, other, name, wanted):
                if is_visible(world, other, name, module):
                    yield each
        elif target.kind == "item" and target.what == "enum":
            for declared in items_of(world, target.file, target.name, name):
                yield Entity("item", target.file, declared.qualified_name, declared.kind)


def is_visible(world: World, module: Module, name: str, viewer: Module) -> bool:
    """Whether a module shows a name to another one: a public name, or to a module inside of it."""
    scope = file_modules(world, module.file).scopes.get(module.inner)
    if scope is None:
        return True
    own = list(items_of(world, module.file, module.inner, name))
    if any(each.exported for each in own):
        return True
    facts = scope.imports.get(name, ())
    if any(each.kind in ("reexport", "pub mod") for each in facts):
        return True
    if not own and not facts:
        return True
    inside: Module | None = viewer
    for _ in range(_LONGEST):
        if inside is None:
            return False
        if inside == module:
            return True
        inside = outer_module(world, inside)
    return False


def import_path(fact: ImportFact) -> str:
    """The whole path of one leaf of a `use`, its glob left out."""
    if not fact.names or fact.names[0][0] == "*":
        return fact.specifier
    if not fact.specifier:
        return fact.names[0][0]
    return f"{fact.specifier}::{fact.names[0][0]}"


def extern_crate(world: World, module: Module, name: str) -> Entity | None:
    """The crate that a name means, if it is one: a dependency, the package's library, std."""
    package = package_of(world, module.file)
    if name == "self":
        return Entity("module", root_of(world, module.file), "")
    if package is not None:
        dependency = package.dependencies.get(name)
        if dependency is not None:
            if dependency.folder is None:
                return Entity("external", "", name)
            other = package_in(world, dependency.folder)
            if other is None or not other.library_root:
                return Entity("missing", "", name)
            return Entity("module", other.library_root, "")
        if name == package.library and package.library_root:
            return Entity("module", package.library_root, "")
    return Entity("external", "", name) if name in BUILTIN else None


def resolve_all(world: World, module: Module, path: str, *, in_use: bool) -> tuple[Entity, ...]:
    """All that a path can stand for in a `use`: a module and a function may share a name."""
    before, _, last = path.rpartition("::")
    if not before or last in ("self", "super", "crate"):
        return tuple(_first(world, module, path, "", in_use=in_use))
    around = resolve(world, module, before, TYPE, in_use=in_use)
    if around.entity is None or around.rest:
        return ()
    if around.entity.kind == "module":
        found = lookup(world, Module(around.entity.file, around.entity.name), last)
        return found or tuple(_exported_macro(world, around.entity, last))
    if around.entity.kind == "item":
        file, owner = around.entity.file, around.entity.name
        return tuple(
            Entity("item", file, each.qualified_name, each.kind)
            for each in items_of(world, file, owner, last)
        )
    return (around.entity,)


def resolve(
    world: World, module: Module, path: str, wanted: str, *, in_use: bool = False
) -> Resolved:
    """Where a path in a module leads.

    Args:
        world: The set.
        module: The module that it stands in.
        path: The path.
        wanted: What it must name: `VALUE`, `TYPE` or `MACRO`.
        in_use: Whether it stands in a `use`, where older editions begin at the crate's root.
    """
    parts = path.split("::")
    if len(parts) > _LONGEST:
        return _NOWHERE
    leading = parts[0] == ""
    if leading:
        parts = parts[1:]
    if not parts or not parts[0]:
        return _NOWHERE
    single = len(parts) == 1
    kind = wanted if single else TYPE
    start = f"::{parts[0]}" if leading else parts[0]
    entity = _chosen(list(_first(world, module, start, kind, in_use=in_use)), kind)
    if entity is None and single and wanted == MACRO:
        entity = textual_macro(world, module, parts[0])
    if entity is not None and single and wanted == VALUE and entity.what == "enum":
        entity = None  # `Err(...)` beside an enum `Err` is the standard library's.
    inside: Module | None = None
    for index, part in enumerate(parts[1:], start=1):
        if entity is None or entity.kind == "item":
            return Resolved(entity, tuple(parts[index:]), inside)
        if entity.kind in ("external", "missing"):
            return Resolved(entity, (), inside)
        inside = Module(entity.file, entity.name)
        if part in ("super", "self"):
            outer = outer_module(world, inside) if part == "super" else inside
            entity = None if outer is None else Entity("module", outer.file, outer.inner)
            continue
        last = index == len(parts) - 1
        kind = wanted if last else TYPE
        found = list(lookup(world, inside, part, kind))
        if not found or kind == MACRO:
            found.extend(_exported_macro(world, entity, part))
        entity = _chosen(found, kind)
    if entity is not None and entity.kind == "module":
        inside = Module(entity.file, entity.name)
        if single and parts[0] not in ("crate", "self", "super") and not in_use:
            inside = None
    return Resolved(entity, (), inside)


def _first(
    world: World, module: Module, name: str, wanted: str, *, in_use: bool
) -> Iterator[Entity]:
    """What the first part of a path can stand for, the likeliest first."""
    leading = name.startswith("::")
    name = name.removeprefix("::")
    root = Module(root_of(world, module.file))
    if name == "crate":
        yield Entity("module", *root)
        return
    if name in ("self", "super"):
        parent = parent_of(world, module.file) if not module.inner else None
        if parent is not None and not parent.name:
            module = parent.module
        outer = outer_module(world, module) if name == "super" else module
        if outer is not None:
            yield Entity("module", *outer)
        return
    package = package_of(world, module.file)
    from_root = package is not None and package.edition < 2018
    if from_root and (in_use or leading):
        yield from lookup(world, root, name, wanted)
    elif not leading:
        yield from lookup(world, module, name, wanted)
    crate = extern_crate(world, module, name)
    if crate is not None:
        yield crate
        return
    # `extern crate a as b` at the root counts everywhere.
    scope = file_modules(world, root.file).scopes.get("")
    for fact in scope.imports.get(name, ()) if scope is not None else ():
        if fact.kind == "extern":
            yield from _imported(world, root, fact)
    if not from_root and in_use and not leading and root != module:
        yield from (each for each in lookup(world, root, name, wanted) if package is None)


def _of_kind(found: list[Entity], wanted: str) -> Entity | None:
    """The first of what a name can stand for that is of the wanted kind."""
    for each in found:
        if each.kind != "item":
            if wanted == TYPE or each.kind != "module":
                return each
        elif each.what in _KINDS[wanted]:
            return each
    return None


def _chosen(found: list[Entity], wanted: str) -> Entity | None:
    """The first of the wanted kind, else what there is: code may be read before it is finished."""
    chosen = _of_kind(found, wanted)
    return found[0] if chosen is None and found and wanted != MACRO else chosen


def crate_files(world: World, root: str) -> tuple[str, ...]:
    """Files of a crate, from its root down."""
    return world.memo("rust.files", root, partial(_crate_files, world, root), (), steady=True)


def _crate_files(world: World, root: str) -> tuple[str, ...]:
    found = {root: None}
    waiting = [root]
    while waiting:
        path = waiting.pop()
        for inner, scope in file_modules(world, path).scopes.items():
            module = Module(path, inner)
            targets = [
                target
                for facts in scope.imports.values()
                for fact in facts
                if fact.kind in MODS
                for target in module_files(world, module, fact)
            ]
            for fact in scope.included:
                target = included_file(world, path, fact)
                if target is not None and head_of(world, target) is not None:
                    targets.append(target)
            for target in targets:
                if target not in found:
                    found[target] = None
                    waiting.append(target)
    return tuple(found)


Macros = Mapping[str, tuple[Entity, bool]]
_NO_MACROS: Macros = {}


def _macros(world: World, root: str) -> Macros:
    """Macros of a crate by name, and whether other crates may use them."""
    find = partial(_find_macros, world, root)
    return world.memo("rust.macros", root, find, _NO_MACROS, steady=True)


def _find_macros(world: World, root: str) -> Macros:
    found: dict[str, tuple[Entity, bool]] = {}
    for path in crate_files(world, root):
        interface = world.interface(path)
        for each in interface.declarations if interface is not None else ():
            if each.kind == "macro":
                known = found.get(each.name)
                if known is None or (each.exported and not known[1]):
                    entity = Entity("item", path, each.qualified_name, "macro")
                    found[each.name] = entity, each.exported
    return found


def _exported_macro(world: World, crate: Entity, name: str) -> Iterator[Entity]:
    """A macro that a crate shows at its root, wherever it is written."""
    if crate.kind == "module" and not crate.name and root_of(world, crate.file) == crate.file:
        key = crate.file
        macros = _macros(world, key)
        found = macros.get(name)
        if found is not None and found[1]:
            yield found[0]


def textual_macro(world: World, module: Module, name: str) -> Entity | None:
    """A macro that is visible for being written earlier in the crate."""
    inside: Module | None = module
    while inside is not None:
        for declared in items_of(world, inside.file, inside.inner, name):
            if declared.kind == "macro":
                return Entity("item", inside.file, declared.qualified_name, "macro")
        inside = outer_module(world, inside)
    root = root_of(world, module.file)
    macros = _macros(world, root)
    found = macros.get(name)
    return found[0] if found is not None else None
