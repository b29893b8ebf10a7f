"""Values that a sentence gives to a name, and proposals that are no statements."""

from __future__ import annotations

import pytest

from glyphagent.document import Document
from glyphagent.guard import Guard

NET = """\
RETRIES = 0
POOL = 10


def send(
    request: Request,
    stream: bool = False,
    verify: bool = True,
) -> Response:
    return Response(request, 3)


def read_netrc(url: str, raise_errors: bool = False) -> Auth | None:
    pass


class Session:
    def rebuild(self, prepared: Request, response: Response) -> None:
        pass
"""
GUARD = Guard({"net.py": Document("net.py", NET)}, "project")


def told(text: str) -> str:
    return GUARD.check(text).text


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("`RETRIES` is 3.", "3 [unverified: not in the definition at net.py:1]"),
        ("| `RETRIES` | 3 |", "3 [unverified: not in the definition at net.py:1]"),
        ("`stream` defaults to `True` (net.py:7).", "which have `stream: bool = False`]"),
        ("`stream` defaults to True (net.py:7).", "True [unverified: not in the cited lines"),
        ("`verify` is set to `None` (net.py:5-9).", "which have `verify: bool = True`]"),
    ],
)
def test_another_value_than_the_definition_has_is_marked(text: str, note: str) -> None:
    assert note in told(text)


@pytest.mark.parametrize(
    "text",
    [
        "`RETRIES` is 0.",
        "`POOL` equals 10.",
        "If `RETRIES` is 3, nothing waits.",
        "Of `RETRIES` there are 3 uses.",
        "`stream` defaults to `False` (net.py:7).",
        "`stream` defaults to `False` and `verify` defaults to True (net.py:5-9).",
        "`stream` does not default to `True` (net.py:7).",
        "Call `send` with `verify` = `False` (net.py:5-9).",
    ],
)
def test_what_the_definition_has_or_may_have_stays(text: str) -> None:
    assert told(text) == text
