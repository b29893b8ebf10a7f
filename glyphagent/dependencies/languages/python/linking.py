"""From a Python file's facts to edges."""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Sequence
from pathlib import Path

from glyphagent.dependencies.binding import Binder
from glyphagent.dependencies.edges import Confidence, Edge, Linked, Reason, Unresolved
from glyphagent.dependencies.facts import FileFacts, ImportFact
from glyphagent.dependencies.languages.python.modules import Module, locate, module_file
from glyphagent.dependencies.names import Value
from glyphagent.dependencies.resolving import Resolver
from glyphagent.dependencies.world import World

_DYNAMIC = ("dynamic", "lazy")


_TYPES: tuple[type, ...] = (
    *(str, bytes, int, float, complex, list, tuple, dict, set, range, memoryview, type, property),
    *(BaseException, io.TextIOWrapper, io.BytesIO, io.StringIO, re.Pattern, re.Match, Path),
)
# Further methods of the standard library's classes that every program meets.
_MORE = """
accept acquire add add_argument addHandler after append appendleft apply assertEqual astimezone
bind call callback cancel cancelled check clear close commit connect cursor date debug detach
dispatch done emit empty enter_context error exception execute executemany fetch fetchall fetchone
finish flush forkserver fileno filter format full get_nowait getvalue group handle info is_alive
is_set isoformat join kill listen load loads log map name next notify notify_all open parse
parse_args poll popleft process put put_nowait recv register release replace request reset result
resolve rollback rotate run save seek send sendall set set_exception set_result setLevel setup
shutdown sleep start stop submit strftime subscribe task_done tell terminate throw timestamp
total_seconds unregister unwrap update upgrade url validate visit wait warning wrap write
"""


class PythonNames:
    """What Python says about names."""

    members_in_scope = False
    types_are_sure = False
    has_free_names = False
    common_members = frozenset(_MORE.split()).union(*map(dir, _TYPES))

    def imported(self, world: World, path: str, fact: ImportFact, name: str) -> Value | None:
        """Give what an import brings in under a name."""
        if fact.computed:
            return None
        if not name:
            bare = fact.kind == "import" and fact.alias == fact.specifier.partition(".")[0]
            module = locate(world, path, fact.alias if bare else fact.specifier)
            return _value(world, module)
        module = locate(world, path, fact.specifier)
        if module is None:
            return None
        if module.file is not None and module.file != path:
            found = Resolver(self, world).top(module.file, name)
            if found is not None:
                return found
        return self.submodule(world, module.folder, name)

    def free(self, world: World, path: str, name: str) -> Value | None:
        """Give nothing: what is left are builtins."""
        return None

    def member(self, world: World, value: Value, name: str) -> Value | None:
        """Give a package's submodule."""
        if value.kind == "folder":
            return self.submodule(world, value.path, name)
        if value.kind == "module" and posixpath.basename(value.path).startswith("__init__."):
            return self.submodule(world, posixpath.dirname(value.path), name)
        return None

    def submodule(self, world: World, folder: str | None, name: str) -> Value | None:
        """Give the module or package of a name in a folder."""
        if folder is None or not name.isidentifier():
            return None
        inner = posixpath.join(folder, name)
        return _value(world, Module(module_file(world, inner), inner))


def _value(world: World, module: Module | None) -> Value | None:
    if module is None:
        return None
    if module.file is not None:
        return Value("module", module.file)
    if module.folder is not None and world.is_folder(module.folder):
        return Value("folder", module.folder)
    return None


class PythonBinder(Binder):
    """The uses of one Python file."""

    def counts_as_called(self, value: Value) -> bool:
        """Whether a variable of unknown value is what a call calls: at a module's top it is."""
        return value.kind == "symbol" and "." not in value.name


NAMES = PythonNames()


def link(facts: FileFacts, world: World) -> Linked:
    """Give the edges that a file proves."""
    edges: set[Edge] = set()
    unresolved: set[Unresolved] = set()
    for fact in facts.interface.imports:
        _import(facts.path, fact, world, edges, unresolved)
    symbol_edges = PythonBinder(NAMES, facts, world).symbol_edges() if facts.uses_collected else ()
    return Linked(tuple(sorted(edges)), symbol_edges, tuple(sorted(unresolved)))


def _import(
    path: str, fact: ImportFact, world: World, edges: set[Edge], unresolved: set[Unresolved]
) -> None:
    """Add the file edges of one import, or why it has none."""

    def fail(name: str, reason: Reason) -> None:
        unresolved.add(Unresolved(path, fact.line, fact.column, name, reason))

    if fact.computed:
        fail(fact.specifier, "dynamic")
        return
    if fact.specifier == "__future__":
        return
    module = locate(world, path, fact.specifier)
    if module is None and fact.kind == "lazy":
        # A table that only looks like one of modules.
        return
    if module is None:
        fail(fact.specifier, _why(world, path, fact.specifier))
        return
    kind = "dynamic" if fact.kind in _DYNAMIC else "import"
    sure: Confidence = "inferred" if fact.kind == "lazy" else "exact"
    names = [name for name, _ in fact.names]
    plain = fact.kind in ("import", "dynamic")
    for target in targets(world, module, names, plain):
        if target != path:
            edges.add(
                Edge(
                    *(path, target, fact.line, fact.column, kind, fact.specifier, sure),
                    condition=fact.condition,
                )
            )
    if module.file is None and module.folder is not None and not plain:
        for name in names:
            inner = posixpath.join(module.folder, name)
            if name != "*" and module_file(world, inner) is None and not world.is_folder(inner):
                fail(f"{fact.specifier.rstrip('.')}.{name}", "missing")


def targets(world: World, module: Module, names: Sequence[str], plain: bool) -> list[str]:
    """Files that an import of a module, or of names out of it, leads to.

    Args:
        world: The set.
        module: What the module's name means.
        names: Names taken out of it; a submodule's is a file of its own.
        plain: Whether the statement names the module alone, as `import a.b` does.
    """
    found: list[str] = []
    rest = plain or not names
    for name in () if plain else names:
        inner = None
        if module.folder is not None and name != "*":
            inner = module_file(world, posixpath.join(module.folder, name))
        if inner is not None:
            found.append(inner)
        else:
            rest = True
    if rest and module.file is not None:
        found.append(module.file)
    return found


def _why(world: World, path: str, specifier: str) -> Reason:
    """Why a module is not in the set."""
    dots = len(specifier) - len(specifier.lstrip("."))
    if dots:
        folder = posixpath.dirname(path)
        for _ in range(dots - 1):
            folder = posixpath.dirname(folder)
        base = posixpath.join(folder, *specifier[dots:].split("."))
        return "skipped" if _was_skipped(world, base) else "missing"
    first = locate(world, path, specifier.partition(".")[0])
    if first is None or (first.file is None and "." not in specifier):
        return "external"
    if first.file is None:
        # A folder without a package file may well be another library's namespace.
        return "external"
    base = posixpath.join(first.folder or "", *specifier.split(".")[1:])
    return "skipped" if _was_skipped(world, base) else "missing"


def _was_skipped(world: World, base: str) -> bool:
    return any(world.was_skipped(base + end) for end in (".py", "/__init__.py", ".pyi"))
