"""What a Rust file proves about others: modules, imports, paths, and through the engine symbols."""

from __future__ import annotations

from glyphagent.dependencies.edges import Edge, Linked, Reason, Unresolved
from glyphagent.dependencies.facts import FileFacts, ImportFact
from glyphagent.dependencies.languages.rust.binder import symbol_edges
from glyphagent.dependencies.languages.rust.crates import (
    MODS,
    Module,
    file_modules,
    included_file,
    module_candidates,
)
from glyphagent.dependencies.languages.rust.macros import INCLUDING
from glyphagent.dependencies.languages.rust.naming import (
    Entity,
    extern_crate,
    import_path,
    resolve,
)
from glyphagent.dependencies.languages.rust.paths import MACRO, TYPE, decoded
from glyphagent.dependencies.world import World


class Linker:
    """The link of one file."""

    def __init__(self, facts: FileFacts, world: World) -> None:
        """Take a file."""
        self.facts = facts
        self.path = facts.path
        self.world = world
        self.inner = file_modules(world, facts.path).inner
        self.edges: dict[tuple[str, int, str], Edge] = {}
        self.unresolved: set[Unresolved] = set()

    def link(self) -> Linked:
        """All that the file proves."""
        for fact in self.facts.interface.imports:
            if fact.kind in MODS:
                self._module(fact)
            elif fact.kind in INCLUDING:
                self._include(fact)
            elif fact.kind == "extern":
                self._extern(fact)
            else:
                self._use(fact)
        self._paths()
        symbols = symbol_edges(self.facts, self.world) if self.facts.uses_collected else ()
        return Linked(tuple(sorted(self.edges.values())), symbols, tuple(sorted(self.unresolved)))

    def module_at(self, scope: int) -> Module:
        """The module that a scope lies in."""
        while scope not in self.inner and scope > 0:
            scope = self.facts.scopes[scope].parent
        return Module(self.path, self.inner.get(scope, ""))

    def _edge(
        self, target: str, fact: ImportFact, name: str, kind: str = "import", condition: str = ""
    ) -> None:
        if target == self.path:
            return
        key = (target, fact.line, name)
        self.edges.setdefault(
            key,
            Edge(
                self.path,
                target,
                fact.line,
                fact.column,
                kind,
                name,
                condition=condition or fact.condition,
            ),
        )

    def _miss(self, fact: ImportFact, name: str, reason: Reason) -> None:
        self.unresolved.add(Unresolved(self.path, fact.line, fact.column, name, reason))

    def _module(self, fact: ImportFact) -> None:
        found = False
        candidates = module_candidates(self.world, self.module_at(fact.scope), fact)
        for path, condition in candidates:
            if self.world.exists(path):
                self._edge(path, fact, fact.specifier, condition=condition)
                found = True
        if not found:
            skipped = any(self.world.was_skipped(path) for path, _ in candidates)
            self._miss(fact, fact.specifier, "skipped" if skipped else "missing")

    def _include(self, fact: ImportFact) -> None:
        if fact.computed:
            self._miss(fact, fact.specifier, "dynamic")
            return
        path = included_file(self.world, self.path, fact)
        if path is not None and self.world.exists(path):
            self._edge(path, fact, fact.specifier, "include")
        elif path is None:
            self._miss(fact, fact.specifier, "external")
        else:
            skipped = self.world.was_skipped(path)
            self._miss(fact, fact.specifier, "skipped" if skipped else "missing")

    def _extern(self, fact: ImportFact) -> None:
        crate = extern_crate(self.world, self.module_at(fact.scope), fact.specifier)
        if crate is not None and crate.kind == "module":
            self._edge(crate.file, fact, fact.specifier)
        else:
            missing = crate is not None and crate.kind == "missing"
            self._miss(fact, fact.specifier, "missing" if missing else "external")

    def _use(self, fact: ImportFact) -> None:
        path = import_path(fact)
        module = self.module_at(fact.scope)
        found = resolve(self.world, module, path, TYPE, in_use=True)
        kind = "reexport" if fact.kind == "reexport" else "import"
        shown = f"{path}::*" if fact.names and fact.names[0][0] == "*" else path
        entity = found.entity
        # A last name that is not known may be a macro's work: the module is there all the same.
        if found.module is not None and (entity is not None or not found.rest):
            self._edge(found.module.file, fact, shown, kind)
        elif entity is None or entity.kind in ("external", "missing"):
            self._miss(fact, shown, self._reason(path, entity))

    def _reason(self, path: str, entity: Entity | None) -> Reason:
        if entity is not None:
            return "missing" if entity.kind == "missing" else "external"
        first = path.partition("::")[0]
        return "missing" if first in ("crate", "self", "super") else "external"

    def _paths(self) -> None:
        """File edges of paths that are used without a `use`."""
        for use in self.facts.uses:
            if "::" not in use.chain[0]:
                continue
            head = decoded(use.chain[0])
            if head is None or head.wanted == MACRO:
                continue
            found = resolve(self.world, Module(self.path, head.module), head.path, head.wanted)
            module = found.module
            if module is None or found.entity is None or module.file == self.path:
                continue
            key = (module.file, use.line, head.path)
            self.edges.setdefault(
                key, Edge(self.path, module.file, use.line, use.column, "import", head.path)
            )


def link(facts: FileFacts, world: World) -> Linked:
    """What a file proves about others."""
    return Linker(facts, world).link()
