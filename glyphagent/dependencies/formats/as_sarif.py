"""Cycles, broken rules and missing imports as SARIF 2.1.0, for code review tools.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0, 2020; sections
are named where one decides something.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from glyphagent import __version__
from glyphagent.dependencies.edges import Edge
from glyphagent.dependencies.report import Report

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_RULES = {
    "dependency-cycle": (
        "Files depend on each other in a circle",
        "Each of these files can be reached from each other one by imports.",
        "warning",
    ),
    "forbidden-dependency": (
        "A dependency breaks a rule",
        "A rule of the command line forbids this dependency.",
        "error",
    ),
    "missing-import": (
        "An import names a file that is not there",
        "By the language's rules this import should lead to a file of the project.",
        "warning",
    ),
}
_NAMES = list(_RULES)
_SHOWN_FILES = 12
Object = dict[str, Any]


def written(report: Report) -> str:
    """The report's findings as one SARIF log."""
    run: Object = {
        "tool": {
            "driver": {
                "name": "glyphagent",
                "version": __version__,
                "rules": [_rule(name) for name in _NAMES],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            "SRCROOT": {"description": {"text": "The folder that was analysed."}}
        },
        "results": [*_cycles(report), *_broken(report), *_missing(report)],
        "properties": {"revision": report.graph.revision},
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2) + "\n"


def _rule(name: str) -> Object:
    short, full, level = _RULES[name]
    return {
        "id": name,
        "shortDescription": {"text": f"{short}."},
        "fullDescription": {"text": full},
        "defaultConfiguration": {"level": level},
    }


def _cycles(report: Report) -> Iterator[Object]:
    for cycle in report.cycles:
        if cycle.one_package:
            continue
        names = ", ".join(cycle.files[:_SHOWN_FILES])
        more = f" and {len(cycle.files) - _SHOWN_FILES} more" * (len(cycle.files) > _SHOWN_FILES)
        text = (
            f"{len(cycle.files)} files depend on each other: {names}{more}. "
            f"Shortest way round: {_way(cycle.example)}."
        )
        yield _result("dependency-cycle", text, cycle.example, cycle.files)


def _broken(report: Report) -> Iterator[Object]:
    for broken in report.broken:
        text = f"{_way(broken.road)} breaks the rule {broken.rule.text!r}."
        ends = (broken.rule.text, broken.road[0].source, broken.road[-1].target)
        yield _result("forbidden-dependency", text, broken.road, ends)


def _missing(report: Report) -> Iterator[Object]:
    for each in report.graph.unresolved:
        if each.reason == "missing":
            text = f"{each.name!r} names no file of the project."
            where = Edge(each.source, "", each.line, each.column, "import", each.name)
            yield _result("missing-import", text, (where,), (each.source, each.name))


def _way(road: Sequence[Edge]) -> str:
    names = [road[0].source, *(edge.target for edge in road)]
    if len(names) > _SHOWN_FILES:
        left_out = len(names) - _SHOWN_FILES + 1
        names = [*names[: _SHOWN_FILES - 2], f"({left_out} more)", names[-1]]
    return " -> ".join(names)


def _result(rule: str, text: str, road: Sequence[Edge], identity: Sequence[str]) -> Object:
    # Independent of lines, so that a finding stays the same one while code moves (3.27.17).
    fingerprint = hashlib.blake2b(
        "\0".join((rule, *identity)).encode("utf-8", "surrogateescape"), digest_size=16
    )
    result: Object = {
        "ruleId": rule,
        "ruleIndex": _NAMES.index(rule),
        "level": _RULES[rule][2],
        "message": {"text": text},
        "locations": [_location(road[0])],
        "partialFingerprints": {"dependency/v1": fingerprint.hexdigest()},
    }
    if len(road) > 1:
        result["relatedLocations"] = [
            {"id": index, **_location(edge)} for index, edge in enumerate(road[1:], start=1)
        ]
        steps = [{"location": _location(edge)} for edge in road]
        result["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    return result


def _location(edge: Edge) -> Object:
    region = {"startLine": max(edge.line, 1), "startColumn": max(edge.column, 1)}
    # A relative reference must be a valid URI reference (3.4.3): a colon in the first part of a
    # path would read as a scheme, so it is escaped with all else that is special.
    uri = quote(edge.source.encode("utf-8", "surrogateescape"), safe="/")
    place = {"artifactLocation": {"uri": uri, "uriBaseId": "SRCROOT"}, "region": region}
    told = f"{edge.name} leads to {edge.target}" if edge.target else edge.name
    return {"physicalLocation": place, "message": {"text": told or edge.source}}
