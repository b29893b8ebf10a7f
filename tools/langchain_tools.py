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

from glyphagent.errors import BackendError, GlyphError, PluginError
from glyphagent.plugins import Backend, load
from glyphagent.session import Session
from glyphagent.sources import Source

from .placing import placing
from .tool_calls import ToolResult
from .tool_images import Mode
from .tool_names import checked_prefix
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
        before = checked_prefix(self.toolset.prefix)
        return content(result, images=self.images, before=before), dict(result.artifact)

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
        cls,
        source: str | Path | Source,
        *,
        revision: str | None = None,
        tool_images: Mode = "auto",
        prefix: str = "",
        **options: Any,
    ) -> GlyphToolkit:
        """Open a source and offer its tools.

        Args:
            source: Folder, git repository (bare ones too) or file.
            revision: Git revision to read, such as `main`, `v2.1` or a commit's id; nothing is
                checked out. None for what lies there.
            tool_images: Where page images go.
            prefix: What stands before the tools' names. An agent over two sources needs one, as
                in `shop_glyph_search`.
            options: What `Session.open` takes besides: `backend` and `model` that answer
                `glyph_ask`, `preset`, `layout`, `style`, `options` (globs and limits), `progress`.

        Raises:
            GlyphError: If the source cannot be opened, an option does not fit, or the backend
                refuses the model.
        """
        if tool_images not in get_args(Mode):
            known = ", ".join(get_args(Mode))
            raise PluginError(f"no tool_images {tool_images!r}; there are: {known}")
        checked_prefix(prefix)
        backend = chosen_backend(options.get("backend", "local"), options.get("model"))
        session = open_session(source, {**options, "revision": revision, "backend": backend})
        return cls(toolset=Toolset(session, prefix), tool_images=tool_images)

    @property
    def session(self) -> Session:
        """The session that the tools work on, for `refresh` and `save`."""
        return self.toolset.session

    def get_tools(self) -> list[BaseTool]:
        """Every tool, ready for `create_agent` or `bind_tools`."""
        images = self.tool_images != "text"
        return [GlyphTool.wrap(tool, self.toolset, images=images) for tool in self.toolset.tools]

    def get_middleware(
        self, *, images: bool = True, compress: bool = False, guard: bool = True
    ) -> list[AgentMiddleware[Any, Any, Any]]:
        """Middleware for `create_agent`: page images where the provider takes them, a checked end.

        Args:
            images: Whether to put page images where the agent's model sees them. Without this, or
                a `PageImageMiddleware` in its stead, they stay in the tool messages, which several
                providers refuse.
            compress: Whether that is a `PageImageMiddleware`, which sends old, long tool results
                and pastes as page images too. One is enough for an agent.
            guard: Whether the agent's final answer is held against the source: see
                `GuardMiddleware`, which has the settings.

        Raises:
            PluginError: If LangChain is not installed.
        """
        made = [placing(self.tool_images, _own_name("GlyphToolImages", self.toolset))]
        if compress:
            from .middleware import PageImageMiddleware

            made = [PageImageMiddleware(tool_images=self.tool_images)]
        if guard:
            from .guard_middleware import GuardMiddleware

            made.append(GuardMiddleware(self, name=_own_name("GlyphGuard", self.toolset)))
        return made if images else made[1:]


def chosen_backend(backend: str | Backend, model: str | None) -> str | Backend:
    """The backend, made ready to be asked; the embedded reader by its name alone.

    So a backend or model that can never answer is refused before anything is rendered. No
    weights are loaded and no provider is called.

    Raises:
        GlyphError: If no such backend is installed, or it refuses the model.
    """
    if not isinstance(backend, str):
        return backend
    make = load("backends", backend)
    if model is not None and not (isinstance(model, str) and model.strip()):
        raise BackendError(f"a model is named by its id, not {model!r}")
    if backend == "local" and model is None:
        return backend
    try:
        made: Backend = make(model)
    except BackendError as error:
        if backend == "local" and model is not None and ":" in model:
            hint = f'{error}; a chat model of a provider takes backend="chat"'
            raise BackendError(hint) from error
        raise
    return made


def _own_name(kind: str, toolset: Toolset) -> str:
    """Name for a middleware that no other toolkit's has: agents refuse two of one name."""
    return f"{kind}-{toolset.prefix}" if toolset.prefix else kind


def content(result: ToolResult, *, images: bool = True, before: str = "") -> str | Blocks:
    """Content of a result: its text, and if it has images content blocks, text first.

    Text alone is a plain string: not every compatible server takes blocks in tool messages.

    Args:
        result: What the tool gave.
        images: Whether the images are part of it; a note stands for them otherwise.
        before: What stands before the names of tools.
    """
    if not result.images:
        return result.text
    if not images:
        return (
            f"{result.text}\n[the image was left out, because this agent is sent text only: "
            f"{before}glyph_read_region gives the exact text of these lines]"
        )
    made: Blocks = [{"type": "text", "text": result.text}]
    for png in result.images:
        # No random block id: a changed request would miss the provider's prompt cache.
        encoded = base64.b64encode(png).decode("ascii")
        made.append({"type": "image", "base64": encoded, "mime_type": "image/png"})
    return made
