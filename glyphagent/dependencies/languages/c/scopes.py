"""Names across the files of a C or C++ set: what includes show, and where it is defined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import NamedTuple

from glyphagent.dependencies.languages import language_module
from glyphagent.dependencies.languages.c.includes import resolve
from glyphagent.dependencies.languages.c.library import is_library_function
from glyphagent.dependencies.languages.c.modules import module_file
from glyphagent.dependencies.names import (
    Value,
    head_of,
    imports_in,
    is_marked,
    marks_of,
    symbols_of,
)
from glyphagent.dependencies.world import World

FUNCTIONS = ("function", "method")
# Marks of an interface's `extra`: names that a file only announces; names whose functions only
# some configurations have; pairs of such a name and what a macro calls it in the others; and
# namespaces that it uses as a whole.
ANNOUNCED, CONDITIONAL, RENAMED = "announced", "conditional", "renamed"
USED_NAMESPACES = "using"
_INDEXED = frozenset(
    ("function", "method", "class", "enum", "type", "variable", "constant", "macro", "namespace")
)


class Entry(NamedTuple):
    """A declaration of a name in some file.

    Attributes:
        path: Path of the file.
        name: Its qualified name there.
        kind: As in `Declaration`.
        announced: Whether it is defined elsewhere.
        exported: Whether other files may use it.
        conditional: Whether only some configurations have it.
    """

    path: str
    name: str
    kind: str
    announced: bool
    exported: bool
    conditional: bool


def entries(world: World, name: str) -> tuple[Entry, ...]:
    """Declarations of a qualified name in all files, in the order of their paths."""
    make = partial(_entries, world, name)
    return world.memo("c.entries", name, make, ())


def _entries(world: World, name: str) -> tuple[Entry, ...]:
    found = dict.fromkeys(_entries_in(world, name, world.declaring("c", name)))
    # `using namespace n; int A::f() {...}` defines n::A::f.
    space, _, inner = name.partition(".")
    while "." in inner:
        paths = [
            path
            for path in world.declaring("c", inner)
            if is_marked(world, path, USED_NAMESPACES, space)
        ]
        found |= {each: None for each in _entries_in(world, inner, paths) if each.kind == "method"}
        part, _, inner = inner.partition(".")
        space = f"{space}.{part}"
    return tuple(sorted(found, key=lambda each: each.path))


def _entries_in(world: World, name: str, paths: Iterable[str]) -> Iterator[Entry]:
    for path in paths:
        announced = is_marked(world, path, ANNOUNCED, name)
        conditional = is_marked(world, path, CONDITIONAL, name)
        for each in symbols_of(world, path, name):
            if each.kind in _INDEXED:
                known = each.kind != "macro" and announced
                yield Entry(path, name, each.kind, known, each.exported, conditional)


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
        if language_module(path) != "c":
            return ()
        found: dict[str, None] = {}
        for each in imports_in(world, path):
            if each.kind == "module":
                head = head_of(world, path)
                package = head.package if head is not None else ""
                target = module_file(world, package, each.specifier)
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
    if not here:
        return value
    reach = closure(world, path)
    defined = [
        each
        for each in every
        if not each.announced and each.kind in FUNCTIONS and (each.exported or each.path in reach)
    ]
    stand_in = not all(each.announced for each in here)
    if stand_in:
        # What some configurations define here may stand in for what another file defines in all,
        # and what is included announces.
        conditional = all(each.conditional and each.exported for each in here)
        whole = any(not each.conditional and each.exported for each in defined)
        known = any(each.announced and each.path in reach for each in every)
        if not (conditional and whole and known):
            return value
    if not defined:
        return value
    if not all(each.conditional for each in defined):
        defined = [each for each in defined if not each.conditional]
    near = [each for each in defined if each.path in reach]
    best = min(near or defined, key=lambda each: (-_shared(path, each.path), each.path))
    only = not stand_in and len({each.path for each in near or defined}) == 1
    return value._replace(path=best.path, name=best.name, sure=value.sure and only)


def leads_outside(world: World, path: str, name: str) -> bool:
    """Whether a file's function most often is another, of no file of the set.

    So it is where a macro in the other branch of the same condition renames it to one, and where
    a condition declares what the standard library has anyway.
    """
    for pair in marks_of(world, path, RENAMED):
        if isinstance(pair, tuple) and pair[0] == name and not entries(world, pair[1]):
            return True
    return (
        is_library_function(name)
        and is_marked(world, path, CONDITIONAL, name)
        and all(each.announced for each in entries(world, name))
    )


def _shared(path: str, other: str) -> int:
    count = 0
    for a, b in zip(path.split("/")[:-1], other.split("/")[:-1], strict=False):
        if a != b:
            break
        count += 1
    return count
