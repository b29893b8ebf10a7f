"""The passages that speak most of a question's words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from glyphagent.symbolic.passages import passages, query_words

TEXTS = {
    "a.py": "\n" * 30 + "def wait_before_retry(attempts): ...\n",
    "b.py": "class RetryPolicy:\n    max_retries = 3\n    retry = 1\n" + "x = 1\n" * 40,
    "c.md": "Nothing to see. Entirely other.\n",
}


def test_words_are_found_inside_identifiers_and_with_endings() -> None:
    words = query_words("How do the RetryPolicy and max_attempts work?")
    assert words == ("retr", "polic", "max", "attempt")
    found = passages("retry policies", TEXTS)
    assert [str(each.location) for each in found] == ["b.py:1-12", "a.py:25-31"]
    assert set(found[0].words) == {"retr", "polic"}


def test_rare_words_weigh_more() -> None:
    texts = {"a": "common rare\n", **{f"b{n}": "common common common\n" for n in range(9)}}
    assert passages("common rare", texts)[0].location.path == "a"


def test_nothing_is_found_for_words_that_stand_nowhere() -> None:
    assert passages("unheard", TEXTS) == ()
    assert passages("the of in", TEXTS) == ()
    assert passages("", TEXTS) == ()


def test_parts_of_longer_words_do_not_count() -> None:
    assert passages("ring", {"a": "string bring\n"}) == ()
    assert len(passages("ring", {"a": "a_ring RingBuffer\n"})) == 1


@given(st.text(max_size=60), st.dictionaries(st.sampled_from("abc"), st.text(max_size=200)))
def test_any_query_gives_lines_that_exist(query: str, texts: dict[str, str]) -> None:
    for each in passages(query, texts, 3):
        assert 1 <= each.location.line_start <= each.location.line_end
        assert each.location.line_end <= texts[each.location.path].count("\n") + 1
