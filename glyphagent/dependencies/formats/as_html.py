"""The graph as one HTML file that works offline: folders that open, cycles, impact, evidence.

Drawing is Cytoscape.js, kept in `assets` with its licence; where boxes stand is our own. Everything
about the source travels as JSON that the page's own script reads and shows as text; a content
security policy names the scripts by hash, so nothing that a file's name says can run.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections import defaultdict
from functools import cache
from importlib import resources
from typing import Any

from glyphagent.dependencies.edges import Edge, condition_of
from glyphagent.dependencies.folders_of import folder_tree
from glyphagent.dependencies.impact import is_test
from glyphagent.dependencies.report import Report

# In this order: each one needs those before it.
_SCRIPTS = ("cytoscape.min.js", "layers.js", "view.js")
_KINDS = (
    *("import", "include", "reexport", "dynamic", "define", "reference", "call", "inherit"),
    *("package", "conftest", "override"),
)
_CONFIDENCES = ("exact", "inferred", "dynamic")
_CHANGES = {"": 0, "changed": 1, "symbols": 2, "files": 3}
_SYMBOLS_PER_PAIR = 12
_BUTTONS = (
    ("fit", "Fit", ""),
    ("open", "Open all", ""),
    ("close", "Close all", ""),
    ("over", "Overview", ""),
    ("far", "Through others", ' aria-pressed="false"'),
    ("tests", "Tests", ' aria-pressed="true"'),
)


def written(report: Report) -> str:
    """The report as a page to look at in a browser."""
    scripts = [_asset(name) for name in _SCRIPTS]
    style = _asset("view.css")
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"script-src {' '.join(map(_hash, scripts))}; style-src 'unsafe-inline'"
    )
    title = html.escape(f"Dependencies of {report.title}" if report.title else "Dependencies")
    buttons = "".join(
        f'<button type="button" id="{id_}"{more}>{label}</button>' for id_, label, more in _BUTTONS
    )
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            '<head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title>",
            f"<style>\n{style}</style></head>",
            "<body>",
            f"<header><h1>{title}</h1>",
            '<div id="find"><input id="query" type="search" placeholder="Find a file ( / )"'
            ' aria-label="Find a file" autocomplete="off"><div id="found"></div></div>',
            f"{buttons}",
            '<span id="status" role="status"></span></header>',
            '<main id="graph" aria-label="Dependency graph"></main>',
            '<aside id="side" aria-label="Details"></aside>',
            f'<script type="application/json" id="data">{_inert(_data(report))}</script>',
            *(f"<script>{script}</script>" for script in scripts),
            "</body></html>\n",
        ]
    )


def _data(report: Report) -> dict[str, Any]:
    files = report.files
    place = {path: index for index, path in enumerate(files)}
    pairs = list(report.pairs)
    languages = sorted({report.language(path) for path in files})
    symbols: dict[tuple[str, str], list[Edge]] = defaultdict(list)
    for edge in report.graph.symbol_edges if report.symbols else ():
        symbols[edge.source, edge.target].append(edge)
    lost: dict[int, list[list[object]]] = defaultdict(list)
    for each in report.graph.unresolved:
        lost[place[each.source]].append([each.line, each.name, each.reason])
    changes = report.difference.changes if report.difference is not None else ()
    return {
        "title": report.title,
        "revision": report.graph.revision,
        "notes": _notes(report),
        "files": files,
        "languages": languages,
        "kinds": _KINDS,
        "confidences": _CONFIDENCES,
        "about": [
            [
                languages.index(report.language(path)),
                round(report.ranks.get(path, 0.0), 6),
                int(is_test(path)),
                _CHANGES[report.affected.get(path, "")],
            ]
            for path in files
        ],
        "tree": folder_tree(files),
        "edges": [
            [place[source], place[target], [_evidence(edge) for edge in report.pairs[pair]]]
            for pair in pairs
            for source, target in [pair]
        ],
        "uses": [
            [place[pair[0]], place[pair[1]], len(uses), [_use(use) for use in _shortest(uses)]]
            for pair, uses in sorted(symbols.items())
            if pair in report.pairs
        ],
        "cycles": [
            [
                [place[path] for path in cycle.files],
                [[place[e.source], place[e.target]] for e in cycle.firm or cycle.example],
                "one package" if cycle.one_package else "" if cycle.firm else "lazy or typing",
            ]
            for cycle in report.cycles
        ],
        "broken": [
            # With evidence of their own: a package that an import runs is no edge of the graph.
            [
                broken.rule.text,
                [[place[e.source], place[e.target], [_evidence(e)]] for e in broken.road],
            ]
            for broken in report.broken
        ],
        "changes": [[change.path, change.status] for change in changes],
        "unresolved": lost,
    }


def _notes(report: Report) -> list[str]:
    graph = report.graph
    notes = [f"Revision {graph.revision}."] if graph.revision else []
    if graph.skipped:
        notes.append(f"Files left out: {len(graph.skipped)}; --json lists each.")
    if graph.errors:
        notes.append(f"Not wholly understood: {len(graph.errors)}; some edges may be missing.")
    return notes


def _evidence(edge: Edge) -> list[object]:
    kind, confidence = _KINDS.index(edge.kind), _CONFIDENCES.index(edge.confidence)
    told = [edge.line, edge.column, kind, edge.name, confidence]
    return [*told, condition_of(edge)] if edge.condition else told


def _use(edge: Edge) -> list[object]:
    kind, confidence = _KINDS.index(edge.kind), _CONFIDENCES.index(edge.confidence)
    return [edge.line, kind, edge.source_symbol, edge.target_symbol or edge.name, confidence]


def _shortest(uses: list[Edge]) -> list[Edge]:
    """The first use of each definition, then others, as many as are shown."""
    first: dict[str, Edge] = {}
    for use in uses:
        first.setdefault(use.target_symbol, use)
    kept = [*first.values(), *(use for use in uses if first[use.target_symbol] != use)]
    return sorted(kept[:_SYMBOLS_PER_PAIR])


def _inert(value: object) -> str:
    r"""JSON that no HTML parser takes for markup, whatever it says: `</script>`, `<!--`, `]]>`."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


@cache
def _asset(name: str) -> str:
    """Text of a file in `assets`; line ends as an HTML parser would leave them."""
    file = resources.files(__package__) / "assets" / name
    return file.read_text(encoding="utf-8").replace("\r\n", "\n").replace("\r", "\n")


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
