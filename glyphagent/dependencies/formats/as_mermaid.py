"""The graph as a Mermaid flowchart; a large one is drawn by folders, which it says.

Source: https://mermaid.js.org/syntax/flowchart.html (entity codes), and the limits `maxEdges`
(500) and `maxTextSize` (50,000 characters) of https://mermaid.js.org/config/schema-docs/config.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Mapping

from glyphagent.dependencies.folders_of import seen_from_afar
from glyphagent.dependencies.report import Report

_MOST_NODES = 120
_MOST_EDGES = 450
_MOST_TEXT = 48_000
_LONGEST_NAME = 80


def written(report: Report) -> str:
    """The report's file graph, or its folders' if a renderer would refuse that many files."""
    for most in (len(report.files), _MOST_NODES, 60, 30, 15):
        if most > _MOST_NODES:
            continue
        seen = seen_from_afar(report.files, most)
        edges = Counter((seen[source], seen[target]) for source, target in report.pairs)
        edges = Counter({pair: n for pair, n in edges.items() if pair[0] != pair[1]})
        text = _drawn(report, seen, edges)
        if len(edges) <= _MOST_EDGES and len(text) <= _MOST_TEXT:
            return text
    strongest = Counter(dict(edges.most_common(_MOST_EDGES)))
    left_out = f"%% {len(edges) - len(strongest)} weaker edges are left out\n"
    return _drawn(report, seen, strongest, left_out)


def _drawn(
    report: Report, seen: Mapping[str, str], edges: Counter[tuple[str, str]], note: str = ""
) -> str:
    shown = sorted(set(seen.values()))
    ids = {name: f"n{index}" for index, name in enumerate(shown)}
    whole = len(shown) == len(seen)
    lines = ["flowchart LR"]
    if not whole:
        lines.append(
            f"%% {len(seen)} files are too many for one flowchart: folders stand for their files, "
            "numbers on edges count pairs of files"
        )
    lines += note.splitlines()
    inside: dict[str, list[str]] = defaultdict(list)
    for name in shown:
        inside[posixpath.dirname(name.rstrip("/"))].append(name)
    for index, (folder, names) in enumerate(sorted(inside.items())):
        if folder:
            lines.append(f'  subgraph g{index}["{_escaped(folder + "/")}"]')
        for name in names:
            base = posixpath.basename(name.rstrip("/")) + ("/" if name.endswith("/") else "")
            lines.append(f'    {ids[name]}["{_escaped(base)}"]')
        if folder:
            lines.append("  end")
    red = []
    circular = {(seen[source], seen[target]) for source, target in report.circular}
    for index, ((source, target), count) in enumerate(sorted(edges.items())):
        weight = f"|{count}|" if not whole else ""
        lines.append(f"  {ids[source]} -->{weight} {ids[target]}")
        if (source, target) in circular:
            red.append(str(index))
    if red:
        lines.append(f"  linkStyle {','.join(red)} stroke:#c62828")
    changed = [
        ids[seen[path]]
        for path, how in report.affected.items()
        if how == "changed" and path in seen
    ]
    if changed:
        lines.append("  classDef changed fill:#ffb3a7,stroke:#c62828")
        lines.append(f"  class {','.join(sorted(set(changed)))} changed")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """Every character that Mermaid or HTML could take for its own as an entity code."""
    if len(text) > _LONGEST_NAME:
        text = f"…{text[-_LONGEST_NAME:]}"
    return re.sub(r"[^\w ./…+-]", lambda found: f"#{ord(found[0])};", text)
