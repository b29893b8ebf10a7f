from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from glyphagent.dependencies.formats.as_dot import written
from glyphagent.dependencies.report import Report


def test_folders_are_boxes_and_cycles_are_red(report: Report) -> None:
    text = written(report)
    assert 'subgraph "cluster app/core/"' in text
    assert re.search(r'"app/core/dial.py" -> "app/core/pool.py" \[.*#c62828', text)
    assert text.count(" -> ") == len(report.pairs)


def test_nothing_leaves_its_quotes(hostile: Report) -> None:
    text = re.sub(r'"(?:\\.|[^"\\])*"', "", written(hostile))
    assert "owned" not in text
    assert "\x00" not in text


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
@pytest.mark.parametrize("which", ["report", "hostile"])
def test_graphviz_reads_it(which: str, request: pytest.FixtureRequest) -> None:
    report: Report = request.getfixturevalue(which)
    done = subprocess.run(
        ["dot", "-Tplain"], input=written(report).encode(), capture_output=True, timeout=100
    )
    assert (done.returncode, done.stderr) == (0, b"")
    drawn = [line for line in done.stdout.decode().splitlines() if line.startswith("node ")]
    assert len(drawn) == len(report.files)
