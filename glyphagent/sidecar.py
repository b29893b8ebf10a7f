"""Exact tokens that travel as text beside page images.

A model reads a hash, a version or a long number off a page less surely than words, and nothing in
it tells that a digit is wrong. So the few tokens that must be exact are given as text too: sorted
by how much harm a misreading does, each once, within a stated share of the text's own tokens.

Source: pxpipe's fact sheet, which sorts by shape and keeps a label with its value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from glyphagent.blobs import write_atomic
from glyphagent.document import Document
from glyphagent.errors import PageError
from glyphagent.page import Page
from glyphagent.tokens import count_text_tokens

SHARE = 0.05
"""Largest part of a text's tokens that its exact tokens may cost again."""

MOST_ON_A_PAGE = 96
FILE = "sidecar.txt"

_LONGEST = 160
_LABEL = 6  # tokens of a page's label and line end
_UUID = re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b")
_HASH = re.compile(
    r"(?<![\w-])(?=[0-9a-fA-F]*[0-9])(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{7,128}(?![\w-])"
    r"|\b0x[0-9a-fA-F]{4,64}\b"
)
_PAIR = re.compile(
    r"(?m)^[ \t]*(?:(?:const|let|var|export|static|final|readonly|#define)[ \t]+)*"
    r"(?P<name>[A-Z][A-Z0-9_]{2,60})[ \t]*(?::[^=\n]{1,40}=|[=:]|(?<=[ \t]))[ \t]*"
    r"(?P<value>[-+]?\d[\w.+-]*|\"[^\"\n]{1,100}\"|'[^'\n]{1,100}'|`[^`\n]{1,100}`)"
    r"[ \t]*[,;]?[ \t]*(?:#.*|//.*)?$"
)
_VERSION = re.compile(r"(?<![\w.])v?\d{1,5}(?:\.\d{1,6}){2,4}(?:[-+.]?[a-z][\w.]{0,20})?(?![\w.])")
_LONG_NUMBER = re.compile(
    r"(?<![\w.])\d[\d_]{4,40}(?:\.\d+)?(?![\w.])|(?<![\w.])\d+\.\d{4,}(?![\w.])"
)
_FLAG = re.compile(r"(?<![\w-])--[a-z][a-z0-9]+(?:-[a-z0-9]+)+(?![\w-])")
_URL = re.compile(r"\bhttps?://[^\s\"'`<>(){}\[\]]{4,150}[^\s\"'`<>(){}\[\].,;:]")

# Most harmful first: each tier is taken whole before the next, up to its cap.
_TIERS: tuple[tuple[re.Pattern[str], int], ...] = (
    (_UUID, 24),
    (_HASH, 24),
    (_PAIR, 32),
    (_VERSION, 16),
    (_LONG_NUMBER, 24),
    (_FLAG, 16),
    (_URL, 12),
)


def hard_tokens(text: str, share: float = SHARE) -> tuple[str, ...]:
    """Tokens of a text that must be read exactly, within a share of its own tokens.

    Hashes, UUIDs, constants with their values, versions, long numbers, flags and addresses; each
    once, the shapes one after the other, in the text's order within a shape. The same text gives
    the same tokens.

    Args:
        text: What is to be read.
        share: Largest part of the text's tokens that all of them may cost together.
    """
    return _within(text, int(count_text_tokens([text]) * share))


def every_hard_token(text: str) -> tuple[str, ...]:
    """All tokens of a text that must be read exactly, however many and whatever they cost."""
    return tuple(_found(text, capped=False))


def _within(text: str, left: int) -> tuple[str, ...]:
    kept: list[str] = []
    for token in _found(text):
        if len(kept) == MOST_ON_A_PAGE:
            break
        cost = count_text_tokens([f"{token}; "])
        if cost <= left:
            kept.append(token)
            left -= cost
    return tuple(kept)


def _found(text: str, *, capped: bool = True) -> Iterator[str]:
    seen: dict[str, None] = {}
    for pattern, cap in _TIERS:
        taken = 0
        before = "\n".join(seen)
        for match in pattern.finditer(text):
            groups = match.groupdict()
            token = f"{groups['name']}={groups['value']}" if groups else match.group()
            # A value that stands in a pair already is not said twice.
            if len(token) > _LONGEST or token in seen or token in before:
                continue
            seen[token] = None
            yield token
            taken += 1
            if capped and taken == cap:
                break


@dataclass(frozen=True, slots=True)
class Sidecar:
    """The exact tokens of a page set.

    Attributes:
        pages: Exact tokens of each page, in page order; a token stands with the first page that
            shows it.
        share: Largest part of the pages' text tokens that they may cost.
        left: How many exact tokens did not fit and stand on the pages alone.
    """

    pages: tuple[tuple[str, ...], ...] = ()
    share: float = SHARE
    left: int = 0

    @classmethod
    def of(
        cls, pages: Sequence[Page], documents: Iterable[Document], share: float = SHARE
    ) -> Sidecar:
        """Exact tokens of what these pages show.

        Args:
            pages: The pages, in order.
            documents: The documents that they show.
            share: Largest part of each page's text tokens that its exact tokens may cost.
        """
        by_path = {document.path: document for document in documents}
        seen: set[str] = set()
        every: set[str] = set()
        found: list[tuple[str, ...]] = []
        for page in pages:
            shown = "".join(
                by_path[part.path].lines(part.line_start, part.line_end)
                for part in page.source_map.locations()
                if part.path in by_path
            )
            budget = int(count_text_tokens([shown]) * share) - _LABEL
            fresh = tuple(token for token in _within(shown, budget) if token not in seen)
            seen.update(fresh)
            every.update(every_hard_token(shown))
            found.append(fresh)
        return cls(tuple(found), share, len(every - seen))

    @property
    def text(self) -> str:
        """One line for each page that has exact tokens, and how many are missing; may be empty."""
        lines = "".join(
            f"Page {number}: {'; '.join(tokens)}\n"
            for number, tokens in enumerate(self.pages)
            if tokens
        )
        if not self.left:
            return lines
        return f"{lines}\u2026 {self.left} more are only on the pages: read_region gives them\n"


def write_sidecar(folder: Path, pages: Sequence[Page], documents: Iterable[Document]) -> None:
    """Write the exact tokens of a page set beside it, as `sidecar.txt`; empty if there are none.

    Raises:
        PageError: If the file cannot be written.
    """
    text = Sidecar.of(pages, documents).text
    try:
        write_atomic(folder / FILE, text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise PageError(f"cannot write {folder / FILE}: {error.strerror or error}") from error
