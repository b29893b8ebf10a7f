"""From what the user asked `glyphagent deps` for to a report: sources read, analysed, joined."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from glyphagent.decoding import shown_path
from glyphagent.dependencies import difference, rules
from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.cone import cut, find_cone
from glyphagent.dependencies.edges import Edge
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.importance import reading_order
from glyphagent.dependencies.paths import shortest_path, shortest_symbol_path
from glyphagent.dependencies.report import Report
from glyphagent.dependencies.symbol_uses import Symbol, SymbolUses
from glyphagent.errors import SourceError
from glyphagent.sources import Source, SourceSet

from .deps_history import read_history
from .deps_revisions import read_ends
from .terminal import Report as Progress

_MANY_FILES = 300
_MOST_WORKERS = 4
_NEAR = 3
_ALIKE = 0.7


@dataclass(frozen=True)
class Wanted:
    """What the user asked for.

    Attributes:
        diff: Revisions to compare: `A..B`, `A...B`, or `A` for A with the files as they lie.
        of: Files to stay around.
        hops: How far around them.
        order: Whether the reading order is wanted.
        cochange: Whether git's history is wanted.
        between: Two ends of a path.
        forbid: Rules `A -> B` and `A => B`.
        layers: Rules `A > B > C`.
        allow_unmatched: Whether a pattern of a rule may fit no file.
        symbols: Whether symbol edges are wanted.
        cut: Whether `of` leaves the rest out of the graph, as files for programs want it.
    """

    diff: str | None = None
    of: tuple[str, ...] = ()
    hops: int = 1
    order: bool = False
    cochange: bool = False
    between: tuple[str, str] | None = None
    forbid: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    allow_unmatched: bool = False
    symbols: bool = True
    cut: bool = False


def read_report(
    path: Path,
    revision: str | None,
    wanted: Wanted,
    opened: Callable[[str | None, Path], Source],
    progress: Progress | None,
) -> Report:
    """The report on a path.

    Args:
        path: Folder, repository or file.
        revision: Git revision, or None for what lies there.
        wanted: What was asked for.
        opened: Gives the source of a revision, None for what lies there, at a path.
        progress: Called with a stage, how much of it is done, and how much there is.

    Raises:
        SourceError: Something cannot be read, or names nothing.
    """
    demanded = [rules.forbidden(text) for text in wanted.forbid]
    demanded += [rule for text in wanted.layers for rule in rules.layered(text)]
    found = None
    if progress is not None:
        progress("read", 0, 0)
    if wanted.diff is None:
        now = opened(revision, path).read()
        graph = _analyzer(now, wanted.symbols, progress).graph
    else:
        before, now = read_ends(path, wanted.diff, lambda at: opened(at, path))
        graph, found = _compared(before, now, wanted.symbols, progress)
    report = Report(graph, Path(now.root).name, symbols=wanted.symbols, difference=found)
    if demanded:
        report = replace(
            report,
            broken=rules.find_broken(graph, demanded),
            unchecked=rules.find_unchecked(graph, demanded),
            warnings=_unmatched(graph, demanded, wanted.allow_unmatched),
        )
    if wanted.cochange:

        def analysed(folder: Path, at: str | None) -> DependencyGraph:
            whole = opened(at, folder).read()
            return _analyzer(whole, wanted.symbols, progress).graph

        report = replace(report, history=read_history(path, graph, analysed))
    if wanted.between is not None:
        source, target = (_end(graph, path, text) for text in wanted.between)
        between = _between(graph, source, target)
        no_way = (
            ()
            if between or source == target
            else (f"no path leads from {wanted.between[0]} to {wanted.between[1]}",)
        )
        report = replace(
            report, between=between, apart=bool(no_way), warnings=(*report.warnings, *no_way)
        )
    if wanted.of:
        files = list(dict.fromkeys(f for t in wanted.of for f in named_files(graph, path, t)))
        cone = find_cone(graph, files, wanted.hops)
        kept = cut(graph, [member.path for member in cone]) if wanted.cut else graph
        report = replace(report, cone=cone, graph=kept)
    if wanted.order:
        report = replace(report, order=reading_order(report.graph))
    return report


def named_files(graph: DependencyGraph, root: Path, text: str) -> list[str]:
    """The file of the graph that the user means, or all below the folder that is meant.

    Raises:
        SourceError: There is none.
    """
    for place in _places(root, text):
        if place in graph.importers:
            return [place]
        below = [p for p in graph.importers if place == "." or p.startswith(f"{place}/")]
        if below:
            return sorted(below)
    return [named_file(graph, root, text)]


def _unmatched(
    graph: DependencyGraph, demanded: list[rules.Rule], allowed: bool
) -> tuple[str, ...]:
    """A warning for each pattern that no file fits.

    Raises:
        SourceError: There is one, and that is not allowed.
    """
    named = tuple(
        f"no file fits {pattern!r} in {rule!r}"
        for pattern, rule in rules.unmatched(graph, demanded)
    )
    if named and not allowed:
        raise SourceError("; ".join(named))
    return named


def named_file(graph: DependencyGraph, root: Path, text: str) -> str:
    """The file of the graph that the user means: by its path from the root, or from here.

    Raises:
        SourceError: There is none.
    """
    places = _places(root, text)
    for place in places:
        if place in graph.importers:
            return place
    inside = places[0]
    ends = [path for path in graph.importers if path.endswith(f"/{inside}")]
    if len(ends) == 1:
        return ends[0]
    near = sorted(ends)[:_NEAR] or _near(inside, graph.importers)
    hint = f"; did you mean {', '.join(near)}?" if near else ""
    raise SourceError(f"no analysed file {text!r} in {root}{hint}")


def _places(root: Path, text: str) -> list[str]:
    """What a name can mean as a path from the root: as it is, or as seen from here.

    Raises:
        SourceError: It is empty, as a script's variable that is not set.
    """
    if not text.strip():
        raise SourceError("an empty name stands for no file: name one, or . for all")
    places = [posixpath.normpath(text.replace(os.sep, "/"))]
    home = root.resolve() if root.is_dir() else root.resolve().parent
    absolute = Path(os.path.realpath(text))
    if absolute.is_relative_to(home):
        places.append(absolute.relative_to(home).as_posix())
    # As the graph writes names that are no UTF-8.
    return [shown_path(place) for place in places]


def _near(inside: str, paths: Iterable[str]) -> list[str]:
    """Paths whose file is named almost alike, those in the most similar folders first."""
    wanted = posixpath.splitext(posixpath.basename(inside))[0]
    stems: dict[str, list[str]] = {}
    for path in paths:
        stems.setdefault(posixpath.splitext(posixpath.basename(path))[0], []).append(path)
    alike = get_close_matches(wanted, stems, n=_NEAR, cutoff=_ALIKE)
    return get_close_matches(inside, [p for s in alike for p in stems[s]], n=_NEAR, cutoff=0.0)


def _analyzer(now: SourceSet, symbols: bool, progress: Progress | None) -> DependencyAnalyzer:
    texts = {document.path: document.text for document in now.documents}
    workers = 1
    if len(texts) > _MANY_FILES:
        workers = min(_MOST_WORKERS, len(os.sched_getaffinity(0)))
    return DependencyAnalyzer(
        texts,
        skipped=[(skip.path, skip.reason) for skip in now.skipped],
        revision=now.revision,
        root_name=Path(now.root).name,
        symbols=symbols,
        workers=workers,
        progress=progress,
    )


def _compared(
    before: SourceSet, now: SourceSet, symbols: bool, progress: Progress | None
) -> tuple[DependencyGraph, difference.Difference]:
    analyzer = _analyzer(before, symbols, progress)
    old = analyzer.graph
    old_texts = {document.path: document.text for document in before.documents}
    new_texts = {document.path: document.text for document in now.documents}
    changed: dict[str, str | None] = {
        path: text for path, text in new_texts.items() if old_texts.get(path) != text
    }
    changed.update((path, None) for path in old_texts.keys() - new_texts.keys())
    new = analyzer.update(
        changed,
        skipped=[(skip.path, skip.reason) for skip in now.skipped],
        revision=now.revision,
        workers=1,
    )
    return new, difference.compare(old, new, old_texts, new_texts)


def _end(graph: DependencyGraph, root: Path, text: str) -> Symbol:
    """A file, or a definition of it written as FILE#NAME.

    Raises:
        SourceError: There is no such file or definition.
    """
    name, _, symbol = text.partition("#")
    if text in graph.importers or not symbol:
        return named_file(graph, root, text), ""
    path = named_file(graph, root, name)
    known = [each.qualified_name for each in graph.declarations(path)]
    if symbol in known:
        return path, symbol
    ends = [each for each in known if each.endswith(f".{symbol}")]
    if len(ends) == 1:
        return path, ends[0]
    near = ends[:_NEAR] or get_close_matches(symbol, known, n=_NEAR, cutoff=_ALIKE)
    hint = f"; did you mean {', '.join(near)}?" if near else ""
    raise SourceError(f"{path} defines no {symbol!r}{hint}")


def _between(graph: DependencyGraph, source: Symbol, target: Symbol) -> tuple[Edge, ...]:
    if not source[1] and not target[1]:
        return shortest_path(graph, source[0], target[0]) or ()
    return shortest_symbol_path(SymbolUses(graph), source, target) or ()
