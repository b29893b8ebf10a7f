"""What of a tool's result and errors reaches a LangChain agent."""

from __future__ import annotations

import asyncio
import base64
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from langchain.agents.middleware import ModelRequest
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.tools import BaseTool

import glyphagent.tools
from glyphagent.errors import GlyphError, PluginError, SourceError
from glyphagent.session import Session
from glyphagent.tools import GlyphRetriever, GlyphToolkit, Toolset
from glyphagent.tools.tool_images import Mode


@pytest.fixture(scope="module")
def tools(session: Session) -> dict[str, BaseTool]:
    toolkit = GlyphToolkit(toolset=Toolset(session))
    return {tool.name: tool for tool in toolkit.get_tools()}


def call(tool: BaseTool, **args: Any) -> ToolMessage:
    message = tool.invoke({"type": "tool_call", "id": "1", "name": tool.name, "args": args})
    assert isinstance(message, ToolMessage)
    return message


def test_a_page_arrives_as_text_and_image(tools: dict[str, BaseTool], session: Session) -> None:
    message = call(tools["glyph_read_page"], page=0)
    text, image = message.content_blocks
    assert text["type"] == "text"
    assert "glyph_read_region" in text["text"]
    assert image["type"] == "image"
    assert image["mime_type"] == "image/png"
    assert base64.b64decode(image["base64"]) == session.page_png(0)
    assert message.artifact["revision"] == session.revision
    assert message.status == "success"


def test_asynchronous_calls_give_the_same(tools: dict[str, BaseTool]) -> None:
    tool = tools["glyph_read_region"]
    args = {"path": "app/rates.py", "start": 1, "end": 1}
    wanted = {"type": "tool_call", "id": "1", "name": tool.name, "args": args}
    again = asyncio.run(tool.ainvoke(wanted))
    first = call(tool, **args)
    assert (again.text, again.artifact) == (first.text, first.artifact)


@pytest.mark.parametrize(
    ("name", "args", "advice"),
    [
        ("glyph_read_page", {"page": 999}, "pages are 0 to"),
        ("glyph_read_region", {"path": "app/price.py", "start": 1, "end": 2}, "app/prices.py"),
        ("glyph_read_page", {"page": -1}, "greater than or equal to 0"),
        ("glyph_read_region", {"path": "app/prices.py"}, "start"),
    ],
)
def test_what_the_model_did_wrong_comes_back_as_advice(
    tools: dict[str, BaseTool], name: str, args: dict[str, Any], advice: str
) -> None:
    message = call(tools[name], **args)
    assert message.status == "error"
    assert advice in message.text
    assert "Traceback" not in message.text


def test_text_alone_is_a_plain_string(tools: dict[str, BaseTool]) -> None:
    message = call(tools["glyph_search"], query="limit")
    assert isinstance(message.content, str)


def test_a_toolkit_of_text_sends_no_image(session: Session) -> None:
    toolkit = GlyphToolkit(toolset=Toolset(session), tool_images="text")
    tools = {tool.name: tool for tool in toolkit.get_tools()}
    message = call(tools["glyph_read_page"], page=0)
    assert isinstance(message.content, str)
    assert "image was left out" in message.content
    assert message.artifact["parts"]


def test_an_unknown_place_for_images_is_refused(shop: Path) -> None:
    with pytest.raises(PluginError, match="no tool_images 'below'; there are: auto, inline"):
        GlyphToolkit.open(shop, tool_images="below")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mode", "roles"),
    [
        ("inline", ["human", "ai", "tool", "tool"]),
        ("user", ["human", "ai", "tool", "tool", "human"]),
        ("text", ["human", "ai", "tool", "tool"]),
    ],
)
def test_the_middleware_places_images_and_leaves_the_state_alone(
    tools: dict[str, BaseTool], session: Session, mode: Mode, roles: list[str]
) -> None:
    calls: list[Any] = [
        {"name": name, "args": args, "id": str(number), "type": "tool_call"}
        for number, (name, args) in enumerate(
            [("glyph_read_page", {"page": 0}), ("glyph_search", {"query": "limit"})]
        )
    ]
    messages: list[Any] = [
        HumanMessage("look"),
        AIMessage("", tool_calls=calls),
        *(tools[one["name"]].invoke(one) for one in calls),
    ]
    before = [message.model_copy(deep=True) for message in messages]
    toolkit = GlyphToolkit(toolset=Toolset(session), tool_images=mode)
    (middleware,) = toolkit.get_middleware(guard=False)
    request: Any = ModelRequest(model=FakeListChatModel(responses=[""]), messages=messages)
    sent: list[Any] = []
    middleware.wrap_model_call(request, lambda asked: sent.append(asked.messages))  # type: ignore
    assert [message.type for message in sent[0]] == roles
    images = [
        message.type
        for message in sent[0]
        for block in message.content_blocks
        if block["type"] == "image"
    ]
    assert images == {"inline": ["tool"], "user": ["human"], "text": []}[mode]
    assert messages == before


