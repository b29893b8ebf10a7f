"""Middleware that puts the page images of tool results where a provider takes them.

It acts on the request that goes out, for the model that this request goes to; the agent's state
keeps the tool messages as they came. `PageImageMiddleware` does this too, and turns old long texts
into pages besides; an agent needs one of the two.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from glyphagent.errors import PluginError

from .tool_images import Mode, is_unknown, placement, relocate

if TYPE_CHECKING:
    from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse


def placing(mode: Mode = "auto", name: str = "GlyphToolImages") -> AgentMiddleware[Any, Any, Any]:
    """Middleware for `create_agent`.

    Args:
        mode: Where images go; `auto` decides for each request by its model.
        name: Its name in the agent; two in one agent need two names.

    Raises:
        PluginError: If LangChain is not installed.
    """
    try:
        from langchain.agents.middleware import AgentMiddleware
    except ImportError as error:
        raise PluginError(
            f"middleware needs LangChain, which is not installed ({error.name}): "
            "pip install 'glyphagent[langchain]'"
        ) from error

    own_name = name

    def placed(request: ModelRequest[Any]) -> ModelRequest[Any]:
        place, unknown = placement(request.model, mode), is_unknown(request.model)
        messages: list[Any] = list(relocate(request.messages, place, unknown=unknown))
        return request.override(messages=messages)

    class GlyphToolImages(AgentMiddleware[Any, Any, Any]):
        """Places images in each request."""

        @property
        def name(self) -> str:
            """Name of the middleware in an agent."""
            return own_name

        def wrap_model_call(
            self,
            request: ModelRequest[Any],
            handler: Callable[[ModelRequest[Any]], ModelResponse[Any]],
        ) -> ModelResponse[Any]:
            """Send the request with its images placed."""
            return handler(placed(request))

        async def awrap_model_call(
            self,
            request: ModelRequest[Any],
            handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]],
        ) -> ModelResponse[Any]:
            """Send the request with its images placed."""
            return await handler(placed(request))

    return GlyphToolImages()
