"""What a Java file proves about other files: the files that declare the types it names."""

from __future__ import annotations

from glyphagent.dependencies.edges import Confidence, Edge, Linked, Reason, Unresolved
from glyphagent.dependencies.facts import CALL, ITEM, FileFacts, ImportFact
from glyphagent.dependencies.languages.java.binding import symbol_edges
from glyphagent.dependencies.languages.java.named_types import (
    Type,
    Unit,
    by_full_name,
    member_type,
    named,
    simple,
    unit,
)
from glyphagent.dependencies.languages.java.roots import package_folders
from glyphagent.dependencies.world import World


def link_java(facts: FileFacts, world: World) -> Linked:
    """What a Java file proves about other files."""
    file = unit(world, facts.path) or Unit(facts.interface)
    edges: set[Edge] = set()
    unresolved: set[Unresolved] = set()
    for each in facts.interface.imports:
        target = _imported(world, file, each)
        if target is None:
            where = (facts.path, each.line, each.column)
            unresolved.add(Unresolved(*where, each.specifier, _reason(world, file, each)))
        elif target.path and target.path != facts.path:
            edges.add(_edge(facts.path, target, each.line, each.column, each.specifier))
    covered = {edge.target for edge in edges}
    edges |= _uses(facts, world, file, covered)
    symbols = symbol_edges(facts, world) if facts.uses_collected else ()
    return Linked(tuple(sorted(edges)), symbols, tuple(sorted(unresolved)))


def _edge(path: str, target: Type, line: int, column: int, name: str) -> Edge:
    confidence: Confidence = "exact" if target.exact else "inferred"
    return Edge(path, target.path, line, column, "import", name, confidence)


# Stands for an import that is in order and leads to no single file.
_NOWHERE = Type("", "")


def _imported(world: World, file: Unit, fact: ImportFact) -> Type | None:
    """The type that an import statement names, None if the set has none."""
    if fact.kind == "requires":
        for path in world.named("module-info.java"):
            interface = world.interface(path)
            named_here = interface.declarations if interface is not None else ()
            if any(each.kind == "namespace" and each.name == fact.specifier for each in named_here):
                return Type(path, fact.specifier)
        return None
    parts = fact.specifier.split(".")
    wild = any(name == "*" for name, _ in fact.names)
    if fact.kind == "static":
        return by_full_name(world, file.folder, parts if wild else parts[:-1])
    found = by_full_name(world, file.folder, parts)
    if found is None and wild and package_folders(world, file.path, file.package, fact.specifier):
        return _NOWHERE
    return found


def _reason(world: World, file: Unit, fact: ImportFact) -> Reason:
    """Why an import leads nowhere: `missing` only where the set has files of that package."""
    names = fact.specifier.split(".")
    wild = any(name == "*" for name, _ in fact.names)
    if fact.kind == "static" and not wild:
        names.pop()
    for cut in range(len(names) - 1 if fact.kind != "requires" else 0, 0, -1):
        package = ".".join(names[:cut])
        for folder in package_folders(world, file.path, file.package, package):
            if any(path.endswith(".java") for path in world.entries(folder)):
                return "missing"
    return "external"


def _uses(facts: FileFacts, world: World, file: Unit, covered: set[str]) -> set[Edge]:
    """Edges for the types that the text names and no import statement speaks for."""
    variables: dict[int, set[str]] = {}
    for binding in facts.bindings:
        variables.setdefault(binding.scope, set()).add(binding.name)
    fields = {
        each.name for each in facts.interface.declarations if each.kind in ("field", "constant")
    }
    first: dict[tuple[str, str], Edge] = {}
    known: dict[tuple[str, tuple[str, ...]], list[Type]] = {}
    for use in facts.uses:
        names = _names(use.chain)
        if not names:
            continue
        symbol = facts.scopes[use.scope].symbol
        key = (symbol, names)
        steps = known.get(key)
        if steps is None:
            steps = known[key] = _steps(world, file, symbol, names)
        for target in steps:
            if target.path == facts.path or target.path in covered:
                continue
            if names[0] in fields or _is_variable(facts, variables, use.scope, names[0]):
                break
            name = target.name.rpartition(".")[2]
            if (target.path, name) not in first:
                edge = _edge(facts.path, target, use.line, use.column, name)
                first[target.path, name] = edge
    return set(first.values())


def _names(chain: tuple[str, ...]) -> tuple[str, ...]:
    if chain[0][:1] in ("", "@", "^", "?"):
        return ()
    for index, each in enumerate(chain):
        if each in (CALL, ITEM):
            return chain[:index]
    return chain


def _steps(world: World, file: Unit, symbol: str, names: tuple[str, ...]) -> list[Type]:
    steps = named(world, file, symbol, names)
    if steps or len(names) < 2 or simple(world, file, symbol, names[0]) is not None:
        return steps
    for cut in range(1, len(names)):
        # By Java's custom packages begin small: this keeps `a.b.c()` from being looked up.
        if names[cut][:1].isupper():
            found = by_full_name(world, file.folder, names[: cut + 1])
            while found is not None:
                steps.append(found)
                cut += 1
                found = member_type(world, found, names[cut]) if cut < len(names) else None
            break
    return steps


def _is_variable(facts: FileFacts, variables: dict[int, set[str]], scope: int, name: str) -> bool:
    while scope >= 0:
        if name in variables.get(scope, ()):
            return True
        scope = facts.scopes[scope].parent
    return False
