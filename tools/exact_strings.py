"""Strings of a text that must not be read from pixels: ids, hashes, versions, numbers, addresses.

One wrong character makes them wrong and nothing around them tells, so they travel as text beside
the pages, within a share of the text's tokens. The kinds that cannot be guessed at all come first.
"""

from __future__ import annotations

import re

from glyphagent.tokens import count_text_tokens

# Source: the tiers of pxpipe's factsheet, hex and UUID before numbers before paths before URLs.
# Every pattern starts at a boundary and has no two ways through the same text: linear time.
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        r"(?<![\w-])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![\w-])",
        r"(?<!\w)(?:0x)?(?=[a-fA-F]*\d)(?=\d*[a-fA-F])[0-9a-fA-F]{7,128}(?!\w)",
        r"(?<!\w)(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{16,128}(?!\w)",
        r"(?<![\w.])v?\d+\.\d+\.\d+(?:[-+.]\w+)*",
        r"(?<![\w.])\d{5,40}(?!\w)",
        r"(?<![\w/.@+-])[~.]{0,2}/?(?:[\w.@+-]+/)+[\w@+-]+\.\w+",
        r"\bhttps?://[^\s<>\"'`)\]}]+",
    )
)
_LONGEST = 200  # characters; a longer one is a data blob, which the exact text has to be asked for


def hard_tokens(text: str, share: float = 0.05) -> tuple[str, ...]:
    """Exact strings of a text, the hardest kinds first, each once, in their order.

    Args:
        text: Any text.
        share: Share of its tokens that they may take together, separators counted.
    """
    clean = text.encode("utf-8", "replace").decode("utf-8")
    budget = int(count_text_tokens([clean]) * share)
    kept: dict[str, None] = {}
    for shape in _SHAPES:
        found = ""
        for match in shape.finditer(clean):
            found = match[0]
            if found in kept or len(found) > _LONGEST:
                continue
            budget -= count_text_tokens([found]) + 1
            if budget < 0:
                return tuple(kept)
            kept[found] = None
        if found:  # the parts of what was found are no strings of their own
            clean = shape.sub(" ", clean)
    return tuple(kept)
