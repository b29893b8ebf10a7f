"""Answers from the dependency graph: what a change reaches, cycles, paths, who calls what.

Every claim stands on edges of the graph, and each edge is cited with the line that proves it. What
only a shared name suggests is told apart from what the graph proves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from glyphagent.answer import Citation
from glyphagent.dependencies import Definition
from glyphagent.dependencies.cycles import find_cycles
from glyphagent.dependencies.edges import Edge, reservations
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.impact import Affected, find_impact
from glyphagent.dependencies.paths import reach, shortest_path, steps, walk_to
from glyphagent.document import Location
from glyphagent.live_graph import unanalysed
from glyphagent.symbolic.files import unknown_file
from glyphagent.symbolic.mentions import call_lines, mentions
from glyphagent.symbolic.reply import (
    MAX_FILES,
    MAX_MENTIONS,
    Book,
    Reply,
    inline,
    more,
    not_found,
    plural,
)
from glyphagent.symbolic.scope import narrow
from glyphagent.symbolic.wording import Request

_OWN_KINDS = ("function", "method", "class", "interface", "enum", "type")


def impact(request: Request, book: Book) -> Reply:
    """Say which files a change of a file or definition can reach, each with the edge to it."""
    paths = _files(request.subject, book)
    definitions = [d for d in book.index.definitions(request.subject) if d.kind in _OWN_KINDS]
    if not paths and not definitions:
        return unknown_file(request, book)
    graph = book.graph()
    if not paths or (request.hint and request.hint not in ("file", "module", "package", "script")):
        found = [_symbol_impact(each, graph, book) for each in definitions[:MAX_FILES]]
    else:
        found = [_file_impact(path, graph, book) for path in paths[:MAX_FILES]]
    text = "\n".join(line for lines, _ in found for line in lines)
    cited = tuple(dict.fromkeys(each for _, every in found for each in every))
    if not cited:
        lacking = not_found(request.kind, text, citations=_openings(paths, definitions, book))
        return replace(lacking, warnings=_partial(graph))
    return Reply(text, True, True, request.kind, cited, _partial(graph))


def cycle(request: Request, book: Book) -> Reply:
    """Say which files import each other in a circle, with a shortest example of each circle."""
    graph = book.graph()
    if request.subject:
        return _cycles_of(request, graph, book)
    cycles = find_cycles(graph)
    if not cycles:
        text = f"no import cycle among the {plural(len(graph.nodes), 'file')} that were analysed."
        return replace(not_found(request.kind, text), warnings=_partial(graph))
    lines = [f"Yes: {plural(len(cycles), 'group')} of files that all reach each other."]
    cited: list[Citation] = []
    for each in cycles[:MAX_FILES]:
        lines.append(
            f"{plural(len(each.files), 'file')}: {_listed(each.files)}. A shortest circle:"
        )
        lines += _steps(each.example, book, cited)
    lines += more(len(cycles), MAX_FILES, "groups")
    text = "\n".join(lines)
    return Reply(text, True, True, request.kind, tuple(dict.fromkeys(cited)), _partial(graph))


def path(request: Request, book: Book) -> Reply:
    """Say how one file comes to depend on another: the shortest chain of imports."""
    graph = book.graph()
    ends = []
    for name in (request.subject, request.object):
        found = _files(name, book) or _homes(name, book)
        if not found:
            return unknown_file(Request(request.kind, name), book)
        ends.append(found)
    lines: list[str] = []
    cited: list[Citation] = []
    for source in ends[0][:MAX_FILES]:
        for target in ends[1][:MAX_FILES]:
            road = shortest_path(graph, source, target)
            if road:
                length = plural(len(road), "import")
                lines.append(f"{source} depends on {target} by {length}:")
                lines += _steps(road, book, cited)
    if cited:
        yes = "Yes. " if request.detail == "ask" else ""
        text = yes + "\n".join(lines)
        return Reply(text, True, True, request.kind, tuple(dict.fromkeys(cited)), _partial(graph))
    source, target = ends[0][0], ends[1][0]
    text = f"no chain of imports leads from {source} to {target}."
    if source == target:
        text = f"`{request.subject}` and `{request.object}` are both in {source}."
    elif back := shortest_path(graph, target, source):
        lines = [text, f"The other way round, {target} depends on {source}:"]
        text = "\n".join([*lines, *_steps(back, book, cited)])
    lacking = not_found(request.kind, text, citations=tuple(dict.fromkeys(cited)))
    return replace(lacking, warnings=_partial(graph))


def callers(request: Request, book: Book) -> Reply:
    """List the calls of a function: those the graph proves, then those told by name alone."""
    scope = narrow(request.within, book)
    targets = [d for d in book.index.definitions(request.subject) if d.kind in _OWN_KINDS]
    if scope is None or not targets:
        return mentions(request, book)
    graph = book.graph()
    proven: dict[tuple[str, int], Edge] = {}
    for target in targets:
        for edge in graph.symbol_edges_to(target.path):
            if edge.kind == "call" and _is_of(edge, target) and scope.holds_line(*_at(edge)):
                proven.setdefault(_at(edge), edge)
    if not proven:
        return mentions(request, book)
    bare = request.subject.rpartition(".")[2]
    named = call_lines(bare, scope, book)
    homes = {target.path for target in targets}
    one = len({(d.path, d.qualified_name) for d in book.index.definitions(bare)}) == 1
    # A call that the graph leads elsewhere is none of this name's, however it is spelled.
    elsewhere = {
        (edge.source, edge.line)
        for each in named
        for edge in graph.symbol_edges_from(each.path)
        if edge.line == each.line and edge.kind == "call" and edge.name.endswith(bare)
    } - set(proven)
    within = {(each.path, each.line): each.within for each in named}
    sure = {*proven, *(at for at in within if at[0] in homes and one)} - elsewhere
    rest = [at for at in within if at not in sure and at not in elsewhere]
    places = _plural_places(sorted(sure), within, proven, book)
    files = len({at[0] for at in sure})
    where = targets[0].header if len(targets) == 1 else f"{len(targets)} definitions"
    head = (
        f"`{bare}` ({where}) is called on {plural(len(sure), 'line')} of {plural(files, 'file')}:"
    )
    lines = [head, *places[:MAX_MENTIONS], *more(len(places), MAX_MENTIONS, "lines")]
    cited = [_cite(at, book) for at in sorted(sure)[:MAX_MENTIONS]]
    if rest:
        lines.append(f"Told by name alone, `{bare}` is called here too:")
        lines += _plural_places(rest[:MAX_MENTIONS], within, {}, book)
        lines += more(len(rest), MAX_MENTIONS, "lines")
        cited += [_cite(at, book) for at in rest[:MAX_MENTIONS]]
    return Reply("\n".join(lines), True, True, request.kind, tuple(dict.fromkeys(cited)))


def _file_impact(path: str, graph: DependencyGraph, book: Book) -> tuple[list[str], list[Citation]]:
    affected = [each for each in find_impact(graph, {path: None}).affected if each.road]
    if not affected:
        return [f"no file in the source imports {path}, directly or not."], []
    direct = sum(each.distance == 1 for each in affected)
    tests = sum(each.is_test for each in affected)
    head = (
        f"A change of {path} can reach {plural(len(affected), 'file')}, {direct} of them directly"
    )
    lines = [head + (f"; {plural(tests, 'test')} among them:" if tests else ":")]
    cited: list[Citation] = []
    for each in affected[:MAX_MENTIONS]:
        far = "" if each.distance == 1 else f" ({each.distance} imports away)"
        lines.append(f"{_step(each.road[0], book)}{far}")
        cited.append(_cite(_at(each.road[0]), book))
    return lines + more(len(affected), MAX_MENTIONS, "files"), cited


def _symbol_impact(
    definition: Definition, graph: DependencyGraph, book: Book
) -> tuple[list[str], list[Citation]]:
    span = (definition.line, max(definition.location.line_end, definition.line))
    affected = find_impact(graph, {definition.path: (span,)}).affected
    used = [each for each in affected if each.symbol_road]
    name = f"`{definition.qualified_name}` ({definition.header})"
    rest = sum(not each.symbol_road for each in affected)
    if not used:
        head = f"no other file is known to use {name}."
        beside = f" {plural(rest, 'file')} import {definition.path}, directly or not."
        return [head + (beside if rest else "")], []
    lines = [f"A change of {name} reaches {plural(len(used), 'other file')} by proven uses:"]
    cited: list[Citation] = []
    for each in used[:MAX_MENTIONS]:
        lines.append(_symbol_step(each, book))
        cited.append(_cite(_at(each.symbol_road[0]), book))
    lines += more(len(used), MAX_MENTIONS, "files")
    if rest:
        lines.append(f"By imports alone it could reach {plural(rest, 'more file')}.")
    return lines, cited


def _symbol_step(each: Affected, book: Book) -> str:
    edge = each.symbol_road[0]
    far = "" if len(each.symbol_road) == 1 else f", {len(each.symbol_road)} uses away"
    inside = f" in `{edge.source_symbol}`" if edge.source_symbol else ""
    return f"- {edge.source}:{edge.line}{inside}: {_line(edge, book)} ({edge.kind}{far})"


def _cycles_of(request: Request, graph: DependencyGraph, book: Book) -> Reply:
    paths = _files(request.subject, book)
    if not paths:
        return unknown_file(request, book)
    lines: list[str] = []
    cited: list[Citation] = []
    for path in paths[:MAX_FILES]:
        found = reach([path], lambda each: graph.imported.get(each, ()))
        back = next((each for each in found if path in graph.imported.get(each, ())), None)
        if back is None:
            lines.append(f"{path} is in no import cycle.")
            continue
        lines.append(f"Yes: {path} comes back to itself:")
        walked = [*walk_to(found, back)[::-1], path]
        lines += _steps(steps(graph, walked), book, cited)
    if not cited:
        text = "\n".join(lines)
        lacking = not_found(request.kind, text, citations=_openings(paths, (), book))
        return replace(lacking, warnings=_partial(graph))
    text = "\n".join(lines)
    return Reply(text, True, True, request.kind, tuple(dict.fromkeys(cited)), _partial(graph))


def _files(name: str, book: Book) -> tuple[str, ...]:
    """Files that a name stands for, if it stands for any."""
    return book.index.match_path(name)


def _homes(name: str, book: Book) -> tuple[str, ...]:
    """Files that define a name."""
    return tuple(dict.fromkeys(each.path for each in book.index.definitions(name)))


def _is_of(edge: Edge, target: Definition) -> bool:
    name = target.qualified_name
    makers = (f"{name}.__init__", f"{name}.constructor", f"{name}.__new__")
    return edge.target_symbol == name or edge.target_symbol in makers


def _at(edge: Edge) -> tuple[str, int]:
    return edge.source, edge.line


def _cite(at: tuple[str, int], book: Book) -> Citation:
    return book.cite(Location(at[0], at[1], at[1]))


def _line(edge: Edge, book: Book) -> str:
    return inline(_cite(_at(edge), book).quote)


def _step(edge: Edge, book: Book) -> str:
    note = ", ".join(reservations(edge))
    told = f" [{note}]" if note else ""
    return f"- {edge.source}:{edge.line} {_line(edge, book)} -> {edge.target}{told}"


def _steps(edges: Iterable[Edge], book: Book, cited: list[Citation]) -> list[str]:
    every = tuple(edges)
    cited += [_cite(_at(edge), book) for edge in every]
    return [_step(edge, book) for edge in every]


def _plural_places(
    places: Sequence[tuple[str, int]],
    within: dict[tuple[str, int], str],
    proven: dict[tuple[str, int], Edge],
    book: Book,
) -> list[str]:
    """Lines for places, each with the definition around it and the text there."""
    lines = []
    for at in places:
        edge = proven.get(at)
        around = edge.source_symbol if edge is not None else within.get(at, "")
        inside = f" in `{around}`" if around else ""
        lines.append(f"- {at[0]}:{at[1]}{inside}: {inline(_cite(at, book).quote)}")
    return lines


def _listed(files: Sequence[str]) -> str:
    shown = ", ".join(files[:12])
    return shown if len(files) <= 12 else f"{shown} and {len(files) - 12} more"


def _openings(
    paths: Iterable[str], definitions: Iterable[Definition], book: Book
) -> tuple[Citation, ...]:
    """The file or definition that a 'no' is about."""
    places = [Location(path, 1, 1) for path in paths] or [each.header for each in definitions]
    return tuple(book.cite(place) for place in places[:MAX_FILES])


def _partial(graph: DependencyGraph) -> tuple[str, ...]:
    """Say where the graph may lack edges: files that failed, imports that lead to no file."""
    failed = unanalysed(graph)
    told_of = f" and {len(failed) - 1} more" if failed[1:] else ""
    warnings = (f"not analysed, so edges are missing: {failed[0]}{told_of}",) if failed else ()
    missing = [each for each in graph.unresolved if each.reason == "missing"]
    if not missing:
        return warnings
    first = missing[0]
    told = f"{first.source}:{first.line} {inline(first.name)}"
    rest = f" and {len(missing) - 1} more" if missing[1:] else ""
    return (*warnings, f"imports that lead to no file of the source are left out: {told}{rest}")
