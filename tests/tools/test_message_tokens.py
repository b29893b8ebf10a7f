"""Tokens of messages: images by their real size and the model's own formula."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import Any

import pytest
from langchain.agents.middleware import SummarizationMiddleware
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from PIL import Image

from glyphagent.profiles import profile_for, visual_tokens
from glyphagent.tokens import count_text_tokens
from glyphagent.tools.message_tokens import (
    MESSAGE_TOKENS,
    UNSEEN_PX,
    count_tokens,
    image_size,
    tokens_per_image,
)

MODEL = "qwen2.5-vl-7b-instruct"


def picture(width: int, height: int, kind: str = "PNG") -> str:
    stream = BytesIO()
    Image.new("RGB", (width, height), "white").save(stream, kind)
    return base64.b64encode(stream.getvalue()).decode()


def block(width: int, height: int) -> dict[str, Any]:
    return {"type": "image", "base64": picture(width, height), "mime_type": "image/png"}


def test_an_image_is_charged_by_the_formula() -> None:
    plain = count_tokens([HumanMessage([{"type": "text", "text": "look"}])], MODEL)
    seen = count_tokens([HumanMessage([{"type": "text", "text": "look"}, block(588, 840)])], MODEL)
    assert seen - plain == visual_tokens(profile_for(MODEL), 588, 840) == 630
    assert seen - plain > 85  # what LangChain charges


def test_text_is_charged_exactly() -> None:
    text = "def total(items): return sum(items)\n" * 20
    assert count_tokens([("user", text)]) == MESSAGE_TOKENS + count_text_tokens([text])


def test_tool_calls_are_charged_once() -> None:
    call = {"name": "read_file", "args": {"path": "a.py"}, "id": "1", "type": "tool_call"}
    blocks: list[Any] = [{"type": "tool_use", "name": "read_file", "input": call["args"]}]
    plain = count_tokens([AIMessage("", tool_calls=[call])])
    assert count_tokens([AIMessage(blocks, tool_calls=[call])]) == plain > MESSAGE_TOKENS


@pytest.mark.parametrize(
    "form",
    [
        {"type": "image", "base64": picture(300, 200), "mime_type": "image/png"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{picture(300, 200)}"}},
        {"type": "input_image", "image_url": f"data:image/png;base64,{picture(300, 200)}"},
        {"type": "image", "source": {"type": "base64", "data": picture(300, 200, "JPEG")}},
        {"type": "image", "data": base64.b64decode(picture(300, 200, "GIF"))},
        {"type": "image", "base64": "\n" + "\n".join(picture(300, 200))},
        {"type": "image", "base64": "\n".join(picture(300, 200, "JPEG"))},
    ],
)
def test_the_size_is_read_from_every_form(form: dict[str, Any]) -> None:
    assert image_size(form) == (300, 200)


@pytest.mark.parametrize(
    "form",
    [
        {"type": "image", "url": "https://example.org/a.png"},
        {"type": "image", "base64": "not base64!"},
        {"type": "image", "base64": base64.b64encode(b"\x89PNG\r\n\x1a\n short").decode()},
        {"type": "image", "file_id": "file-1"},
    ],
)
def test_an_image_that_cannot_be_seen_is_charged_as_a_usual_one(form: dict[str, Any]) -> None:
    assert image_size(form) == UNSEEN_PX


def test_an_unknown_model_is_charged_by_patches() -> None:
    both = count_tokens([HumanMessage([block(280, 56)])], "no-such-model")
    assert both == MESSAGE_TOKENS + 10 * 2


def test_tokens_per_image_is_a_full_page() -> None:
    assert tokens_per_image(MODEL) == 630


def test_lone_surrogates_are_counted_too() -> None:
    assert count_tokens([HumanMessage("a \ud800 b")]) > MESSAGE_TOKENS


def test_summaries_come_when_pages_fill_the_context() -> None:
    """With LangChain's own counter the same conversation is far below the threshold."""
    chat = FakeListChatModel(responses=["a summary"])
    messages: list[Any] = [HumanMessage("go")]
    for number in range(8):
        call = {"name": "page", "args": {}, "id": str(number), "type": "tool_call"}
        messages += [AIMessage("", tool_calls=[call])]
        messages += [ToolMessage([block(588, 840)], tool_call_id=str(number))]
    trigger: Any = ("tokens", 4000)
    counted = SummarizationMiddleware(
        chat,
        trigger=trigger,
        keep=("messages", 2),
        token_counter=lambda given: count_tokens(given, MODEL),
    )
    guessed = SummarizationMiddleware(chat, trigger=trigger, keep=("messages", 2))
    state: Any = {"messages": messages}
    assert guessed.before_model(state, None) is None  # type: ignore[arg-type]
    assert counted.before_model(state, None) is not None  # type: ignore[arg-type]
