"""A conversation in the words of a checkpoint's own chat template, its pages where they were shown.

Templates are the checkpoint's, texts are from anywhere: each text goes through the template as a
random mark, so that what a template does to texts, and what a text spells, cannot meet.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from glyphagent.errors import BackendError
from glyphagent.plugins import Turn


@dataclass(frozen=True, eq=False)
class HeldPage:
    """A page that a model holds.

    Attributes:
        label: Text that stands before the image; may be empty.
        tokens: Its visual tokens.
        grid: Patches over time, height and width.

    Shapes:
        tokens: [tokens, hidden]
    """

    label: str
    tokens: Tensor
    grid: tuple[int, int, int]


def with_labels(
    turns: Sequence[Turn], pages: Sequence[HeldPage]
) -> tuple[list[Turn], list[HeldPage]]:
    """The turns with each page's label before it, and the pages in the order they are shown.

    Raises:
        BackendError: If a turn shows a page that is not held.
    """
    shown: list[HeldPage] = []
    labelled: list[Turn] = []
    for turn in turns:
        parts: list[str | int] = []
        for part in turn.parts:
            if isinstance(part, int):
                if not 0 <= part < len(pages):
                    raise BackendError(f"no page {part} is held; there are {len(pages)}, from 0")
                shown.append(pages[part])
                parts += [f"{pages[part].label}\n"] if pages[part].label else []
            parts.append(part)
        labelled.append(Turn(turn.role, tuple(parts)))
    return labelled, shown


def render(tokenizer: Any, turns: Sequence[Turn], name: str) -> list[str]:
    """Pieces of the conversation: the template's own, and between each two of them a text.

    Args:
        tokenizer: The tokenizer that has the template.
        turns: What was said.
        name: The checkpoint, for messages.

    Raises:
        BackendError: If the template refuses the conversation, or does not keep it in order.
    """
    # Stock templates print what a system or an assistant says as it is, so that it must be a
    # text; others want parts everywhere.
    for as_text in (True, False):
        texts, rendered = _rendered(tokenizer, turns, name, as_text)
        pieces = re.split(rf"{texts.mark}(\d+)\.", rendered)
        if pieces[1::2] == [str(number) for number in range(len(texts.kept))]:
            pieces[1::2] = texts.kept
            return pieces
    raise BackendError(f"the chat template of {name!r} does not keep parts in order")


class _Texts:
    """Texts, each under a mark that none of them spells."""

    def __init__(self) -> None:
        self.mark = f"text{secrets.token_hex(8)}n"
        self.kept: list[str] = []

    def marked(self, text: str) -> str:
        self.kept.append(text)
        return f"{self.mark}{len(self.kept) - 1}."


def _rendered(
    tokenizer: Any, turns: Sequence[Turn], name: str, as_text: bool
) -> tuple[_Texts, str]:
    """The texts, and the conversation with their marks.

    `as_text` gives turns of others than the user as texts, where they have no images.
    """
    texts = _Texts()
    messages: list[dict[str, Any]] = []
    for turn in turns:
        content: list[dict[str, str]] = [
            {"type": "image"}
            if isinstance(part, int)
            else {"type": "text", "text": texts.marked(part)}
            for part in turn.parts
        ]
        plain = as_text and turn.role != "user" and all("text" in part for part in content)
        whole = "".join(part["text"] for part in content) if plain else content
        messages.append({"role": turn.role, "content": whole})
    try:
        rendered = tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=True
        )
    except Exception as error:
        # What a template itself refuses; the package that says so comes with torch, not with us.
        if type(error).__module__ != "jinja2.exceptions":
            raise
        told = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise BackendError(f"the chat template of {name!r} refuses this: {told}") from error
    return texts, str(rendered)
