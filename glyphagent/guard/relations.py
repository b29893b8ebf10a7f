"""What a clause says that its cited lines do, and whether lines hold a part of an answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from glyphagent.document import Location
from glyphagent.guard.messages import message_of
from glyphagent.guard.parts import Cited, Part
from glyphagent.guard.passages import elsewhere
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
_MOST_PLACES = 50
_PLACE = re.compile(r"[\w./\\-]+\.\w+(?:(?::|#L)\d\S*)?|\blines?\s+\d[\d-]*")
_POINTING_TEXT = (
    "the an in at is are has have itself and of on see it its this these those among them"
    " with following function method class property attribute constant variable"
    " functions methods classes"
)
_POINTING = frozenset(_POINTING_TEXT.split())
# Names that stand everywhere and so tell nothing of lines.
_TYPES_TEXT = "str int float bool list dict tuple set bytes object type self cls"
TYPES = frozenset(_TYPES_TEXT.split())
DEFINES = re.compile(
    r"\b(?:defin(?:ed|es|ition)|declar(?:ed|es|ation)|introduced|implemented|signature"
    r"|set (?:to|at|in)|assigned|value|lives? (?:at|in)|inherits"
    r"|extends|subclass(?:es)?|derive[ds])\b",
    re.IGNORECASE,
)
_HEADER = re.compile(r"(?:async\s+)?(?:def|class|function|func|fn)\s+(\w+)")
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

    Attributes:
        names: The names.
        vocabulary: All that the source says.
        told: Whether the clause says so, or says nothing of the lines but the name.
    """

    names: tuple[str, ...]
    vocabulary: Vocabulary
    told: bool = True

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


def stands_once(part: Part, path: str, vocabulary: Vocabulary) -> list[Location]:
    """Where a quote stands, if that is one place of the source, or one of a document."""
    found = elsewhere(part.text, vocabulary)
    if len(found) > 1:
        here = vocabulary.places(part.text.strip(), _MOST_PLACES)
        found = [place for place in here if place.path == path] if len(here) < _MOST_PLACES else []
    return found if len(found) == 1 else []


def defined_once(name: str, path: str, vocabulary: Vocabulary) -> list[Location]:
    """Where a name is defined, if that is one place: as a function or class, in a document."""
    found = vocabulary.definitions(name)
    here = [place for place in found if place.path == path]
    if len(here) > 1:
        regions = [vocabulary.region(place) for place in here]
        here = [region.location for region in regions if region and region.declares(name)]
        return here if len(here) == 1 else []
    return here or (found if len(found) == 1 else [])


def only_points(clause: str, parts: Sequence[Part]) -> bool:
    """Whether a clause says of its lines no more than a name: "class `A` (path:line)"."""
    for part in parts:
        clause = clause.replace(part.text, " ")
    words = re.findall(r"[^\W\d_]{2,}", _PLACE.sub(" ", clause).lower())
    return _POINTING.issuperset(words)


def named_header(text: str) -> str:
    """The name of the function or class whose header a quote gives; empty if it is none."""
    found = _HEADER.match(text.strip())
    return found.group(1) if found else ""


def mostly_holds(part: Part, region: Region) -> bool:
    """Whether most longer words of a text stand in lines."""
    words = [word for word in WORD.findall(part.text) if len(word) > 3 and not word.isdigit()]
    return len(words) > 1 and sum(word in region.words for word in words) * 2 >= len(words)


def made_up(before: str) -> bool:
    """Whether what follows is said to be an example, or what something gives."""
    said = re.split(r"(?<!e\.g)[.;!?]\s", before)[-1]
    return _GIVEN.search(re.sub(r"`[^`\n]*`", " ", said)) is not None


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


def imported_once(name: str, path: str, vocabulary: Vocabulary) -> list[Location]:
    """Where a document imports a name, if that is one place."""
    document = vocabulary.documents.get(path)
    if document is None:
        return []
    found = []
    for match in re.finditer(rf"(?<![\w$]){re.escape(name)}(?![\w$])", document.text):
        line = document.line_at(match.start())
        region = vocabulary.region(Location(path, line, line))
        if region is not None and region.imports:
            found.append(region.location)
    return found if len(set(found)) == 1 else []


def coded(word: str, question: str, vocabulary: Vocabulary) -> bool:
    """Whether a word of the question is a name of the source rather than English."""
    if word not in vocabulary.words:
        return False
    dotted = re.search(rf"\w\.{word}\b|\b{word}\.\w", question)
    if dotted or re.search(r"_|\d|[a-z][A-Z]", word) or f"`{word}`" in question:
        return True
    if word.islower() and f"{word}(" not in question:
        return re.search(
            rf"\b(?:is|are|does|function|class|method|constant|variable|of)\s+{word}\b",
            question,
        ) is not None and bool(vocabulary.definitions(word))
    return bool(vocabulary.definitions(word))


def about(said: Sequence[Part], region: Region) -> bool:
    """Whether the lines define what a quote that is not there speaks of."""
    return any(
        region.defines(name)
        for part in said
        if part.kind == "quote" and part.marked
        for name in WORD.findall(part.text)
        if name not in BUILTINS
    )
