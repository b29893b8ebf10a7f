"""Everything that is known about one state's dependencies, in one record for all output formats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from glyphagent.dependencies.cochange import History
from glyphagent.dependencies.cone import Member
from glyphagent.dependencies.cycles import Cycle, find_cycles
from glyphagent.dependencies.difference import Difference
from glyphagent.dependencies.edges import Edge
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.importance import importance
from glyphagent.dependencies.rules import Broken, Unchecked


@dataclass(frozen=True)
class Report:
    """A graph and what was asked about it; what was not asked for is empty or None.

    Attributes:
        graph: The graph.
        title: What was read, for people.
        symbols: Whether symbol edges are told.
        broken: Places where the user's rules are broken.
        unchecked: What the rules cover and could not be checked; None if there are no rules.
        warnings: What the user should know about the request itself.
        difference: What a change did.
        history: What changes together.
        cone: Files around those asked for.
        order: Reading order.
        between: Path between what was asked for, empty if there is none.
        apart: Whether a path was asked for and none leads there.
    """

    graph: DependencyGraph
    title: str = ""
    symbols: bool = True
    broken: tuple[Broken, ...] = ()
    unchecked: tuple[Unchecked, ...] | None = None
    warnings: tuple[str, ...] = ()
    difference: Difference | None = None
    history: History | None = None
    cone: tuple[Member, ...] = ()
    order: tuple[str, ...] | None = None
    between: tuple[Edge, ...] | None = field(default=None)
    apart: bool = False

    @cached_property
    def cycles(self) -> tuple[Cycle, ...]:
        """Cycles of the graph, the largest first."""
        return find_cycles(self.graph)

    @cached_property
    def ranks(self) -> Mapping[str, float]:
        """Importance of each analysed file."""
        return importance(self.graph)

    @cached_property
    def files(self) -> tuple[str, ...]:
        """All files that stand at an end of an edge, and all analysed ones; sorted.

        More than the graph's nodes: code may use a file of the set that is no code, such as data.
        """
        ends = {end for edge in self.graph.edges for end in (edge.source, edge.target)}
        ends |= {end for edge in self.graph.symbol_edges for end in (edge.source, edge.target)}
        return tuple(sorted(ends.union(self.graph.nodes)))

    @cached_property
    def pairs(self) -> Mapping[tuple[str, str], tuple[Edge, ...]]:
        """File edges by pair of files, sorted; a file's edges to itself left out."""
        found: dict[tuple[str, str], list[Edge]] = {}
        for edge in self.graph.edges:
            if edge.source != edge.target:
                found.setdefault((edge.source, edge.target), []).append(edge)
        return {pair: tuple(edges) for pair, edges in found.items()}

    @cached_property
    def circular(self) -> frozenset[tuple[str, str]]:
        """Pairs of files whose edge stays inside a cycle; those of one package left out."""
        cycles = (cycle for cycle in self.cycles if not cycle.one_package)
        home = {path: index for index, cycle in enumerate(cycles) for path in cycle.files}
        return frozenset(
            pair for pair in self.pairs if home.get(pair[0], -1) == home.get(pair[1], -2)
        )

    @cached_property
    def affected(self) -> Mapping[str, str]:
        """What a difference means for each file: `changed`, `symbols` or `files`."""
        if self.difference is None:
            return {}
        found = {}
        for impact in (self.difference.lost, self.difference.impact):
            for each in impact.affected:
                if each.by_symbols or each.path not in found:
                    found[each.path] = "symbols" if each.by_symbols else "files"
        found.update((change.path, "changed") for change in self.difference.changes)
        return found

    def language(self, path: str) -> str:
        """Name of a file's language, empty for one that was not analysed."""
        facts = self.graph.facts(path)
        return facts.language if facts is not None else ""
