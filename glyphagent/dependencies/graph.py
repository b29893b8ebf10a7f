"""The dependency graph of one state of a source set: nodes, edges with evidence, what is missing.

An immutable snapshot. What follows from it (cycles, impact, importance, paths) is computed by the
modules beside this one; how it is written down is `formats`' business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import chain

from glyphagent.dependencies.edges import Edge, Linked, Unresolved
from glyphagent.dependencies.facts import Declaration, FileFacts


class DependencyGraph:
    """Files of a known language, and what they prove about each other.

    Attributes:
        revision: Revision of the source set that it was built from, empty if unknown.
        skipped: Pairs of a path that was not analysed and the reason, sorted.
        errors: Paths whose text the grammar could not explain wholly; their edges may lack some.
    """

    def __init__(
        self,
        facts: Mapping[str, FileFacts],
        linked: Mapping[str, Linked],
        *,
        skipped: Iterable[tuple[str, str]] = (),
        revision: str = "",
    ) -> None:
        """Take what each file says and proves; the analyser does that."""
        self._facts = dict(facts)
        self._linked = dict(linked)
        self.skipped = tuple(sorted(skipped))
        self.revision = revision

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """Paths of all analysed files, sorted."""
        return tuple(sorted(self._facts))

    @cached_property
    def errors(self) -> tuple[str, ...]:
        """Paths whose text did not parse wholly, sorted."""
        return tuple(path for path in self.nodes if self._facts[path].has_errors)

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """File edges, sorted; a pair of files has one for every statement that proves it."""
        return tuple(sorted(chain.from_iterable(each.edges for each in self._linked.values())))

    @cached_property
    def symbol_edges(self) -> tuple[Edge, ...]:
        """Symbol edges between files, sorted; definitions are in `definitions`."""
        every = chain.from_iterable(each.symbol_edges for each in self._linked.values())
        return tuple(sorted(every))

    @cached_property
    def definitions(self) -> tuple[Edge, ...]:
        """An edge of kind `define` for every declaration, sorted."""
        return tuple(
            sorted(
                Edge(
                    path,
                    path,
                    each.line,
                    each.column,
                    "define",
                    each.name,
                    source_symbol=each.parent,
                    target_symbol=each.qualified_name,
                )
                for path, facts in self._facts.items()
                for each in facts.interface.declarations
            )
        )

    @cached_property
    def unresolved(self) -> tuple[Unresolved, ...]:
        """Imports that name no file of the set, sorted."""
        return tuple(sorted(chain.from_iterable(each.unresolved for each in self._linked.values())))

    def language(self, path: str) -> str:
        """Name of a node's language."""
        return self._facts[path].language

    def facts(self, path: str) -> FileFacts | None:
        """What a file's text says by itself; None for a path that is no node."""
        return self._facts.get(path)

    def declarations(self, path: str) -> tuple[Declaration, ...]:
        """What a file declares, in its order; nothing for an unknown path."""
        facts = self._facts.get(path)
        return facts.interface.declarations if facts is not None else ()

    def edges_from(self, path: str) -> tuple[Edge, ...]:
        """File edges that a file's text proves, in its order."""
        linked = self._linked.get(path)
        return linked.edges if linked is not None else ()

    def symbol_edges_from(self, path: str) -> tuple[Edge, ...]:
        """Symbol edges that a file's text proves, in its order."""
        linked = self._linked.get(path)
        return linked.symbol_edges if linked is not None else ()

    def unresolved_in(self, path: str) -> tuple[Unresolved, ...]:
        """Imports of a file that name no file of the set."""
        linked = self._linked.get(path)
        return linked.unresolved if linked is not None else ()

    def edges_to(self, path: str) -> tuple[Edge, ...]:
        """File edges, in any file, that lead to a file, sorted."""
        return tuple(
            edge
            for importer in self.importers.get(path, ())
            for edge in self._linked[importer].edges
            if edge.target == path
        )

    def symbol_edges_to(self, path: str) -> tuple[Edge, ...]:
        """Symbol edges, in any file, that lead into a file, sorted."""
        return self._symbol_edges_to.get(path, ())

    @cached_property
    def imported(self) -> Mapping[str, tuple[str, ...]]:
        """Files that each file uses by a file edge, sorted; itself left out."""
        return {
            path: tuple(sorted({edge.target for edge in self.edges_from(path)} - {path}))
            for path in self.nodes
        }

    @cached_property
    def importers(self) -> Mapping[str, tuple[str, ...]]:
        """Files that use each file by a file edge, sorted; itself left out."""
        found: dict[str, list[str]] = {path: [] for path in self.nodes}
        for path, targets in self.imported.items():
            for target in targets:
                found.setdefault(target, []).append(path)
        return {path: tuple(sources) for path, sources in found.items()}

    @cached_property
    def _symbol_edges_to(self) -> Mapping[str, tuple[Edge, ...]]:
        found: dict[str, list[Edge]] = {}
        for edge in self.symbol_edges:
            found.setdefault(edge.target, []).append(edge)
        return {path: tuple(edges) for path, edges in found.items()}
