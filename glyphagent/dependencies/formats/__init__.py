"""A report written down: for programs, for drawing, for review tools and for a browser.

All are pure functions of the report, so the same source gives the same bytes. Names of files and
symbols come from whoever wrote the source: every format escapes them by its own rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from glyphagent.dependencies.report import Report

FORMATS: Mapping[str, str] = {
    "json": "as_json",
    "dot": "as_dot",
    "mermaid": "as_mermaid",
    "graphml": "as_graphml",
    "sarif": "as_sarif",
    "html": "as_html",
}


def written(report: Report, name: str) -> str:
    """A report as text in one of `FORMATS`, ending with a newline.

    Raises:
        KeyError: There is no such format.
    """
    write: Callable[[Report], str] = import_module(f"{__name__}.{FORMATS[name]}").written
    return write(report)
