"""The parts of a conversation that could become page images: tool results and pastes.

What a part is and what forbids to replace it is said here; whether it pays is `page_images`'
business. Tokens are not counted here and nothing is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from .pastes import find_pastes
from .text_pages import text_key
from .tool_images import is_image
from .tool_names import bare

RECOVER_TOOL = "glyph_exact_text"
"""Name of the tool that gives the exact text of what was replaced."""

EXACT_TOOLS = (RECOVER_TOOL, "glyph_read_region")
"""Tools that are called for exact text, which pages would spoil."""

Kind = Literal["tool_result", "paste", "message"]
"""What a part is; a `message` is what a person wrote around pastes."""
Blocked = Literal["error_result", "exact_tool", "has_images", "annotated", "prose"]
"""Why a part stays text whatever it costs: the tool failed; the tool gives exact text; the result
has images of its own; its blocks carry more than text, such as cache marks or citations; a person
wrote it."""

_PATH_ARGUMENTS = ("path", "file_path", "file", "filename", "target_file")


@dataclass(frozen=True, slots=True)
class Part:
    """A text in a conversation that could be pages.

    Attributes:
        message: Index of its message.
        kind: What it is.
        name: Tool, or name of the paste.
        path: Name that stands on the pages.
        text: The text itself.
        block: Index of its content block, for a paste.
        start: Offset in that block.
        stop: Offset after its end.
        blocked: Why it stays text whatever it costs, if it does.
    """

    message: int
    kind: Kind
    name: str
    path: str
    text: str = field(repr=False)
    block: int = 0
    start: int = 0
    stop: int = 0
    blocked: Blocked | None = None

    @property
    def key(self) -> str:
        """Name of the text by its content."""
        return text_key(self.text)


def find_parts(
    messages: Sequence[BaseMessage], least_characters: int, exact_tools: Sequence[str] = EXACT_TOOLS
) -> Iterator[Part]:
    """Yield every tool result, and of what people sent whatever is long enough, in order.

    Args:
        messages: A conversation.
        least_characters: Shorter pastes, and shorter words of people, are not looked for.
        exact_tools: Tools whose results always stay text.
    """
    calls: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for index, message in enumerate(messages):
        if isinstance(message, AIMessage):
            for call in message.tool_calls:
                calls[str(call["id"])] = (call["name"], call["args"])
        elif isinstance(message, ToolMessage):
            called, arguments = calls.get(message.tool_call_id, ("tool", {}))
            name = message.name or called
            text, blocked = tool_text(message)
            if name in exact_tools or bare(name) in exact_tools:
                blocked = "exact_tool"
            yield Part(index, "tool_result", name, _path(name, arguments), text, blocked=blocked)
        elif isinstance(message, HumanMessage):
            for block, text in plain_texts(message):
                written, done = "", 0
                for paste in find_pastes(text, least_characters):
                    where = (block, paste.start, paste.stop)
                    yield Part(index, "paste", paste.path, paste.path, paste.text, *where)
                    written, done = written + text[done : paste.start], paste.stop
                written += text[done:]
                if len(written) >= least_characters:
                    where = (block, 0, len(text))
                    yield Part(
                        index, "message", "message", "message.txt", written, *where, blocked="prose"
                    )


def newest_start(messages: Sequence[BaseMessage], turns: int, stride: int = 1) -> int:
    """Index of the first message of the newest turns.

    An AI message with its tool results is a turn, a person's message is another.

    Args:
        messages: A conversation.
        turns: How many turns are the newest, at least.
        stride: The index moves on by so many turns at a time, and rests in between.
    """
    starts = [
        index
        for index, message in enumerate(messages)
        if isinstance(message, AIMessage | HumanMessage)
    ]
    old = max(0, len(starts) - turns) // stride * stride
    return starts[old] if old < len(starts) else len(messages)


def tool_text(message: ToolMessage) -> tuple[str, Blocked | None]:
    """Text of a tool result, and what forbids to replace it."""
    blocks = content_blocks(message)
    texts = [block if isinstance(block, str) else block.get("text") for block in blocks]
    whole = "\n".join(text for text in texts if isinstance(text, str))
    if message.status == "error":
        return whole, "error_result"
    if any(plain_text(block) is None for block in blocks):
        return whole, "has_images" if any(map(is_image, blocks)) else "annotated"
    return whole, None


def plain_texts(message: BaseMessage) -> Iterator[tuple[int, str]]:
    """Yield index and text of each content block that is nothing but text."""
    for index, block in enumerate(content_blocks(message)):
        if (text := plain_text(block)) is not None:
            yield index, text


def plain_text(block: Any) -> str | None:
    """Text of a block, or None where it is anything more than text."""
    if isinstance(block, str):
        return block
    if block.get("type") != "text" or set(block) - {"type", "text", "id", "index"}:
        return None
    return str(block["text"])


def content_blocks(message: BaseMessage) -> list[Any]:
    """Content of a message as a list of blocks."""
    return [message.content] if isinstance(message.content, str) else list(message.content)


def _path(tool: str, arguments: Mapping[str, Any]) -> str:
    """Name for the result of a tool: the file that was asked for, or the tool's own."""
    for argument in _PATH_ARGUMENTS:
        value = arguments.get(argument)
        if isinstance(value, str) and value.strip():
            return value
    return f"{tool}.txt"
