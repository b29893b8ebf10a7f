"""The graph as GraphML, for graph tools: a node for each file, an edge for each pair of files.

Source: http://graphml.graphdrawing.org/primer/graphml-primer.html.
"""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from glyphagent.dependencies.report import Report

_KEYS = (
    ("language", "node", "string"),
    ("importance", "node", "double"),
    ("in_cycle", "node", "boolean"),
    ("kinds", "edge", "string"),
    ("confidence", "edge", "string"),
    ("lines", "edge", "string"),
    ("statements", "edge", "int"),
    ("symbols", "edge", "int"),
    ("in_cycle_edge", "edge", "boolean"),
)
_TRUST = ("exact", "inferred", "dynamic")
# What XML 1.0 cannot hold, not even as a reference.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def written(report: Report) -> str:
    """The report's file graph as GraphML."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
        *(
            f'  <key id="{name}" for="{what}" attr.name="{name}" attr.type="{kind}"/>'
            for name, what, kind in _KEYS
        ),
        '  <graph edgedefault="directed">',
    ]
    in_cycle = {path for cycle in report.cycles for path in cycle.files}
    for path in report.files:
        lines.append(f"    <node id={_quoted(path)}>")
        lines.append(_data("language", report.language(path)))
        lines.append(_data("importance", f"{report.ranks.get(path, 0.0):.9f}"))
        lines.append(_data("in_cycle", str(path in in_cycle).lower()))
        lines.append("    </node>")
    symbols: dict[tuple[str, str], int] = {}
    for edge in report.graph.symbol_edges:
        pair = (edge.source, edge.target)
        symbols[pair] = symbols.get(pair, 0) + 1
    for (source, target), edges in report.pairs.items():
        best = min((edge.confidence for edge in edges), key=_TRUST.index)
        lines.append(f"    <edge source={_quoted(source)} target={_quoted(target)}>")
        lines.append(_data("kinds", " ".join(sorted({edge.kind for edge in edges}))))
        lines.append(_data("confidence", best))
        lines.append(_data("lines", " ".join(str(edge.line) for edge in edges)))
        lines.append(_data("statements", str(len(edges))))
        lines.append(_data("symbols", str(symbols.get((source, target), 0))))
        lines.append(_data("in_cycle_edge", str((source, target) in report.circular).lower()))
        lines.append("    </edge>")
    return "\n".join([*lines, "  </graph>", "</graphml>\n"])


def _data(key: str, value: str) -> str:
    return f'      <data key="{key}">{escape(_clean(value))}</data>'


def _quoted(text: str) -> str:
    # A line feed or tab in an attribute would come back as a space.
    return quoteattr(_clean(text), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def _clean(text: str) -> str:
    return _FORBIDDEN.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
