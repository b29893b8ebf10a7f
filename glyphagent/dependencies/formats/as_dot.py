"""The graph for Graphviz: a box for each folder, one edge for each pair of files.

Edges inside a cycle are red, those that a run decides are dashed.

Source: https://graphviz.org/doc/info/lang.html (quoting of names).
"""

from __future__ import annotations

import posixpath
import re

from glyphagent.dependencies.folders_of import folder_tree
from glyphagent.dependencies.report import Report

_LARGE = 400
_COLOURS = {"changed": "#ffb3a7", "symbols": "#ffd9a0", "files": "#fff1c9"}


def written(report: Report) -> str:
    """The report's file graph in the DOT language."""
    lines = [
        "digraph dependencies {",
        "  rankdir=LR; compound=true;",
        '  node [shape=box, style="rounded,filled", fillcolor="#f4f7fb", color="#7a8ca5",'
        ' fontname="Helvetica", fontsize=11];',
        '  edge [color="#8a97a8", arrowsize=0.7];',
    ]
    if len(report.files) > _LARGE:
        lines.insert(0, "// Large: `sfdp -Goverlap=prism -Tsvg` lays it out sooner than `dot`.")
    tree = folder_tree(report.files)
    _folder(report, tree, "", lines, "  ")
    for (source, target), edges in report.pairs.items():
        told = [f"tooltip={_quoted(f'{source}:{edges[0].line}')}"]
        if len(edges) > 1:
            told.append(f"penwidth={min(1 + len(edges) / 3, 4):.2f}")
        if (source, target) in report.circular:
            told.append('color="#c62828"')
        if all(edge.confidence == "dynamic" for edge in edges):
            told.append("style=dashed")
        lines.append(f"  {_quoted(source)} -> {_quoted(target)} [{', '.join(told)}];")
    return "\n".join([*lines, "}\n"])


def _folder(
    report: Report, tree: dict[str, list[str]], top: str, lines: list[str], indent: str
) -> None:
    # A stack, because folders may lie deeper than Python's own.
    waiting: list[tuple[str, str, str]] = [("open", top, indent)]
    while waiting:
        what, folder, indent = waiting.pop()
        if what == "close":
            lines.append(f"{indent}}}")
            continue
        inner = indent
        if folder != top:
            lines.append(f"{indent}subgraph {_quoted('cluster ' + folder)} {{")
            inner = f"{indent}  "
            lines.append(
                f'{inner}label={_quoted(folder)}; style=rounded; color="#c3ccd8"; '
                'fontname="Helvetica"; fontsize=10;'
            )
            waiting.append(("close", folder, indent))
        for entry in tree[folder]:
            if not entry.endswith("/"):
                lines.append(f"{inner}{_node(report, entry)}")
        waiting += [("open", entry, inner) for entry in reversed(tree[folder]) if entry in tree]


def _node(report: Report, path: str) -> str:
    colour = _COLOURS.get(report.affected.get(path, ""))
    fill = f', fillcolor="{colour}"' if colour else ""
    name = posixpath.basename(path)
    return f"{_quoted(path)} [label={_quoted(name)}, tooltip={_quoted(path)}{fill}];"


def _quoted(text: str) -> str:
    r"""A DOT string: `\` would begin an escape in labels, and Graphviz stops at a NUL."""
    shown = re.sub(r"[\x00-\x1f\x7f]", lambda found: f"\\x{ord(found[0]):02x}", text)
    escaped = shown.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
