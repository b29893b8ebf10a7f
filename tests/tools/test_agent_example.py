"""An agent of LangChain's `create_agent` that works with the tools: the example of the README.

The chat model is scripted, so that the test needs no provider; it decides from what the tools
really sent, pictures included.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from langchain.agents import create_agent
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolCall, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from PIL import Image
from pydantic import Field

from glyphagent.tools import GlyphToolkit

Step = Callable[[list[BaseMessage]], AIMessage]


class ScriptedModel(BaseChatModel):
    """Takes one step of a script a turn; each step sees the whole conversation."""

    steps: list[Step]
    offered: list[str] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Any:
        self.offered[:] = [tool.name for tool in tools]
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        message = self.steps.pop(0)(messages)
        return ChatResult(generations=[ChatGeneration(message=message)])


def calls(*wanted: tuple[str, dict[str, Any]]) -> AIMessage:
    return AIMessage(
        "",
        tool_calls=[
            ToolCall(name=name, args=args, id=f"{name}-{number}", type="tool_call")
            for number, (name, args) in enumerate(wanted)
        ],
    )


def invoke(agent: Any, question: str) -> dict[str, Any]:
    """Run an agent to its end; the limit stops a script that goes wrong."""
    ended: dict[str, Any] = agent.invoke(
        {"messages": [HumanMessage(question)]}, {"recursion_limit": 12}
    )
    return ended


def results(messages: list[BaseMessage]) -> list[ToolMessage]:
    """Results of the last turn's calls."""
    last: list[ToolMessage] = []
    for message in reversed(messages):
        if not isinstance(message, ToolMessage):
            break
        last.insert(0, message)
    return last


def test_an_agent_finds_and_quotes_a_function(folder: Path) -> None:
    def look_around(messages: list[BaseMessage]) -> AIMessage:
        return calls(("glyph_overview", {}))

    def search(messages: list[BaseMessage]) -> AIMessage:
        (overview,) = results(messages)
        assert "prices.py" in overview.text
        return calls(("glyph_search", {"query": "def total"}))

    def look_at_the_page(messages: list[BaseMessage]) -> AIMessage:
        (found,) = results(messages)
        (hit,) = found.artifact["hits"]
        start = hit["line_start"]
        region = {"path": hit["path"], "start": start, "end": start + 2}
        return calls(("glyph_read_page", {"page": hit["page"]}), ("glyph_read_region", region))

    def answer(messages: list[BaseMessage]) -> AIMessage:
        page, region = results(messages)
        (picture,) = [block for block in page.content_blocks if block["type"] == "image"]
        seen = Image.open(BytesIO(base64.b64decode(picture["base64"]))).convert("L")
        assert min(seen.tobytes()) < 128  # there is ink on it
        assert any(part["path"] == "app/prices.py" for part in page.artifact["parts"])
        signature = re.search("def total.*", region.artifact["text"])
        assert signature
        return AIMessage(f"`{signature[0]}` in {region.artifact['path']}")

    model = ScriptedModel(steps=[look_around, search, look_at_the_page, answer])
    tools = GlyphToolkit.open(folder).get_tools()
    agent = create_agent(model, tools, system_prompt="Answer from the source.")
    ended = invoke(agent, "How is total declared?")
    assert "def total(items: list[int], tax: float = 0.2) -> float:" in ended["messages"][-1].text
    assert model.offered == [tool.name for tool in tools]
    assert model.steps == []


def test_an_agent_recovers_from_a_wrong_path(folder: Path) -> None:
    def guess(messages: list[BaseMessage]) -> AIMessage:
        return calls(("glyph_read_region", {"path": "app/price.py", "start": 5, "end": 5}))

    def correct(messages: list[BaseMessage]) -> AIMessage:
        (failed,) = results(messages)
        assert failed.status == "error"
        advised = re.search(r"did you mean ([\w/.]+)", failed.text)
        assert advised
        return calls(("glyph_read_region", {"path": advised[1], "start": 5, "end": 5}))

    def answer(messages: list[BaseMessage]) -> AIMessage:
        (region,) = results(messages)
        return AIMessage(region.artifact["text"].strip())

    model = ScriptedModel(steps=[guess, correct, answer])
    agent = create_agent(model, GlyphToolkit.open(folder).get_tools())
    ended = invoke(agent, "What is LIMIT?")
    assert ended["messages"][-1].text == "LIMIT = 250"
