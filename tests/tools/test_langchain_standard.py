"""LangChain's own standard tests, for each tool."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.tools import BaseTool
from langchain_tests.integration_tests import ToolsIntegrationTests
from langchain_tests.unit_tests import ToolsUnitTests

from glyphagent.session import Session
from glyphagent.tools import GlyphToolkit, Toolset


class OneTool:
    """What the standard tests ask for; subclasses name the tool and its example."""

    name: str
    example: dict[str, Any]

    @pytest.fixture(autouse=True)
    def _open(self, session: Session) -> None:
        tools = GlyphToolkit(toolset=Toolset(session)).get_tools()
        self.found = next(tool for tool in tools if tool.name == self.name)

    @property
    def tool_constructor(self) -> BaseTool:
        return self.found

    @property
    def tool_invoke_params_example(self) -> dict[str, Any]:
        return self.example


EXAMPLES: dict[str, dict[str, Any]] = {
    "glyph_overview": {},
    "glyph_read_page": {"page": 0},
    "glyph_read_region": {"path": "app/prices.py", "start": 1, "end": 3},
    "glyph_search": {"query": "limit"},
    "glyph_ask": {"question": "where is total defined?"},
    "glyph_estimate": {},
    "glyph_dependencies": {"path": "app/prices.py"},
    "glyph_impact": {"path": "app/rates.py"},
    "glyph_path_between": {"source": "app/prices.py", "target": "app/rates.py"},
    "glyph_changes_since": {},
}


class TestOverviewUnit(OneTool, ToolsUnitTests):
    name, example = "glyph_overview", EXAMPLES["glyph_overview"]


class TestOverviewIntegration(OneTool, ToolsIntegrationTests):
    name, example = "glyph_overview", EXAMPLES["glyph_overview"]


class TestReadPageUnit(OneTool, ToolsUnitTests):
    name, example = "glyph_read_page", EXAMPLES["glyph_read_page"]


class TestReadPageIntegration(OneTool, ToolsIntegrationTests):
    name, example = "glyph_read_page", EXAMPLES["glyph_read_page"]


class TestReadRegionUnit(OneTool, ToolsUnitTests):
    name, example = "glyph_read_region", EXAMPLES["glyph_read_region"]


class TestReadRegionIntegration(OneTool, ToolsIntegrationTests):
    name, example = "glyph_read_region", EXAMPLES["glyph_read_region"]


class TestSearchUnit(OneTool, ToolsUnitTests):
    name, example = "glyph_search", EXAMPLES["glyph_search"]


class TestSearchIntegration(OneTool, ToolsIntegrationTests):
    name, example = "glyph_search", EXAMPLES["glyph_search"]


class TestAskUnit(OneTool, ToolsUnitTests):
    name, example = "glyph_ask", EXAMPLES["glyph_ask"]


class TestAskIntegration(OneTool, ToolsIntegrationTests):
    name, example = "glyph_ask", EXAMPLES["glyph_ask"]


class TestEstimateUnit(OneTool, ToolsUnitTests):
    name, example = "glyph_estimate", EXAMPLES["glyph_estimate"]


class TestEstimateIntegration(OneTool, ToolsIntegrationTests):
    name, example = "glyph_estimate", EXAMPLES["glyph_estimate"]


class TestDependenciesUnit(OneTool, ToolsUnitTests):
    name, example = "glyph_dependencies", EXAMPLES["glyph_dependencies"]


class TestDependenciesIntegration(OneTool, ToolsIntegrationTests):
    name, example = "glyph_dependencies", EXAMPLES["glyph_dependencies"]


class TestImpactUnit(OneTool, ToolsUnitTests):
    name, example = "glyph_impact", EXAMPLES["glyph_impact"]


class TestImpactIntegration(OneTool, ToolsIntegrationTests):
    name, example = "glyph_impact", EXAMPLES["glyph_impact"]


class TestPathBetweenUnit(OneTool, ToolsUnitTests):
    name, example = "glyph_path_between", EXAMPLES["glyph_path_between"]


class TestPathBetweenIntegration(OneTool, ToolsIntegrationTests):
    name, example = "glyph_path_between", EXAMPLES["glyph_path_between"]


class TestChangesSinceUnit(OneTool, ToolsUnitTests):
    name, example = "glyph_changes_since", EXAMPLES["glyph_changes_since"]


class TestChangesSinceIntegration(OneTool, ToolsIntegrationTests):
    name, example = "glyph_changes_since", EXAMPLES["glyph_changes_since"]


def test_no_tool_is_left_out(session: Session) -> None:
    tools = GlyphToolkit(toolset=Toolset(session)).get_tools()
    tested = {c.name for c in OneTool.__subclasses__()}
    assert {tool.name for tool in tools} == tested == set(EXAMPLES)
