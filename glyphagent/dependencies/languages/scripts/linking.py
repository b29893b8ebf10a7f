"""What one script proves about others: its imports as edges, its uses through the engine."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace

from glyphagent.dependencies.binding import Binder
from glyphagent.dependencies.edges import Edge, Linked, Unresolved
from glyphagent.dependencies.facts import Chain, Declaration, FileFacts, ImportFact, Use
from glyphagent.dependencies.languages.scripts.manifests import glob_pattern, joined
from glyphagent.dependencies.languages.scripts.naming import NAMES
from glyphagent.dependencies.languages.scripts.resolving import resolution
from glyphagent.dependencies.languages.scripts.values import beyond
from glyphagent.dependencies.languages.scripts.workspaces import own_package
from glyphagent.dependencies.names import NO_MEMBERS, TYPES, Value, imports_of, member_of
from glyphagent.dependencies.resolving import NOT_HOLDING
from glyphagent.dependencies.world import World

_EDGE_KINDS = {
    "reexport": "reexport",
    "reference": "include",
    "types": "include",
    "dynamic": "dynamic",
    "mock": "dynamic",
    "resolve": "dynamic",
    "url": "dynamic",
    "worker": "dynamic",
}
# What a run decides, though the file's name is written out.
_LOOSE = frozenset({"mock", "resolve", "url", "worker"})
# Names of these say nothing when they lead nowhere.
_QUIET = frozenset({"augment", "types", "mock", "url", "worker", "doc"})
_BASES = 10


class ScriptBinder(Binder):
    """Uses of a script: whatever is called counts as called, functions being values."""

    def _edges_of(self, use: Use) -> Iterator[Edge]:
        """Edges of a use; a module that is used as it is loaded goes by what it is."""
        for edge in super()._edges_of(use):
            if "(" not in edge.name:
                yield edge
            elif edge.kind == "call":
                yield replace(edge, name=edge.target_symbol.rpartition(".")[2])

    def _is_outside(self, scope: int, chain: Chain, steps: int) -> bool:
        """Whether a chain begins outside of the set: at an import, a type, a name of the platform.

        A type that is written down and leads nowhere is not of this set, nor is what a base from
        outside hands out.
        """
        head = chain[0]
        known = self.name(scope, head)
        if known is not None and self._leaves(known, chain[1:]):
            return True
        at = scope
        while at >= 0:
            if (at, head) in self._tables.imports:
                return True
            for each in self._bound.get((at, head), ()):
                if each.type:
                    return self._local_type(at, each.type) is None
                if steps and each.value and each.value[0] != head:
                    return self._is_outside(at, each.value, steps - 1)
            if (at, head) in self._bound:
                return False
            at = self.facts.scopes[at].parent
        declared = self._tables.members.get("", NO_MEMBERS).get(head)
        if declared is None:
            return head.isidentifier()
        if declared.type and declared.kind in ("variable", "constant"):
            return self._held_outside(declared.qualified_name)
        value = declared.value
        return bool(value and steps and value[0] != head) and self._is_outside(0, value, steps - 1)

    def _leaves(self, value: Value, parts: Chain) -> bool:
        """Whether a chain goes on by a member that only a base from outside can have."""
        for part in parts:
            after = self.step(value, part)
            if after is None:
                return value.kind == "instance" and self._has_base_outside(value)
            value = after
        return False

    def _has_base_outside(self, value: Value) -> bool:
        seen = {value[1:3]}
        pending = [value]
        while pending:
            each = pending.pop()
            declared = self.declaration(each)
            bases = self.bases(each.path, each.name)
            if declared is None or len(bases) < len(declared.bases):
                return True
            pending.extend(base for base in bases if base[1:3] not in seen)
            seen.update(base[1:3] for base in bases)
        return False

    def _held_outside(self, name: str) -> bool:
        return self.held(Value("symbol", self.path, name)) is None

    def callee(self, value: Value) -> Value | None:
        """What a call of a value calls: the name in another file that is used for it.

        A variable of that file is what is named, whatever it holds; what merely passes something
        on (`module.exports = {a}`) is not.
        """
        for _ in range(_BASES):
            if value.kind != "symbol":
                return None
            declared = self.declaration(value)
            if declared is None:
                return None
            if declared.kind in TYPES or declared.kind in NOT_HOLDING:
                return value
            chain = declared.value
            loads = bool(chain) and "(" in chain[0]
            if value.path != self.path and not _passes_on(declared) and not loads:
                return value
            held = self.held(value)
            if held is None:
                apart = value.path != self.path and not self._is_from_outside(value)
                return value if apart else None
            value = held
        return None

    def counts_as_called(self, value: Value) -> bool:
        """Whether a call of a name of unknown value is a call of that name.

        Not so for what only passes on a name that the file imports from outside.
        """
        return not self._is_from_outside(value)

    def _is_from_outside(self, value: Value) -> bool:
        declared = self.declaration(value)
        if declared is not None and _passes_on(declared):
            if imports_of(self.world, value.path, declared.name):
                return True
            declared = member_of(self.world, value.path, "", declared.name)
        return declared is not None and declared.value[:1] != () and _loads(declared.value[0])


def _loads(head: str) -> bool:
    return head.startswith(("require(", "dynamic("))


def _passes_on(declared: Declaration) -> bool:
    """Whether a member of an object only passes its name on, as in `{a}` or `{a: engine.a}`."""
    if declared.kind != "field" or not declared.value:
        return False
    name, last = declared.name, declared.value[-1]
    return last == name or declared.value in ((beyond(name),), (beyond(f"export:{name}"),))


def link(facts: FileFacts, world: World) -> Linked:
    """Give the edges that a file proves."""
    edges: set[Edge] = set()
    unresolved: set[Unresolved] = set()
    for fact in facts.interface.imports:
        if fact.kind == "glob":
            edges.update(_globbed(facts.path, fact, world))
            continue
        if fact.computed:
            unresolved.add(
                Unresolved(facts.path, fact.line, fact.column, fact.specifier, "dynamic")
            )
            continue
        specifier = fact.specifier
        if fact.kind == "reference" and not specifier.startswith("."):
            specifier = "./" + specifier
        if fact.kind in ("url", "worker") and not specifier.startswith((".", "/")):
            continue
        found = resolution(world, facts.path, specifier, fact.kind)
        if found.path is None:
            if fact.kind not in _QUIET or found.reason == "skipped":
                unresolved.add(
                    Unresolved(facts.path, fact.line, fact.column, fact.specifier, found.reason)
                )
            continue
        if fact.kind == "augment" and found.path == facts.path:
            continue
        edges.add(
            Edge(
                facts.path,
                found.path,
                fact.line,
                fact.column,
                _EDGE_KINDS.get(fact.kind, "import"),
                fact.specifier,
                "dynamic" if fact.kind in _LOOSE else found.confidence,
                condition=fact.condition,
            )
        )
    symbols = ScriptBinder(NAMES, facts, world).symbol_edges() if facts.uses_collected else ()
    return Linked(tuple(sorted(edges)), symbols, tuple(sorted(unresolved)))


def _globbed(path: str, fact: ImportFact, world: World) -> Iterator[Edge]:
    """Edges to the files that the patterns of `import.meta.glob` fit, as Vite reads them."""
    folder = posixpath.dirname(path)
    package = own_package(world, folder) or ""
    taken: list[re.Pattern[str]] = []
    left: list[re.Pattern[str]] = []
    for pattern in fact.specifier.split():
        bare = pattern.removeprefix("!")
        at = joined(package, bare.lstrip("/")) if bare[:1] == "/" else None
        if bare.startswith((".", "**")):
            at = joined(folder, bare)
        if at is not None:
            (left if bare != pattern else taken).append(glob_pattern(at))
    for target in _below(world, fact.specifier, folder, package) if taken else ():
        hidden = target.startswith(".") or "/." in target or "node_modules/" in target
        if target == path or hidden or any(each.match(target) for each in left):
            continue
        if any(each.match(target) for each in taken):
            yield Edge(
                *(path, target, fact.line, fact.column, "dynamic", fact.specifier, "inferred"),
                condition=fact.condition,
            )


def _below(world: World, patterns: str, *folders: str) -> Iterator[str]:
    """All documents below the folders that patterns begin in."""
    starts = set()
    for pattern in patterns.split():
        head = re.split(r"[*?{(\[!]", pattern, maxsplit=1)[0].rpartition("/")[0]
        for folder in folders:
            at = joined(folder, head.lstrip("/") or ".")
            if at is not None:
                starts.add(at)
    pending, seen = sorted(starts), set()
    while pending:
        at = pending.pop()
        if at in seen:
            continue
        seen.add(at)
        if world.exists(at):
            yield at
        elif world.is_folder(at):
            pending.extend(world.entries(at))


def stem(path: str) -> str:
    """Name of a file without folder and suffix."""
    return posixpath.splitext(posixpath.basename(path))[0]
