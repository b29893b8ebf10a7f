"""A dependency report as people read it: what matters first, evidence as path:line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from rich.table import Table

from glyphagent.dependencies.difference import Difference
from glyphagent.dependencies.edges import Edge, reservations
from glyphagent.dependencies.importance import most_important
from glyphagent.dependencies.report import Report
from glyphagent.dependencies.rules import Broken, Unchecked

from .deps_reading import Wanted
from .terminal import in_line, show, table

_SHOWN = 10
_SHOWN_FILES = 8
_SHOWN_AFFECTED = 40


def show_report(report: Report, wanted: Wanted, *, cycles: bool, unresolved: bool) -> None:
    """Write to stdout what was asked for, or an overview if nothing was."""
    asked = False
    if report.broken or wanted.forbid or wanted.layers:
        show_broken(report.broken)
        _show_unchecked(report.unchecked or ())
        asked = True
    if report.difference is not None:
        _show_difference(report, report.difference)
        asked = True
    if wanted.between is not None:
        _show_road(report.between or ())
        asked = True
    if wanted.of:
        _show_cone(report, wanted)
        asked = True
    if cycles:
        _show_cycles(report, len(report.cycles), whole=True)
        asked = True
    if unresolved:
        _show_all_unresolved(report)
        asked = True
    if report.history is not None:
        _show_history(report)
        asked = True
    if report.order is not None:
        show(*(in_line(path) for path in report.order))
        asked = True
    if not asked:
        _show_overview(report)
    elif report.difference is not None or wanted.of or cycles or unresolved:
        _show_skipped(report)


def show_broken(broken: Sequence[Broken]) -> None:
    """Write each place where a rule is broken, with its evidence."""
    if not broken:
        show("rules: none is broken")
        return
    by_rule: dict[str, list[Broken]] = {}
    for each in broken:
        by_rule.setdefault(each.rule.text, []).append(each)
    for rule, places in by_rule.items():
        show(f"rule broken, {_times(len(places))}: {in_line(rule)}")
        for place in places:
            show(*(f"  {'  ' * depth}{_told(e)}" for depth, e in enumerate(place.road)))


def _show_unchecked(unchecked: Sequence[Unchecked]) -> None:
    if not unchecked:
        return
    places = dict.fromkeys((each.path, each.reason) for each in unchecked)
    show(f"not checked: {_files(len({path for path, _ in places}))} that the rules cover")
    show(*(f"  {in_line(path)}: {in_line(why)}" for path, why in list(places)[:_SHOWN_AFFECTED]))
    if len(places) > _SHOWN_AFFECTED:
        show(f"  ... and {len(places) - _SHOWN_AFFECTED:,} more; --json lists all")


def _show_overview(report: Report) -> None:
    graph = report.graph
    languages: dict[str, list[str]] = {}
    for path in graph.nodes:
        languages.setdefault(graph.language(path), []).append(path)
    figures = table("", "language", "files", "imports", "symbol uses", "definitions")
    for column in figures.columns[1:]:
        column.justify = "right"
    for language, paths in sorted(languages.items(), key=lambda item: (-len(item[1]), item[0])):
        counts = (
            len(paths),
            sum(len(graph.edges_from(path)) for path in paths),
            sum(len(graph.symbol_edges_from(path)) for path in paths),
            sum(len(graph.declarations(path)) for path in paths),
        )
        figures.add_row(language, *(f"{count:,}" for count in counts))
    show(figures)
    ranks = most_important(report.ranks, _SHOWN)
    leading = table("", "file", "used by", "uses", "weight")
    for column in leading.columns[1:]:
        column.justify = "right"
    for path, rank in ranks:
        users, used = len(graph.importers.get(path, ())), len(graph.imported.get(path, ()))
        leading.add_row(in_line(path), str(users), str(used), f"{rank:.1%}")
    if ranks:
        show("\nmost used, directly or through others", leading)
    _show_cycles(report, _SHOWN // 3)
    _show_unresolved(report)
    _show_skipped(report)
    if graph.nodes:
        show(
            "\nmore: --of FILE, --cycles, --unresolved, --impact, --cochange, --order, "
            "--format html --output deps.html"
        )


def _show_cycles(report: Report, most: int, *, whole: bool = False) -> None:
    found = report.cycles
    if not found:
        show("\ncycles: none")
        return
    files = sum(len(cycle.files) for cycle in found)
    mild = {
        "by lazy or typing imports alone": sum(1 for c in found if not c.firm),
        "inside of one package each": sum(1 for c in found if c.firm and c.one_package),
    }
    told = "".join(f"; {count:,} {what}" for what, count in mild.items() if count)
    show(f"\ncycles: {len(found):,}, with {_files(files)}{told}")
    shown = sorted(found, key=lambda c: (c.one_package, not c.firm))
    shown = [cycle for cycle in shown if whole or not cycle.one_package][:most]
    for cycle in shown:
        road = cycle.firm or cycle.example
        show(f"  {len(cycle.files)} files: {_names(cycle.files)}")
        show(*(f"    {line}" for line in _shortened(road, len(road) if whole else _SHOWN)))
    if len(found) > len(shown):
        more = f"... and {len(found) - len(shown):,} more; " if shown else ""
        show(f"  {more}--cycles shows all")


def _show_unresolved(report: Report) -> None:
    unresolved = report.graph.unresolved
    if not unresolved:
        return
    reasons = Counter(each.reason for each in unresolved)
    counts = ", ".join(f"{count:,} {reason}" for reason, count in sorted(reasons.items()))
    show(f"\nimports that lead to no file here: {counts}")
    outside = Counter(each.name for each in unresolved if each.reason == "external")
    if outside:
        common = sorted(outside.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]
        show("  external: " + ", ".join(f"{in_line(name)} ({count})" for name, count in common))
    missing = [each for each in unresolved if each.reason in ("missing", "skipped")]
    for each in missing[:_SHOWN]:
        show(f"  {each.reason}: {in_line(f'{each.source}:{each.line}')}  {in_line(each.name)}")
    if len(missing) > _SHOWN:
        show(f"  ... and {len(missing) - _SHOWN:,} more; --unresolved shows all")


def _show_all_unresolved(report: Report) -> None:
    every = table("", "reason", "where", "name")
    order = ("missing", "skipped", "dynamic", "external")
    for each in sorted(report.graph.unresolved, key=lambda u: (order.index(u.reason), u)):
        every.add_row(each.reason, in_line(f"{each.source}:{each.line}"), in_line(each.name))
    show(every if report.graph.unresolved else "imports that lead to no file here: none")


def _show_skipped(report: Report) -> None:
    skipped, errors = report.graph.skipped, report.graph.errors
    if skipped:
        reasons = Counter(reason.partition(" (")[0] for _, reason in skipped)
        told = ", ".join(f"{count:,} {in_line(reason)}" for reason, count in reasons.most_common())
        show(f"\nleft out: {told}; --json lists each")
    if errors:
        show(f"\nnot wholly understood, some edges may be missing: {_names(errors)}")


def _show_cone(report: Report, wanted: Wanted) -> None:
    graph = report.graph
    for member in report.cone:
        if member.direction != "itself":
            continue
        path = member.path
        declared = [each.qualified_name for each in graph.declarations(path) if not each.parent]
        show(f"{in_line(path)}  ({graph.language(path)})")
        if declared:
            show(f"  defines: {_names(declared)}")
        in_cycle = next((cycle for cycle in report.cycles if path in cycle.files), None)
        if in_cycle is not None:
            show(f"  in a cycle of {len(in_cycle.files)} files")
        if wanted.hops == 0:
            continue
        used = [edge for edge in graph.edges_from(path) if edge.target != path]
        show(f"uses {_files(len({edge.target for edge in used}))}")
        show(*(f"  {line}" for line in _grouped(used)))
        users = [edge for edge in graph.edges_to(path) if edge.source != path]
        show(f"used by {_files(len(graph.importers[path]))}")
        show(*(f"  {line}" for line in _grouped(users)))
        calls = [edge for edge in graph.symbol_edges_to(path) if edge.kind != "define"]
        if calls:
            show("its definitions, most used by other files first")
            show(*_most_used(calls))
    far = [member for member in report.cone if member.distance > 1]
    for member in far:
        words = {"uses": "used through", "used_by": "uses it through"}[member.direction]
        through = " > ".join(in_line(edge.target) for edge in member.road[:-1])
        show(f"  {member.distance} hops  {in_line(member.path)}, {words} {through}")
    if not far and wanted.hops > 1:
        show(f"nothing further within {wanted.hops} hops")


def _most_used(calls: Iterable[Edge]) -> list[str]:
    uses = Counter(edge.target_symbol or edge.name for edge in calls)
    common = sorted(uses.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]
    return [f"  {in_line(name)}  {_times(count)}" for name, count in common]


def _show_difference(report: Report, found: Difference) -> None:
    kinds = Counter(change.status for change in found.changes)
    told = ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items()))
    show(f"files: {told or 'none differs'}")
    unread = [change for change in found.changes if change.status == "unread"]
    for change in unread[:_SHOWN_AFFECTED]:
        show(f"  {in_line(change.path)}: {in_line(change.reason)}; its edges are unknown")
    if found.redirected:
        show(f"imports lead elsewhere, text unchanged: {_files(len(found.redirected))}")
        show(*(f"  {in_line(path)}" for path in found.redirected[:_SHOWN_AFFECTED]))
    for title, edges in (("new", found.edges_added), ("gone", found.edges_removed)):
        if edges:
            show(f"{title} dependencies: {len(edges)}")
            show(*(f"  {_told(edge)}" for edge in edges[:_SHOWN_AFFECTED]))
    for title, cycles in (("new", found.cycles_added), ("gone", found.cycles_removed)):
        for cycle in cycles:
            show(f"{title} cycle: {_names(cycle.files)}")
            show(*(f"  {_told(edge)}" for edge in cycle.example))
    if found.impact.symbols and report.symbols:
        names = [f"{path}#{name}" if name else path for path, name in found.impact.symbols]
        show(f"changed definitions: {_names(names)}")
    still = set(report.files)
    affected = {each.path: each for each in found.lost.affected if each.path in still}
    affected.update((each.path, each) for each in found.impact.affected)
    for path in (*(change.path for change in found.changes), *found.redirected):
        affected.pop(path, None)
    reached = list(affected.values())
    surely = sorted((e for e in reached if e.by_symbols), key=lambda e: (e.distance, e.path))
    others = sorted((e for e in reached if not e.by_symbols), key=lambda e: (e.distance, e.path))
    if report.symbols:
        show(f"use what changed: {_files(len(surely))}")
    for each in surely[:_SHOWN_AFFECTED]:
        users = _names(name or "(top of the file)" for name in each.symbols)
        show(f"  {in_line(each.path)}: {users}")
        show(*(f"    {_told(edge)}" for edge in each.symbol_road))
    show(f"import it, directly or through others: {_files(len(others))}")
    for each in others[:_SHOWN_AFFECTED]:
        show(f"  {in_line(each.path)}  {_way(each.road)}")
    for rest in (len(surely), len(others), len(unread), len(found.redirected)):
        if rest > _SHOWN_AFFECTED:
            show(f"  ... and {rest - _SHOWN_AFFECTED:,} more; --json lists all")
    show(f"tests to run: {len(found.tests)}")
    show(*(f"  {in_line(path)}" for path in found.tests))
    odd = set(report.graph.errors)
    doubtful = [change.path for change in found.changes if change.path in odd]
    if doubtful:
        show(f"changed and not wholly understood, so more may be in reach: {_names(doubtful)}")
    modules = [path for path, reason in report.graph.skipped if reason == "submodule"]
    if modules:
        show(f"submodules are not compared: {_names(modules)}")


def _show_history(report: Report) -> None:
    history = report.history
    assert history is not None
    hidden = [each for each in history.couplings if each.hidden]
    large = f", {history.large:,} too large to count" if history.large else ""
    partly = "" if history.complete else ", not the whole history"
    show(
        f"files that change together, {history.commits:,} commits{large}{partly}: "
        f"{len(history.couplings):,} {'pair' if len(history.couplings) == 1 else 'pairs'}, "
        f"{len(hidden):,} without an edge"
    )
    if not hidden:
        return
    pairs: Table = table("", "together", "share", "first", "second")
    for column in pairs.columns[:2]:
        column.justify = "right"
    for each in hidden[:_SHOWN_AFFECTED]:
        share = f"{each.confidence:.0%}"
        pairs.add_row(str(each.support), share, in_line(each.first), in_line(each.second))
    show(pairs)


def _show_road(road: Sequence[Edge]) -> None:
    show(*([f"{'  ' * depth}{_told(edge)}" for depth, edge in enumerate(road)] or ["no path"]))


def _told(edge: Edge, lines: str = "") -> str:
    """An edge as `file:line  what  -> target`, which editors and people find."""
    where = f"{edge.source}:{lines or edge.line}"
    noted = reservations(edge)
    note = f" ({', '.join(noted)})" if noted else ""
    target = f"{edge.target}#{edge.target_symbol}" if edge.target_symbol else edge.target
    what = f"{edge.kind} {edge.name}" if edge.name != edge.target else edge.kind
    return in_line(f"{where}  {what} -> {target}{note}")


def _shortened(road: Sequence[Edge], most: int) -> list[str]:
    """The steps of a way; of a very long one the first and the last."""
    lines = [_told(edge) for edge in road]
    if len(lines) <= most:
        return lines
    return [*lines[: most - 2], f"... {len(lines) - most + 1:,} more steps", lines[-1]]


def _grouped(edges: Iterable[Edge]) -> list[str]:
    """Edges as `_told` has them; those that differ in their lines alone are one."""
    lines: dict[Edge, list[str]] = {}
    for edge in sorted(edges):
        lines.setdefault(replace(edge, line=0, column=0), []).append(str(edge.line))
    return [_told(edge, ",".join(dict.fromkeys(found))) for edge, found in lines.items()]


def _way(road: Sequence[Edge]) -> str:
    return in_line("-> " + " -> ".join(f"{edge.target} (line {edge.line})" for edge in road))


def _names(names: Iterable[str]) -> str:
    every = list(names)
    rest = len(every) - _SHOWN_FILES
    return in_line(", ".join(every[:_SHOWN_FILES])) + (f" and {rest:,} more" if rest > 0 else "")


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
