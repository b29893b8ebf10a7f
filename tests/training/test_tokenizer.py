from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from glyphagent.training.tokenizer import SPECIAL_TOKENS, build_tokenizer, vocabulary


@cache
def tokenizer() -> Any:
    return build_tokenizer()


@given(st.text(max_size=40))
def test_every_text_comes_back(text: str) -> None:
    if any(token in text for token in SPECIAL_TOKENS):
        return
    ids = tokenizer()(text, add_special_tokens=False)["input_ids"]
    assert tokenizer().decode(ids) == text


def test_code_is_one_token_a_character() -> None:
    text = "def f(x):\n\treturn x + 1\n"
    assert len(tokenizer()(text)["input_ids"]) == len(text)


def test_chat_template_marks_the_image() -> None:
    parts = [{"type": "image"}, {"type": "text", "text": "read"}]
    messages = [{"role": "user", "content": parts}]
    text = tokenizer().apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    image = "<|begin_of_image|><|image|><|end_of_image|>"
    assert text == f"[gMASK]<sop><|user|>\n{image}read<|assistant|>\n"
    ids = tokenizer()(text)["input_ids"]
    assert vocabulary().index("<|image|>") in ids
