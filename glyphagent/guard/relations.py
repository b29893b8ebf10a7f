"""What a clause says that its cited lines do, and whether lines hold a part of an answer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from glyphagent.guard.messages import message_of
from glyphagent.guard.parts import Part
from glyphagent.guard.quotes import stands_in
from glyphagent.guard.regions import WORD, Region, speechless
from glyphagent.guard.vocabulary import BUILTINS, Vocabulary

_GIVES = re.compile(r"\w=|\w\(.*\)\Z", re.DOTALL)
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
