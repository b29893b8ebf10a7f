"""Messages as a program shows them, held against the strings that it makes them from.

A message stands in the source in pieces: strings over several lines, places for values, percent
signs. An answer quotes it as one text, with a value filled in, or with its end left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from glyphagent.guard.regions import Region

_LITERAL = re.compile(
    r"(?P<prefix>\b[rRbBfFuU]{1,2})?(?P<text>\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?'''"
    r"|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')",
    re.DOTALL,
)
_COMMENTS = re.compile(r"(?:^[ \t]*#[^\n]*(?:\n|\Z))+", re.MULTILINE)
_PIECE = re.compile(r"\{[^{}\n]{0,80}\}|%[sdrfi]|\.\.\.|\u2026|\w+|[^\w\s]")
_SPOKEN = re.compile(r"\w['\"`)\]}]?[,.:;]? +['\"`(\[{]?\w")
_PLACE = re.compile(r"\{[^{}\n]{0,80}\}|%[sdrfi]")
_ELLIPSIS = ("...", "\u2026")
_BEFORE, _BEHIND = 6, 12
_LONGEST_VALUE = 12
_SHORT_VALUE = 3  # of a value with which a quote ends before its message does
_MOST_PIECES = 400


@dataclass(frozen=True, slots=True)
class Filled:
    """A message that a quote is an instance of, with the quote's values in its places."""

    values: tuple[str, ...]


def message_of(quote: str, region: Region) -> Filled | None:
    """The filled-in message of a region's strings that a quote is; None if it is none of them."""
    if not _SPOKEN.search(quote):
        return None
    wanted = _PIECE.findall(_unquoted(quote))
    words = [piece for piece in wanted if re.match(r"\w", piece)]
    if len(words) < 2 or sum(map(len, words)) < 6 or len(wanted) > _MOST_PIECES:
        return None
    for text in _texts(region):
        held = _PIECE.findall(text)
        if len(held) <= _MOST_PIECES and (values := _matched(wanted, held)) is not None:
            return Filled(tuple(values))
    return None


def _unquoted(quote: str) -> str:
    quote = quote.strip()
    if match := re.fullmatch(r"[rbfuRBFU]{0,2}([\"'])(.*)\1", quote, re.DOTALL):
        quote = match.group(2)
    return quote


def _texts(region: Region) -> Iterator[str]:
    """Strings that overlap the lines, with neighbours joined, and comments."""
    first = max(region.first - _BEFORE, 1)
    last = min(region.last + _BEHIND, region.document.line_count)
    window = region.document.lines(first, last).replace("\r\n", "\n")
    joined: list[re.Match[str]] = []
    for match in [*_LITERAL.finditer(window), None]:
        if match and joined and re.fullmatch(r"[ \t\n]*", window[joined[-1].end() : match.start()]):
            joined.append(match)
            continue
        if joined and _within(window, joined[0].start(), joined[-1].end(), first, region):
            yield "".join(_inside(each) for each in joined)
        joined = [match] if match else []
    for comment in _COMMENTS.finditer(window):
        if _within(window, comment.start(), comment.end() - 1, first, region):
            yield re.sub(r"(?m)^[ \t]*#+[ \t]?", "", comment.group())


def _within(window: str, start: int, stop: int, first: int, region: Region) -> bool:
    begins = first + window.count("\n", 0, start)
    ends = first + window.count("\n", 0, stop)
    return begins <= region.last and ends >= region.first


def _inside(literal: re.Match[str]) -> str:
    text = literal["text"]
    text = text[3:-3] if text[:3] in ('"""', "'''") else text[1:-1]
    if "r" not in (literal["prefix"] or "").lower():
        text = re.sub(r"\\([\"'\\])", r"\1", re.sub(r"\\[nt]", " ", text))
    return text


def _matched(wanted: Sequence[str], held: Sequence[str]) -> list[str] | None:
    """Values of the places of a message that a quote stands in as a whole; None if it does not."""
    fixed = {piece for piece in held if re.match(r"\w{2}", piece)}
    if sum(piece in fixed for piece in wanted) < 2:
        return None
    starts = range(len(held)) if wanted[0] not in _ELLIPSIS else range(1)
    seen: set[tuple[int, int]] = set()
    words = sum(1 for piece in wanted if re.match(r"\w", piece))
    for start in starts:
        # A value at the start of a quote fills the place at the start of a message only.
        if start and _PLACE.fullmatch(held[start]) and wanted[0] != held[start]:
            continue
        if (values := _step(wanted, held, 0, start, seen)) is not None:
            filled = sum(len(re.findall(r"\w+", value)) for value in values)
            if words - filled >= max(2, 0.4 * words):
                return values
    return None


def _step(
    wanted: Sequence[str], held: Sequence[str], i: int, j: int, seen: set[tuple[int, int]]
) -> list[str] | None:
    while i < len(wanted):
        if (i, j) in seen:
            return None
        seen.add((i, j))
        if wanted[i] in _ELLIPSIS:
            if i + 1 == len(wanted):
                return []
            for k in range(j, len(held)):
                if _PLACE.fullmatch(held[k]) and held[k] != wanted[i + 1]:
                    continue
                if (rest := _step(wanted, held, i + 1, k, seen)) is not None:
                    return rest
            return None
        # What ends a sentence of the answer, not of the message.
        if j >= len(held):
            return [] if i + 1 == len(wanted) and wanted[i] in ".:!" else None
        if wanted[i] == held[j]:
            i, j = i + 1, j + 1
            continue
        if not _PLACE.fullmatch(held[j]) or _PLACE.fullmatch(wanted[i]):
            return [] if i + 1 == len(wanted) and wanted[i] in ".!" else None
        for length in range(1, min(_LONGEST_VALUE, len(wanted) - i) + 1):
            last = wanted[i + length - 1]
            if last in _ELLIPSIS or _PLACE.fullmatch(last):
                return None
            ends = i + length == len(wanted)
            if ends and length > _SHORT_VALUE and any(re.match(r"\w", p) for p in held[j + 1 :]):
                return None
            if (rest := _step(wanted, held, i + length, j + 1, seen)) is not None:
                return [" ".join(wanted[i : i + length]), *rest]
        return None
    return []
