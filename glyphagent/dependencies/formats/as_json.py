"""The report as JSON: all of it, one record a line, so that two versions can be compared by line.

    {"nodes": [{"id", "language", "importance"}],
     "edges": [{"source", "target", "line", "column", "kind", "name", "confidence"}],
     "symbol_edges": [the same with "source_symbol", "target_symbol"; definitions too],
     "cycles": [{"files", "example": [edges], "firm": [edges], "one_package"}],
     "unresolved": [{"source", "line", "column", "name", "reason"}],
     "skipped": [{"path", "reason"}], "errors": [paths], "revision"}

"firm" is a shortest way round without imports that are put off or for type checkers alone;
"one_package" says that nothing is wrong, as between files of one Go or Java package. An
edge that counts under a condition alone says it as "condition". What was asked for besides
follows under names of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from glyphagent.dependencies.changes import Change
from glyphagent.dependencies.cochange import History
from glyphagent.dependencies.cycles import Cycle
from glyphagent.dependencies.difference import Difference
from glyphagent.dependencies.edges import Edge
from glyphagent.dependencies.impact import Affected, Impact
from glyphagent.dependencies.report import Report
from glyphagent.dependencies.rules import Broken

Record = dict[str, Any]


def written(report: Report) -> str:
    """The report as one JSON document."""
    lines = ["{"]
    parts = list(_parts(report))
    for index, (name, value) in enumerate(parts):
        comma = "," if index + 1 < len(parts) else ""
        if isinstance(value, list) and value:
            lines.append(f"{json.dumps(name)}: [")
            lines += [f"{json.dumps(item)}," for item in value[:-1]]
            lines.append(f"{json.dumps(value[-1])}]{comma}")
        else:
            lines.append(f"{json.dumps(name)}: {json.dumps(value)}{comma}")
    lines.append("}\n")
    return "\n".join(lines)


def document(report: Report) -> Record:
    """The same as plain data."""
    return dict(_parts(report))


def edge_record(edge: Edge) -> Record:
    """An edge as plain data; symbols are told where it has any."""
    record: Record = {
        "source": edge.source,
        "target": edge.target,
        "line": edge.line,
        "column": edge.column,
        "kind": edge.kind,
        "name": edge.name,
        "confidence": edge.confidence,
    }
    if edge.source_symbol or edge.target_symbol:
        record["source_symbol"] = edge.source_symbol
        record["target_symbol"] = edge.target_symbol
    if edge.condition:
        record["condition"] = edge.condition
    return record


def _parts(report: Report) -> Iterator[tuple[str, Any]]:
    graph = report.graph
    yield "nodes", [_node(report, path) for path in report.files]
    yield "edges", _edges(graph.edges)
    symbol_edges = (*graph.definitions, *graph.symbol_edges) if report.symbols else ()
    yield "symbol_edges", [_symbol_edge(edge) for edge in sorted(symbol_edges)]
    yield "cycles", [_cycle(cycle) for cycle in report.cycles]
    yield (
        "unresolved",
        [
            {"source": u.source, "line": u.line, "column": u.column, "name": u.name}
            | {"reason": u.reason}
            for u in graph.unresolved
        ],
    )
    yield "skipped", [{"path": path, "reason": reason} for path, reason in graph.skipped]
    yield "errors", list(graph.errors)
    yield "revision", graph.revision
    if report.warnings:
        yield "warnings", list(report.warnings)
    if report.broken:
        yield "broken_rules", [_broken(broken) for broken in report.broken]
    if report.unchecked is not None:
        yield (
            "unchecked",
            [
                {"rule": each.rule.text, "path": each.path, "reason": each.reason}
                for each in report.unchecked
            ],
        )
    if report.difference is not None:
        yield from _difference(report.difference)
    if report.history is not None:
        yield "cochange", _history(report.history)
    if report.cone:
        yield (
            "cone",
            [
                {"id": m.path, "distance": m.distance, "direction": m.direction, "score": m.score}
                for m in report.cone
            ],
        )
    if report.order is not None:
        yield "order", list(report.order)
    if report.between is not None:
        yield "path", _edges(report.between)


def _node(report: Report, path: str) -> Record:
    if report.graph.facts(path) is None:
        return {"id": path, "language": None, "importance": 0.0}
    return {"id": path, "language": report.language(path), "importance": report.ranks[path]}


def _edges(edges: Iterable[Edge]) -> list[Record]:
    return [edge_record(edge) for edge in edges]


def _symbol_edge(edge: Edge) -> Record:
    symbols = {"source_symbol": edge.source_symbol, "target_symbol": edge.target_symbol}
    return edge_record(edge) | symbols


def _cycle(cycle: Cycle) -> Record:
    return {
        "files": list(cycle.files),
        "example": _edges(cycle.example),
        "firm": _edges(cycle.firm),
        "one_package": cycle.one_package,
    }


def _broken(broken: Broken) -> Record:
    return {"rule": broken.rule.text, "path": _edges(broken.road)}


def _difference(found: Difference) -> Iterator[tuple[str, Any]]:
    yield "changes", [_change(change) for change in found.changes]
    yield "redirected", list(found.redirected)
    yield "impact", _impact(found.impact)
    yield "impact_on_old", _impact(found.lost)
    yield "tests", list(found.tests)
    yield "edges_added", _edges(found.edges_added)
    yield "edges_removed", _edges(found.edges_removed)
    yield "cycles_added", [_cycle(cycle) for cycle in found.cycles_added]
    yield "cycles_removed", [_cycle(cycle) for cycle in found.cycles_removed]


def _change(change: Change) -> Record:
    record: Record = {"path": change.path, "status": change.status}
    if change.old_path:
        record["old_path"] = change.old_path
    if change.reason:
        record["reason"] = change.reason
    return record | {"lines": _ranges(change.lines), "old_lines": _ranges(change.old_lines)}


def _ranges(lines: Sequence[tuple[int, int]]) -> list[list[int]]:
    return [[first, last] for first, last in lines]


def _impact(impact: Impact) -> Record:
    return {
        "changed": list(impact.changed),
        "changed_symbols": [{"path": path, "symbol": name} for path, name in impact.symbols],
        "changed_outside_of_symbols": list(impact.outside),
        "affected": [_affected(each) for each in impact.affected],
        "tests": list(impact.tests),
    }


def _affected(each: Affected) -> Mapping[str, Any]:
    return {
        "path": each.path,
        "test": each.is_test,
        "distance": each.distance,
        "path_by_files": _edges(each.road),
        "by_symbols": each.by_symbols,
        "symbols": list(each.symbols),
        "path_by_symbols": _edges(each.symbol_road),
    }


def _history(history: History) -> Record:
    return {
        "commits": history.commits,
        "large_commits_left_out": history.large,
        "complete": history.complete,
        "pairs": [
            {
                "first": each.first,
                "second": each.second,
                "support": each.support,
                "confidence": round(each.confidence, 4),
                "first_changes": each.first_changes,
                "second_changes": each.second_changes,
                "hidden": each.hidden,
            }
            for each in history.couplings
        ],
    }
