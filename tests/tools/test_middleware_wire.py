"""Old tool results as pages, on the wire of `langchain-openai` and `langchain-anthropic`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import ToolMessage
from langchain_core.tools import tool

from glyphagent.tools import PageImageMiddleware
from glyphagent.tools.call_report import Limits

from .test_wire import anthropic, openai
from .wire import Calls, Provider, serve

TURNS: list[Calls] = [
    [("read_log", {"number": 1}), ("read_log", {"number": 2})],
    [("read_log", {"number": 3})],
    [("read_log", {"number": 4})],
]


@tool
def read_log(number: int) -> str:
    """Read a log."""
    return "".join(
        f"10:{line // 60:02}:{line % 60:02} worker-{number} finished job {line * 37} in "
        f"{line * number % 89} ms, {line % 7} retries left\n"
        for line in range(300)
    )


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    for name in ("OPENAI_BASE_URL", "OPENAI_API_BASE", "ANTHROPIC_BASE_URL", "ANTHROPIC_API_URL"):
        monkeypatch.delenv(name, raising=False)
    with serve(TURNS, "Nothing stands out.") as found:
        yield found


def run(model: BaseChatModel) -> PageImageMiddleware:
    """Run the agent to its end; its state keeps what the tool gave."""
    middleware = PageImageMiddleware(limits=Limits(keep_turns=1, stride=1))
    agent: Any = create_agent(model, [read_log], middleware=[middleware])
    ended = agent.invoke({"messages": "Is anything wrong?"}, {"recursion_limit": 20})
    stored = [message.content for message in ended["messages"] if isinstance(message, ToolMessage)]
    assert stored == [read_log.invoke({"number": number}) for number in (1, 2, 3, 4)]
    report = middleware.last_report
    assert report is not None
    assert [d.reason for d in report.decisions] == ["replaced"] * 3 + ["newest_turns"]
    return middleware


def kinds(content: Any) -> list[str]:
    return ["text"] if isinstance(content, str) else [block["type"] for block in content]


def test_chat_completions_have_pages_in_user_messages_only(provider: Provider) -> None:
    run(openai(provider, responses=False))
    messages = provider.last["messages"]
    assert [message["role"] for message in messages] == [
        *("user", "assistant", "tool", "tool", "user"),
        *("assistant", "tool", "user", "assistant", "tool"),
    ]
    for message in messages:
        if message["role"] == "tool":
            assert kinds(message["content"]) == ["text"]
    assert "image_url" in kinds(messages[4]["content"])
    # All that was there before is the same, byte for byte, in the next request.
    earlier = provider.requests[-2][1]["messages"]
    assert messages[:5] == earlier[:5]


def test_responses_have_pages_in_the_results(provider: Provider) -> None:
    run(openai(provider, responses=True))
    outputs = [i for i in provider.last["input"] if i.get("type") == "function_call_output"]
    assert ["input_image" in kinds(o["output"]) for o in outputs] == [True, True, True, False]


def test_messages_have_pages_in_the_results(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(anthropic(provider, monkeypatch))
    results = [
        block
        for message in provider.last["messages"]
        if message["role"] == "user" and isinstance(message["content"], list)
        for block in message["content"]
        if block["type"] == "tool_result"
    ]
    assert ["image" in kinds(result["content"]) for result in results] == [True, True, True, False]
    image = next(block for block in results[0]["content"] if block["type"] == "image")
    assert image["source"]["media_type"] == "image/png"
