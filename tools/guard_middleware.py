"""`GuardMiddleware`: the final answer of an agent's own model, held against the source.

Needs the extra `[langchain]`. It acts where a model's response comes back, before anything else
sees it: state, checkpoints and streams hold the checked answer from the start. (A hook after the
model would come too late: the unchecked message is in the state, and in the stream of updates,
before it runs.) What goes out to the model is what would have gone out without it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage

try:
    from langchain.agents.middleware import AgentMiddleware
    from langchain.agents.middleware.types import ModelRequest, ModelResponse
except ImportError as error:
    raise ImportError(
        f"GuardMiddleware needs LangChain ({error.name} is not installed): "
        "pip install 'glyphagent[langchain]'"
    ) from error

from glyphagent.session import Session

from .answer_guard import (
    FACTS,
    AnswerGuard,
    as_said,
    guarded,
    named_sources,
    question_of,
    strings_of,
)
from .toolset import Toolset

_UNSTREAMED = "nostream"  # LangGraph's tag for models whose tokens are no part of its streams


class HasToolset(Protocol):
    """Whatever stands on a toolset, such as `GlyphToolkit`."""

    toolset: Toolset


class GuardMiddleware(AgentMiddleware[Any, Any, Any]):
    """Corrects and marks the final answer of an agent, as `ask` does with its own.

    An answer is a message without tool calls; messages that call tools are left alone. It is
    held against the given sources and those of every glyphagent tool of the agent. The results
    stand as data in `message.additional_kwargs["glyph_guard"]`: `status` (`confirmed`,
    `corrected`, `unverified`, or `nothing` to check), `citations` with path, lines, page and
    whether the source confirms them, `claims`, `warnings`, `revisions`, and `original`, the
    model's own content, where marks changed it. The model is sent its own words in later turns.

    Structured output is checked too, and said of in the same place; its values stay as they are.

    Place it last in the list, so that it sees which model is really asked.
    """

    def __init__(
        self,
        *sources: HasToolset | Session,
        mark: bool = True,
        hold_stream: bool = True,
        name: str = "GlyphGuard",
    ) -> None:
        """Set up.

        Args:
            sources: Toolkits or sessions that answers may be about, beside those of the tools.
            mark: Whether marks and corrections are written into the text; the data is there in
                any case.
            hold_stream: Whether token streams wait until the answer was checked: a message then
                comes whole. Without this, tokens arrive as the model makes them, unchecked, and
                only the state and the streams of updates and values have the checked answer.
                (`astream_events` shows what happens inside, a model's own tokens included:
                `exclude_tags=["nostream"]` leaves those out.)
            name: Name of this middleware; two in one agent need two names.
        """
        super().__init__()
        self.tools = []
        self.mark, self.hold_stream = mark, hold_stream
        self._name = name
        self._given = [
            ("", each) if isinstance(each, Session) else (each.toolset.prefix, each.toolset.session)
            for each in sources
        ]
        self._guard = AnswerGuard()
        self._copy: BaseChatModel | None = None

    @property
    def name(self) -> str:
        """Name of the middleware in an agent."""
        return self._name

    def wrap_model_call(
        self,
        request: ModelRequest[Any],
        handler: Callable[[ModelRequest[Any]], ModelResponse[Any]],
    ) -> ModelResponse[Any]:
        """Response with its answer checked."""
        return self._checked(request, handler(self._held(request)))

    async def awrap_model_call(
        self,
        request: ModelRequest[Any],
        handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]],
    ) -> ModelResponse[Any]:
        """Response with its answer checked; that does not hold up the event loop."""
        response = await handler(self._held(request))
        return await asyncio.to_thread(self._checked, request, response)

    def _held(self, request: ModelRequest[Any]) -> ModelRequest[Any]:
        """The request as it goes out: earlier answers as their model said them."""
        messages: list[Any] = [as_said(message) for message in request.messages]
        model = self._unstreamed(request.model) if self.hold_stream else request.model
        return request.override(messages=messages, model=model)

    def _unstreamed(self, model: Any) -> Any:
        """The model with its tokens kept out of streams; the same copy for the same model.

        Some models open their connections when they are first asked, and a copy has its own.
        """
        if not isinstance(model, BaseChatModel):
            return _Unstreamed(model)
        known = self._copy
        if known is None or not _is_copy(known, model):
            tags = dict.fromkeys([*(model.tags or []), _UNSTREAMED])
            self._copy = known = model.model_copy(update={"tags": list(tags)})
        return known

    def _checked(
        self, request: ModelRequest[Any], response: ModelResponse[Any]
    ) -> ModelResponse[Any]:
        structured = response.structured_response
        result: list[BaseMessage] = [
            self._message(request, message, structured)
            if isinstance(message, AIMessage)
            else message
            for message in response.result
        ]
        return ModelResponse(result, structured)

    def _message(
        self, request: ModelRequest[Any], message: AIMessage, structured: Any
    ) -> AIMessage:
        called = message.tool_calls or message.invalid_tool_calls
        said = "\n".join(strings_of(structured)) if structured is not None else message.text
        sources = self._sources(request.tools)
        unfinished = bool(called) and structured is None
        if unfinished or not said.strip() or not sources or FACTS in message.additional_kwargs:
            return message
        question = question_of(request.state.get("messages", request.messages))
        text, facts = self._guard.check(said, question, sources)
        return guarded(message, text if self.mark and structured is None else message.text, facts)

    def _sources(self, tools: Sequence[Any]) -> dict[str, Session]:
        offered = [getattr(tool, "toolset", None) for tool in tools]
        ours = [(each.prefix, each.session) for each in offered if isinstance(each, Toolset)]
        return named_sources([*self._given, *ours])


def _is_copy(copy: BaseChatModel, model: BaseChatModel) -> bool:
    """Whether this was copied from the model, which has not been changed since."""
    held = vars(copy)
    tagged = set(model.tags or ()) | {_UNSTREAMED} == set(copy.tags or ())
    return (
        type(copy) is type(model)
        and tagged
        and all(
            held.get(name, model) is value for name, value in vars(model).items() if name != "tags"
        )
    )


class _Unstreamed:
    """A model that becomes one at run time, tagged after tools are bound: before, tags get lost."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def bind_tools(self, *arguments: Any, **settings: Any) -> Any:
        return self._model.bind_tools(*arguments, **settings).with_config(tags=[_UNSTREAMED])

    def bind(self, **settings: Any) -> Any:
        return self._model.bind(**settings).with_config(tags=[_UNSTREAMED])

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)
