"""How far one spelling is from another, for an eye that misreads small glyphs.

A look-alike (`0` for `O`, `rn` for `m`, a letter in the wrong case) is half an error, any other
changed, missing, added or swapped character a whole one. What is done with a near miss is decided
elsewhere; here it is only found, and only if nothing else is about as near.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

LOOK_ALIKE = 0.5
"""Cost of a look-alike."""

# Look-alikes share the character that stands for them all; letter case goes first.
_SAME = str.maketrans(
    {"0": "o", "1": "l", "i": "l", "|": "l", "!": "l"}
    | dict(zip("5826", "szbb", strict=True))
    | {"9": "g", "q": "g"}
)
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))


def folded(text: str) -> str:
    """A text with look-alikes made the same."""
    text = text.lower().translate(_SAME)
    for pair, single in _PAIRS:
        text = text.replace(pair, single)
    return text


def allowed(length: int) -> float:
    """Largest distance at which a spelling of so many characters is still a near miss."""
    if length <= 2:
        return LOOK_ALIKE
    if length <= 5:
        return 1.0
    return 2.0 if length <= 11 else 3.0


def distance(one: str, other: str, most: float) -> float:
    """Weighted edit distance with swaps of neighbours; more than `most` may be any larger number.

    Source: optimal string alignment, Damerau (1964), Wagner and Lowrance (1975).
    """
    if one == other:
        return 0.0
    if folded(one) == folded(other):
        return LOOK_ALIKE
    if abs(len(one) - len(other)) > most:
        return most + 1
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    one, other = one[start:], other[start:]
    same = 0
    while same < min(len(one), len(other)) and one[-1 - same] == other[-1 - same]:
        same += 1
    one, other = one[: len(one) - same], other[: len(other) - same]
    like, alike = one.lower().translate(_SAME), other.lower().translate(_SAME)
    # Cells farther from the diagonal than `most` cost more than `most`.
    far, reach = most + 1, int(most)
    last = before = [far] * (len(other) + 1)
    row = [float(n) if n <= reach else far for n in range(len(other) + 1)]
    for i, mark in enumerate(one, 1):
        last, before, row = before, row, [far] * (len(other) + 1)
        row[0] = float(i) if i <= reach else far
        for j in range(max(1, i - reach), min(len(other), i + reach) + 1):
            facing = other[j - 1]
            change = 0.0
            if mark != facing:
                change = LOOK_ALIKE if like[i - 1] == alike[j - 1] else 1.0
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + change)
            if i > 1 and j > 1 and mark == other[j - 2] and one[i - 2] == facing:
                cost = min(cost, last[j - 2] + 1)
            row[j] = cost
        if min(row) > most and min(before) > most:
            return far
    return row[-1]


def nearest(text: str, candidates: Iterable[str], margin: float = LOOK_ALIKE) -> str | None:
    """The candidate that is near, if no other is within `margin` of being as near."""
    return _nearest_within(text, candidates, margin, allowed(len(text)))


def nearest_number(text: str, candidates: Iterable[str]) -> str | None:
    """The candidate that differs in a digit or two, or in look-alikes, if there is just one."""
    most = LOOK_ALIKE if len(text) < 2 else 1.0 if len(text) < 5 else 2.0
    return _nearest_within(text, candidates, LOOK_ALIKE, most)


def _nearest_within(text: str, candidates: Iterable[str], margin: float, most: float) -> str | None:
    best: str | None = None
    least = second = most + margin + 1
    for candidate in set(candidates):
        if candidate == text:
            continue
        found = distance(text, candidate, most + margin)
        if found < least:
            best, least, second = candidate, found, least
        elif found < second:
            second = found
    return best if least <= most and second - least >= margin else None


class SpellingIndex:
    """Near misses among very many words.

    The words that may be near are taken by length and by which characters they have, without
    looking at one after the other; only these are compared.
    """

    def __init__(self, words: Iterable[str]) -> None:
        """Take the words; the index is made when first asked."""
        self._words: Sequence[str] = sorted(words)

    def nearest(self, text: str, margin: float = 1.0) -> str | None:
        """The word that is near, if no other is within `margin` of being as near."""
        most = allowed(len(text)) + margin
        # A pair such as `rn` for `m` changes the length by one and three characters at a cost of
        # one half, so the sieve is a little wider than the distance.
        return nearest(text, [self._words[place] for place in self._sieved(text, most)], margin)

    def within(self, text: str, most: float) -> list[str]:
        """Words that are at most so far, nearest first; however many are as near."""
        places = self._sieved(text, most)
        found = [(distance(text, self._words[place], most), place) for place in places]
        return [self._words[place] for far, place in sorted(found) if far <= most]

    def _sieved(self, text: str, most: float) -> list[int]:
        """Places of the words that may be so near, by length, characters, and how many of each."""
        lengths, marks = self._arrays
        close = np.abs(lengths - len(text)) <= most + 1
        differing = np.bitwise_count(marks[close] ^ np.uint64(_marks(text)))
        places = np.flatnonzero(close)[differing <= 2 * most + 1]
        # An edit changes two counts at most; a pair that looks like one character three.
        apart = np.abs(self._counts[places] - _counted(text)).sum(axis=1)
        found: list[int] = places[apart <= 2 * most + 3].tolist()
        return found

    @cached_property
    def _counts(self) -> npt.NDArray[np.int8]:
        return np.array([_counted(word) for word in self._words], np.int8).reshape(-1, 64)

    @cached_property
    def _arrays(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64]]:
        lengths = np.array([len(word) for word in self._words], np.int64)
        marks = np.array([_marks(word) for word in self._words], np.uint64)
        return lengths, marks


def _counted(word: str) -> npt.NDArray[np.int8]:
    """How often each character stands in a word, look-alikes as one, at most 60 times."""
    counts = [0] * 64
    for character in word.lower().translate(_SAME):
        counts[ord(character) & 63] += counts[ord(character) & 63] < 60
    return np.array(counts, np.int8)


def _marks(word: str) -> int:
    """A bit for each character that a word has, look-alikes as one."""
    marks = 0
    for character in set(folded(word)):
        marks |= 1 << (ord(character) & 63)
    return marks


_ENDING = re.compile(r"(?:s|es|ed|d|ing|er|ly|'s)\Z")


def inflected(one: str, other: str) -> bool:
    """Whether two words differ by an English ending only."""
    short, long = sorted((one.lower(), other.lower()), key=len)
    return _ENDING.sub("", long).rstrip("e") == _ENDING.sub("", short).rstrip("e")
