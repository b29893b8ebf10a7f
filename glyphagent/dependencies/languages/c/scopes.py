"""Names across the files of a C or C++ set: what includes show, and where it is defined."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from glyphagent.dependencies.facts import Interface
from glyphagent.dependencies.languages.c.includes import resolve
from glyphagent.dependencies.languages.c.modules import c_files, module_file
from glyphagent.dependencies.names import Value
from glyphagent.dependencies.world import World

FUNCTIONS = ("function", "method")
_INDEXED = frozenset(
    ("function", "method", "class", "enum", "type", "variable", "constant", "macro", "namespace")
)


class Entry(NamedTuple):
    """A declaration of a name in some file; `announced` ones are defined elsewhere."""

    path: str
    name: str
    kind: str
    announced: bool
    exported: bool


def marked(interface: Interface, mark: str) -> tuple[str, ...]:
    """Names that a file's interface has under a mark."""
    for each in interface.extra:
        if isinstance(each, tuple) and each[0] == mark:
            names: tuple[str, ...] = each[1]
            return names
    return ()


def entries(world: World, name: str) -> tuple[Entry, ...]:
    """Declarations of a qualified name in all files, in the order of their paths."""
    make = partial(_entries, world, name)
    return world.memo("c.entries", name, make, ())


def _entries(world: World, name: str) -> tuple[Entry, ...]:
    return _index(world).get(name, ())


def _index(world: World) -> dict[str, tuple[Entry, ...]]:
    def make() -> dict[str, tuple[Entry, ...]]:
        found: dict[str, dict[Entry, None]] = {}
        for path in c_files(world):
            interface = world.interface(path)
            if interface is None:
                continue
            announced = set(marked(interface, "announced"))
            used = marked(interface, "using")
            for each in interface.declarations:
                if each.kind not in _INDEXED:
                    continue
                name = each.qualified_name
                known = each.kind != "macro" and name in announced
                entry = Entry(path, name, each.kind, known, each.exported)
                found.setdefault(name, {})[entry] = None
                if used and each.kind == "method" and each.parent:
                    # `using namespace n; int A::f() {...}` defines n::A::f.
                    for space in used:
                        found.setdefault(f"{space}.{name}", {})[entry] = None
        return {name: tuple(each) for name, each in found.items()}

    return world.memo("c.index", "", make, {})


def closure(world: World, path: str) -> dict[str, int]:
    """Files that a file includes, directly or not, itself first; by distance and order."""

    def make() -> dict[str, int]:
        order = {path: 0}
        todo = [path]
        for each in todo:
            for target in _direct(world, each):
                if target not in order:
                    order[target] = len(order)
                    todo.append(target)
        return order

    return world.memo("c.closure", path, make, {path: 0})


def _direct(world: World, path: str) -> tuple[str, ...]:
    def make() -> tuple[str, ...]:
        interface = world.interface(path)
        if interface is None or interface.language != "c":
            return ()
        found: dict[str, None] = {}
        for each in interface.imports:
            if each.kind == "module":
                target = module_file(world, interface, each.specifier)
            else:
                target = resolve(world, path, each).path
            if target:
                found.setdefault(target)
        return tuple(found)

    return world.memo("c.direct", path, make, ())


def visible(world: World, path: str, name: str) -> Value | None:
    """What a qualified name means in a file: by what it includes, or by its only definition."""
    return world.memo("c.visible", (path, name), partial(_visible, world, path, name), None)


def _visible(world: World, path: str, name: str) -> Value | None:
    every = entries(world, name)
    if not every:
        return None
    reach = closure(world, path)
    near = [each for each in every if each.path in reach]
    if near:
        # A macro of a function's name renames or wraps it, mostly under some condition.
        best = min(near, key=lambda each: (each.kind == "macro", each.announced, reach[each.path]))
        # A namespace is looked into from the file that asks: its parts lie in many files.
        if best.kind == "namespace":
            return Value("symbol", path, name)
        return Value("symbol", best.path, name)
    if "." in name:
        return None
    defined = [each for each in every if each.exported and not each.announced]
    if len(defined) == 1 and _stem(defined[0].path) in {_stem(each) for each in reach}:
        # Not declared by any include that could be read; but the definition's own header is.
        return Value("symbol", defined[0].path, name, sure=False)
    return None


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]


def definition(world: World, path: str, value: Value) -> Value:
    """Where a function that is declared in a file is defined; the declaration if nowhere."""
    every = entries(world, value.name)
    here = [each for each in every if each.path == value.path and each.kind in FUNCTIONS]
    if not here or not all(each.announced for each in here):
        return value
    reach = closure(world, path)
    defined = [
        each
        for each in every
        if not each.announced and each.kind in FUNCTIONS and (each.exported or each.path in reach)
    ]
    if not defined:
        return value
    near = [each for each in defined if each.path in reach]
    best = min(near or defined, key=lambda each: (-_shared(path, each.path), each.path))
    only = len({each.path for each in near or defined}) == 1
    return value._replace(path=best.path, name=best.name, sure=value.sure and only)


def _shared(path: str, other: str) -> int:
    count = 0
    for a, b in zip(path.split("/")[:-1], other.split("/")[:-1], strict=False):
        if a != b:
            break
        count += 1
    return count
