"""What the names of scripts mean: what modules export, what members values have."""

from __future__ import annotations

from functools import partial
from typing import cast

from glyphagent.dependencies.facts import Chain, ImportFact
from glyphagent.dependencies.languages.scripts.expressions import WHOLE_TYPE
from glyphagent.dependencies.languages.scripts.resolving import resolution
from glyphagent.dependencies.languages.scripts.statements import WHOLE
from glyphagent.dependencies.names import NO_MEMBERS, TYPES, Value, tables
from glyphagent.dependencies.resolving import Resolver
from glyphagent.dependencies.world import World

_SCRIPTS = (
    ".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".vue",
)  # fmt: skip
_MODULE = "module"
_BASES = 10
Handed = tuple[tuple[Chain, ...], Chain]
Rows = tuple[tuple[str, int, tuple[Chain, ...], Chain], ...]
# Methods of the language's own collections, strings, promises, functions, nodes and events.
_COMMON_WORDS = """
add addEventListener append appendChild apply at bind call catch charAt charCodeAt clear
clone close concat contains copyWithin createElement delete destroy dispatchEvent emit
end endsWith entries error every exec exists fill filter finally find findIndex findLast
flat flatMap focus forEach format get getAttribute getItem getTime has hasOwnProperty
includes indexOf info insertBefore isPrototypeOf item join json keys lastIndexOf length
localeCompare log map match matchAll next normalize now off on once open padEnd padStart
parse pause pipe play pop preventDefault push querySelector querySelectorAll read reduce
reduceRight remove removeAttribute removeChild removeEventListener removeItem render
repeat replace replaceAll reset resolve resume return reverse search select send set
setAttribute setItem shift slice some sort splice split start startsWith stop
stopPropagation stringify subarray substr substring test text then throw toFixed
toISOString toJSON toLocaleString toLowerCase toString toUpperCase trim trimEnd
trimStart unshift update valueOf values warn write
"""
_COMMON = frozenset(_COMMON_WORDS.split())


class ScriptNames:
    """What JavaScript and TypeScript say about names."""

    members_in_scope = False
    types_are_sure = True
    has_free_names = False
    common_members: frozenset[str] = _COMMON

    def imported(self, world: World, path: str, fact: ImportFact, name: str) -> Value | None:
        """Give what an import brings in under a name; the module itself for no name."""
        if fact.computed:
            return None
        found = resolution(world, path, fact.specifier, fact.kind)
        if found.path is None or not found.path.lower().endswith(_SCRIPTS):
            return None
        value = exported(world, found.path, name or WHOLE)
        if value is None and not name:
            value = Value("language", found.path, _MODULE)
        if value is not None and found.confidence != "exact" and value.sure:
            value = value._replace(sure=False)
        return value

    def free(self, world: World, path: str, name: str) -> Value | None:
        """Give what a name means at the top, where a chain asks for that; else nothing."""
        if name[:11] == "top(export:":
            return exported(world, path, name[11:-1])
        if name[:4] == "top(":
            return Resolver(self, world).top(path, name[4:-1])
        return None

    def member(self, world: World, value: Value, name: str) -> Value | None:
        """Give what a module exports, or a property of a function or object."""
        if value.kind == "language" and value.name == _MODULE:
            return exported(world, value.path, name)
        if value.kind in ("symbol", "instance") and name[:1] == "(":
            return handed(world, value, name)
        if value.kind not in ("symbol", "instance"):
            return None
        resolver = Resolver(self, world)
        # A variable may hold an object that has no type, by way of other variables.
        for _ in range(_BASES):
            found = tables(world, value.path)
            inner = found.members.get(value.name, NO_MEMBERS).get(name)
            if inner is not None:
                return Value("symbol", value.path, inner.qualified_name)
            declared = found.symbols.get(value.name)
            if declared is None:
                return None
            if declared.kind in TYPES:
                said = _value_member if value.kind == "symbol" else _argument_member
                return said(world, value, name)
            if declared.kind not in ("variable", "constant", "field"):
                return None
            for chain in declared.bases:
                base = resolver.follow(value.path, declared.parent, chain)
                taken = resolver.member(base, name) if base is not None else None
                if taken is not None:
                    return taken
            held = resolver.held(value)
            if held is None or held.kind != "symbol" or held.name == value.name == name:
                return None
            value = held
        return None


NAMES = ScriptNames()


