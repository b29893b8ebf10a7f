"""The lines of a source set that speak most of a question's words, by BM25.

No index is kept: the texts are scanned for the words asked for, which costs less than splitting
everything into words. A word is found inside identifiers too: `retry` in `max_retries` and
`RetryPolicy`.

Source: S. Robertson and H. Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond
(2009), equation 3.15, with the usual k1 = 1.2 and b = 0.75.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from glyphagent.document import Location

_K1, _B = 1.2, 0.75
_WINDOW = 12
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ENDINGS = ("ications", "ication", "ations", "ation", "ings", "ing", "ies", "ied", "ers", "er",
            "ed", "es", "s", "e", "y")  # fmt: skip
_COMMON = frozenset(
    """a an the this that these those it its is are was were be been being do does did has have had
    of in on at to for from by with and or not no any some all each every what which who whom where
    when why how there here i we you they me us them my our your if whether can could should would
    will may might must about into than then so because as one tell show give find list please code
    file files project repo repository explain get use used does work works happen happens between
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of lines that matches a query.

    Attributes:
        location: Its lines.
        text: Their text, as read.
        score: Sum of BM25 over the words of the query; comparable within one query only.
        words: Words of the query that it holds, as stems.
    """

    location: Location
    text: str
    score: float
    words: tuple[str, ...]


def query_words(query: str) -> tuple[str, ...]:
    """Stems of the words that a query is about; identifiers are split into their words."""
    found = [word.lower() for word in _WORD.findall(query)]
    kept = [word for word in found if word not in _COMMON and (len(word) > 1 or word.isdigit())]
    return tuple(dict.fromkeys(_stem(word) for word in kept))


def passages(query: str, texts: Mapping[str, str], limit: int = 5) -> tuple[Passage, ...]:
    """Give the best passages for a query, best first; nothing when no word of it is found."""
    words = query_words(query)
    if not words:
        return ()
    counts: dict[tuple[str, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    windows = 0
    total = 0
    patterns = {word: _pattern(word) for word in words}
    for path, text in texts.items():
        folded = text.lower()
        windows += text.count("\n") // _WINDOW + 1
        total += len(text)
        for word, pattern in patterns.items():
            if word not in folded:
                continue
            row = position = 0
            for match in pattern.finditer(text):
                row += text.count("\n", position, match.start())
                position = match.start()
                counts[path, row // _WINDOW][word] += 1
    spread: dict[str, int] = defaultdict(int)
    for found in counts.values():
        for word in found:
            spread[word] += 1
    weight = {word: math.log(1 + (windows - n + 0.5) / (n + 0.5)) for word, n in spread.items()}
    lines_of: dict[str, list[str]] = {}
    mean = max(total / max(windows, 1), 1.0)
    scored: list[Passage] = []
    # The words' weights bound a window's score, so most windows need not be measured.
    ranked = sorted(counts, key=lambda key: -sum(weight[word] for word in counts[key]))
    for path, window in ranked[: limit * 40]:
        lines = lines_of.setdefault(path, texts[path].split("\n"))
        first = window * _WINDOW
        body = "\n".join(lines[first : first + _WINDOW])
        norm = _K1 * (1 - _B + _B * len(body) / mean)
        found = counts[path, window]
        score = sum(weight[w] * n * (_K1 + 1) / (n + norm) for w, n in found.items())
        last = min(first + _WINDOW, len(lines))
        if not lines[last - 1] and last > first + 1:
            last -= 1
        place = Location(path, first + 1, last)
        scored.append(Passage(place, body, score, tuple(found)))
    scored.sort(key=lambda each: (-each.score, each.location))
    return tuple(scored[:limit])


def _stem(word: str) -> str:
    """The word without its ending, where enough of it stays."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word.removesuffix(ending)
    return word


def _pattern(word: str) -> re.Pattern[str]:
    """Where a stem begins a word of its own, inside an identifier or outside."""
    upper, title = re.escape(word.upper()), re.escape(word.capitalize())
    plain = re.escape(word)
    # A short word must be whole; a longer one may carry an ending.
    tail = r"(?![a-z])" if len(word) < 4 else ""
    return re.compile(rf"(?<![A-Za-z]){plain}{tail}|{title}{tail}|(?<![A-Z]){upper}(?![a-z]{{2}})")