def test_open_takes_the_options_of_a_session(shop: Path) -> None:
    toolkit = GlyphToolkit.open(shop / "app", preset="grid-dense")
    assert toolkit.session.style.preset == "grid-dense"
    assert {d.path for d in toolkit.session.documents} == {"__init__.py", "prices.py", "rates.py"}


def test_open_reads_a_revision_of_a_repository(folder: Path) -> None:
    git = ("git", "-C", str(folder), "-c", "user.name=n", "-c", "user.email=e")
    for arguments in (("init", "-q"), ("add", "."), ("commit", "-qm", "1"), ("tag", "v1")):
        subprocess.run([*git, *arguments], check=True)
    (folder / "app" / "rates.py").write_text("BASE = 0.07\n")
    for revision, value in (("v1", "0.05"), (None, "0.07")):
        tools = {t.name: t for t in GlyphToolkit.open(folder, revision=revision).get_tools()}
        region = {"path": "app/rates.py", "start": 1, "end": 1}
        assert f"BASE = {value}" in call(tools["glyph_read_region"], **region).text
    with pytest.raises(SourceError, match="v9"):
        GlyphToolkit.open(folder, revision="v9")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"backend": "chta"}, "no backend named 'chta'.*chat.*local"),
        ({"backend": "chat"}, "backend 'chat' needs a model"),
        ({"backend": "chat", "model": "nobody:model"}, "nobody"),
        ({"model": "no-such-model"}, "no folder 'no-such-model'"),
        ({"model": "openai:gpt-5.5"}, 'no folder .* a chat model .* takes backend="chat"'),
        ({"model": " "}, "a model is named by its id, not ' '"),
        ({"model": 3}, "a model is named by its id, not 3"),
        ({"prefix": "1st"}, "no prefix for tool names: '1st'"),
    ],
)
def test_what_can_never_answer_is_refused_before_anything_is_read(
    tmp_path: Path, options: dict[str, Any], told: str
) -> None:
    with pytest.raises(GlyphError, match=told) as error:
        GlyphToolkit.open(tmp_path / "not looked at", **options)
    assert "\n" not in str(error.value)


def test_open_raises_what_the_session_raises(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        GlyphToolkit.open(tmp_path / "nowhere")


@pytest.mark.parametrize("kind", [GlyphToolkit, GlyphRetriever])
def test_open_names_the_options_that_there_are(shop: Path, kind: Any) -> None:
    with pytest.raises(GlyphError, match=r"no option presett; there are: .*preset"):
        kind.open(shop, presett="grid")


def test_schemas_are_plain_enough_for_any_provider(tools: dict[str, BaseTool]) -> None:
    from langchain_core.utils.function_calling import convert_to_openai_tool

    for tool in tools.values():
        function = convert_to_openai_tool(tool)["function"]
        assert function["name"] == tool.name
        assert 20 < len(function["description"]) < 1024
        assert "$ref" not in str(function)
        assert "toolset" not in str(function)


def test_importing_the_package_does_not_import_langchain() -> None:
    program = (
        "import sys, glyphagent.tools, glyphagent.tools.toolset;"
        "print(*[m for m in ('langchain_core', 'langchain', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Toolbox'"):
        _ = glyphagent.tools.Toolbox
