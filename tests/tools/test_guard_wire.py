"""What the guard changes between an agent and its provider: nothing; and in the answer: marks.

The provider is the local stand-in of `test_wire`, the clients are the real ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage

from glyphagent.session import Session
from glyphagent.tools import GlyphToolkit, Toolset
from glyphagent.tools.answer_guard import FACTS

from .test_wire import anthropic, openai
from .wire import Calls, Provider, serve

WRONG = "`LIMIT = 260` stands in app/prices.py:5, and `discount_all` uses it."
TURNS: list[Calls] = [
    [("glyph_search", {"query": "limit"}), ("glyph_read_page", {"page": 0})],
    [("glyph_read_region", {"path": "app/prices.py", "start": 1, "end": 9})],
]
Make = Callable[[Provider], BaseChatModel]


@pytest.fixture(params=["chat completions", "responses", "anthropic"])
def make(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Makes the chat model of an API."""
    for name in ("OPENAI_BASE_URL", "OPENAI_API_BASE", "ANTHROPIC_BASE_URL", "ANTHROPIC_API_URL"):
        monkeypatch.delenv(name, raising=False)
    kind = request.param
    if kind == "anthropic":
        yield lambda provider: anthropic(provider, monkeypatch)
    else:
        yield lambda provider: openai(provider, responses=kind == "responses")


def talk(make: Make, session: Session, *, guard: bool) -> tuple[Provider, list[AIMessage]]:
    """Two questions to one agent, the second after the first answer."""
    toolkit = GlyphToolkit(toolset=Toolset(session))
    with serve(TURNS, WRONG) as provider:
        agent: Any = create_agent(
            make(provider), toolkit.get_tools(), middleware=toolkit.get_middleware(guard=guard)
        )
        messages: list[Any] = [{"role": "user", "content": "What is the limit?"}]
        answers = []
        for question in ("Are you sure?", "And why?"):
            messages = agent.invoke({"messages": messages}, {"recursion_limit": 12})["messages"]
            answers.append(messages[-1])
            messages = [*messages, {"role": "user", "content": question}]
    return provider, answers


def test_nothing_that_is_sent_changes(make: Make, session: Session) -> None:
    plain, unguarded = talk(make, session, guard=False)
    provider, answers = talk(make, session, guard=True)
    assert len(provider.requests) == 4
    assert provider.requests == plain.requests
    assert "corrected from" not in str(provider.requests)
    assert WRONG in str(provider.last)  # the first answer, as the model gave it
    for before, after in zip(unguarded, answers, strict=True):
        assert before.text == WRONG
        assert "`LIMIT = 250` [corrected from `LIMIT = 260`]" in after.text
        assert "`discount_all` [unverified" in after.text
        facts = after.additional_kwargs[FACTS]
        assert facts["original"] == before.content
        assert facts["citations"][0]["path"] == "app/prices.py"
        assert after.usage_metadata == before.usage_metadata
        assert after.response_metadata.keys() == before.response_metadata.keys()
