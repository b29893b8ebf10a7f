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


@pytest.mark.parametrize(
    "text",
    [
        "If you need 11 of them, raise `POOL` (net.py:2).",
        "You could rename `RETRIES` to `RETRIE5` (net.py:1).",
        "There is a typo: `RETRIE5` should be `RETRIES` (net.py:1).",
        "`RETRIE5` doesn't exist, `RETRIES` does (net.py:1).",
    ],
)
def test_what_a_sentence_proposes_or_calls_wrong_is_not_corrected(text: str) -> None:
    assert told(text) == text


def test_a_name_is_not_replaced_by_one_that_the_sentence_has_already() -> None:
    text = told("`RETRIE5` is an alias of `RETRIES` (net.py:1).")
    assert text.startswith("`RETRIE5` [unverified")
    assert "[corrected" not in text


@pytest.mark.parametrize(
    "text",
    [
        "`read_netrc(url, raise_errors=False)` (net.py:13)",
        "`read_netrc(url, raise_errors=False)` is there.",
        "`send(request, stream=False, verify=True)` (net.py:5)",
        "`Session.rebuild(prepared, response)` (net.py:18)",
        "`def rebuild(prepared: Request, response: Response) -> None` (net.py:18)",
    ],
)
def test_a_signature_may_leave_out_annotations_and_the_instance(text: str) -> None:
    assert told(text) == text


@pytest.mark.parametrize(
    "quote",
    [
        "read_netrc(url, raise_errors=True)",
        "read_netrc(raise_errors=False, url)",
        "rebuild(prepared: Request, response: Answer)",
        "rebuild(prepared, response, self)",
        "rebuild(prepared, response) -> Response",
    ],
)
def test_another_signature_is_marked(quote: str) -> None:
    line = 13 if "netrc" in quote else 18
    assert GUARD.check(f"`{quote}` (net.py:{line})").warnings


def test_a_wrong_quote_leaves_a_right_citation_alone() -> None:
    checked = GUARD.check("`send(request, timeout=5, cert=None)` (net.py:5)")
    assert [claim.kind for claim in checked.claims if claim.status != "confirmed"] == ["quote"]


def test_what_is_too_long_to_be_checked_says_so() -> None:
    text = "Plain words, nothing else. " * 1500
    checked = GUARD.check(text)
    assert checked.text.replace(" [unverified: too long to be checked]", "") == text
    assert "too long to be checked" in checked.text
    assert "only the first 30000 characters were checked" in checked.warnings
