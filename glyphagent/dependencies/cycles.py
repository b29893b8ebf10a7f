"""Cycles of imports: files that all reach each other, with a shortest example of each.

Source: R. Tarjan, Depth-first search and linear graph algorithms, SIAM J. Comput. 1(2), 1972;
written with a stack of its own, because a chain of imports may be deeper than Python's.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from glyphagent.dependencies.edges import Edge
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.paths import reach, steps, walk_to

# A shortest cycle is looked for from each of this many files at most: in a component of
# thousands a search from every one would take minutes, and any cycle explains it as well.
_MOST_STARTS = 200
_PUT_OFF = ("lazy", "typing")
_WHOLE_PACKAGES = frozenset(("go", "java"))


@dataclass(frozen=True, slots=True)
class Cycle:
    """Files that all depend on each other.

    Attributes:
        files: All of them, sorted: a strongly connected component.
        example: Edges of a shortest way round, the last one leading to the first one's source.
        firm: The same without imports that are put off (`lazy`) or for type checkers alone
            (`typing`): a circle that is met as the files are loaded. Empty if there is none.
        one_package: Whether the files are one package of a language whose packages are compiled
            as a whole, so that their files see each other without importing: nothing is wrong.
    """

    files: tuple[str, ...]
    example: tuple[Edge, ...]
    firm: tuple[Edge, ...] = ()
    one_package: bool = False


def find_cycles(graph: DependencyGraph) -> tuple[Cycle, ...]:
    """Every component of two files or more, largest first; a file's import of itself is none."""
    found = []
    for files in components(graph.imported):
        if len(files) > 1:
            example = steps(graph, _shortest_round(graph.imported, files))
            firm = steps(graph, _shortest_round(_firm_imports(graph, files), files))
            found.append(Cycle(files, example, firm, _is_package(graph, files)))
    return tuple(sorted(found, key=lambda cycle: (-len(cycle.files), cycle.files)))


def _is_package(graph: DependencyGraph, files: tuple[str, ...]) -> bool:
    """Whether the files are parts of one package, which its language compiles as a whole."""
    homes = set()
    for path in files:
        facts = graph.facts(path)
        if facts is None or facts.language not in _WHOLE_PACKAGES:
            return False
        homes.add((posixpath.dirname(path), facts.language))
    return len(homes) == 1


def _firm_imports(graph: DependencyGraph, files: tuple[str, ...]) -> dict[str, list[str]]:
    """What each of the files uses as it is loaded, sorted."""
    return {
        path: sorted(
            {
                edge.target
                for edge in graph.edges_from(path)
                if edge.condition not in _PUT_OFF and edge.confidence != "dynamic"
            }
            - {path}
        )
        for path in files
    }


def components(following: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """Strongly connected components, each sorted; each comes after all that it leads to.

    Args:
        following: Nodes that each node leads to; nodes that are only led to count too.
    """
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    waiting: list[str] = []
    held: set[str] = set()
    found: list[tuple[str, ...]] = []
    for root in sorted(following):
        if root in order:
            continue
        frames: list[tuple[str, Iterator[str]]] = []
        entered: str | None = root
        while entered is not None or frames:
            if entered is not None:
                order[entered] = lowest[entered] = len(order)
                waiting.append(entered)
                held.add(entered)
                frames.append((entered, iter(following.get(entered, ()))))
                entered = None
            node, targets = frames[-1]
            for target in targets:
                if target not in order:
                    entered = target
                    break
                if target in held:
                    lowest[node] = min(lowest[node], order[target])
            if entered is not None:
                continue
            frames.pop()
            if frames:
                above = frames[-1][0]
                lowest[above] = min(lowest[above], lowest[node])
            if lowest[node] == order[node]:
                members = [waiting.pop()]
                while members[-1] != node:
                    members.append(waiting.pop())
                held.difference_update(members)
                found.append(tuple(sorted(members)))
    return found


def _shortest_round(following: Mapping[str, Sequence[str]], files: tuple[str, ...]) -> list[str]:
    """Files of a shortest cycle inside a component, the first one again at the end; or none."""
    inside = frozenset(files)
    best: list[str] = []
    for start in files[:_MOST_STARTS]:
        limit = len(best) - 3 if best else None
        found = reach([start], lambda f: (t for t in following[f] if t in inside), limit)
        closing = next((f for f in found if f != start and start in following[f]), None)
        if closing is not None:
            walked = walk_to(found, closing)[::-1]
            best = [*walked, start]
            if len(walked) == 2:
                break
    return best
