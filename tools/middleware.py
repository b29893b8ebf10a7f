"""`PageImageMiddleware`: an agent's old tool results and pastes as page images, per model call.

Needs the extra `[langchain]`. The request is rewritten on its way to the model and nowhere else:
the state, and with it every checkpoint, keeps the text. What was replaced can be had back exactly,
because the state still has it: the middleware brings a tool for that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any

from langchain_core.messages import BaseMessage, MessageLikeRepresentation, convert_to_messages
from langchain_core.tools import BaseTool, StructuredTool, ToolException

try:
    from langchain.agents.middleware import AgentMiddleware
    from langchain.agents.middleware.types import ModelRequest, ModelResponse
    from langchain.tools import ToolRuntime
except ImportError as error:
    raise ImportError(
        f"PageImageMiddleware needs LangChain ({error.name} is not installed): "
        "pip install 'glyphagent[langchain]'"
    ) from error

from glyphagent.document import Document
from glyphagent.profiles import Profile
from glyphagent.style import Style
from glyphagent.targets import profile_of, style_for

from .call_report import CallReport, Limits
from .conversation_parts import RECOVER_TOOL, find_parts
from .page_images import PageImages
from .text_pages import TextPages
from .tool_images import Mode, model_id, placement

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_EXACT_LINES = 400
_EXACT_CHARACTERS = 40_000


class PageImageMiddleware(AgentMiddleware[Any, Any, Any]):
    """Sends old, long tool results and pasted files as page images where that costs less.

    The newest turns, what people wrote, system prompts and the results of tools that give exact
    text stay text. Hashes, ids, versions, long numbers and addresses of what is replaced travel as
    text beside the pages. A model without a profile is sent no pages; images that tools return
    are put where the provider accepts them in any case.

    May be used by several agents and threads at once.

    Attributes:
        tools: `glyph_exact_text`, which gives the exact lines of what was replaced.
        last_report: What the latest model call was sent and why, or None before the first.
    """

    def __init__(
        self,
        *,
        model: str | Profile | None = None,
        tool_images: Mode = "auto",
        limits: Limits | None = None,
        style: Style | str | None = None,
        highlight: bool = False,
        recover: bool = True,
        on_report: Callable[[CallReport], None] | None = None,
        drawer: TextPages | None = None,
    ) -> None:
        """Set up; every request decides for the model that it goes to.

        Args:
            model: Id or profile of the model, where the chat model's own name does not say.
            tool_images: Where images of tool results go: `auto`, `inline`, `user` or `text`.
            limits: When and how much to replace.
            style: Style of the pages, or the name of a preset, instead of the profile's.
            highlight: Whether to colour syntax. Off by default: tool results are untrusted, so
                lexers run in guarded workers, which takes longer than everything else together.
            recover: Whether to bring the tool that gives exact text.
            on_report: Called after each rewriting, in the thread of the call.
            drawer: Draws and remembers pages; one may be shared.
        """
        super().__init__()
        placement("", tool_images)  # refuses a wrong mode now
        self.limits = limits or Limits()
        self.last_report: CallReport | None = None
        self._model = model
        self._tool_images: Mode = tool_images
        self._style, self._highlight = style, highlight
        self._on_report = on_report
        self._drawer = drawer or TextPages()
        self._latest: str | Profile | None = model
        self.tools: list[BaseTool] = [_exact_text_tool(self.limits)] if recover else []

    def wrap_model_call(
        self,
        request: ModelRequest[Any],
        handler: Callable[[ModelRequest[Any]], ModelResponse[Any]],
    ) -> ModelResponse[Any]:
        """Send the request with page images."""
        return handler(self._rewritten(request))

    async def awrap_model_call(
        self,
        request: ModelRequest[Any],
        handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]],
    ) -> ModelResponse[Any]:
        """Send the request with page images; drawing does not hold up the event loop."""
        return await handler(await asyncio.to_thread(self._rewritten, request))

    def rewrite(
        self, messages: Iterable[BaseMessage], chat: BaseChatModel | str
    ) -> tuple[list[BaseMessage], CallReport]:
        """The messages as a chat model would be sent them, and what was done; pure."""
        name = model_id(chat)
        profile = self._profile(name)
        style = (
            self._style.on_patch(profile.patch_px)
            if isinstance(self._style, Style)
            else style_for(profile, self._style)
        )
        images = PageImages(
            name,
            profile,
            style.with_changes(highlight=self._highlight),
            placement(chat, self._tool_images, profile),
            self._drawer,
            self.limits,
            bool(self.tools),
        )
        return images.rewrite(list(messages))

    def count_tokens(self, messages: Iterable[MessageLikeRepresentation]) -> int:
        """Tokens that these messages cost once rewritten: a `token_counter` for other middleware.

        Counts for the model of the latest call, or the one that the middleware was made for.
        """
        model = self._latest
        name = model.name if isinstance(model, Profile) else model or ""
        return self.rewrite(convert_to_messages(list(messages)), name)[1].tokens_after

    def _profile(self, name: str) -> Profile:
        if isinstance(self._model, Profile):
            return self._model
        return profile_of("chat", self._model or name)

    def _rewritten(self, request: ModelRequest[Any]) -> ModelRequest[Any]:
        messages, report = self.rewrite(request.messages, request.model)
        self._latest = self._model or report.model
        self.last_report = report
        if self._on_report is not None:
            self._on_report(report)
        return request.override(messages=messages)  # type: ignore[arg-type]


def _exact_text_tool(limits: Limits) -> BaseTool:
    """The tool that reads back from the state what the model was sent as pages."""

    def exact_text(key: str, start: int, end: int, runtime: ToolRuntime) -> str:
        for part in find_parts(runtime.state["messages"], limits.min_tokens, ()):
            if part.key == key:
                return _lines(Document(part.path, part.text), start, end)
        raise ToolException(
            f"no text with key {key!r}; keys stand beside page images as texts of this conversation"
        )

    return StructuredTool.from_function(
        exact_text,
        name=RECOVER_TOOL,
        description=(
            "Exact text of lines of an earlier tool result or pasted file that is shown as page "
            "images. Takes the key that stands beside the pages, the first and the last line. Use "
            "it before quoting, editing or copying names, numbers and strings."
        ),
        handle_tool_error=True,
    )


def _lines(document: Document, start: int, end: int) -> str:
    count = document.line_count
    if not 1 <= start <= min(end, count):
        raise ToolException(f"there are lines 1 to {count}, not {start} to {end}")
    last = min(end, count, start + _EXACT_LINES - 1)
    text = document.lines(start, last)
    note = f"\n[cut after line {last}; ask for the rest]" if last < min(end, count) else ""
    if len(text) > _EXACT_CHARACTERS:
        text = text[:_EXACT_CHARACTERS]
        note = (
            f"\n[cut at {_EXACT_CHARACTERS} characters, within line {start + text.count(chr(10))}]"
        )
    return f"Lines {start} to {last} of {count}, exact text:\n{text}{note}"
