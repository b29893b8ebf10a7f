from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphagent import tokens
from glyphagent.errors import PluginError
from glyphagent.tokens import advice, compression_ratio, count_text_tokens

SOURCE_LIKE = st.text(
    st.sampled_from("abcXYZ019_  \t\n\r/.,(){}'\"<|>#é漢🙂\u00a0\u2028")
    | st.characters(codec="utf-8"),
    max_size=80,
)


# `def| f|(x|):\\n|   | return| x|\\n`
@pytest.mark.parametrize(
    ("text", "count"), [("", 0), ("hello world", 2), ("def f(x):\n    return x\n", 8)]
)
def test_known_counts(text: str, count: int) -> None:
    assert count_text_tokens([text]) == count


def test_counts_add_up_over_texts() -> None:
    texts = ["hello world", "", "def f(): pass", "hello world"]
    assert count_text_tokens(iter(texts)) == sum(count_text_tokens([text]) for text in texts)
    assert count_text_tokens([]) == 0


@pytest.mark.parametrize("special", ["<|endoftext|>", "<|endofprompt|>"])
def test_special_tokens_are_plain_text(special: str) -> None:
    assert count_text_tokens([special]) > 3


def test_characters_that_utf8_cannot_carry_are_counted() -> None:
    assert count_text_tokens(["name\udcff = 1"]) > 3


@given(SOURCE_LIKE)
@settings(max_examples=300)
def test_pieces_count_as_the_whole_does(text: str) -> None:
    pieces = list(tokens._pieces(text, 12))
    assert "".join(pieces) == text
    assert all(len(piece) <= 12 for piece in pieces)
    ends = [len("".join(pieces[: n + 1])) for n in range(len(pieces) - 1)]
    if all(text[end] in " \t" and not text[end - 1].isspace() for end in ends):
        encode = tokens._encoding().encode_ordinary
        assert sum(len(encode(piece)) for piece in pieces) == len(encode(text))


def test_texts_beyond_the_library_s_limits_are_counted() -> None:
    line = "value = compute(first, second)  # 漢字\n"
    many = 60_000
    assert len(line) * many > 2_000_000
    one = count_text_tokens([line * 10]) - count_text_tokens([line * 9])
    whole = count_text_tokens([line * many])
    assert abs(whole - one * many) <= 2
    assert count_text_tokens(["🙂" * 300_000]) >= 300_000


def test_a_text_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "counted once and remembered"
    first = count_text_tokens([text])
    monkeypatch.setattr(tokens, "_encoding", lambda: pytest.fail("counted again"))
    assert count_text_tokens([text]) == first


def test_the_memory_of_counts_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_REMEMBERED", 10)
    monkeypatch.setattr(tokens, "_counts", {})
    assert count_text_tokens(f"word {n}" for n in range(50)) >= 100
    assert len(tokens._counts) <= 10


def test_without_the_library_nothing_is_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bpe_openai", None)
    tokens._encoding.cache_clear()
    try:
        with pytest.raises(PluginError, match="pip install bpe-openai"):
            count_text_tokens(["never counted before"])
    finally:
        tokens._encoding.cache_clear()


def test_the_ratio_of_nothing_is_nothing() -> None:
    assert compression_ratio(1000, 0) == 0.0
    assert compression_ratio(0, 10) == 0.0
    assert compression_ratio(1260, 630) == 2.0


@pytest.mark.parametrize(
    ("text", "visual", "said"),
    [
        (1000, 500, "send images"),
        (1000, 909, "send images"),
        (1000, 910, "send text"),
        (1000, 1000, "send text"),
        (0, 0, "send text"),
        (1000, 0, "send text"),
    ],
)
def test_advice_keeps_its_margin(text: int, visual: int, said: str) -> None:
    assert advice(text, visual) == said
