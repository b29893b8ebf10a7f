from __future__ import annotations

import json
from itertools import pairwise
from typing import Any
from urllib.parse import unquote, urlsplit

from glyphagent.dependencies.formats.as_sarif import written
from glyphagent.dependencies.report import Report

from ..drawn_graphs import drawn


def results(report: Report) -> list[dict[str, Any]]:
    log = json.loads(written(report))
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    found: list[dict[str, Any]] = run["results"]
    for result in found:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("error", "warning")
        for place in (*result["locations"], *result.get("relatedLocations", ())):
            physical = place["physicalLocation"]
            assert physical["region"]["startLine"] >= 1
            assert physical["region"]["startColumn"] >= 1
            assert physical["artifactLocation"]["uriBaseId"] in run["originalUriBaseIds"]
            uri = urlsplit(physical["artifactLocation"]["uri"])
            assert (uri.scheme, uri.netloc, uri.fragment, uri.query) == ("", "", "", "")
    return found


def test_cycles_rules_and_missing_imports(report: Report) -> None:
    cycle, broken, missing = results(report)
    assert cycle["ruleId"] == "dependency-cycle"
    assert "app/core/dial.py -> app/core/pool.py -> app/core/dial.py" in cycle["message"]["text"]
    assert len(cycle["codeFlows"][0]["threadFlows"][0]["locations"]) == 2
    assert (broken["ruleId"], broken["level"]) == ("forbidden-dependency", "error")
    region = missing["locations"][0]["physicalLocation"]["region"]
    assert (missing["ruleId"], region) == ("missing-import", {"startLine": 9, "startColumn": 3})


def test_a_long_way_round_is_cut_in_the_message_alone() -> None:
    files = [f"f{n:03}" for n in range(300)]
    drawing = "\n".join(f"{a} -> {b}" for a, b in pairwise([*files, files[0]]))
    (cycle,) = results(Report(drawn(drawing)))
    assert len(cycle["message"]["text"]) < 400
    assert "(290 more) -> f000" in cycle["message"]["text"]
    assert len(cycle["codeFlows"][0]["threadFlows"][0]["locations"]) == 300


def test_each_finding_has_a_fingerprint_of_its_own(report: Report) -> None:
    prints = [result["partialFingerprints"]["dependency/v1"] for result in results(report)]
    assert len(set(prints)) == len(prints) == 3


def test_any_name_is_one_uri(hostile: Report) -> None:
    named = {
        unquote(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
        for result in results(hostile)
    }
    assert named == set(hostile.files)
