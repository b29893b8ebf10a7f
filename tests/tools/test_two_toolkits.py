"""One agent over two real projects: each tool once for each, one answer about both."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.messages import AIMessage, ToolMessage

from glyphagent.tools import GlyphToolkit
from glyphagent.tools.answer_guard import FACTS, named_sources

from .test_agent_example import ScriptedModel, calls, invoke


def project(name: str) -> Path:
    """Folder of an installed project."""
    spec = importlib.util.find_spec(name)
    assert spec
    assert spec.origin
    return Path(spec.origin).parent


@pytest.fixture(scope="module")
def toolkits() -> tuple[GlyphToolkit, GlyphToolkit]:
    return (
        GlyphToolkit.open(project("idna"), prefix="idna"),
        GlyphToolkit.open(project("pluggy"), prefix="plug", tool_images="text"),
    )


def test_one_agent_works_on_two_projects(toolkits: tuple[GlyphToolkit, GlyphToolkit]) -> None:
    idna, plug = toolkits
    (hit, *_) = idna.session.search("def check_bidi(")
    (other, *_) = plug.session.search("class HookimplMarker")
    answer = (
        f"`check_bidi` is defined in {hit.location} and `HookimplMarker` in {other.location}; "
        "`HookimplMaker` is the same."
    )
    wanted: list[tuple[str, dict[str, Any]]] = [
        ("idna_glyph_overview", {}),
        ("plug_glyph_overview", {}),
        ("idna_glyph_search", {"query": "def check_bidi("}),
        ("plug_glyph_read_page", {"page": other.page}),
        ("idna_glyph_read_page", {"page": hit.page}),
        ("plug_glyph_read_region", {"path": "zzzzzz", "start": 1, "end": 2}),
    ]
    model = ScriptedModel(
        steps=[lambda _: calls(*wanted), lambda _: AIMessage(answer)],
        profile={"image_inputs": True},
    )
    agent = create_agent(
        model,
        [*idna.get_tools(), *plug.get_tools()],
        middleware=[*idna.get_middleware(), *plug.get_middleware()],
    )
    messages: list[Any] = invoke(agent, "Where are these two defined?")["messages"]

    assert len(set(model.offered)) == len(model.offered) == 2 * len(idna.get_tools())
    results = [m for m in messages if isinstance(m, ToolMessage)]
    assert [m.name for m in results] == [name for name, _ in wanted]
    assert results[0].artifact["revision"] != results[1].artifact["revision"]
    assert "plug_glyph_read_region gives the exact text" in results[3].text
    assert results[5].status == "error"
    assert "plug_glyph_overview lists all" in results[5].text

    said = messages[-1]
    assert "HookimplMarker` [corrected from `HookimplMaker`]" in said.text or (
        "`HookimplMaker` [unverified" in said.text
    )
    assert said.text.count("[") == 1  # what is true of either project is not marked
    facts = said.additional_kwargs[FACTS]
    assert facts["revisions"] == {"idna": idna.session.revision, "plug": plug.session.revision}
    places = {(each["source"], each["path"]): each for each in facts["citations"]}
    assert places["idna", hit.location.path]["verified"]
    assert places["plug", other.location.path]["page"] == other.page


def test_without_a_prefix_langchain_says_that_there_are_two(
    toolkits: tuple[GlyphToolkit, GlyphToolkit],
) -> None:
    idna, plug = (GlyphToolkit(toolset=type(t.toolset)(t.session)) for t in toolkits)
    with pytest.raises(AssertionError, match="duplicate middleware"):
        create_agent(
            ScriptedModel(steps=[]),
            [*idna.get_tools(), *plug.get_tools()],
            middleware=[*idna.get_middleware(), *plug.get_middleware()],
        )


def test_sources_have_names_of_their_own(toolkits: tuple[GlyphToolkit, GlyphToolkit]) -> None:
    idna, plug = (toolkit.session for toolkit in toolkits)
    assert list(named_sources([("", idna), ("", idna), ("", plug)])) == ["idna", "pluggy"]
    assert list(named_sources([("a", idna), ("a", plug)])) == ["a", "a-2"]
