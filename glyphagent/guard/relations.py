"""What a clause says that its cited lines do, and whether lines hold a part of an answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from glyphagent.guard.messages import message_of
from glyphagent.guard.parts import Cited, Part
from glyphagent.guard.prose import telling_words
from glyphagent.guard.quotes import stands_in
from glyphagent.guard.regions import WORD, Region, speechless
from glyphagent.guard.vocabulary import BUILTINS, Vocabulary, row_of

_GIVES = re.compile(r"\w=|\w\(.*\)\Z", re.DOTALL)
_OPENS = re.compile(r"[ \t]*(?:@|(?:async[ \t]+)?def\b|(?:export[ \t]+)?function\b)")
_SUPPOSED = re.compile(r"\be\.g\.|\bfor\s+example\b|\b(?:say|suppose|imagine)\b", re.IGNORECASE)
_GIVEN = re.compile(
    r"\be\.g\.|\bfor\s+example\b|\b(?:such\s+as|like|say|suppose|you\s+get|gives?|prints?)\b|\u2192"
    r"|\u4f8b\u5982|\u6bd4\u5982",
    re.IGNORECASE,
)
_INSIDE = re.compile(r"\b(?:docstring|comment|body|inside|within|documented)\b", re.IGNORECASE)
_ONE_WORD = re.compile(r"[\w'\"-]+")
_SHORT_ROW = 8
_STRING = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")


class Relation:
    """Something that a clause says of its lines."""

    def __call__(self, region: Region) -> bool:
        """Whether the lines do so."""
        raise NotImplementedError


class Imports(Relation):
    """That something is imported in the lines."""

    def __call__(self, region: Region) -> bool:
        """Whether the lines are part of an import."""
        return region.imports


IMPORTS = Imports()
"""That the lines import something."""


@dataclass(frozen=True)
class Call(Relation):
    """That one of these names is called in the lines, or at least stands there outside of words.

    A call may be written in many ways; only a line that just speaks of a name is none.
    """

    names: tuple[str, ...]

    def __call__(self, region: Region) -> bool:
        """Whether one of the names stands in the lines' code."""
        code = speechless(region.text)
        return any(name in WORD.findall(code) for name in self.names)


@dataclass(frozen=True)
class Definition(Relation):
    """That one of these names is defined in the lines.

    A class that the lines define is not meant where another of the names is defined inside it:
    then it only says where that one belongs.
    """

    names: tuple[str, ...]
    vocabulary: Vocabulary

    def __call__(self, region: Region) -> bool:
        """Whether the lines define one of the names."""
        for name in self.names:
            if not region.defines(name):
                continue
            block = region.block
            inner = [
                place
                for other in self.names
                if other != name
                for place in self.vocabulary.definitions(other)
                if place.path == block.document.path
                and region.last < place.line_start <= block.last
            ]
            if not inner:
                return True
        return False


def _gives(code: str, region: Region) -> bool:
    """Whether an argument or a call with values is of a name that the lines have."""
    names = WORD.findall(_STRING.sub(" ", code))
    return any(name in region.words for name in names if name not in BUILTINS and len(name) > 2)


def says(region: Region, part: Part) -> bool:
    """Whether a part of the answer stands in a region itself."""
    if part.kind == "quote" and not re.search(r"\w", part.text):
        return any(f"{mark}{part.text.strip()}{mark}" in region.text for mark in "\"'")
    if part.kind == "quote" and part.block is None:
        return (
            stands_in(part.text, region)
            or message_of(part.text, region) is not None
            or (_GIVES.search(part.text) is not None and _gives(part.text, region))
        )
    if part.kind == "quote":
        return stands_in(part.text, region)
    if part.kind == "value":
        return part.text.strip("'\"") in region.text
    words = WORD.findall(part.text)
    return bool(words) and words[-1] in region.words


def opens(region: Region) -> bool:
    """Whether lines begin a function or class that goes on behind them."""
    first = region.text.split("\n", 1)[0]
    return _OPENS.match(first) is not None and region.block is not region


def mostly_holds(part: Part, region: Region) -> bool:
    """Whether most longer words of a text stand in lines."""
    words = [word for word in WORD.findall(part.text) if len(word) > 3 and not word.isdigit()]
    return len(words) > 1 and sum(word in region.words for word in words) * 2 >= len(words)


def made_up(before: str) -> bool:
    """Whether what follows is said to be an example, or what something gives."""
    return _GIVEN.search(re.split(r"(?<!e\.g)[.;!?]\s", before)[-1]) is not None


def loosely_said(cited: Cited, said: Sequence[Part], region: Region, words: frozenset[str]) -> bool:
    """Whether a clause names nothing that could stand elsewhere in the source, or only supposes.

    One that shares words with lines that lack its names is loose, too; but something quoted in
    one word is said to stand there as it is.
    """
    if all(part.kind == "name" and not part.marked for part in said):
        return True
    if not cited.name and _SUPPOSED.search(cited.clause):
        return True
    if any(part.kind == "quote" and _ONE_WORD.fullmatch(part.text) for part in said):
        return False
    known = (word in words for part in said for word in WORD.findall(part.text) if len(word) > 1)
    clause = cited.clause.replace(cited.name, " ") if cited.name else cited.clause
    for part in said:
        clause = clause.replace(part.text, " ")
    return not any(known) or bool(telling_words(clause) & telling_words(region.text))


def inside_of(clause: str, names: Sequence[str], region: Region) -> bool:
    """Whether a clause speaks of a part of something named, and the lines are inside of that."""
    return _INSIDE.search(clause) is not None and any(name in region.around for name in names)


def of_source(part: Part, rows: frozenset[str]) -> bool:
    """Whether a block has one of a document's rows, or says that it is of one."""
    own = [row for row in map(row_of, part.text.split("\n")) if len(row) > _SHORT_ROW]
    return part.cited_inside or any(row in rows for row in own)
