"""One request to `ChatGlyph`: what it asks for, and the chunk that ends its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AIMessageChunk
from langchain_core.messages.ai import UsageMetadata

from glyphagent.plugins import Backend
from glyphagent.targets import profile_of

PROVIDER = "glyphagent"
"""What answers name as the provider of their model."""


@dataclass(frozen=True)
class Call:
    """What one request asks for, in which per-call settings have been heard.

    Attributes:
        name: Model that is asked.
        backend: Its backend.
        stop: Texts at which the answer ends.
        max_tokens: Most tokens of the answer.
        timeout: Seconds after which it is given up.
    """

    name: str
    backend: Backend
    stop: tuple[str, ...]
    max_tokens: int
    timeout: float | None


def last_chunk(
    call: Call, asked: int, answered: int, *, finish_reason: str, stopped: str, **facts: Any
) -> AIMessageChunk:
    """The chunk that ends an answer. LangChain joins metadata, so only this one has any."""
    metadata = {
        "model_name": call.backend.model or call.name,
        "model_provider": PROVIDER,
        "finish_reason": finish_reason,
        **({"stop_sequence": stopped} if stopped else {}),
        **facts,
    }
    return AIMessageChunk(
        content="",
        response_metadata=metadata,
        usage_metadata=UsageMetadata(
            input_tokens=asked, output_tokens=answered, total_tokens=asked + answered
        ),
        chunk_position="last",
    )


def cut(text: str, stops: Sequence[str]) -> tuple[str, str]:
    """The text up to the first of these stops, and which one that is, or nothing."""
    found = [(text.find(stop), stop) for stop in stops if stop in text]
    if not found:
        return text, ""
    offset, stop = min(found)
    return text[:offset], stop


def patch_of(call: Call) -> int:
    """Side of the merged patch of the model that is asked."""
    return profile_of(call.backend.name, call.backend.model or call.name).patch_px
