"""Text tokens counted exactly, and what they mean beside visual tokens.

Visual tokens are `profiles`' business. Text is counted with a named tokenizer whose ranks come
with its library, so that counting needs no network; there is no estimate to fall back to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from typing import Literal, Protocol, cast

from glyphagent.errors import PluginError

TOKENIZER = "o200k_base"

BREAK_EVEN_MARGIN = 1.10
"""Visual tokens are counted so much dearer before they are held against text.

Source: pxpipe's gate, which multiplies image cost by 1.10.
"""

Advice = Literal["send images", "send text"]

# The library refuses a million characters or 200,000 tokens at once; no character has more than
# four tokens, so pieces of this size always pass.
_PIECE = 48_000
_REMEMBERED = 65_536
_counts: dict[bytes, int] = {}


class _Encoding(Protocol):
    def encode_ordinary(self, text: str) -> list[int]: ...


def count_text_tokens(texts: Iterable[str]) -> int:
    """Tokens of these texts under `TOKENIZER`, each counted alone, counts remembered by content.

    Strings that name a special token, such as `<|endoftext|>`, count as the plain text they are.

    Raises:
        PluginError: If the tokenizer's library is not installed.
    """
    return sum(_count(text) for text in texts)


def compression_ratio(text_tokens: int, visual_tokens: int) -> float:
    """Text tokens per visual token; 0 where there are no visual tokens."""
    return text_tokens / visual_tokens if visual_tokens else 0.0


def images_win(text_cost: float, image_cost: float) -> bool:
    """Whether images cost less than text, with `BREAK_EVEN_MARGIN` in favour of text.

    Both in tokens, or both in money. Images of no cost are none at all, and do not win.
    """
    return 0 < image_cost * BREAK_EVEN_MARGIN < text_cost


def break_even(text_cost: float, image_cost: float) -> float:
    """How many times dearer images could be before text wins; above 1 they win now.

    0 where there are no images.
    """
    return text_cost / (image_cost * BREAK_EVEN_MARGIN) if image_cost else 0.0


def advice(text_tokens: int, visual_tokens: int) -> Advice:
    """What to send, by the tokens alone.

    No visual tokens means that the model is not known to take images: send text.
    """
    return "send images" if images_win(text_tokens, visual_tokens) else "send text"


def _count(text: str) -> int:
    key = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    known = _counts.get(key)
    if known is None:
        encoding = _encoding()
        known = sum(len(encoding.encode_ordinary(piece)) for piece in _pieces(text, _PIECE))
        if len(_counts) >= _REMEMBERED:
            for old in list(islice(_counts, _REMEMBERED // 2)):
                _counts.pop(old, None)
        _counts[key] = known
    return known


def _pieces(text: str, size: int) -> Iterator[str]:
    """Yield the text in pieces of at most `size` characters that count as the whole does.

    A piece ends between a visible character and a blank: every rule of the tokenizer's pattern
    stops there, and none looks back. A run of `size` characters without such a place, as only
    packed data has, is cut anywhere and may count a token or two more.
    """
    start = 0
    while len(text) - start > size:
        stop = start + size
        while stop > start and not (text[stop] in " \t" and not text[stop - 1].isspace()):
            stop -= 1
        stop = stop if stop > start else start + size
        yield text[start:stop]
        start = stop
    yield text[start:]


@cache
def _encoding() -> _Encoding:
    try:
        from bpe_openai import get_encoding  # type: ignore[import-untyped]
    except ImportError as error:
        raise PluginError(
            f"text tokens cannot be counted without bpe-openai, which carries {TOKENIZER}: "
            "pip install bpe-openai"
        ) from error
    return cast(_Encoding, get_encoding(TOKENIZER))
