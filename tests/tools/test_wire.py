"""An agent over a real project, and what really goes over the wire to each provider.

The agent is made with `create_agent` and the toolkit, the clients are `langchain-openai` and
`langchain-anthropic` as they are, and a local server keeps what they send. The project is
`requests` as installed, which no part of glyphagent was tuned on.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx2
import pytest
from langchain.agents import create_agent
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import ToolMessage
from PIL import Image

from glyphagent.session import Session
from glyphagent.tools import GlyphToolkit, Toolset
from glyphagent.tools.tool_images import Mode, placement

from .wire import Calls, Provider, Redirected, RedirectedAsync, serve

LIMIT = {"recursion_limit": 30}
QUESTION = "How does this project decide how often a request is retried?"
ANSWER = "DEFAULT_RETRIES in adapters.py"
MOST_BYTES = 20 * 2**20  # requests above are known to fail


@pytest.fixture(scope="module")
def project() -> Session:
    """The project, open."""
    spec = importlib.util.find_spec("requests")
    assert spec
    assert spec.origin
    return Session.open(Path(spec.origin).parent)


@pytest.fixture(scope="module")
def turns(project: Session) -> list[Calls]:
    """Seven calls over four turns, two of them pages in one batch with a text."""
    (hit, *_) = project.search("DEFAULT_RETRIES = 0")
    assert hit.page is not None
    line = hit.location.line_start
    region = {"path": hit.location.path, "start": line, "end": line + 3}
    return [
        [("glyph_overview", {}), ("glyph_estimate", {})],
        [("glyph_search", {"query": "DEFAULT_RETRIES"})],
        [
            ("glyph_read_page", {"page": hit.page}),
            ("glyph_read_page", {"page": 0}),
            ("glyph_read_region", region),
        ],
        [("glyph_read_page", {"page": hit.page + 1})],
    ]


@pytest.fixture
def pages(turns: list[Calls]) -> list[int]:
    """Pages that the script looks at, in its order."""
    return [args["page"] for calls in turns for name, args in calls if name == "glyph_read_page"]


@pytest.fixture
def provider(turns: list[Calls], monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """The stand-in, with its script."""
    for name in ("OPENAI_BASE_URL", "OPENAI_API_BASE", "ANTHROPIC_BASE_URL", "ANTHROPIC_API_URL"):
        monkeypatch.delenv(name, raising=False)
    with serve(turns, ANSWER) as found:
        yield found


def openai(provider: Provider, *, responses: bool) -> BaseChatModel:
    from langchain_openai import ChatOpenAI

    return ChatOpenAI(
        model="gpt-5.5",
        api_key="none",  # type: ignore[arg-type]
        use_responses_api=responses,
        max_retries=0,
        http_client=httpx2.Client(transport=Redirected(provider.url)),
        http_async_client=httpx2.AsyncClient(transport=RedirectedAsync(provider.url)),
    )


def anthropic(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> BaseChatModel:
    from langchain_anthropic import ChatAnthropic, chat_models

    client = httpx2.Client(base_url=ANTHROPIC, transport=Redirected(provider.url))
    monkeypatch.setattr(chat_models, "_get_default_httpx_client", lambda **kwargs: client)
    return ChatAnthropic(  # type: ignore[call-arg]
        model="claude-sonnet-5",
        api_key="none",  # type: ignore[arg-type]
        max_retries=0,
    )


ANTHROPIC = "https://api.anthropic.com"


def analyse(model: BaseChatModel, project: Session, mode: Mode = "auto") -> dict[str, Any]:
    """Run the agent to its end."""
    toolkit = GlyphToolkit(toolset=Toolset(project), tool_images=mode)
    agent: Any = create_agent(model, toolkit.get_tools(), middleware=toolkit.get_middleware())
    ended: dict[str, Any] = agent.invoke({"messages": QUESTION}, LIMIT)
    assert ended["messages"][-1].text == ANSWER
    return ended


def check_images(urls: list[str], pages: list[int], project: Session, patch: int = 28) -> None:
    """The images are these pages, bit for bit, in sizes that no provider resamples to a patch."""
    pngs = [base64.b64decode(url.removeprefix("data:image/png;base64,")) for url in urls]
    wanted = [project.page_png(page) for page in pages]
    assert [hashlib.sha256(p).digest() for p in pngs] == [
        hashlib.sha256(p).digest() for p in wanted
    ]
    for png in pngs:
        width, height = Image.open(BytesIO(png)).size
        assert width % patch == height % patch == 0
        assert max(width, height) <= 1568


def check_results(texts: list[str], project: Session) -> None:
    assert len(texts) == 7
    for text in texts:
        assert f"revision {project.revision}" in text


def test_chat_completions_hold_no_image_under_role_tool(
    provider: Provider, project: Session, pages: list[int]
) -> None:
    model = openai(provider, responses=False)
    assert placement(model) == "user"
    ended = analyse(model, project)
    assert {path for path, _ in provider.requests} == {"/v1/chat/completions"}
    assert len(provider.requests) == 5
    for _, body in provider.requests:
        for message in body["messages"]:
            if message["role"] == "tool":
                assert "image" not in _kinds(message["content"])
    messages = provider.last["messages"]
    roles = [message["role"] for message in messages]
    # Every batch of results stands whole right after its calls, and its images after the batch.
    assert roles == [
        *("user", "assistant", "tool", "tool", "assistant", "tool"),
        *("assistant", "tool", "tool", "tool", "user", "assistant", "tool", "user"),
    ]
    for number, message in enumerate(messages):
        if message["role"] == "assistant":
            asked = [call["id"] for call in message["tool_calls"]]
            following = messages[number + 1 : number + 1 + len(asked)]
            assert [result["tool_call_id"] for result in following] == asked
    urls = _chat_images(messages)
    check_images(urls, pages, project)
    check_results([_text(m["content"]) for m in messages if m["role"] == "tool"], project)
    assert provider.sizes[-1] < MOST_BYTES
    stored = [m for m in ended["messages"] if isinstance(m, ToolMessage)]
    images = [b for m in stored for b in m.content_blocks if b["type"] == "image"]
    assert len(images) == 3  # the agent's state is as the tools left it


def test_responses_hold_the_images_in_the_tool_results(
    provider: Provider, project: Session, pages: list[int]
) -> None:
    analyse(openai(provider, responses=True), project, "inline")
    assert {path for path, _ in provider.requests} == {"/v1/responses"}
    items = provider.last["input"]
    results = [item for item in items if item.get("type") == "function_call_output"]
    urls = [
        block["image_url"]
        for item in results
        if isinstance(item["output"], list)
        for block in item["output"]
        if block["type"] == "input_image"
    ]
    check_images(urls, pages, project)
    check_results([_text(item["output"]) for item in results], project)
    users = [item for item in items if item.get("role") == "user"]
    assert len(users) == 1
    assert _kinds(users[0]["content"]) in ("", "input_text")


def test_anthropic_holds_the_images_in_the_tool_results(
    provider: Provider, project: Session, pages: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    analyse(anthropic(provider, monkeypatch), project, "inline")
    assert {path for path, _ in provider.requests} == {"/v1/messages"}
    results = _anthropic_results(provider.last)
    urls = [
        block["source"]["data"]
        for result in results
        if isinstance(result["content"], list)
        for block in result["content"]
        if block["type"] == "image"
    ]
    check_images(urls, pages, project)
    check_results([_text(result["content"]) for result in results], project)
    assert all(not result.get("is_error") for result in results)


def test_auto_puts_images_where_this_api_is_known_to_show_them(
    provider: Provider, project: Session, turns: list[Calls], monkeypatch: pytest.MonkeyPatch
) -> None:
    analyse(openai(provider, responses=True), project)
    items = provider.last["input"]
    held = [i for i in items if "input_image" in _kinds(i.get("output") or i.get("content"))]
    assert [item.get("type") for item in held] == ["function_call_output"] * 3
    with serve(turns, ANSWER) as second:
        analyse(anthropic(second, monkeypatch), project)
    held = [r for r in _anthropic_results(second.last) if "image" in _kinds(r["content"])]
    assert len(held) == 3


def test_the_same_client_before_another_server_is_trusted_with_nothing(
    provider: Provider, project: Session
) -> None:
    from langchain_openai import ChatOpenAI

    local = ChatOpenAI(
        model="gpt-5.5",
        api_key="none",  # type: ignore[arg-type]
        use_responses_api=True,
        base_url=f"{provider.url}/v1",
        max_retries=0,
    )
    analyse(local, project)
    results = [i for i in provider.last["input"] if i.get("type") == "function_call_output"]
    assert all("image" not in _kinds(result["output"]) for result in results)
    users = [i for i in provider.last["input"] if i.get("role") == "user"]
    assert [_kinds(user["content"]).count("input_image") for user in users] == [0, 2, 1]


def test_pages_are_drawn_on_the_grid_of_the_model_they_are_for(
    turns: list[Calls], project: Session
) -> None:
    drawn = Session.open(Path(project.root), backend="chat", model="openai:gpt-5.5")
    with serve([[("glyph_read_page", {"page": 0})]], ANSWER) as provider:
        analyse(openai(provider, responses=False), drawn)
    (url,) = _chat_images(provider.last["messages"])
    check_images([url], [0], drawn, patch=32)


def test_anthropic_takes_the_images_after_the_batch_too(
    provider: Provider, project: Session, pages: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    analyse(anthropic(provider, monkeypatch), project, "user")
    assert all("image" not in _kinds(r["content"]) for r in _anthropic_results(provider.last))
    urls = []
    for message in provider.last["messages"]:
        kinds = [b["type"] for b in message["content"] if isinstance(b, dict)]
        if "image" in kinds and "tool_result" in kinds:  # results first, or the API refuses
            assert max(i for i, kind in enumerate(kinds) if kind == "tool_result") < kinds.index(
                "image"
            )
        urls += [
            block["source"]["data"]
            for block in message["content"]
            if isinstance(block, dict) and block["type"] == "image"
        ]
    check_images(urls, pages, project)


def test_a_model_of_text_is_sent_no_image(provider: Provider, project: Session) -> None:
    ended = analyse(openai(provider, responses=False), project, "text")
    assert "image_url" not in str(provider.requests)
    results = [m for m in provider.last["messages"] if m["role"] == "tool"]
    noted = [m for m in results if "image was left out" in _text(m["content"])]
    assert len(noted) == 3
    assert all("glyph_read_region" in _text(m["content"]) for m in noted)
    assert max(provider.sizes) < 100_000
    stored = [m for m in ended["messages"] if isinstance(m, ToolMessage)]
    assert all(b["type"] == "text" for m in stored for b in m.content_blocks)


async def test_asynchronous_agents_send_the_same(
    provider: Provider, project: Session, turns: list[Calls]
) -> None:
    analyse(openai(provider, responses=False), project)
    with serve(turns, ANSWER) as second:
        toolkit = GlyphToolkit(toolset=Toolset(project))
        model = openai(second, responses=False)
        agent: Any = create_agent(model, toolkit.get_tools(), middleware=toolkit.get_middleware())
        await agent.ainvoke({"messages": QUESTION}, LIMIT)
    assert second.requests == provider.requests


def _chat_images(messages: list[dict[str, Any]]) -> list[str]:
    return [
        block["image_url"]["url"]
        for message in messages
        if message["role"] == "user" and isinstance(message["content"], list)
        for block in message["content"]
        if block["type"] == "image_url"
    ]


def _kinds(content: Any) -> str:
    """Types of content blocks; nothing where the content is a text."""
    if not isinstance(content, list):
        return ""
    return " ".join(block["type"] for block in content if isinstance(block, dict))


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(block.get("text", "") for block in content)


def _anthropic_results(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        block
        for message in body["messages"]
        if isinstance(message["content"], list)
        for block in message["content"]
        if block["type"] == "tool_result"
    ]
