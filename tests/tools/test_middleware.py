"""`PageImageMiddleware` in real agents: what the model is sent, and what the state keeps."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import SummarizationMiddleware
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolCall, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from pydantic import Field

import glyphagent.tools.middleware as middleware_module
from glyphagent.errors import PluginError
from glyphagent.tools import PageImageMiddleware
from glyphagent.tools.call_report import CallReport, Limits
from glyphagent.tools.conversation_parts import RECOVER_TOOL
from glyphagent.tools.tool_images import is_image

MODEL = "qwen2.5-vl-7b-instruct"
CODE = Path(middleware_module.__file__).read_text() * 2
SOON = Limits(stride=1)
Step = Callable[[list[BaseMessage]], AIMessage]


class ScriptedModel(BaseChatModel):
    """Takes one step of a script a turn, and keeps what it was sent."""

    model: str = MODEL
    steps: list[Step]
    sent: list[list[BaseMessage]] = Field(default_factory=list)
    offered: list[str] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Any:
        self.offered[:] = [each.name for each in tools]
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        self.sent.append(messages)
        message = self.steps.pop(0)(messages)
        return ChatResult(generations=[ChatGeneration(message=message)])


@tool
def read_file(path: str) -> str:
    """Read a file."""
    return f"# {path}\n{CODE}"  # no two alike


def reading(*paths: str) -> Step:
    calls = [ToolCall(name="read_file", args={"path": p}, id=p, type="tool_call") for p in paths]
    return lambda _: AIMessage("", tool_calls=calls)


def exactly(start: int, end: int) -> Step:
    """Ask for exact lines of the first text that is shown as pages."""

    def step(messages: list[BaseMessage]) -> AIMessage:
        found = re.search(r'with key "(\w+)"', "\n".join(str(m.content) for m in messages))
        assert found, "nothing is shown as pages"
        args = {"key": found[1], "start": start, "end": end}
        return AIMessage(
            "", tool_calls=[ToolCall(name=RECOVER_TOOL, args=args, id="exact", type="tool_call")]
        )

    return step


def done(_: list[BaseMessage]) -> AIMessage:
    return AIMessage("done")


def run(agent: Any, thread: str = "1") -> dict[str, Any]:
    config = {"recursion_limit": 30, "configurable": {"thread_id": thread}}
    ended: dict[str, Any] = agent.invoke({"messages": [HumanMessage("Go.")]}, config)
    return ended


def pictures(messages: Sequence[BaseMessage]) -> int:
    blocks = [b for m in messages if isinstance(m.content, list) for b in m.content]
    return sum(map(is_image, blocks))


def test_the_model_sees_pages_and_the_state_keeps_text() -> None:
    model = ScriptedModel(
        steps=[reading("a.py", "b.py"), reading("c.py"), reading("d.py"), reading("e.py"), done]
    )
    reports: list[CallReport] = []
    middleware = PageImageMiddleware(limits=SOON, on_report=reports.append)
    agent = create_agent(
        model,
        [read_file],
        system_prompt="Rules.",
        middleware=[middleware],
        checkpointer=InMemorySaver(),
    )
    ended = run(agent)
    assert [len(report.replaced) for report in reports] == [0, 0, 0, 2, 3]
    assert [pictures(sent) for sent in model.sent] == [report.images for report in reports]
    assert middleware.last_report == reports[-1]
    assert reports[-1].tokens_after < 0.8 * reports[-1].tokens_before
    # One user message after the whole batch of two, none between them.
    kinds = [type(m).__name__.removesuffix("Message") for m in model.sent[3]]
    assert kinds[:6] == ["System", "Human", "AI", "Tool", "Tool", "Human"]
    assert pictures(model.sent[3][5:6]) == reports[3].images
    # Byte for byte the same in the next call, up to what has just become pages.
    assert model.sent[4][:6] == model.sent[3][:6]
    state = agent.get_state({"configurable": {"thread_id": "1"}}).values["messages"]
    assert state == ended["messages"]
    results = [m for m in state if isinstance(m, ToolMessage)]
    assert [m.content for m in results] == [f"# {p}.py\n{CODE}" for p in "abcde"]
    assert pictures(state) == 0
    assert model.offered == [RECOVER_TOOL, "read_file"] or model.offered == [
        "read_file",
        RECOVER_TOOL,
    ]


def test_an_asynchronous_agent_is_sent_the_same() -> None:
    def model() -> ScriptedModel:
        return ScriptedModel(steps=[*(reading(f"{n}.py") for n in range(4)), done])

    first, second = model(), model()
    run(create_agent(first, [read_file], middleware=[PageImageMiddleware(limits=SOON)]))
    agent: Any = create_agent(second, [read_file], middleware=[PageImageMiddleware(limits=SOON)])
    asked = {"messages": [HumanMessage("Go.")]}
    asyncio.run(agent.ainvoke(asked, {"recursion_limit": 30}))
    assert pictures(first.sent[-1]) > 0
    assert [[m.content for m in sent] for sent in first.sent] == [
        [m.content for m in sent] for sent in second.sent
    ]


def test_what_was_replaced_can_be_had_exactly() -> None:
    model = ScriptedModel(
        steps=[*(reading(f"{n}.py") for n in range(3)), exactly(20, 30), exactly(9, 9), done]
    )
    ended = run(create_agent(model, [read_file], middleware=[PageImageMiddleware(limits=SOON)]))
    exact = [m.text for m in ended["messages"] if m.type == "tool" and m.name == RECOVER_TOOL]
    lines = f"# 0.py\n{CODE}".split("\n")
    assert "\n".join(lines[19:30]) in exact[0]
    assert lines[8] in exact[1]
    assert "Lines 9 to 9 of" in exact[1]


def test_wrong_keys_and_lines_come_back_as_advice() -> None:
    def wrong(_: list[BaseMessage]) -> AIMessage:
        args = {"key": "nothing", "start": 1, "end": 2}
        return AIMessage("", tool_calls=[ToolCall(name=RECOVER_TOOL, args=args, id="w")])

    model = ScriptedModel(
        steps=[*(reading(f"{n}.py") for n in range(3)), wrong, exactly(99999, 99999), done]
    )
    ended = run(create_agent(model, [read_file], middleware=[PageImageMiddleware(limits=SOON)]))
    failed = [m for m in ended["messages"] if m.type == "tool" and m.status == "error"]
    assert "no text with key 'nothing'" in failed[0].text
    assert "there are lines 1 to" in failed[1].text


def test_an_unknown_model_is_sent_text_and_told_why() -> None:
    steps = [*(reading(f"{n}.py") for n in range(3)), done]
    model = ScriptedModel(model="no-such-model", steps=steps)
    middleware = PageImageMiddleware()
    run(create_agent(model, [read_file], middleware=[middleware]))
    assert not any(map(pictures, model.sent))
    report = middleware.last_report
    assert report is not None
    assert report.reasons == {"unknown_model": 3}
    assert report.tokens_after == report.tokens_before


def test_the_user_may_say_which_model_it_is() -> None:
    steps = [*(reading(f"{n}.py") for n in range(3)), done]
    model = ScriptedModel(model="my-own-deployment", steps=steps)
    run(
        create_agent(model, [read_file], middleware=[PageImageMiddleware(model=MODEL, limits=SOON)])
    )
    assert pictures(model.sent[-1]) > 0


def test_limits_of_ones_own_hold() -> None:
    steps = [*(reading(f"{n}.py") for n in range(5)), done]
    model = ScriptedModel(steps=steps)
    middleware = PageImageMiddleware(
        limits=Limits(keep_turns=1, stride=1, max_images=5), recover=False
    )
    run(create_agent(model, [read_file], middleware=[middleware]))
    assert 0 < max(map(pictures, model.sent)) <= 5
    assert middleware.last_report is not None
    assert "image_limit" in middleware.last_report.reasons
    assert model.offered == ["read_file"]


def test_a_dense_preset_costs_less() -> None:
    messages = [
        HumanMessage("Go."),
        *(
            message
            for number in range(6)
            for message in (
                reading(f"{number}.py")([]),
                ToolMessage(f"{number}\n{CODE}", tool_call_id=f"{number}.py"),
            )
        ),
    ]
    usual = PageImageMiddleware().rewrite(messages, MODEL)[1]
    dense = PageImageMiddleware(style="grid-dense").rewrite(messages, MODEL)[1]
    assert dense.visual_tokens < 0.6 * usual.visual_tokens


def test_its_count_is_what_is_sent() -> None:
    """Summaries wait until the rewritten conversation is long, not the stored one."""
    middleware = PageImageMiddleware(model=MODEL)
    messages: list[BaseMessage] = [HumanMessage("Go.")]
    for number in range(9):
        messages.append(reading(f"{number}.py")([]))
        messages.append(ToolMessage(f"{number}\n{CODE}", tool_call_id=f"{number}.py"))
    sent, report = middleware.rewrite(messages, MODEL)
    assert middleware.count_tokens(messages) == report.tokens_after
    assert middleware.count_tokens(sent) == report.tokens_after
    trigger: Any = ("tokens", (report.tokens_before + report.tokens_after) // 2)
    chat = ScriptedModel(steps=[])
    state: Any = {"messages": messages}
    summaries = SummarizationMiddleware(
        chat, trigger=trigger, token_counter=middleware.count_tokens
    )
    assert summaries.before_model(state, None) is None  # type: ignore[arg-type]


def test_a_wrong_mode_is_refused_at_once() -> None:
    with pytest.raises(PluginError, match="sideways"):
        PageImageMiddleware(tool_images="sideways")  # type: ignore[arg-type]


def test_without_langchain_the_message_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['langchain'] = None\n"
        "from glyphagent.tools import PageImageMiddleware"
    )
    ended = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True)
    assert "pip install 'glyphagent[langchain]'" in ended.stderr
