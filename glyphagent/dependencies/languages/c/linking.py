"""What a C or C++ file proves about other files."""

from __future__ import annotations

from glyphagent.dependencies.edges import Confidence, Edge, Linked, Unresolved
from glyphagent.dependencies.facts import FileFacts, ImportFact
from glyphagent.dependencies.languages.c.binding import symbol_edges
from glyphagent.dependencies.languages.c.includes import Found, resolve
from glyphagent.dependencies.languages.c.modules import module_file
from glyphagent.dependencies.world import World


def link_c(facts: FileFacts, world: World) -> Linked:
    """What a C or C++ file proves about other files."""
    edges: set[Edge] = set()
    unresolved: set[Unresolved] = set()
    for each in facts.interface.imports:
        where = (each.line, each.column)
        for found in _targets(facts, world, each):
            if not found.path:
                unresolved.add(Unresolved(facts.path, *where, each.specifier, found.reason))
            elif found.path != facts.path:
                sure: Confidence = "exact" if found.exact else "inferred"
                kind = "import" if each.kind == "module" else "include"
                edges.add(
                    Edge(
                        *(facts.path, found.path, *where, kind, each.specifier, sure),
                        condition=each.condition,
                    )
                )
    symbols = symbol_edges(facts, world) if facts.uses_collected else ()
    return Linked(tuple(sorted(edges)), symbols, tuple(sorted(unresolved)))


def _targets(facts: FileFacts, world: World, fact: ImportFact) -> list[Found]:
    if fact.kind == "module":
        path = module_file(world, facts.interface.package, fact.specifier)
        return [Found(path)]
    if fact.computed and fact.names:
        # The macro is defined right here, once or in several branches: any of them may count.
        made = (ImportFact(name, kind, condition=fact.condition) for name, kind in fact.names)
        found = [resolve(world, facts.path, each) for each in made]
        known = [each._replace(exact=False) for each in found if each.path]
        return known or [Found(reason="dynamic")]
    return [resolve(world, facts.path, fact)]
