"""The final answer of an agent's own model: checked before anybody sees it.

The model is scripted and streams; the agents, the tools and the sources are real.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import langchain.chat_models
import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import (
    ModelCallLimitMiddleware,
    ModelFallbackMiddleware,
    SummarizationMiddleware,
)
from langchain.agents.structured_output import ProviderStrategy, ToolStrategy
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langgraph.checkpoint.memory import InMemorySaver
from pydantic import BaseModel, Field

from glyphagent.session import Session
from glyphagent.tools import GlyphToolkit, GuardMiddleware, PageImageMiddleware, Toolset
from glyphagent.tools.answer_guard import FACTS, strings_of

from .test_agent_example import ScriptedModel, Step, calls

LIMIT: Any = {"recursion_limit": 12}
RIGHT = "`LIMIT = 250` stands in app/prices.py:5."
WRONG = "`LIMIT = 260` stands in app/prices.py:5."
INVENTED = "The function `discount_all` in app/prices.py:8 does that."
LOOK = ("glyph_search", {"query": "limit"})


class StreamingModel(ScriptedModel):
    """The same script, token by token."""

    seen: list[list[BaseMessage]] = Field(default_factory=list)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        self.seen.append(list(messages))
        message = self.steps.pop(0)(messages)
        for piece in str(message.text).split(" ") if message.text else []:
            chunk = ChatGenerationChunk(message=AIMessageChunk(content=f"{piece} "))
            if run_manager:
                run_manager.on_llm_new_token(piece, chunk=chunk)
            yield chunk
        called: Any = [
            {"name": c["name"], "args": "{}", "id": c["id"], "index": n, "type": "tool_call_chunk"}
            | {"args": json.dumps(c["args"])}
            for n, c in enumerate(message.tool_calls)
        ]
        yield ChatGenerationChunk(
            message=AIMessageChunk(content="", tool_call_chunks=called, chunk_position="last")
        )


def script(*answers: AIMessage | str) -> StreamingModel:
    messages = [AIMessage(answer) if isinstance(answer, str) else answer for answer in answers]

    def step(message: AIMessage) -> Step:
        return lambda _: message

    return StreamingModel(steps=list(map(step, messages)))


@pytest.fixture
def toolkit(session: Session) -> GlyphToolkit:
    return GlyphToolkit(toolset=Toolset(session))


def agent_of(model: Any, toolkit: GlyphToolkit, **settings: Any) -> Any:
    return create_agent(model, toolkit.get_tools(), middleware=toolkit.get_middleware(), **settings)


def ask(agent: Any, question: str = "What is the limit?") -> AIMessage:
    ended = agent.invoke({"messages": question}, LIMIT)
    answer: AIMessage = ended["messages"][-1]
    return answer


def test_a_wrong_answer_is_marked_and_a_right_one_left(toolkit: GlyphToolkit) -> None:
    right = ask(agent_of(script(calls(LOOK), RIGHT), toolkit))
    assert right.text.strip() == RIGHT
    facts = right.additional_kwargs[FACTS]
    assert facts["status"] == "confirmed"
    assert not facts["changed"]
    (place,) = facts["citations"]
    assert (place["path"], place["line_start"], place["verified"]) == ("app/prices.py", 5, True)
    assert isinstance(place["page"], int)
    assert facts["revisions"] == {"shop": toolkit.session.revision}

    wrong = ask(agent_of(script(calls(LOOK), WRONG), toolkit))
    assert "[corrected from `LIMIT = 260`]" in wrong.text
    facts = wrong.additional_kwargs[FACTS]
    assert facts["status"] == "corrected"
    assert facts["original"].strip() == WRONG
    assert facts["warnings"]

    invented = ask(agent_of(script(INVENTED), toolkit))
    assert "[unverified: " in invented.text
    assert invented.additional_kwargs[FACTS]["status"] == "unverified"


def test_turns_that_call_tools_are_left_alone(toolkit: GlyphToolkit) -> None:
    spoken = calls(LOOK).model_copy(update={"content": WRONG})
    agent = agent_of(script(spoken, RIGHT), toolkit)
    messages = agent.invoke({"messages": "What is the limit?"}, LIMIT)["messages"]
    turn = next(message for message in messages if message.type == "ai" and message.tool_calls)
    assert turn.text.strip() == WRONG
    assert FACTS not in turn.additional_kwargs


def shown(stream: Any) -> str:
    """What a reader of a stream of messages sees of the model."""
    return "".join(str(m.text) for m, _ in stream if m.type in ("ai", "AIMessageChunk"))


def test_no_stream_shows_what_was_not_checked(toolkit: GlyphToolkit) -> None:
    question: Any = {"messages": "What is the limit?"}
    for mode in ("messages", "updates", "values"):
        agent = agent_of(script(calls(LOOK), WRONG), toolkit)
        stream = list(agent.stream(question, LIMIT, stream_mode=mode))
        text = shown(stream) if mode == "messages" else repr(stream)
        assert "[corrected from `LIMIT = 260`]" in text, mode
        assert f"content='{WRONG}" not in text, mode
        assert text.count("LIMIT = 250` [corrected") == 1 or mode == "values"

    async def streamed() -> list[Any]:
        agent = agent_of(script(calls(LOOK), WRONG), toolkit)
        return [each async for each in agent.astream(question, LIMIT, stream_mode="messages")]

    text = shown(asyncio.run(streamed()))
    assert "[corrected from `LIMIT = 260`]" in text
    assert WRONG not in text


async def test_events_without_the_tag_show_what_was_checked(toolkit: GlyphToolkit) -> None:
    question: Any = {"messages": "What is the limit?"}
    agent = agent_of(script(calls(LOOK), WRONG), toolkit)
    events = agent.astream_events(question, LIMIT, version="v2", exclude_tags=["nostream"])
    seen = [event async for event in events]
    assert not [e for e in seen if e["event"].startswith("on_chat_model")]
    (last,) = [e for e in seen if e["event"] == "on_chain_end" and not e["parent_ids"]]
    assert "[corrected from `LIMIT = 260`]" in last["data"]["output"]["messages"][-1].text


def test_streams_may_show_tokens_at_once(toolkit: GlyphToolkit) -> None:
    agent: Any = create_agent(
        script(WRONG), toolkit.get_tools(), middleware=[GuardMiddleware(hold_stream=False)]
    )
    modes = ["messages", "values"]
    stream = list(agent.stream({"messages": "?"}, LIMIT, stream_mode=modes))
    tokens = [message for mode, (message, *_) in stream if mode == "messages"]
    assert len(tokens) > 3
    _, state = stream[-1]
    assert "[corrected from" in state["messages"][-1].text


def test_asynchronous_agents(toolkit: GlyphToolkit) -> None:
    agent = agent_of(script(calls(LOOK), WRONG), toolkit)
    ended = asyncio.run(agent.ainvoke({"messages": "What is the limit?"}, LIMIT))
    assert "[corrected from `LIMIT = 260`]" in ended["messages"][-1].text


def test_the_model_is_sent_its_own_words_and_the_state_keeps_the_marks(
    toolkit: GlyphToolkit,
) -> None:
    model = script(WRONG, RIGHT)
    agent = agent_of(model, toolkit, checkpointer=InMemorySaver())
    where: Any = {**LIMIT, "configurable": {"thread_id": "one"}}
    list(agent.stream({"messages": "What is the limit?"}, where, stream_mode="messages"))
    list(agent.stream({"messages": "Sure?"}, where, stream_mode="messages"))
    _, before, _ = model.seen[1]
    assert before.text.strip() == WRONG
    assert before.additional_kwargs == {}
    kept = agent.get_state(where).values["messages"]
    assert "[corrected from" in kept[1].text
    assert kept[1].additional_kwargs[FACTS]["original"].strip() == WRONG


def test_blocks_beside_the_text_stay(toolkit: GlyphToolkit) -> None:
    thought = {"type": "thinking", "thinking": "LIMIT?", "signature": "s"}
    half = len(WRONG) // 2
    blocks: list[Any] = [
        thought,
        {"type": "text", "text": WRONG[:half], "annotations": []},
        {"type": "text", "text": WRONG[half:]},
    ]
    model = ScriptedModel(steps=[lambda _: AIMessage(blocks)])
    answer = ask(agent_of(model, toolkit))
    assert answer.content[0] == thought
    assert len(answer.content) == 2
    assert "`LIMIT = 250` [corrected from `LIMIT = 260`]" in answer.text
    assert answer.additional_kwargs[FACTS]["original"] == blocks


def test_marks_may_be_left_out_of_the_text(toolkit: GlyphToolkit) -> None:
    agent: Any = create_agent(script(WRONG), middleware=[GuardMiddleware(toolkit, mark=False)])
    answer = ask(agent)
    assert answer.text.strip() == WRONG
    assert answer.additional_kwargs[FACTS]["status"] == "corrected"


def test_each_part_of_the_middleware_can_be_left_out(toolkit: GlyphToolkit) -> None:
    assert [m.name for m in toolkit.get_middleware()] == ["GlyphToolImages", "GlyphGuard"]
    assert [m.name for m in toolkit.get_middleware(images=False)] == ["GlyphGuard"]
    assert [m.name for m in toolkit.get_middleware(guard=False)] == ["GlyphToolImages"]
    pages, guard = toolkit.get_middleware(compress=True)
    assert isinstance(pages, PageImageMiddleware)
    assert isinstance(guard, GuardMiddleware)


def test_marks_that_an_answer_passes_on_are_not_marked_again(toolkit: GlyphToolkit) -> None:
    first = ask(agent_of(script(f"{WRONG} {INVENTED}"), toolkit)).text
    assert first.count("[corrected from") == first.count("[unverified: not in the source]") == 1
    again = ask(agent_of(script(first), toolkit)).text
    assert "[corrected from" not in again  # what stands there now is right
    assert again.strip() == first.replace(" [corrected from `LIMIT = 260`]", "").strip()


class Found(BaseModel):
    """What was found."""

    statement: str
    places: list[str]


@pytest.mark.parametrize("strategy", [ToolStrategy, ProviderStrategy])
def test_structured_output_is_checked_and_not_rewritten(
    toolkit: GlyphToolkit, strategy: Any
) -> None:
    found = Found(statement=WRONG, places=["app/prices.py:5"])
    said = (
        calls(("Found", found.model_dump()))
        if strategy is ToolStrategy
        else AIMessage(found.model_dump_json())
    )
    model = ScriptedModel(steps=[lambda _: said])
    agent: Any = create_agent(
        model,
        toolkit.get_tools(),
        middleware=toolkit.get_middleware(),
        response_format=strategy(Found),
    )
    ended = agent.invoke({"messages": "What is the limit?"}, LIMIT)
    assert ended["structured_response"] == found
    message = next(m for m in reversed(ended["messages"]) if m.type == "ai")
    assert message.content == said.content
    facts = message.additional_kwargs[FACTS]
    assert facts["status"] == "corrected"
    assert "LIMIT = 260" in facts["warnings"][0]


def test_what_was_not_checked_closes_the_answer_but_no_structured_one(
    toolkit: GlyphToolkit,
) -> None:
    loose = f"{RIGHT} Such a limit suits e.g. `small_shops`."
    answer = ask(agent_of(script(calls(LOOK), loose), toolkit))
    (warning,) = answer.additional_kwargs[FACTS]["warnings"]
    assert answer.text.strip().endswith(f"\n\n[{warning}]")
    assert "`small_shops`" in warning
    found = Found(statement=loose, places=["app/prices.py:5"])
    agent: Any = create_agent(
        ScriptedModel(steps=[lambda _: calls(("Found", found.model_dump()))]),
        toolkit.get_tools(),
        middleware=toolkit.get_middleware(),
        response_format=ToolStrategy(Found),
    )
    ended = agent.invoke({"messages": "What is the limit?"}, LIMIT)
    assert ended["structured_response"] == found
    message = next(m for m in reversed(ended["messages"]) if m.type == "ai")
    assert "not checked" not in str(message.content)
    assert warning in message.additional_kwargs[FACTS]["warnings"]


def test_texts_of_structured_output() -> None:
    value = {"a": ["x", 1, {"b": "y"}], "c": None, "d": Found(statement="z", places=[])}
    assert strings_of(value) == ["x", "y", "z"]


def test_a_refreshed_source_is_what_answers_are_held_against(folder: Path) -> None:
    toolkit = GlyphToolkit.open(folder)
    agent = agent_of(script(WRONG, WRONG), toolkit)
    assert "[corrected from" in ask(agent).text
    prices = folder / "app" / "prices.py"
    prices.write_text(prices.read_text().replace("250", "260"))
    toolkit.session.refresh()
    assert ask(agent).text.strip() == WRONG


class ConnectingModel(StreamingModel):
    """Opens a connection when it is first asked, as some clients do."""

    opened: list[int] = Field(default_factory=list)

    @cached_property
    def connection(self) -> int:
        self.opened.append(1)
        return 1

    def _generate(self, *arguments: Any, **settings: Any) -> ChatResult:
        assert self.connection
        assert self.tags == ["mine", "nostream"]
        return super()._generate(*arguments, **settings)


def test_a_model_is_not_connected_anew_for_each_call(toolkit: GlyphToolkit) -> None:
    steps = script(calls(LOOK), calls(LOOK), RIGHT, RIGHT).steps
    model = ConnectingModel(steps=steps, tags=["mine"], disable_streaming=True)
    agent = agent_of(model, toolkit)
    ask(agent)
    assert len(model.opened) == 1
    model.metadata = {"changed": "by its owner"}
    ask(agent)
    assert len(model.opened) == 2
    assert model.tags == ["mine"]


def test_models_that_are_chosen_at_run_time(
    toolkit: GlyphToolkit, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = script(calls(LOOK), WRONG)
    monkeypatch.setattr(
        langchain.chat_models.base, "_init_chat_model_helper", lambda *_, **__: model
    )
    chosen: Any = langchain.chat_models.init_chat_model(configurable_fields=("model",))
    agent = agent_of(chosen, toolkit)
    stream = agent.stream({"messages": "What is the limit?"}, LIMIT, stream_mode="messages")
    text = shown(stream)
    assert "[corrected from `LIMIT = 260`]" in text
    assert WRONG not in text


class FailingModel(StreamingModel):
    """A provider that is down."""

    def _stream(self, *arguments: Any, **settings: Any) -> Iterator[ChatGenerationChunk]:
        raise ConnectionError("down")
        yield

    def _generate(self, *arguments: Any, **settings: Any) -> ChatResult:
        raise ConnectionError("down")


def test_among_the_middleware_that_langchain_brings(toolkit: GlyphToolkit) -> None:
    spare = script(calls(LOOK), WRONG)
    middleware: list[Any] = [
        SummarizationMiddleware(script("summary"), trigger=("messages", 50)),
        ModelFallbackMiddleware(spare),
        ModelCallLimitMiddleware(run_limit=5),
        *toolkit.get_middleware(compress=True),
    ]
    agent: Any = create_agent(FailingModel(steps=[]), toolkit.get_tools(), middleware=middleware)
    question: Any = {"messages": "What is the limit?"}
    text = shown(agent.stream(question, LIMIT, stream_mode="messages"))
    assert "[corrected from `LIMIT = 260`]" in text
    assert WRONG not in text
    assert spare.steps == []
