"""Where tool images may go, and that moving them keeps a conversation what it was."""

from __future__ import annotations

import copy
from collections import Counter
from itertools import groupby
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_anthropic import ChatAnthropic
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from langchain_openai import AzureChatOpenAI, ChatOpenAI
from pydantic import SecretStr

from glyphagent.errors import PluginError
from glyphagent.profiles import Profile
from glyphagent.tools.tool_images import ID_PREFIX, Placement, is_image, placement, relocate

APIS = ("anthropic-messages", "openai-responses")
SEEN = Profile("seen", (), 28, "qwen", images_in_tool_results=True, tool_image_apis=APIS)
ELSEWHERE = Profile("else", (), 28, "qwen", images_in_tool_results=True, tool_image_apis=APIS[1:])
UNSEEN = Profile("unseen", (), 28, "qwen")
TEXT_ONLY = Profile("text-only", (), 28, "none")
KEY = SecretStr("none")


def chat_openai(**options: Any) -> ChatOpenAI:
    return ChatOpenAI(model="a-model", api_key=KEY, **options)


def chat_anthropic(**options: Any) -> ChatAnthropic:
    return ChatAnthropic(model_name="a-model", api_key=KEY, **options)


def test_inline_only_where_it_is_known_to_work() -> None:
    own = {"base_url": "http://localhost:8000/v1"}
    azure = AzureChatOpenAI(
        model="a-model",
        api_key=KEY,
        azure_endpoint="https://x.openai.azure.com",
        api_version="2026-01-01",
        use_responses_api=True,
    )
    chats: list[tuple[Any, Placement]] = [
        (chat_anthropic(), "inline"),
        (chat_anthropic(base_url="https://gateway.example"), "user"),
        (chat_openai(), "user"),  # may speak either API
        (chat_openai(use_responses_api=False), "user"),
        (chat_openai(use_responses_api=True), "inline"),
        (chat_openai(use_responses_api=True, **own), "user"),
        (azure, "user"),
        (FakeListChatModel(responses=["x"]), "user"),
        ("a-model", "user"),
    ]
    assert [placement(chat, profile=SEEN) for chat, _ in chats] == [place for _, place in chats]


def test_a_bound_model_is_judged_by_what_it_binds() -> None:
    assert placement(chat_anthropic().bind(stop=["x"]), profile=SEEN) == "inline"


def test_the_endpoint_of_the_environment_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:8000/v1")
    assert placement(chat_openai(use_responses_api=True), profile=SEEN) == "user"


def test_the_profile_decides_before_the_class() -> None:
    assert placement(chat_anthropic(), profile=UNSEEN) == "user"
    assert placement(chat_anthropic(), profile=ELSEWHERE) == "user"
    assert placement(chat_anthropic(), profile=TEXT_ONLY) == "text"


def test_what_the_caller_says_is_done() -> None:
    modes: list[Placement] = ["inline", "user", "text"]
    assert [placement("any", mode) for mode in modes] == modes
    with pytest.raises(PluginError, match="auto, inline, user, text"):
        placement("any", "sideways")  # type: ignore[arg-type]


def test_an_unknown_model_gets_text_unless_it_says_that_it_sees() -> None:
    assert placement("no-such-model") == "text"
    assert placement("no-such-model", "user") == "user"
    seeing = FakeListChatModel(responses=["x"], profile={"image_inputs": True})
    assert placement(seeing) == "user"
    blind = FakeListChatModel(responses=["x"], profile={"image_inputs": False})
    # A profile of LangChain that promises tool images is not believed.
    proud = FakeListChatModel(responses=["x"], profile={"image_tool_message": True})
    assert (placement(blind), placement(proud)) == ("text", "text")


def image(number: int) -> dict[str, Any]:
    return {"type": "image", "base64": f"AAA{number}", "mime_type": "image/png"}


def test_a_batch_moves_as_one_message_after_its_last_result() -> None:
    calls = [
        {"name": "read_page", "args": {"page": 3}, "id": "a", "type": "tool_call"},
        {"name": "read_page", "args": {"page": 4}, "id": "b", "type": "tool_call"},
    ]
    messages = [
        HumanMessage("look"),
        AIMessage("", tool_calls=calls),
        ToolMessage([{"type": "text", "text": "page 3"}, image(1)], tool_call_id="a"),
        ToolMessage([image(2)], tool_call_id="b"),
        AIMessage("seen"),
    ]
    placed = relocate(messages, "user")
    assert [type(m).__name__ for m in placed] == [
        *("HumanMessage", "AIMessage", "ToolMessage", "ToolMessage", "HumanMessage", "AIMessage")
    ]
    assert placed[2].content == "page 3\n[Image 1 is in the user message after these tool results]"
    assert placed[3].content == "[Image 2 is in the user message after these tool results]"
    blocks: list[Any] = list(placed[4].content)
    texts = [block["text"] for block in blocks if not is_image(block)]
    assert texts == [
        "[2 images from the tool results above, not from the user]",
        "Image 1, from read_page(page=3):",
        "Image 2, from read_page(page=4):",
    ]
    assert [b["base64"] for b in blocks if is_image(b)] == ["AAA1", "AAA2"]


