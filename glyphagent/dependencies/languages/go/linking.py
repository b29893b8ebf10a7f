"""What a Go file proves about others: the files that declare what it names.

In Go a statement imports a folder, and files of one package see each other without any. A file
edge therefore goes from a use to the file that declares the name, its evidence the use itself. An
import of which no name is used leads to the files that run when the package is loaded.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fnmatch import translate
from functools import lru_cache

from glyphagent.dependencies.edges import Edge, Linked, Reason, Unresolved
from glyphagent.dependencies.facts import FileFacts, ImportFact
from glyphagent.dependencies.languages.go.binder import GoBinder, Used
from glyphagent.dependencies.languages.go.builds import (
    is_for_other_system,
    is_outdated,
    is_test,
)
from glyphagent.dependencies.languages.go.modules import find_package
from glyphagent.dependencies.languages.go.packages import (
    constraint_in,
    declared,
    imported_package,
    initial,
    package_of,
    stated_constraint,
)
from glyphagent.dependencies.world import World


def link(facts: FileFacts, world: World) -> Linked:
    """Give what a file proves about others."""
    path, here = facts.path, stated_constraint(facts.interface)
    used: set[Used] = set()
    for each in GoBinder(facts, world).used():
        used.add(each)
        used.update(_on_other_systems(world, here, each))
    found = sorted(used)
    conditions = {target: _condition(world, facts, target) for target in {u.target for u in found}}
    edges: set[Edge] = set()
    # What today's Go never builds proves no file edge; its symbol edges say their condition.
    if not is_outdated(here):
        seen: set[tuple[str, str, int]] = set()
        for each in found:
            key = (each.target, each.name, each.line)
            if key not in seen:
                seen.add(key)
                place = (path, each.target, each.line, each.column, "import", each.name)
                condition = conditions[each.target]
                edges.add(Edge(*place, each.confidence, condition=condition))
    reached = {posixpath.dirname(target) for target in conditions}
    unresolved: set[Unresolved] = set()
    for fact in facts.interface.imports:
        if fact.kind == "embed":
            edges.update(_embedded(world, facts, fact, unresolved))
        elif fact.kind == "include":
            edges.update(_included(world, facts, fact, unresolved))
        else:
            edges.update(_imported(world, facts, fact, reached, unresolved))
    wanted = found if "files only" not in facts.interface.extra else []
    return Linked(
        tuple(sorted(edges)),
        tuple(Edge(path, *each, conditions[each.target]) for each in wanted),
        tuple(sorted(unresolved)),
    )


def _on_other_systems(world: World, here: str, used: Used) -> Iterator[Used]:
    """The same use where the program is built for another system or machine."""
    entries = declared(world, package_of(world, used.target), used.target_symbol)
    for each in entries if len(entries) > 1 else ():
        if each.path != used.target and is_for_other_system(each.constraint, here):
            yield used._replace(target=each.path)


def _imported(
    world: World,
    facts: FileFacts,
    fact: ImportFact,
    reached: set[str],
    unresolved: set[Unresolved],
) -> Iterator[Edge]:
    """Edges of an import statement whose package is reached by no use of a name."""
    found = find_package(world, posixpath.dirname(facts.path), fact.specifier)
    if found.folder is None or fact.specifier in ("C", "unsafe"):
        reason: Reason = "missing" if found.expected else "external"
        unresolved.add(Unresolved(facts.path, fact.line, fact.column, fact.specifier, reason))
        return
    if found.folder in reached:
        return
    package = imported_package(world, found.folder)
    targets = [each.path for each in initial(world, package) if not each.test]
    targets = targets or [each.path for each in package.files if not each.test]
    for target in targets:
        if target != facts.path:
            yield _edge(world, facts, fact, target, "import", "inferred")


def _edge(
    world: World, facts: FileFacts, fact: ImportFact, target: str, kind: str, confidence: str
) -> Edge:
    return Edge(
        facts.path,
        target,
        fact.line,
        fact.column,
        kind,
        fact.specifier,
        "inferred" if confidence == "inferred" else "exact",
        condition=_condition(world, facts, target),
    )


def _embedded(
    world: World, facts: FileFacts, fact: ImportFact, unresolved: set[Unresolved]
) -> Iterator[Edge]:
    """Documents that a `//go:embed` pattern names, whole folders included."""
    folder = posixpath.dirname(facts.path)
    pattern = fact.specifier.removeprefix("all:")
    hidden = fact.specifier != pattern
    found = False
    for path in _matching(world, folder, pattern.split("/"), hidden=hidden):
        found = True
        if path != facts.path:
            yield replace(_edge(world, facts, fact, path, "dynamic", "exact"), confidence="exact")
    if not found:
        unresolved.add(Unresolved(facts.path, fact.line, fact.column, fact.specifier, "missing"))


def _matching(world: World, folder: str, parts: list[str], *, hidden: bool) -> Iterator[str]:
    """Documents below a folder that a pattern's parts name."""
    pending: list[tuple[str, int]] = [(folder, 0)]
    while pending:
        at, index = pending.pop()
        if index == len(parts):
            for path in world.entries(at):
                base = posixpath.basename(path)
                if not hidden and base.startswith((".", "_")):
                    continue
                if world.exists(path):
                    yield path
                else:
                    pending.append((path, index))
            continue
        part = parts[index]
        if part == ".":
            pending.append((at, index + 1))
            continue
        matches = _matcher(part)
        for path in world.entries(at):
            if not matches.match(posixpath.basename(path)):
                continue
            if not world.exists(path):
                pending.append((path, index + 1))
            elif index == len(parts) - 1:
                yield path


@lru_cache(maxsize=512)
def _matcher(part: str) -> re.Pattern[str]:
    return re.compile(translate(part.replace("[^", "[!")))


def _included(
    world: World, facts: FileFacts, fact: ImportFact, unresolved: set[Unresolved]
) -> Iterator[Edge]:
    """A header of the set that a cgo comment includes."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(facts.path), fact.specifier))
    if world.exists(path):
        yield _edge(world, facts, fact, path, "include", "exact")
    else:
        unresolved.add(Unresolved(facts.path, fact.line, fact.column, fact.specifier, "external"))


def _condition(world: World, facts: FileFacts, target: str) -> str:
    """What must hold for both ends to be built."""
    there, here = constraint_in(world, target), stated_constraint(facts.interface)
    return _joined(("test" if is_test(facts.path) else "", here, there))


@lru_cache(maxsize=4096)
def _joined(parts: Iterable[str]) -> str:
    kept: list[str] = []
    for part in parts:
        if part and part not in kept:
            kept.append(part)
    if len(kept) > 1:
        kept = [f"({part})" if "||" in part else part for part in kept]
    return " && ".join(kept)
