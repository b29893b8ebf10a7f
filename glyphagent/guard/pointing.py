"""What speaks against a citation that shares a word with what is said of it.

A header that is quoted as standing at the cited lines, a name that is said to be imported there,
a near miss of what those lines do have.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from glyphagent.guard.parts import Cited, Part
from glyphagent.guard.quotes import likeness
from glyphagent.guard.regions import WORD, Region
from glyphagent.guard.relations import TYPES, named_header
from glyphagent.guard.spelling import nearest_number
from glyphagent.guard.vocabulary import Vocabulary, nearest_word

_STANDING_TEXT = (
    "the an in at is are on as it this that by file line lines path function method class async"
    " staticmethod classmethod property coroutine constructor stands stand defined declared"
    " implemented reads begins starts starting header signature code definition namely with and"
    " see located lives itself found itself here there"
)
_STANDING = frozenset(_STANDING_TEXT.split())
_CODE = re.compile(r"`[^`\n]*`")
_NEAR_LINES = 12
_IMPORTED = re.compile(
    r"\bimports?\s+[`*]*([A-Za-z_]\w*)[`*]*(?:\s+(?:from|at|in|\()|\s*[(,.])", re.IGNORECASE
)


def header_elsewhere(
    text: str, cited: Cited, said: Sequence[Part], region: Region, vocabulary: Vocabulary
) -> str:
    """The name whose header is quoted as standing at lines that do not define it, or nothing.

    Args:
        text: The answer.
        cited: The citation.
        said: What is said of it.
        region: Its lines.
        vocabulary: All that the source says.
    """
    for part in said:
        name = named_header(part.text) if part.kind == "quote" and part.marked else ""
        if not name or part.block is not None or not vocabulary.definitions(name):
            continue
        if region.defines(name):
            return ""
        first = region.text.lstrip()
        if first.startswith("@") and region.block.defines(name):
            return ""
        between = (
            text[part.stop : cited.start]
            if part.start < cited.start
            else text[cited.stop : part.start]
        )
        words = re.findall(r"[^\W\d_]{2,}", _CODE.sub(" ", between).lower())
        if "\n" not in between.strip() and _STANDING.issuperset(words):
            return name
    return ""


def imports_other(cited: Cited, region: Region, vocabulary: Vocabulary) -> str:
    """The name that a clause says is imported at lines that do not have it, or nothing."""
    found = _IMPORTED.search(cited.clause)
    if found is None or found.group(1) not in vocabulary.words:
        return ""
    name = found.group(1)
    return "" if name in region.words or name in region.block.words else name


def tells(part: Part, region: Region) -> bool:
    """Whether a part's standing in lines tells something: names of types do where one is called."""
    return part.text not in TYPES or f".{part.text}(" in region.text


def misread(part: Part, region: Region, vocabulary: Vocabulary) -> bool:
    """Whether a part is a near miss of something in the lines, and not itself in the source."""
    if part.kind == "quote":
        return likeness(part.text, region) is not None and not vocabulary.holds(part.text)
    if part.kind == "value":
        first = max(region.first - _NEAR_LINES, 1)
        last = min(region.last + _NEAR_LINES, region.document.line_count)
        if part.text in WORD.findall(region.document.lines(first, last)):
            return False  # it is the lines that are wrong
        pool = [word for word in WORD.findall(region.text) if re.search(r"\d", word)]
        return nearest_number(part.text, pool) is not None
    return any(
        word not in vocabulary.words and nearest_word(word, region.words) is not None
        for word in WORD.findall(part.text)
    )
