"""The agent tools for LangChain: `GlyphToolkit.open(PATH).get_tools()`.

Each tool answers with text, or content blocks (text, then images), and an artifact that holds the
same as data. What goes wrong with the source or the arguments reaches the model as a tool message
with status "error" that says what to do; our own mistakes are raised.

A tool message holds its images, whichever model will see it: where they go on the wire depends on
the provider, and is decided when a request goes out, by the toolkit's middleware.
"""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from langchain_core.callbacks import AsyncCallbackManagerForToolRun, CallbackManagerForToolRun
from langchain_core.tools import BaseTool, BaseToolkit, ToolException
from pydantic import ConfigDict, Field, SkipValidation, ValidationError
from pydantic.v1 import ValidationError as OldValidationError

from glyphagent.errors import GlyphError, PluginError
from glyphagent.session import Session
from glyphagent.sources import Source

from .placing import placing
from .tool_calls import ToolResult
from .tool_images import Mode
from .toolset import Tool, Toolset, invalid, open_session

if TYPE_CHECKING:
    from langchain.agents.middleware import AgentMiddleware

Blocks = list[dict[str, Any]]


def _explain(error: ValidationError | OldValidationError) -> str:
    return invalid(error) if isinstance(error, ValidationError) else str(error)


class GlyphTool(BaseTool):
    """One tool of a toolset, as LangChain calls it.

    Attributes:
        toolset: The toolset that does the work.
        images: Whether images are part of the result; a note stands for them otherwise.
    """

    toolset: SkipValidation[Toolset] = Field(exclude=True, repr=False)
    images: bool = True
    response_format: Any = "content_and_artifact"
    handle_tool_error: Any = True
    handle_validation_error: Any = _explain

    @classmethod
    def wrap(cls, tool: Tool, toolset: Toolset, *, images: bool = True) -> GlyphTool:
        """LangChain's view of a tool."""
        return cls(
            name=tool.name,
            description=tool.description,
            args_schema=tool.arguments,
            toolset=toolset,
            images=images,
        )

    def _run(
        self, *, run_manager: CallbackManagerForToolRun | None = None, **values: Any
    ) -> tuple[str | Blocks, dict[str, Any]]:
        try:
            result = self.toolset.run(self.name, values)
        except GlyphError as error:
            raise ToolException(str(error)) from error
        return content(result, images=self.images), dict(result.artifact)

    async def _arun(
        self, *, run_manager: AsyncCallbackManagerForToolRun | None = None, **values: Any
    ) -> tuple[str | Blocks, dict[str, Any]]:
        return await asyncio.to_thread(self._run, **values)


class GlyphToolkit(BaseToolkit):
    """All agent tools over one source.

    Attributes:
        toolset: The toolset behind the tools; its `session` is the source itself.
        tool_images: Where page images go: `inline` in the tool message, in one `user` message
            after the tool messages, `text` for a model that is sent none, or `auto`, by the
            agent's model. All but `inline` and `text` need the middleware.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    toolset: SkipValidation[Toolset] = Field(exclude=True, repr=False)
    tool_images: Mode = "auto"

    @classmethod
    def open(
        cls, source: str | Path | Source, *, tool_images: Mode = "auto", **options: Any
    ) -> GlyphToolkit:
        """Open a source and offer its tools; `options` are those of `Session.open`.

        Raises:
            GlyphError: If the source cannot be opened or an option does not fit.
        """
        if tool_images not in get_args(Mode):
            known = ", ".join(get_args(Mode))
            raise PluginError(f"no tool_images {tool_images!r}; there are: {known}")
        return cls(toolset=Toolset(open_session(source, options)), tool_images=tool_images)

    @property
    def session(self) -> Session:
        """The session that the tools work on, for `refresh` and `save`."""
        return self.toolset.session

    def get_tools(self) -> list[BaseTool]:
        """Every tool, ready for `create_agent` or `bind_tools`."""
        images = self.tool_images != "text"
        return [GlyphTool.wrap(tool, self.toolset, images=images) for tool in self.toolset.tools]

    def get_middleware(self) -> list[AgentMiddleware[Any, Any, Any]]:
        """Middleware for `create_agent` that puts page images where the provider takes them.

        Without it, or a `PageImageMiddleware` in its stead, images stay in the tool messages,
        which several providers refuse.

        Raises:
            PluginError: If LangChain is not installed.
        """
        return [placing(self.tool_images)]


def content(result: ToolResult, *, images: bool = True) -> str | Blocks:
    """Content of a result: its text, and if it has images content blocks, text first.

    Text alone is a plain string: not every compatible server takes blocks in tool messages.
    """
    if not result.images:
        return result.text
    if not images:
        return (
            f"{result.text}\n[the image was left out, because this agent is sent text only: "
            "glyph_read_region gives the exact text of these lines]"
        )
    made: Blocks = [{"type": "text", "text": result.text}]
    for png in result.images:
        # No random block id: a changed request would miss the provider's prompt cache.
        encoded = base64.b64encode(png).decode("ascii")
        made.append({"type": "image", "base64": encoded, "mime_type": "image/png"})
    return made
