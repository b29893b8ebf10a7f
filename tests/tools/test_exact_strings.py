"""Which strings travel as text beside pages, and how many."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphagent.tokens import count_text_tokens
from glyphagent.tools.exact_strings import hard_tokens

PROSE = "The quick brown fox jumps over the lazy dog, and nothing here is hard to read. " * 40
HARD = (
    "123e4567-e89b-12d3-a456-426614174000",
    "9f86d081884c7d65",
    "0xDEADBEEF01",
    "AKIAIOSFODNN7EXAMPLE",
    "v2.14.3-rc1",
    "1700000000",
    "/etc/app/module_7.py",
    "https://example.org/a?b=17",
)


@pytest.mark.parametrize("hard", [*HARD, "192.168.10.254", "src/app/x.py", "1a2b3c4", "v1.2.3"])
def test_each_kind_is_found_whole(hard: str) -> None:
    assert hard in hard_tokens(f"{PROSE} see {hard} for it. {PROSE}")


def test_ordinary_words_and_short_numbers_are_none() -> None:
    assert hard_tokens(PROSE + "def total(items): return sum(items) + 42  # deadbeef, 3.14") == ()


def test_the_hardest_come_first_and_each_once() -> None:
    found = hard_tokens(" ".join((PROSE, *HARD[5:], *HARD[:5], *HARD)), share=0.5)
    assert found == HARD


def test_lines_of_pytest_and_git_are_found() -> None:
    log = "commit 1b297f3e8ffeefeab94ae2c4dddce8b386b09c75\nindex 3f2a1b0..9c8d7e6 100644\n"
    assert hard_tokens(log + PROSE, share=0.5) == (
        *("1b297f3e8ffeefeab94ae2c4dddce8b386b09c75", "3f2a1b0", "9c8d7e6", "100644"),
    )


@given(
    st.lists(st.sampled_from([*HARD, "plain words", "\ud800", "\n", "x" * 300]), max_size=40),
    st.sampled_from([0.0, 0.05, 0.3]),
)
def test_the_share_is_kept(words: list[str], share: float) -> None:
    text = PROSE + " ".join(words)
    found = hard_tokens(text, share)
    assert len(set(found)) == len(found)
    assert all(string in text for string in found)
    whole = count_text_tokens([text.encode("utf-8", "replace").decode()])
    assert sum(count_text_tokens([string]) + 1 for string in found) <= share * whole
    assert hard_tokens(text, share) == found


@pytest.mark.parametrize("unit", ["a1", "a/", "1.", "f-", "https://", "0x", "._", "a1/b.", "1 "])
def test_no_text_takes_long(unit: str) -> None:
    def seconds(count: int) -> float:
        text = unit * count
        start = time.process_time()
        hard_tokens(text, 0.0)
        return time.process_time() - start

    seconds(1000)
    small, large = seconds(20_000), seconds(80_000)
    assert large < max(12 * small, 0.5)  # 16 times if it were quadratic
