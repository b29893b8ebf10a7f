"""Two toolsets in one agent: names with a prefix, and texts that name the right tools."""

from __future__ import annotations

import re

import pytest

from glyphagent.errors import GlyphError, PluginError
from glyphagent.session import Session
from glyphagent.tools.tool_names import bare, checked_prefix, named, renamed
from glyphagent.tools.toolset import TOOLS, Toolset


def test_every_text_of_a_toolset_with_a_prefix_names_its_own_tools(session: Session) -> None:
    toolset = Toolset(session, "shop")
    names = {tool.name for tool in toolset.tools}
    assert names == {f"shop_{tool.name}" for tool in TOOLS}
    texts = [tool.description for tool in toolset.tools]
    assert all("'shop'" in text for text in texts)
    for name, values in (
        ("shop_glyph_read_page", {"page": 0}),
        ("shop_glyph_read_region", {"path": "lib/long.py", "start": 1, "end": 900}),
        ("shop_glyph_ask", {"question": "How does the whole thing hang together?"}),
    ):
        texts.append(toolset.run(name, values).text)
    with pytest.raises(GlyphError) as error:
        toolset.run("shop_glyph_read_region", {"path": "zzz/zzz", "start": 1, "end": 2})
    texts.append(str(error.value))
    found = [re.findall(r"[a-z_]*glyph_[a-z_]+", text) for text in texts]
    assert sum(map(bool, found)) >= 5
    assert {name for each in found for name in each} <= names
    with pytest.raises(PluginError, match="there are: shop_glyph_overview"):
        toolset.run("glyph_overview", {})


def test_without_a_prefix_nothing_has_one(session: Session) -> None:
    assert Toolset(session).tools == TOOLS
    Toolset(session, "shop").run("shop_glyph_read_page", {"page": 0})
    assert named("glyph_search") == "glyph_search"


@pytest.mark.parametrize("prefix", ["1st", "a b", "x" * 33, "é", "a.b", "_"])
def test_a_prefix_that_providers_would_refuse(prefix: str) -> None:
    with pytest.raises(PluginError, match="no prefix for tool names"):
        checked_prefix(prefix)


def test_names_with_and_without() -> None:
    assert checked_prefix("shop") == checked_prefix("shop_") == "shop_"
    assert bare("shop_glyph_read_region") == bare("glyph_read_region") == "glyph_read_region"
    assert bare("my_glyph_x_glyph_ask") == "glyph_ask"
    assert bare("read_file") == "read_file"
    assert renamed("call glyph_search", "a_") == "call a_glyph_search"
    assert renamed("call glyph_search", "") == "call glyph_search"