def handed(world: World, value: Value, name: str) -> Value | None:
    """What a function hands to a parameter of its callback, by the types that it declares.

    Args:
        world: The set.
        value: The function, a class for its constructor, or a function's type.
        name: Which: `(argument:parameter)`, or `(argument:)` for the argument itself.
    """
    place, _, number = name[1:-1].partition(":")
    resolver = Resolver(NAMES, world)
    for _ in range(_BASES):
        told = _handed(world, value.path)
        for symbol in (value.name, f"{value.name}.constructor"):
            types, via = told.get((symbol, int(place)), ((), ()))
            parent = symbol.rpartition(".")[0]
            if not number:
                if via:
                    return resolver.typed(value.path, parent, via)
                continue
            if int(number) < len(types) and types[int(number)]:
                return resolver.typed(value.path, parent, types[int(number)])
            if via:
                said = resolver.follow(value.path, parent, via)
                if said is None or said.kind != "symbol" or int(place) < 0:
                    return None
                return handed(world, said, f"({WHOLE_TYPE}:{number})")
        declared = resolver.declaration(value)
        if declared is not None and declared.kind in ("field", "variable", "type"):
            said = resolver.follow(value.path, declared.parent, declared.type)
            if said is None or int(place) >= 0:
                return None
            value = said
            continue
        bases = resolver.bases(value.path, value.name)
        if not bases:
            return None
        value = bases[0]
    return None


def _handed(world: World, path: str) -> dict[tuple[str, int], Handed]:
    return world.memo("scripts.handed", path, partial(_handed_in, world, path), {})


def _handed_in(world: World, path: str) -> dict[tuple[str, int], Handed]:
    interface = world.interface(path)
    rows = interface.extra[0] if interface is not None and interface.extra else ()
    return {(row[0], row[1]): (row[2], row[3]) for row in cast("Rows", rows)}


def _value_member(world: World, value: Value, name: str) -> Value | None:
    """A member of the variable that has the same name as a type."""
    interface = world.interface(value.path)
    rows = interface.extra[1] if interface is not None and interface.extra else ()
    resolver = Resolver(NAMES, world)
    for symbol, kind, chain in cast("tuple[tuple[str, Chain, Chain], ...]", rows):
        if symbol != value.name:
            continue
        parent = symbol.rpartition(".")[0]
        held = (
            resolver.typed(value.path, parent, kind)
            if kind
            else resolver.follow(value.path, parent, chain)
        )
        return resolver.member(held, name) if held is not None else None
    return None


def _argument_member(world: World, value: Value, name: str) -> Value | None:
    """A member that a base from outside of the set may have, guessed by the types it is given.

    `props` of a class that extends `Component<ButtonProps>` is that type, `sourceCode` of what
    extends `Context<{Code: SourceCode}>` that one: the only one whose name ends like the member's.
    """
    interface = world.interface(value.path)
    rows = interface.extra[2] if interface is not None and len(interface.extra) > 2 else ()
    ending = name[:1].upper() + name[1:]
    for symbol, chains in cast("tuple[tuple[str, tuple[Chain, ...]], ...]", rows):
        alike = [each for each in chains if each and each[-1].endswith(ending)]
        if symbol != value.name or len(alike) != 1:
            continue
        resolver = Resolver(NAMES, world)
        parent = symbol.rpartition(".")[0]
        if resolver.base_member(value.path, value.name, name) is not None:
            return None
        held = resolver.typed(value.path, parent, alike[0])
        return held and held._replace(sure=False)
    return None


def exported(world: World, path: str, name: str) -> Value | None:
    """What a file exports under a name, followed to where it is defined."""
    return world.memo("scripts.exported", (path, name), partial(_exported, world, path, name), None)


def _exported(world: World, path: str, name: str) -> Value | None:
    found = tables(world, path)
    resolver = Resolver(NAMES, world)
    local = found.exports.get(name)
    if local is not None:
        return resolver.top(path, local)
    declared = found.members.get("", NO_MEMBERS).get(name)
    if declared is not None and declared.exported:
        return Value("symbol", path, declared.qualified_name)
    interface = world.interface(path)
    if interface is None:
        return None
    passed_on = [fact for fact in interface.imports if fact.kind == "reexport"]
    # Types that a comment defines can be imported, too.
    brought = [fact for fact in interface.imports if fact.kind == "doc" and fact.names]
    for fact in (*passed_on, *brought):
        if fact.alias == name:
            return NAMES.imported(world, path, fact, "")
        for inner, outer in fact.names:
            if outer == name and inner != "*":
                return NAMES.imported(world, path, fact, inner)
    if name not in ("default", WHOLE):
        for fact in passed_on:
            if ("*", "*") in fact.names:
                value = NAMES.imported(world, path, fact, name)
                if value is not None:
                    return value
    if name == WHOLE:
        return None
    whole = exported(world, path, WHOLE)
    if name == "default":
        # A CommonJS module is its own default for those who import one.
        common = whole is None and not any(
            fact.kind in ("import", "reexport") for fact in interface.imports
        )
        return Value("language", path, _MODULE) if common and found.exports else whole
    return resolver.member(whole, name) if whole is not None else None
