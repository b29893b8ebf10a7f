"""The agent tools for LangChain: `GlyphToolkit.open(PATH).get_tools()`.

Each tool answers with content blocks (text, then images) and an artifact that holds the same as
data. What goes wrong with the source or the arguments reaches the model as a tool message with
status "error" that says what to do; our own mistakes are raised.
"""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Any, cast

from langchain_core.callbacks import AsyncCallbackManagerForToolRun, CallbackManagerForToolRun
from langchain_core.messages.content import create_image_block, create_text_block
from langchain_core.tools import BaseTool, BaseToolkit, ToolException
from pydantic import ConfigDict, Field, SkipValidation, ValidationError
from pydantic.v1 import ValidationError as OldValidationError

from glyphagent.errors import GlyphError
from glyphagent.session import Session
from glyphagent.sources import Source

from .tool_calls import ToolResult
from .toolset import Tool, Toolset, invalid

Blocks = list[dict[str, Any]]


def _explain(error: ValidationError | OldValidationError) -> str:
    return invalid(error) if isinstance(error, ValidationError) else str(error)


class GlyphTool(BaseTool):
    """One tool of a toolset, as LangChain calls it.

    Attributes:
        toolset: The toolset that does the work.
    """

    toolset: SkipValidation[Toolset] = Field(exclude=True, repr=False)
    response_format: Any = "content_and_artifact"
    handle_tool_error: Any = True
    handle_validation_error: Any = _explain

    @classmethod
    def wrap(cls, tool: Tool, toolset: Toolset) -> GlyphTool:
        """LangChain's view of a tool."""
        return cls(
            name=tool.name,
            description=tool.description,
            args_schema=tool.arguments,
            toolset=toolset,
        )

    def _run(
        self, *, run_manager: CallbackManagerForToolRun | None = None, **values: Any
    ) -> tuple[Blocks, dict[str, Any]]:
        try:
            result = self.toolset.run(self.name, values)
        except GlyphError as error:
            raise ToolException(str(error)) from error
        return blocks(result), dict(result.artifact)

    async def _arun(
        self, *, run_manager: AsyncCallbackManagerForToolRun | None = None, **values: Any
    ) -> tuple[Blocks, dict[str, Any]]:
        return await asyncio.to_thread(self._run, **values)


class GlyphToolkit(BaseToolkit):
    """All agent tools over one source.

    Attributes:
        toolset: The toolset behind the tools; its `session` is the source itself.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    toolset: SkipValidation[Toolset] = Field(exclude=True, repr=False)

    @classmethod
    def open(cls, source: str | Path | Source, **options: Any) -> GlyphToolkit:
        """Open a source and offer its tools; `options` are those of `Session.open`.

        Raises:
            GlyphError: If the source cannot be opened or an option does not fit.
        """
        return cls(toolset=Toolset(Session.open(source, **options)))

    @property
    def session(self) -> Session:
        """The session that the tools work on, for `refresh` and `save`."""
        return self.toolset.session

    def get_tools(self) -> list[BaseTool]:
        """Every tool, ready for `create_agent` or `bind_tools`."""
        return [GlyphTool.wrap(tool, self.toolset) for tool in self.toolset.tools]


def blocks(result: ToolResult) -> Blocks:
    """Content blocks of a result: its text, then its images."""
    made: list[Any] = [create_text_block(result.text)]
    for png in result.images:
        encoded = base64.b64encode(png).decode("ascii")
        made.append(create_image_block(base64=encoded, mime_type="image/png"))
    return cast(Blocks, made)
