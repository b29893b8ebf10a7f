"""Whether a claim that the source does not confirm is wrong of it, found around, or unchecked."""

from __future__ import annotations

import pytest

from glyphagent.document import Document
from glyphagent.guard import Checked, Guard

SLEEPS = '''\
"""Waits between attempts; headers are read as they come."""

import os

MAX_WAIT = 120
STATUSES = (413, 429, 503)


def retry_after(headers):
    # The server knows best.
    value = headers.get("retry-after")
    # It may be missing.
    if value is None:
        return None
    return min(int(value), MAX_WAIT)


class Backoff:
    """Grows with each attempt."""

    def __init__(self, factor: float = 0.5, base: int = 2) -> None:
        self.factor = factor
        self.base = base

    def compute(self, attempt: int) -> float:
        return self.factor * self.base**attempt

    def __or__(self, other):
        return Either(self, other)
'''
GUARD = Guard(
    {
        "net/sleeps.py": Document("net/sleeps.py", SLEEPS),
        "net/either.py": Document("net/either.py", "class Either:\n    user_names = ()\n"),
    },
    "net",
)


def unchecked(checked: Checked) -> list[str]:
    return [claim.text for claim in checked.claims if claim.status == "unchecked"]


@pytest.mark.parametrize(
    "text",
    [
        "`Backoff.compute` (net/sleeps.py:25) needs `factor`, which defaults to 0.5.",
        "`Retry-After` is read in `retry_after` (net/sleeps.py:9-15).",
        "`retry_after` (net/sleeps.py:9) does this:\n\n```python\n"
        'value = headers.get("retry-after")\nif value is None:\n    return None\n```',
        "`Backoff` (net/sleeps.py:18) is part of `net`.",
        "`STATUSES` is at net/sleeps.py:6, right below `MAX_WAIT`.",
    ],
)
def test_what_stands_around_the_citation_is_confirmed(text: str) -> None:
    checked = GUARD.check(text)
    assert checked.text == text
    assert not checked.warnings


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("`a | b` builds an `Either`, see net/sleeps.py:28-29.", ["a | b"]),
        (
            "`compute` (net/sleeps.py:25-26) gives `factor * base**(n-1)`, e.g. 7, 14, 28.",
            ["factor * base**(n-1)", "7", "14", "28"],
        ),
        ("A key such as `userName` is kept by `Backoff` (net/sleeps.py:18).", ["userName"]),
        ("There is `__xor__` in other classes like `Backoff` (net/sleeps.py:18).", ["__xor__"]),
    ],
)
def test_what_is_the_answers_own_is_listed_and_not_marked(text: str, listed: list[str]) -> None:
    checked = GUARD.check(text)
    assert checked.text == text
    assert unchecked(checked) == listed
    assert len(checked.warnings) == 1


@pytest.mark.parametrize(
    "text",
    [
        "`MAX_WAIT` is 12, at net/sleeps.py:5.",
        "`Backoff.compute` (net/sleeps.py:25) needs `factro`.",
        "`Compute` (net/sleeps.py:25) is called for each attempt.",
        "`load_manifest` is defined at net/sleeps.py:25.",
        "`retry_after` (net/sleeps.py:9) reads `headers.get('retry-aftr')`.",
        "`compute` (net/sleeps.py:900) is there.",
        "`retry_after` (net/sleeps.py:9-15) does this:\n\n```python\n"
        'value = headers.get("retry-after")\nif value is Nome:\n    return None\n```',
    ],
)
def test_what_the_source_speaks_against_is_marked(text: str) -> None:
    told = GUARD.check(text).text
    assert "[corrected" in told or "[unverified" in told


def test_a_mistake_in_an_example_is_listed_at_least() -> None:
    text = (
        "Use it so:\n\n```python\nfrom net.sleeps import Backoff\n\n"
        "mine = Backoff(factor=3)\nsend_everything(mine)\n```"
    )
    assert unchecked(GUARD.check(text)) == ["send_everything"]


def test_many_unchecked_things_are_one_short_warning() -> None:
    names = ", ".join(f"`madeUp{n}Thing`" for n in range(100))
    checked = GUARD.check(f"`Backoff` (net/sleeps.py:18) takes keys like {names}.")
    (warning,) = checked.warnings
    assert warning.endswith("and 60 more")
    assert len(unchecked(checked)) == 100


def test_an_invented_name_beside_a_citation_is_marked_unless_it_is_known_or_an_example() -> None:
    said = "`MAX_WAIT` is set in net/sleeps.py:5, and {} it."
    assert "`load_manifest` [unverified" in GUARD.check(said.format("`load_manifest` uses")).text
    for other in ("`ThreadPoolExecutor` may read", "e.g. `my_script` reads", "`dispatch` reads"):
        text = said.format(other)
        assert GUARD.check(text).text == text
    text = said.format("`pause_all` uses") + "\n\n```python\ndef pause_all():\n    sleep(9)\n```"
    assert "`pause_all` uses" in GUARD.check(text).text


def test_a_name_of_another_document_is_marked_where_it_is_said_of_the_cited_lines() -> None:
    text = "`retry_after` (net/sleeps.py:9) handles `user_names`."
    assert "`user_names` [unverified" in GUARD.check(text).text


def test_a_release_that_the_source_does_not_have_is_marked_unless_it_is_another_ones() -> None:
    assert "4.7.1 [unverified" in GUARD.check("Release 4.7.1 is out.").text
    for text in ("It needs requests 2.31.0.", "For example 1.2.3 is such a number."):
        assert GUARD.check(text).text == text
