"""Where a part of an answer stands and what it leans on; the outcome of looking it up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from glyphagent.answer import ClaimStatus
from glyphagent.document import Location
from glyphagent.guard.regions import Region
from glyphagent.guard.vocabulary import Vocabulary

NOT_THERE = "not in the source"
NOT_CITED = "not in the cited lines"
_MOST_SEARCHES = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome for one part; the fields are those of a `Claim`."""

    status: ClaimStatus
    location: Location | None = None
    replacement: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Shown:
    """What an answer cites as a whole.

    Attributes:
        regions: Its regions.
        examples: Words of its blocks of code.
        searches: How many searches of the whole source are left.
    """

    regions: tuple[Region, ...]
    examples: frozenset[str] = frozenset()
    searches: list[int] = field(default_factory=lambda: [_MOST_SEARCHES])

    def may_search(self) -> bool:
        """Whether the whole source may be searched once more for what a name was meant to be.

        A name that is not in the source is marked in any case; an answer with hundreds of them
        is told what only the first may be.
        """
        self.searches[0] -= 1
        return self.searches[0] >= 0

    @cached_property
    def words(self) -> frozenset[str]:
        """Names and numbers on the lines."""
        return frozenset().union(*(region.words for region in self.regions))

    @cached_property
    def function_words(self) -> frozenset[str]:
        """Names and numbers in the functions that the lines are in."""
        return self.words.union(*(region.function.words for region in self.regions))

    @cached_property
    def spellings(self) -> dict[str, str]:
        """These names by their small letters."""
        return {word.lower(): word for word in sorted(self.function_words)}


@dataclass(frozen=True)
class Setting:
    """Where a part stands and what it leans on.

    Attributes:
        vocabulary: All that the source says.
        own: Regions that its clause cites.
        lent: Regions that it leans on for want of its own.
        opened: Those of its own that define a name of the sentence: their block counts too.
        cites: Whether the answer cites anything at all that exists.
        sentence: Its sentence.
        before: Its row up to it.
        after: Its row behind it.
        question: What was asked.
        shown: All that the answer cites.
        supported: Whether something else of its clause stands in the lines that this cites.
        intro: The prose before it, if it is a block.
        before_list: What stands before the list that it is in, if it is in one.
        header: What stands over it, if it is in a table.
    """

    vocabulary: Vocabulary
    own: Sequence[Region]
    lent: Sequence[Region]
    opened: Sequence[Region]
    cites: bool
    sentence: str
    before: str
    after: str
    question: str
    shown: Shown = field(default_factory=lambda: Shown(()))
    supported: bool = False
    intro: str = ""
    before_list: str = ""
    header: str = ""

    @property
    def every(self) -> Sequence[Region]:
        """All regions that the answer cites."""
        return self.shown.regions

    @property
    def told(self) -> str:
        """The words that say what it is an example of, if it is one."""
        return f"{self.header} {self.sentence}"

    def holds_numbers(self, text: str) -> bool:
        """Whether all numbers of a text stand somewhere in what the answer cites."""
        return all(number in self.shown.words for number in re.findall(r"(?<!\w)\d+(?!\w)", text))

    @property
    def regions(self) -> Sequence[Region]:
        """What the part is held against."""
        return self.own or self.lent

    def asked(self, word: str) -> bool:
        """Whether the question itself has this word."""
        return re.search(rf"(?<![\w$]){re.escape(word)}(?![\w$])", self.question) is not None