def test_images_of_one_call_are_named_together() -> None:
    calls = [{"name": "look", "args": {}, "id": "a", "type": "tool_call"}]
    messages = [
        AIMessage("", tool_calls=calls),
        ToolMessage([image(1), image(2)], tool_call_id="a"),
    ]
    placed = relocate(messages, "user")
    assert placed[1].text == "[Images 1 to 2 are in the user message after these tool results]"
    assert "Images 1 to 2, from look():" in placed[2].text


def test_text_says_how_to_get_what_was_left_out() -> None:
    (message,) = relocate(
        [ToolMessage([image(1)], tool_call_id="a", name="glyph_read_page")], "text"
    )
    assert "1 image was left out" in message.text
    assert "glyph_read_region" in message.text


def test_a_model_that_nobody_knows_is_told_so() -> None:
    (message,) = relocate([ToolMessage([image(1)], tool_call_id="a")], "text", unknown=True)
    assert "this model is not known to see images" in message.text
    assert 'tool_images="user"' in message.text


def test_blocks_that_are_more_than_text_stay_blocks() -> None:
    marked = {"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}
    (message, _) = relocate([ToolMessage([marked, image(1)], tool_call_id="a")], "user")
    assert message.content[0] == marked


IMAGES = st.sampled_from(
    [
        image(1),
        image(2),
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA"}},
        {"type": "input_image", "image_url": "data:image/png;base64,AAAA"},
        {"type": "file", "mime_type": "image/jpeg", "base64": "AAAA"},
    ]
)
BLOCKS = st.one_of(
    IMAGES,
    st.builds(lambda text: {"type": "text", "text": text}, st.text(max_size=8)),
    st.just({"type": "file", "mime_type": "application/pdf", "base64": "AAAA"}),
    st.text(max_size=8),
)
CONTENTS = st.one_of(st.text(max_size=8), st.lists(BLOCKS, max_size=4))
IDS = st.sampled_from(["a", "b", "c", "d"])


@st.composite
def conversations(draw: st.DrawFn) -> list[BaseMessage]:
    """Messages in any order: what a conversation should never be, too."""
    made: list[BaseMessage] = []
    for number in range(draw(st.integers(0, 12))):
        kind = draw(st.sampled_from(["system", "human", "ai", "tool", "tool", "tool"]))
        own = f"m{number}"
        if kind == "tool":
            made.append(ToolMessage(draw(CONTENTS), tool_call_id=draw(IDS), id=own))
        elif kind == "human":
            made.append(HumanMessage(draw(CONTENTS), id=own))
        elif kind == "system":
            made.append(SystemMessage("rules", id=own))
        else:
            calls = [
                {"name": "look", "args": {"at": call}, "id": call, "type": "tool_call"}
                for call in draw(st.lists(IDS, max_size=3, unique=True))
            ]
            made.append(AIMessage("", tool_calls=calls, id=own))
    return made


def pictures(messages: list[BaseMessage]) -> list[str]:
    return [
        str(block)
        for message in messages
        for block in (message.content if isinstance(message.content, list) else [])
        if is_image(block)
    ]


def batches(messages: list[BaseMessage]) -> list[list[str | None]]:
    runs = groupby(messages, key=lambda message: isinstance(message, ToolMessage))
    return [[m.id for m in run] for is_tool, run in runs if is_tool]


@given(conversations(), st.sampled_from(["inline", "user", "text"]))
def test_relocation_keeps_the_conversation(messages: list[BaseMessage], place: Placement) -> None:
    before = copy.deepcopy(messages)
    placed = relocate(messages, place)
    assert messages == before  # nothing given is changed
    assert relocate(placed, place) == placed
    assert relocate(messages, place) == placed
    ours = [m for m in placed if (m.id or "").startswith(ID_PREFIX)]
    others = [m for m in placed if m not in ours]
    assert [m.id for m in others] == [m.id for m in messages]
    assert batches(placed) == batches(messages)
    tool_pictures = pictures([m for m in messages if isinstance(m, ToolMessage)])
    if place == "inline":
        assert placed == messages
        return
    assert not pictures([m for m in placed if isinstance(m, ToolMessage)])
    assert all(isinstance(m, HumanMessage) for m in ours)
    if place == "user":
        assert pictures(ours) == tool_pictures
        assert Counter(pictures(placed)) == Counter(pictures(messages))
        for number, message in enumerate(placed):
            if message in ours:  # after a whole batch, never within one
                assert isinstance(placed[number - 1], ToolMessage)
                following = placed[number + 1 : number + 2]
                assert not any(isinstance(m, ToolMessage) for m in following)
    else:
        assert not ours
        assert Counter(pictures(placed)) == Counter(pictures(messages)) - Counter(tool_pictures)
    for old, new in zip(messages, others, strict=True):
        assert old.type == new.type
        if isinstance(old, ToolMessage) and isinstance(new, ToolMessage):
            assert (old.tool_call_id, old.status) == (new.tool_call_id, new.status)
