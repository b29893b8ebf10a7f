"""Strings of a text that must not be read from pixels: hashes, ids, versions, addresses."""

from __future__ import annotations

import re

from glyphagent.tokens import count_text_tokens

_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b",
        r"\b(?=[0-9a-fA-F]*\d)(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{7,64}\b",
        r"\bv?\d+\.\d+\.\d+(?:[-+.]\w+)*\b",
        r"\b\d{5,}\b",
        r"https?://[^\s<>\"'`)\]}]+",
        r"(?<![\w/])(?:~|\.{1,2})?/(?:[\w.@+-]+/)+[\w.@+-]+",
    )
)


def hard_tokens(text: str, share: float = 0.05) -> tuple[str, ...]:
    """Exact strings of a text, hardest kinds first, within a share of its tokens."""
    budget = int(count_text_tokens([text.encode("utf-8", "replace").decode()]) * share)
    kept: dict[str, None] = {}
    for shape in _SHAPES:
        for found in shape.finditer(text):
            if found[0] in kept:
                continue
            budget -= count_text_tokens([found[0]]) + 1
            if budget < 0:
                return tuple(kept)
            kept[found[0]] = None
    return tuple(kept)
