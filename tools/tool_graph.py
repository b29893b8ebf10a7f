"""The agent tools over the dependency graph: neighbours of a file, reach of a change, paths.

Every line that a tool gives is an edge with the place that proves it. Results are bounded, and
say how much was left out.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from glyphagent.dependencies.cone import find_cone
from glyphagent.dependencies.edges import Edge, reservations
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.impact import Affected, find_impact
from glyphagent.dependencies.paths import shortest_path, shortest_symbol_path
from glyphagent.dependencies.symbol_uses import Symbol, SymbolUses
from glyphagent.errors import SourceError
from glyphagent.focus import path_named
from glyphagent.live_graph import unanalysed

from .tool_calls import Arguments, ToolResult
from .tool_names import named

if TYPE_CHECKING:
    from glyphagent.session import Session

EDGES = 60
CALLS = 40
_LINE_CHARACTERS = 120


class DependenciesArguments(Arguments):
    """Whose neighbourhood."""

    path: str = Field(min_length=1, max_length=1000, description="Path of the file.")
    direction: Literal["both", "uses", "used_by"] = Field(
        default="both",
        description="'uses': what the file depends on; 'used_by': what depends on it; or both.",
    )
    hops: int = Field(
        default=1, ge=1, le=20, description="How far to go; 1 is direct dependencies alone."
    )


class ImpactArguments(Arguments):
    """What is to be changed."""

    path: str = Field(min_length=1, max_length=1000, description="Path of the file to change.")
    symbol: str = Field(
        default="",
        max_length=300,
        description="Function, class or method in it, such as 'Client.get'; left out: the file.",
    )


class PathArguments(Arguments):
    """From where to where."""

    source: str = Field(
        min_length=1,
        max_length=1000,
        description="File that depends on the other; 'path:Name' for a definition in it.",
    )
    target: str = Field(
        min_length=1,
        max_length=1000,
        description="File that is depended on; 'path:Name' for a definition in it.",
    )


def dependencies(session: Session, arguments: DependenciesArguments) -> ToolResult:
    """What a file uses and what uses it, by imports, each with the line that proves it.

    Raises:
        SourceError: If there is no such file, or it is of no analysed language.
    """
    graph = session.graph
    path = _node(session, graph, arguments.path)
    wanted = arguments.direction
    uses, used_by = wanted in ("both", "uses"), wanted in ("both", "used_by")
    members = [
        member
        for member in find_cone(graph, [path], arguments.hops, uses=uses, used_by=used_by)
        if member.distance
    ]
    lines: list[str] = []
    for direction, title in (("uses", f"{path} uses"), ("used_by", f"{path} is used by")):
        mine = [member for member in members if member.direction == direction]
        if wanted in ("both", direction):
            lines.append(f"{title} {_count(len(mine), 'file')}:" if mine else f"{title} no file.")
            shown = [(m.road[-1] if direction == "uses" else m.road[0], m.distance) for m in mine]
            lines += _edge_lines(session, shown)
    outside = [each for each in graph.unresolved_in(path) if each.reason == "external"]
    missing = [each for each in graph.unresolved_in(path) if each.reason != "external"]
    if uses and outside:
        names = ", ".join(dict.fromkeys(each.name for each in outside[:EDGES]))
        lines.append(f"From outside of the source: {names}")
    lines += [f"{e.source}:{e.line} {e.name} leads nowhere ({e.reason})" for e in missing[:10]]
    artifact = {
        "revision": session.revision,
        "path": path,
        "members": [
            {
                "path": member.path,
                "distance": member.distance,
                "direction": member.direction,
                "importance": member.score,
                "edges": [asdict(edge) for edge in member.road],
            }
            for member in members[: 2 * EDGES]
        ],
        "unresolved": [asdict(each) for each in graph.unresolved_in(path)[:EDGES]],
        "truncated": len(members) > 2 * EDGES,
    }
    return _result(session, graph, lines, artifact)


def impact(session: Session, arguments: ImpactArguments) -> ToolResult:
    """What a change of a file, or of one definition in it, can reach.

    Raises:
        SourceError: If there is no such file or definition.
    """
    graph = session.graph
    path = _node(session, graph, arguments.path)
    if arguments.symbol:
        lines, found = _symbol_impact(session, graph, path, arguments.symbol)
    else:
        lines, found = _file_impact(session, graph, path)
    tests = [each.path for each in found if each.is_test]
    if tests:
        lines.append(f"Tests to run: {', '.join(tests[:EDGES])}")
    artifact = {
        "revision": session.revision,
        "path": path,
        "symbol": arguments.symbol,
        "affected": [
            {
                "path": each.path,
                "distance": each.distance,
                "is_test": each.is_test,
                "symbols": list(each.symbols),
                "edges": [asdict(edge) for edge in each.symbol_road or each.road],
            }
            for each in found[: 2 * EDGES]
        ],
        "tests": tests,
        "truncated": len(found) > 2 * EDGES,
    }
    return _result(session, graph, lines, artifact)


def path_between(session: Session, arguments: PathArguments) -> ToolResult:
    """Shortest chain of dependencies from one file or definition to another.

    Raises:
        SourceError: If an end is not there.
    """
    graph = session.graph
    source, target = (_end(session, graph, end) for end in (arguments.source, arguments.target))
    road = _road(graph, source, target)
    back = None if road is not None else _road(graph, target, source)
    names = " to ".join(":".join(filter(None, end)) for end in (source, target))
    if road is None:
        lines = [f"not found: no chain of dependencies leads from {names}."]
        if back:
            lines += ["The other way round there is one:", *_steps(session, back)]
    elif not road:
        lines = [f"{names}: these are the same."]
    else:
        lines = [f"{names}, {_count(len(road), 'step')}:", *_steps(session, road)]
    artifact = {
        "revision": session.revision,
        "source": list(source),
        "target": list(target),
        "found": road is not None,
        "edges": [asdict(edge) for edge in road or ()],
    }
    return _result(session, graph, lines, artifact)


def _result(
    session: Session, graph: DependencyGraph, lines: list[str], artifact: dict[str, Any]
) -> ToolResult:
    """The result, with what the graph may lack and the revision that it is true of."""
    failed = unanalysed(graph)
    if failed:
        lines.append(f"Warning: edges are missing, not analysed: {', '.join(failed[:10])}")
        lines += _left(len(failed) - 10, "files")
    artifact["not_analysed"] = list(failed[:EDGES])
    # A file's name may hold line ends: it must not pass for a line, or a revision, of ours.
    told = [line.replace("\n", "\\n").replace("\r", "\\r") for line in lines]
    return ToolResult("\n".join([*told, f"revision {session.revision}"]), artifact)


def _file_impact(
    session: Session, graph: DependencyGraph, path: str
) -> tuple[list[str], list[Affected]]:
    found = [each for each in find_impact(graph, {path: None}).affected if each.road]
    if not found:
        return [f"No file of the source imports {path}: a change reaches nothing else."], []
    direct = sum(each.distance == 1 for each in found)
    files = _count(len(found), "file")
    head = f"A change of {path} can reach {files}, {direct} directly, by these imports:"
    return [head, *_edge_lines(session, [(each.road[0], each.distance) for each in found])], found


def _symbol_impact(
    session: Session, graph: DependencyGraph, path: str, name: str
) -> tuple[list[str], list[Affected]]:
    wanted = _symbol(graph, path, name)
    whole = [each for each in graph.declarations(path) if each.qualified_name == wanted]
    spans = tuple((each.line, max(each.line_end, each.line)) for each in whole)
    affected = find_impact(graph, {path: spans}).affected
    found = [each for each in affected if each.symbol_road]
    direct = [
        edge
        for edge in SymbolUses(graph).edges_to((path, wanted))
        if edge.kind in ("call", "inherit", "reference")
    ]
    at = f"{path}:{whole[0].line}"
    lines = [f"{wanted} ({at}) is used directly on {_count(len(direct), 'line')}:"]
    lines += [_use_line(session, edge) for edge in direct[:CALLS]]
    lines += _left(len(direct) - CALLS, "lines")
    lines.append(f"A change of it reaches {_count(len(found), 'other file')} by proven uses:")
    lines += _edge_lines(session, [(each.symbol_road[0], len(each.symbol_road)) for each in found])
    rest = len(affected) - len(found)
    if rest:
        lines.append(f"By imports alone it could reach {rest} more; {named('glyph_impact')} of the")
        lines[-1] += " file lists them."
    return lines, found


def _edge_lines(session: Session, edges: Sequence[tuple[Edge, int]]) -> list[str]:
    """Lines for edges, the nearest first; a distance of more than 1 is told."""
    lines = []
    for edge, distance in edges[:EDGES]:
        far = [f"{distance} steps away"] if distance > 1 else []
        used = edge.target + (f":{edge.target_symbol}" if edge.target_symbol else "")
        lines.append(_line(session, edge, f" -> {used}", far))
    return lines + _left(len(edges) - EDGES, "files")


def _use_line(session: Session, edge: Edge) -> str:
    return _line(session, edge)


def _line(session: Session, edge: Edge, target: str = "", more: Sequence[str] = ()) -> str:
    """An edge with the text that proves it."""
    inside = f" in {edge.source_symbol}" if edge.source_symbol else ""
    told = ", ".join((edge.kind, *reservations(edge), *more))
    return f"  {edge.source}:{edge.line}{inside}{target} ({told}): {_text(session, edge)}"


def _steps(session: Session, road: Iterable[Edge]) -> list[str]:
    return _edge_lines(session, [(edge, 1) for edge in road])


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _left(count: int, what: str) -> list[str]:
    return [f"  [and {count} more {what}]"] if count > 0 else []


def _text(session: Session, edge: Edge) -> str:
    text = session.read_region(edge.source, edge.line, edge.line).strip()
    return text if len(text) <= _LINE_CHARACTERS else text[: _LINE_CHARACTERS - 4] + " ..."


def _node(session: Session, graph: DependencyGraph, text: str) -> str:
    """The file of the graph that a text stands for.

    Raises:
        SourceError: If there is none; the message names the nearest.
    """
    known = [document.path for document in (*session.documents, *session.undrawn)]
    path = path_named(text, known)
    if path not in graph.importers:
        reason = dict(graph.skipped).get(path, "its language is not analysed")
        raise SourceError(f"{path} is not in the dependency graph: {reason}")
    return path


def _end(session: Session, graph: DependencyGraph, text: str) -> Symbol:
    """A file, and the definition in it that a text names, if it names one."""
    path, colon, name = text.partition(":")
    if colon and name:
        node = _node(session, graph, path)
        return node, _symbol(graph, node, name)
    return _node(session, graph, text), ""


def _symbol(graph: DependencyGraph, path: str, name: str) -> str:
    """Qualified name of a definition of a file, by that name or the last part of it.

    Raises:
        SourceError: If there is none or more than one.
    """
    names = list(dict.fromkeys(each.qualified_name for each in graph.declarations(path)))
    wanted = name.strip().removesuffix("()").replace("::", ".").replace("#", ".")
    if wanted in names:
        return wanted
    ends = [each for each in names if each.endswith(f".{wanted}")]
    if len(ends) == 1:
        return ends[0]
    near = ends[:5] or difflib.get_close_matches(wanted, names, 3, 0.5)
    hint = f"; did you mean {', '.join(near)}?" if near else ""
    raise SourceError(f"{path} defines no {name!r}{hint}")


def _road(graph: DependencyGraph, source: Symbol, target: Symbol) -> tuple[Edge, ...] | None:
    if source[1] or target[1]:
        return shortest_symbol_path(SymbolUses(graph), source, target)
    return shortest_path(graph, source[0], target[0])
