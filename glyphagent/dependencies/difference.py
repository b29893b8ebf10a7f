"""Two states of a source set compared: files, edges and cycles that came and went, and the reach.

What was removed is followed in the old graph, because the new one no longer knows who used it.
A file whose own text is as before, but whose imports lead elsewhere, counts as changed where they
stand: a manifest or a file that came or went has changed what they mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from glyphagent.dependencies.changes import Change, Lines, find_changes
from glyphagent.dependencies.cycles import Cycle, find_cycles
from glyphagent.dependencies.edges import Edge, Unresolved
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.impact import Impact, find_impact


@dataclass(frozen=True, slots=True)
class Difference:
    """What a change did to the graph, and what it can reach.

    Attributes:
        changes: Files that differ, sorted.
        impact: Reach of the changes in the new state.
        lost: Reach, in the old state, of what was changed or removed there; of this the files
            that are still there are worth a look.
        edges_added: One edge for each pair of files that is new, sorted.
        edges_removed: One edge for each pair of files that is gone, sorted.
        cycles_added: Cycles that no cycle of the old state contains.
        cycles_removed: Cycles that no cycle of the new state contains.
        redirected: Files whose text is as before and whose imports lead elsewhere, sorted.
    """

    changes: tuple[Change, ...]
    impact: Impact
    lost: Impact
    edges_added: tuple[Edge, ...]
    edges_removed: tuple[Edge, ...]
    cycles_added: tuple[Cycle, ...]
    cycles_removed: tuple[Cycle, ...]
    redirected: tuple[str, ...] = ()

    @property
    def tests(self) -> tuple[str, ...]:
        """Tests to run, sorted: in reach of the changes now, or of what they replaced."""
        gone = {change.path for change in self.changes if change.status == "removed"}
        gone |= {change.old_path for change in self.changes if change.old_path}
        return tuple(sorted({*self.impact.tests, *self.lost.tests} - gone))


def compare(
    old: DependencyGraph,
    new: DependencyGraph,
    old_texts: Mapping[str, str],
    new_texts: Mapping[str, str],
) -> Difference:
    """What changed between two states.

    Args:
        old: Graph of the state before.
        new: Graph of the state now.
        old_texts: Text of each document before, by path.
        new_texts: Text of each document now.
    """
    changes = find_changes(
        old_texts, new_texts, old_skipped=dict(old.skipped), new_skipped=dict(new.skipped)
    )
    now: dict[str, Lines | None] = {}
    before: dict[str, Lines | None] = {}
    for change in changes:
        if change.status == "changed":
            now[change.path], before[change.path] = change.lines, change.old_lines
        elif change.status == "removed" or change.unread_now:
            before[change.path] = None
        else:
            now[change.path] = None
            if change.old_path:
                before[change.old_path] = None
    # What an unread file has to do with others is unknown, neither new nor gone.
    unread = {change.path for change in changes if change.status == "unread"}
    differing = {change.path for change in changes}
    redirected = {
        path: lines
        for path in new.nodes
        if path not in differing and (lines := _redirected(old, new, path, unread))
    }
    was, has = _pairs(old, unread), _pairs(new, unread)
    old_cycles, new_cycles = find_cycles(old), find_cycles(new)
    return Difference(
        changes,
        find_impact(new, now | redirected),
        find_impact(old, before),
        tuple(sorted(has[pair] for pair in has.keys() - was.keys())),
        tuple(sorted(was[pair] for pair in was.keys() - has.keys())),
        _not_within(new_cycles, old_cycles, unread),
        _not_within(old_cycles, new_cycles, unread),
        tuple(sorted(redirected)),
    )


def _redirected(
    old: DependencyGraph, new: DependencyGraph, path: str, unread: AbstractSet[str]
) -> Lines:
    """Lines of a file of the same text from which another file is used than before, or none."""
    if old.facts(path) is None:
        return ()
    imports = {*_leading(new, path)} ^ {*_leading(old, path)}
    # An unread file is told as itself, not at each of its users, whatever they are said to lack.
    every = (*old.edges_from(path), *new.edges_from(path))
    apart = {(edge.line, edge.column) for edge in every if edge.target in unread}
    imports = {one for one in imports if (one.line, one.column) not in apart}
    if not imports:
        return ()
    uses = {*new.symbol_edges_from(path)} ^ {*old.symbol_edges_from(path)}
    lines = {one.line for one in imports} | {one.line for one in uses}
    return tuple((line, line) for line in sorted(lines))


def _leading(graph: DependencyGraph, path: str) -> tuple[Edge | Unresolved, ...]:
    return (*graph.edges_from(path), *graph.unresolved_in(path))


def _pairs(graph: DependencyGraph, unread: AbstractSet[str]) -> dict[tuple[str, str], Edge]:
    found: dict[tuple[str, str], Edge] = {}
    for edge in graph.edges:
        if edge.source != edge.target and unread.isdisjoint((edge.source, edge.target)):
            found.setdefault((edge.source, edge.target), edge)
    return found


def _not_within(
    cycles: tuple[Cycle, ...], others: tuple[Cycle, ...], unread: AbstractSet[str]
) -> tuple[Cycle, ...]:
    sets = [frozenset(cycle.files) for cycle in others]
    known = (cycle for cycle in cycles if unread.isdisjoint(cycle.files))
    return tuple(c for c in known if not any(one.issuperset(c.files) for one in sets))
