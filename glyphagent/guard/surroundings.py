"""What stands around each part of an answer, gathered once for the whole answer.

A sentence may name thousands of things; none of them is compared with all others, and of a very
long sentence only the words around a part are its context.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict

from glyphagent.guard.citing import Verdicts
from glyphagent.guard.layout import before_list, header_over, intro
from glyphagent.guard.parts import Cited, Outline, Part
from glyphagent.guard.regions import WORD
from glyphagent.guard.setting import Setting, Shown
from glyphagent.guard.vocabulary import Vocabulary

_FARTHEST_NAME = 600
_MOST_CITED = 60


class Surroundings:
    """The settings of an answer's parts."""

    def __init__(
        self, text: str, outline: Outline, verdicts: Verdicts, vocabulary: Vocabulary, question: str
    ) -> None:
        """Take an answer whose citations are decided."""
        self._text = text
        self._outline = outline
        self._verdicts = verdicts
        self._vocabulary = vocabulary
        self._question = question
        self._names = [part for part in outline.parts if part.kind == "name"]
        self._words = [verdicts.names([part]) for part in self._names]
        self._starts = [part.start for part in self._names]
        cited = verdicts.regions(outline.citations)
        blocks = (part.text for part in outline.parts if part.block is not None)
        words = frozenset(word for block in blocks for word in WORD.findall(block))
        self._shown = Shown(tuple(dict.fromkeys(cited))[:_MOST_CITED], words)
        self._standing: dict[tuple[int, ...], set[int]] = {}
        self._sharing: dict[tuple[int, ...], list[Part]] = defaultdict(list)
        for part in outline.parts:
            self._sharing[_group(part.own)].append(part)

    def names_beside(self, part: Part) -> list[str]:
        """Names of a part's sentence that do not stand far from it, without its own."""
        first = bisect_left(self._starts, part.start - _FARTHEST_NAME + 1)
        last = bisect_left(self._starts, part.start + _FARTHEST_NAME)
        return [
            name
            for number, other in enumerate(self._names[first:last], first)
            if other is not part and other.sentence == part.sentence
            for name in self._words[number]
        ]

    def setting(self, part: Part, beside: list[str]) -> Setting:
        """Where a part stands and what it leans on."""
        own, lent = self._verdicts.regions(part.own), self._verdicts.regions(part.lent)
        opened = [
            region
            for region in own
            if region.block is not region and any(region.defines(name) for name in beside)
        ]
        row = self._text.rfind("\n", 0, part.start) + 1
        end = self._text.find("\n", part.stop)
        end = len(self._text) if end < 0 else end
        block = part.block is not None
        return Setting(
            vocabulary=self._vocabulary,
            own=own,
            lent=lent,
            opened=opened,
            cites=bool(self._shown.regions),
            sentence=self._sentence(part),
            before=self._text[max(row, part.start - _FARTHEST_NAME) : part.start],
            after=self._text[part.stop : min(end, part.stop + _FARTHEST_NAME)],
            question=self._question,
            shown=self._shown,
            supported=self._supported(part),
            intro=intro(self._text, part.start) if block else "",
            before_list="" if block else before_list(self._text, part.start),
            header="" if block else header_over(self._text, part.start),
        )

    def _sentence(self, part: Part) -> str:
        if part.sentence < 0:
            return ""
        sentence = self._outline.sentences[part.sentence]
        start = part.start - sentence.start
        stop = part.stop - sentence.start
        return sentence.text[max(start - _FARTHEST_NAME, 0) : stop + _FARTHEST_NAME]

    def _supported(self, part: Part) -> bool:
        """Whether something else of its clause stands in the lines that this cites."""
        if not part.own:
            return False
        group = _group(part.own)
        if group not in self._standing:
            found: set[int] = set()
            for other in self._sharing[group]:
                if self._verdicts.says(other):
                    found.add(id(other))
                    if len(found) > 1:
                        break
            self._standing[group] = found
        return bool(self._standing[group] - {id(part)})


def _group(cited: list[Cited]) -> tuple[int, ...]:
    return tuple(map(id, cited))
