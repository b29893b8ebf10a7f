"""What names mean in Rust, for the shared engine: paths, implementations, wrappers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from glyphagent.dependencies.binding import Binder
from glyphagent.dependencies.edges import Edge
from glyphagent.dependencies.facts import SELF, Chain, FileFacts, ImportFact
from glyphagent.dependencies.languages.rust.bodies import PARAMETER
from glyphagent.dependencies.languages.rust.crates import MODS, Module, file_modules
from glyphagent.dependencies.languages.rust.naming import Entity, import_path, resolve, resolve_all
from glyphagent.dependencies.languages.rust.paths import TYPE, Head, decoded, last_name
from glyphagent.dependencies.languages.rust.standard import (
    CLOSURES,
    COMMON,
    KEEPS_ITEMS,
    MAKES_ITSELF,
    STAYS,
    TAKES_ITEM,
)
from glyphagent.dependencies.names import TYPES, Value, symbols_of
from glyphagent.dependencies.resolving import Resolver
from glyphagent.dependencies.world import World

# A value that gives another one when it is called: `=`, the kind and the type's name.
_GIVES = "="
_DEREFERENCED = "Target"
_ITEM_TYPES = ("Item", "Output")


class RustNames:
    """What Rust says about names."""

    members_in_scope = False
    types_are_sure = True
    common_members = COMMON
    has_free_names = True

    def imported(self, world: World, path: str, fact: ImportFact, name: str) -> Value | None:
        """The item that a `use` names."""
        if fact.kind in MODS or fact.kind not in ("use", "reexport") or name == "*":
            return None
        module = Module(path, file_modules(world, path).inner.get(fact.scope, ""))
        for entity in resolve_all(world, module, import_path(fact), in_use=True):
            if entity.kind == "item":
                return _value(entity)
        return None

    def free(self, world: World, path: str, name: str) -> Value | None:
        """What a path leads to."""
        head = decoded(name)
        return None if head is None else _reached(world, path, head)

    def member(self, world: World, value: Value, name: str) -> Value | None:
        """A method that an implementation elsewhere gives to a type."""
        if value.kind not in ("instance", "symbol") or not value.name:
            return None
        key = (value.path, value.name, name)
        return world.memo("rust.method", key, partial(_method, world, *key), None)


NAMES = RustNames()


def _value(entity: Entity) -> Value:
    if entity.kind == "module":
        return Value("symbol" if entity.name else "module", entity.file, entity.name)
    return Value("symbol", entity.file, entity.name)


def _reached(world: World, path: str, head: Head) -> Value | None:
    """What a path leads to, members of types included; local globs count where it leads nowhere."""
    module = Module(path, head.module)
    for written in (head.path, *(f"{glob}::{head.path}" for glob in head.globs)):
        found = resolve(world, module, written, head.wanted)
        if found.entity is None or found.entity.kind not in ("item", "module"):
            continue
        value: Value | None = _value(found.entity)
        resolver = RustResolver(NAMES, world)
        for part in found.rest:
            value = resolver.member(value, part) if value is not None else None
        if value is not None:
            return value
    return None


Methods = Mapping[str, tuple[tuple[str, str], ...]]
_NO_METHODS: Methods = {}


def _methods(world: World, name: str) -> Methods:
    """Methods of a name in the whole set, by the bare name of what they belong to."""
    return world.memo("rust.methods", name, partial(_find_methods, world, name), _NO_METHODS)


def _find_methods(world: World, name: str) -> Methods:
    found: dict[str, list[tuple[str, str]]] = {}
    for file, qualified in world.members(name):
        if file.endswith(".rs"):
            owner = qualified.rpartition(".")[0]
            found.setdefault(owner.rpartition(".")[2], []).append((file, qualified))
    return {bare: tuple(every) for bare, every in found.items()}


def _method(world: World, path: str, type_name: str, name: str) -> Value | None:
    """A method of a type, or of a trait that it has, from an implementation anywhere."""
    bare = type_name.rpartition(".")[2]
    methods = _methods(world, name)
    for file, qualified in methods.get(bare, ()):
        owner = qualified.rpartition(".")[0]
        if (file, owner) == (path, type_name):
            return Value("symbol", file, qualified)
        for known, head, _ in file_modules(world, file).impls.get(bare, ()):
            if known == owner and _is_type(world, file, head, path, type_name):
                return Value("symbol", file, qualified)
    files = {path: None}
    if name not in COMMON:
        # The implementation may stand beside the trait.
        files.update(dict.fromkeys(file for every in methods.values() for file, _ in every))
    for file in files:
        for _, head, trait in file_modules(world, file).impls.get(bare, ()):
            for place, qualified in methods.get(last_name(trait), ()) if trait else ():
                owner = qualified.rpartition(".")[0]
                if _is_type(world, file, trait, place, owner) and _is_type(
                    world, file, head, path, type_name
                ):
                    return Value("symbol", place, qualified)
    return None


def _is_type(world: World, file: str, part: str, path: str, type_name: str) -> bool:
    """Whether a head in a file leads to a type."""
    if part[:1] == "@":
        return (file, part[1:]) == (path, type_name)
    head = decoded(part)
    if head is None:
        return False
    found = resolve(world, Module(file, head.module), head.path, TYPE)
    entity = found.entity
    return entity is not None and not found.rest and (entity.file, entity.name) == (path, type_name)


class RustResolver(Resolver):
    """Chains of names in Rust: through wrappers, iterators, closures and dereferencing."""

    def step(self, value: Value, part: str) -> Value | None:
        """Follow one part of a chain."""
        if part[:1] == PARAMETER:
            return self._parameter(value, int(part[1:]))
        return super().step(value, part)

    def member(self, value: Value, name: str) -> Value | None:
        """A member; of a standard wrapper's or collection's methods, what they give."""
        value = self._field(value)
        found = super().member(value, name)
        if found is not None:
            return found
        if value.kind == "symbol":
            declared = self.declaration(value)
            made = declared is not None and declared.kind in TYPES and name in MAKES_ITSELF
            return _giving(value, "instance") if made else None
        if value.kind == "items":
            given = "items" if name in KEEPS_ITEMS else "instance" if name in TAKES_ITEM else ""
            return _giving(value, given, name) if given or name in CLOSURES else None
        if value.kind != "instance":
            return None
        target = self.type_member(value.path, value.name, _DEREFERENCED)
        inner = self.settled(target) if target is not None else None
        if inner is not None and inner.name != value.name:
            return self.member(inner._replace(kind="instance"), name)
        given = "instance" if name in STAYS else ""
        return _giving(value, given, name) if given or name in CLOSURES else None

    def called(self, value: Value) -> Value | None:
        """What a call gives."""
        if value.kind == "language" and value.name[:1] == _GIVES:
            kind, name, _ = value.name[1:].split("|")
            return Value(kind, value.path, name, value.sure) if kind else None
        return super().called(value)

    def item(self, value: Value) -> Value | None:
        """What iterating gives; an optional value is its own only item."""
        value = self._field(value)
        held = self.settled(value) if value.kind == "symbol" else value
        if held is None or held.kind != "instance":
            return super().item(value)
        for name in _ITEM_TYPES:
            target = self.type_member(held.path, held.name, name)
            given = self.settled(target) if target is not None else None
            if given is not None and given.kind == "symbol":
                return given._replace(kind="instance", sure=False)
            if given is not None:
                return given
        return held._replace(sure=False)

    def _field(self, value: Value) -> Value:
        """What a field holds whose name is also that of a method, if that is what was meant."""
        if value.kind != "symbol":
            return value
        every = symbols_of(self.world, value.path, value.name)
        fields = [each.type for each in every if each.kind == "field" and each.type]
        if not fields or all(each.kind != "method" for each in every):
            return value
        held = self.typed(value.path, value.name.rpartition(".")[0], fields[-1])
        return value if held is None else held

    def _parameter(self, value: Value, number: int) -> Value | None:
        """What a function gives to the closure that it takes."""
        if value.kind == "language" and value.name[:1] == _GIVES:
            _, name, method = value.name[1:].split("|")
            given = number in CLOSURES.get(method, ())
            return Value("instance", value.path, name, sure=False) if given else None
        if value.kind != "symbol":
            return None
        kinds = file_modules(self.world, value.path).closures.get(value.name, ())
        if number >= len(kinds) or not kinds[number]:
            return None
        if kinds[number] == SELF:
            return None
        found = self.typed(value.path, value.name.rpartition(".")[0], kinds[number])
        return found and found._replace(sure=False)


def _giving(value: Value, kind: str, method: str = "") -> Value:
    name = f"{_GIVES}{kind}|{value.name}|{method}"
    return Value("language", value.path, name, value.sure)


class RustBinder(RustResolver, Binder):
    """The uses of one Rust file as symbol edges."""

    def _is_outside(self, scope: int, chain: Chain, steps: int) -> bool:
        """Whether a chain begins, by way of local names, at something outside of the set."""
        head = decoded(chain[0])
        if head is not None:
            return self.name(scope, chain[0]) is None
        return any(
            self._is_outside(scope, known, steps - 1)
            for each in self._bound.get((scope, chain[0]), ())
            if (known := each.type or each.value) and steps and known[0] != chain[0]
        )


def symbol_edges(facts: FileFacts, world: World) -> tuple[Edge, ...]:
    """What a file's uses prove about symbols of other files, sorted."""
    found = {
        replace(edge, name=last_name(edge.name)) if "|" in edge.name else edge
        for edge in RustBinder(NAMES, facts, world).symbol_edges()
    }
    return tuple(sorted(found))
