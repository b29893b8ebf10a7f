from __future__ import annotations

import re

from glyphagent.dependencies.formats.as_mermaid import written
from glyphagent.dependencies.report import Report

from ..drawn_graphs import drawn


def test_a_small_graph_is_drawn_file_by_file(report: Report) -> None:
    text = written(report)
    assert text.startswith("flowchart LR\n")
    assert '["pool.py"]' in text
    assert len(re.findall(r"^  n\d+ --> n\d+$", text, re.MULTILINE)) == len(report.pairs)
    assert "linkStyle" in text


def test_a_large_graph_is_drawn_by_folders_and_says_so() -> None:
    lines = [f"p{n % 7}/s{n % 3}/f{n}.py -> p{(n + 1) % 7}/s0/f{n // 2}.py" for n in range(1, 2000)]
    text = written(Report(drawn("\n".join(lines))))
    assert "too many for one flowchart" in text
    assert len(text) < 50_000
    assert text.count("-->") <= 500
    assert re.search(r"-->\|\d+\|", text)


def test_many_folders_at_the_top_still_fit() -> None:
    lines = [f"p{n}/a.py -> p{m}/a.py" for n in range(60) for m in range(60) if (n * m) % 5 == 1]
    text = written(Report(drawn("\n".join(lines))))
    assert text.count("-->") <= 500
    assert "weaker edges are left out" in text


def test_names_cannot_leave_their_quotes(hostile: Report) -> None:
    for line in written(hostile).splitlines()[1:]:
        assert re.fullmatch(
            r'\s*(%%.*|subgraph g\d+\["[^"<>&`]*"\]|end|n\d+\["[^"<>&`]*"\]|n\d+ --> n\d+|'
            r"linkStyle [\d,]+ stroke:#c62828)",
            line,
        ), line
