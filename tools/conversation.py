"""A LangChain conversation as a vision backend takes it: images in order, and what was said.

A backend that takes dialogues is given the turns, each image where it stood. Any other holds the
images and is then asked in one turn: what was said stands in one text, turn by turn where there
is more than one, with `[image N]` where an image stood.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

from glyphagent import plugins
from glyphagent.errors import BackendError
from glyphagent.plugins import Image

from .image_blocks import image_of
from .tool_images import is_image

# What providers add to an answer beside its text; none of it was said to this model.
_UNSAID = frozenset({"reasoning", "thinking", "redacted_thinking", "tool_use", "tool_call"})
_UNSAID |= {"tool_call_chunk", "invalid_tool_call", "function_call", "non_standard_annotation"}
_ROLES: Mapping[str, Literal["system", "assistant"]] = {
    "System": "system",
    "Assistant": "assistant",
}


@dataclass(frozen=True, eq=False)
class ShownImage:
    """An image of a conversation.

    Attributes:
        pixels: Its pixels.
        caption: Text that stands directly before it in its message; may be empty.

    Shapes:
        pixels: uint8 [height, width, 3]
    """

    pixels: Image = field(repr=False)
    caption: str = ""


@dataclass(frozen=True)
class Turn:
    """What one message says.

    Attributes:
        speaker: `System`, `User`, `Assistant`, or which tool answered.
        parts: Texts, and numbers of images, from 0 through the whole conversation.
    """

    speaker: str
    parts: tuple[str | int, ...]

    def text(self, *, marked: bool = True) -> str:
        """The turn as text, images as `[image N]` counted from 1, or left out."""
        shown = [f"[image {part + 1}]" if isinstance(part, int) else part for part in self.parts]
        kept = [s for s, part in zip(shown, self.parts, strict=True) if marked or part == s]
        return "\n".join(text for text in kept if text)


@dataclass(frozen=True)
class Conversation:
    """A conversation taken apart.

    Attributes:
        images: Every image, in the order in which they are shown.
        turns: What was said.
    """

    images: tuple[ShownImage, ...]
    turns: tuple[Turn, ...]

    @classmethod
    def of(cls, messages: Sequence[BaseMessage]) -> Conversation:
        """Take messages apart.

        Raises:
            BackendError: If a block is neither text nor an image that is in the message.
        """
        images: list[ShownImage] = []
        turns = [_turn(message, images) for message in messages]
        return cls(tuple(images), tuple(turn for turn in turns if turn.parts))

    @property
    def prompt(self) -> str:
        """Everything that was said, for a model that generates."""
        if len(self.turns) == 1 and self.turns[0].speaker == "User":
            marked = any(isinstance(part, int) for part in self.turns[0].parts[1:])
            return self.turns[0].text(marked=marked)
        said = [f"{turn.speaker}: {turn.text()}" for turn in self.turns]
        return "\n\n".join([*said, "Assistant:"])

    @property
    def dialogue(self) -> tuple[plugins.Turn, ...]:
        """Everything that was said as turns of a model's own chat template, images in place.

        Templates know three roles: results of tools, and whoever else speaks, are told by the
        user, under their name. Only users show images, so an image of another's turn follows in a
        turn of the user. Neighbours of one role are one turn, as many templates demand.
        """
        said: list[plugins.Turn] = []
        for turn in self.turns:
            role = _ROLES.get(turn.speaker)
            if role is None:
                name = () if turn.speaker == "User" else (f"{turn.speaker}:",)
                said.append(plugins.Turn("user", (*name, *turn.parts)))
                continue
            said.append(plugins.Turn(role, (turn.text(),)))
            if shown := [part for part in turn.parts if isinstance(part, int)]:
                named = [part for image in shown for part in (f"[image {image + 1}]", image)]
                said.append(plugins.Turn("user", tuple(named)))
        joined: list[plugins.Turn] = []
        for each in said:
            before = joined.pop().parts if joined and joined[-1].role == each.role else ()
            joined.append(plugins.Turn(each.role, (*before, *each.parts)))
        return tuple(plugins.Turn(turn.role, _texts_joined(turn.parts)) for turn in joined)

    def question(self, captions: frozenset[str]) -> str:
        """What the user asked last, without these texts, which are no part of a question."""
        for turn in reversed(self.turns):
            if turn.speaker == "User":
                asked = [p for p in turn.parts if isinstance(p, str) and p not in captions]
                if text := "\n".join(asked).strip():
                    return text
        return ""


def _texts_joined(parts: Sequence[str | int]) -> tuple[str | int, ...]:
    """The parts with neighbouring texts as one, each on lines of its own."""
    joined: list[str | int] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(before := joined[-1], str):
            joined[-1] = f"{before}\n{part}"
        else:
            joined.append(part)
    return tuple(joined)


def _turn(message: BaseMessage, images: list[ShownImage]) -> Turn:
    parts: list[str | int] = []
    blocks = [message.content] if isinstance(message.content, str) else message.content
    for block in blocks:
        if isinstance(block, str):
            parts += [block] if block else []
        elif is_image(block):
            before = parts[-1] if parts and isinstance(parts[-1], str) else ""
            images.append(ShownImage(image_of(block), before))
            parts.append(len(images) - 1)
        elif text := _text_of(block):
            parts.append(text)
    if isinstance(message, AIMessage):
        for call in message.tool_calls:
            parts.append(f"[calls {call['name']}({json.dumps(call['args'], default=str)})]")
    return Turn(_speaker(message), tuple(parts))


def _text_of(block: Mapping[str, Any]) -> str:
    kind = block.get("type")
    if kind in ("text", "text-plain", "input_text", "output_text") or (
        kind is None and isinstance(block.get("text"), str)
    ):
        return str(block.get("text") or "")
    if kind in _UNSAID:
        return ""
    raise BackendError(
        f"a local model takes text and images; a message holds a block of type {kind!r}"
    )


def _speaker(message: BaseMessage) -> str:
    if isinstance(message, SystemMessage):
        return "System"
    if isinstance(message, HumanMessage):
        return "User"
    if isinstance(message, AIMessage):
        return "Assistant"
    if isinstance(message, ToolMessage):
        return f"Result of {message.name}" if message.name else "Result of a tool"
    if isinstance(message, ChatMessage):
        return "User" if message.role.lower() in ("user", "human") else message.role.capitalize()
    return "User"
