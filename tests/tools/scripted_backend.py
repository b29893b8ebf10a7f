"""A backend that says what a test wrote, and remembers what it was given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from glyphagent.plugins import Chunk
from glyphagent.tools import ChatGlyph


class Scripted:
    """A backend that gives prepared answers and remembers what it was given."""

    name = "scripted"
    model = "zai-org/Glyph"

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.prompts: list[str] = []
        self.images: list[Any] = []
        self.prefills = 0
        self.closed = 0

    def prefill(self, images: Sequence[Any]) -> Scripted:
        self.images = list(images)
        self.prefills += 1
        return self

    def stream(self, prompt: str, max_tokens: int) -> Iterator[Chunk]:
        self.prompts.append(prompt)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        try:
            for character in answer:
                yield Chunk(character)
            yield Chunk("", 100, len(answer))
        finally:
            self.closed += 1


def over(backend: Scripted, **settings: Any) -> ChatGlyph:
    return ChatGlyph(model=backend.model, backend=backend, **settings)
