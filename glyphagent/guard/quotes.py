"""Whether code that an answer quotes stands in the lines that it cites, and what is like it there.

A quote may begin before or end after the cited lines, be set on one line where the source has
several, or leave something out with three dots. Any other difference is one: blanks inside a
string of the source count, a missing word counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from glyphagent.document import Location
from glyphagent.guard.regions import Region
from glyphagent.guard.spelling import allowed, distance
from glyphagent.guard.vocabulary import stands_apart

_TOKEN = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|[\w$]+|[^\w\s]", re.UNICODE)
_PIECE = re.compile(r"[\w$]+|[^\w\s]")
_GAP = re.compile(r"\s*(?:\.\.\.|\u2026)\s*")
_SIGNATURE = re.compile(
    r"(?:async\s+)?(?:def\s+)?([\w$.]+)(\(.*\))\s*(?:->\s*([^()]+?))?:?\Z", re.S
)
_PARAMETER = re.compile(r"[*&]{0,2}[\w$]+(?:[:=].*)?\Z|[*/]\Z", re.S)
_HYPHENED = re.compile(r"\w+(?:-\w+)+")
_LONGEST_HEADER = 40
_MOST_TOKENS = 60_000
_LONGEST_LIKENESS = 400


@dataclass(frozen=True, slots=True)
class Token:
    """A word, string or sign of code, and where it stands."""

    text: str
    start: int
    stop: int


def tokens(text: str, pattern: re.Pattern[str] = _TOKEN) -> list[Token]:
    """Words, strings and signs of code; a comma before a closing bracket is none."""
    found = [Token(m.group(), m.start(), m.end()) for m in pattern.finditer(text)]
    return [
        token
        for token, after in zip(found, [*found[1:], None], strict=False)
        if token.text != "," or after is None or after.text not in (")", "]", "}")
    ]


def stands_in(quote: str, region: Region) -> bool:
    """Whether a quote stands in a region, or begins or ends in it."""
    quote = quote.replace("\r\n", "\n").strip()
    window, before = _window(quote, region)
    if any(_overlaps(window, start, len(quote), before, region) for start in _finds(window, quote)):
        return True
    wanted = [token.text for token in tokens(quote)]
    if (
        len(wanted) > 1
        and not _HYPHENED.fullmatch(quote)
        and any(
            _overlaps(window, start, stop - start, before, region)
            for start, stop in _runs(tokens(window), wanted)
        )
    ):
        return True
    if _GAP.search(quote) and _in_order(quote, region):
        return True
    return _is_signature(quote, region)


def in_block(quote: str, region: Region) -> Location | None:
    """Where a quote stands in the definition that cited lines begin."""
    block = region.block
    offset = block.text.find(quote.replace("\r\n", "\n").strip())
    if offset < 0:
        return None
    first = block.first + block.text.count("\n", 0, offset)
    return Location(block.document.path, first, first + quote.strip().count("\n"))


def likeness(quote: str, region: Region) -> str | None:
    """The one text of a region that a quote is a near miss of, as the source writes it."""
    quote = quote.replace("\r\n", "\n").strip()
    if len(quote) > _LONGEST_LIKENESS * 10:
        return None
    window, before = _window(quote, region)
    held = tokens(window, _PIECE)
    wanted = [token.text for token in tokens(quote, _PIECE)]
    if not wanted or len(held) > _MOST_TOKENS:
        return None
    flat = " ".join(wanted)
    most = min(allowed(len(quote)) + len(quote) // 40, 6.0)
    scored: list[tuple[float, str]] = []
    for length in (len(wanted), len(wanted) - 1, len(wanted) + 1, len(wanted) + 2):
        for start, stop in _candidates(held, wanted, length, most):
            text = window[start:stop]
            if not _overlaps(window, start, stop - start, before, region):
                continue
            if len(text) > _LONGEST_LIKENESS and not _alike_by_line(quote, text):
                continue
            found = " ".join(token.text for token in tokens(text, _PIECE))
            scored.append((distance(flat, found, most), text))
    if not re.match(r"[\"'(\[{]", quote):  # what a bracket opens is not like what begins without
        scored = [(score, text) for score, text in scored if text[0] not in "\"'([{"]
    scored = sorted(set(scored))
    if not scored or scored[0][0] > most:
        return None
    rivals = {score for score, text in scored[1:] if not _nested(text, scored[0][1])}
    return scored[0][1] if not rivals or min(rivals) - scored[0][0] >= 0.5 else None


def _nested(one: str, other: str) -> bool:
    """Whether two windows are the same text, one a little wider."""
    return one in other or other in one


def _alike_by_line(quote: str, text: str) -> bool:
    """Whether most lines of two blocks are the same, so that comparing them is worth the time."""
    ours = {line.strip() for line in quote.split("\n")}
    theirs = {line.strip() for line in text.split("\n")}
    return len(ours & theirs) * 2 >= len(ours)


def _candidates(
    held: Sequence[Token], wanted: Sequence[str], length: int, most: float
) -> list[tuple[int, int]]:
    """Runs of `length` tokens that have nearly all that is wanted, in its places."""
    if length < 1 or length > len(held):
        return []
    differing = int(most) + 1
    same = length == len(wanted)
    found: list[tuple[int, int, int]] = []
    bag = set(wanted)
    for place in range(len(held) - length + 1):
        run = held[place : place + length]
        if same:
            faults = 0
            for token, word in zip(run, wanted, strict=True):
                if token.text != word:
                    faults += 1
                    if faults > differing:
                        break
        else:
            faults = sum(token.text not in bag for token in run)
        if faults <= differing and (faults < length or length == 1):
            found.append((faults, run[0].start, run[-1].stop))
    found.sort()
    return [(start, stop) for _, start, stop in found[:12]]


def _window(quote: str, region: Region) -> tuple[str, int]:
    """The region with as many lines around it as a quote may reach over; how many go before."""
    over = quote.count("\n")
    first = max(region.first - over, 1)
    text = region.document.lines(first, region.last + max(over, 0))
    return text.replace("\r\n", "\n"), region.first - first


def _overlaps(window: str, start: int, length: int, before: int, region: Region) -> bool:
    first = window.count("\n", 0, start)
    last = window.count("\n", 0, start + max(length - 1, 0))
    return first <= before + region.last - region.first and last >= before


def _finds(window: str, quote: str) -> list[int]:
    found: list[int] = []
    offset = window.find(quote)
    while offset != -1 and len(found) < 1000:
        if stands_apart(window, offset, offset + len(quote)) and not (
            _HYPHENED.fullmatch(quote) and _within_hyphens(window, offset, offset + len(quote))
        ):
            found.append(offset)
        offset = window.find(quote, offset + 1)
    return found


def _within_hyphens(text: str, start: int, stop: int) -> bool:
    """Whether a part of a text is only some of the words of a longer one with hyphens."""
    left, right = text[max(start - 2, 0) : start], text[stop : stop + 2]
    return re.match(r"\w-", left) is not None or re.match(r"-\w", right) is not None


def _runs(held: Sequence[Token], wanted: Sequence[str]) -> list[tuple[int, int]]:
    words = [token.text for token in held]
    length = len(wanted)
    return [
        (held[place].start, held[place + length - 1].stop)
        for place in range(len(words) - length + 1)
        if words[place] == wanted[0] and words[place : place + length] == list(wanted)
    ]


def _in_order(quote: str, region: Region) -> bool:
    """Whether the pieces around three dots stand one after the other."""
    pieces = [piece.strip() for piece in _GAP.split(quote) if piece.strip()]
    if not pieces or not any(len(piece) > 2 for piece in pieces):
        return False
    held = tokens(region.block.text)
    place = 0
    cited = len(tokens(region.text))
    for number, piece in enumerate(pieces):
        wanted = [token.text for token in tokens(piece)]
        last = len(held) - len(wanted) + 1
        for start in range(place, last if number else min(last, cited)):
            if [token.text for token in held[start : start + len(wanted)]] == wanted:
                place = start + len(wanted)
                break
        else:
            return False
    return True


def _is_signature(quote: str, region: Region) -> bool:
    """Whether `name(a, b=1)` is a header that begins in the region.

    A quote may leave out annotations, the instance, and the signs `*` and `/`; either all
    defaults or none. What it has must be as in the source.
    """
    match = _SIGNATURE.match(quote)
    if match is None:
        return False
    inside = [token.text for token in tokens(match.group(2))]
    wanted = _parameters(inside)
    # The bracket that opens must be the one that closes last, or more than a header is quoted.
    if sum(map(len, wanted)) + max(len(wanted) - 1, 0) + 2 != len(inside):
        return False
    if not all(_PARAMETER.match("".join(words)) for words in wanted):
        return False
    *owners, name = match.group(1).split(".")
    if name not in region.words or not all(region.names(owner) for owner in owners):
        return False
    cited = len(tokens(region.text))
    last = min(region.last + _LONGEST_HEADER, region.document.line_count)
    more = region.document.lines(region.first, last).replace("\r\n", "\n")
    words = [token.text for token in tokens(more)]
    result = "".join(match.group(3).split()) if match.group(3) else ""
    for place in range(min(cited, len(words) - 1)):
        if words[place] != name or words[place + 1] != "(":
            continue
        if result and not _gives(words[place + 1 :], result):
            continue
        found = _parameters(words[place + 1 :])
        for forms in (_full, _nameless):
            if _as_header([forms(each) for each in found], wanted):
                return True
    return False


def _as_header(held: list[frozenset[str]], wanted: list[list[str]]) -> bool:
    """Whether parameters are those of a header, each in one of its forms."""
    signs = [words for words in wanted if words in (["*"], ["/"])]
    if not signs:
        held = [forms for forms in held if not forms & {"*", "/"}]
    said = ["".join(words) for words in wanted]
    instance = bool(held) and bool(held[0] & {"self", "cls"})
    if instance and said[:1] not in (["self"], ["cls"]):
        held = held[1:]
    return len(held) == len(said) and all(
        word in forms for word, forms in zip(said, held, strict=True)
    )


def _full(words: list[str]) -> frozenset[str]:
    """A parameter with and without its annotation."""
    return frozenset(("".join(words), _bare(words)))


def _nameless(words: list[str]) -> frozenset[str]:
    """A parameter without its default, with and without its annotation."""
    kept = "".join(words).partition("=")[0]
    return frozenset((kept, _bare(words).partition("=")[0]))


def _gives(words: list[str], result: str) -> bool:
    """Whether a header from its opening bracket on says that it returns this."""
    depth = 0
    for place, word in enumerate(words):
        depth += (word in ("(", "[", "{")) - (word in (")", "]", "}"))
        if depth == 0:
            return "".join(words[place + 1 :]).startswith("->" + result + ":")
    return False


def _parameters(held: Sequence[str]) -> list[list[str]]:
    """Parameters from an opening bracket to its end, each as its words and signs."""
    depth = 0
    found: list[list[str]] = [[]]
    for word in held:
        closes = word in (")", "]", "}")
        depth += (word in ("(", "[", "{")) - closes
        if depth == 0:
            break
        if depth == 1 and word == ",":
            found.append([])
        elif depth > 1 or closes or word != "(":
            found[-1].append(word)
    return [words for words in found if words]


def _bare(words: list[str]) -> str:
    if ":" in words:
        colon = words.index(":")
        value = words.index("=", colon) if "=" in words[colon:] else len(words)
        words = words[:colon] + words[value:]
    return "".join(words)
