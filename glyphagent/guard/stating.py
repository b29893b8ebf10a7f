"""Sentences that say what a name is set to, and sentences that only suppose or propose it.

A stated value is held against the definition of the name that stands before it, even where the
answer cites nothing. A proposal, such as a change of that value, is not for the source to confirm.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from glyphagent.document import Location
from glyphagent.guard.regions import Region
from glyphagent.guard.vocabulary import Vocabulary

CONSTANTS = frozenset({"True", "False", "None", "true", "false", "null"})
"""Names of languages that are values."""

SETS = re.compile(
    r"(?:\bdefaults?\s+(?:value\s+)?(?:to|is|of)|\b(?:is|are)\s+set\s+to|(?<![=!<>])=)\s*[`*]*\Z"
)
"""What stands right before a value that a name is said to have."""

_STATES = re.compile(
    r"([A-Za-z_$][\w$]*)[`*]*\s*(?:\b(?:is|equals|defaults\s+to|is\s+set\s+to)\b|[=:|])"
    r"\s*[`*]*\Z"
)
_PROPOSES = re.compile(
    r"\brenam(?:e|ing)\b|\bchang(?:e|ing)\b[^.;]*\bto\b|\btypo\b"
    r"|(?:^[\s>*\-\d.)]*|\b(?:can|could|may|should|to|would)\s+)set\s+[`*\w][^.;]*\bto\b"
    r"|\b(?:does\s+not|doesn['\u2019]t)\s+exist\b",
    re.IGNORECASE,
)
_SUPPOSES = re.compile(r"\b(?:if|when|unless|with|pass(?:ing)?|instead\s+of)\b", re.IGNORECASE)
_MOST_PLACES = 300


def proposes(sentence: str) -> bool:
    """Whether a sentence speaks of what could be changed, or of a name that it says is wrong."""
    return _PROPOSES.search(sentence) is not None


def supposes(sentence: str) -> bool:
    """Whether a sentence names a condition or an alternative."""
    return proposes(sentence) or _SUPPOSES.search(sentence) is not None


def contradicted(
    before: str, text: str, vocabulary: Vocabulary, holds: Callable[[str, str], bool]
) -> Location | None:
    """The definition that has another value than the sentence says, if the name has one number.

    Args:
        before: The row up to the value.
        text: The value.
        vocabulary: All that the source says.
        holds: Whether a text holds a value, in any of its forms.
    """
    said = _STATES.search(before)
    if said is None:
        return None
    name = said.group(1)
    numbers = re.compile(rf"(?<![\w$]){re.escape(name)}[ \t]*(?::[^=\n]*)?=[ \t]*[-+(]?[\d.]+\S*")
    defined = vocabulary.definitions(name)
    regions = [region for place in defined if (region := vocabulary.region(place)) is not None]
    if not any(numbers.search(region.text) for region in regions):
        return None
    if any(holds(region.block.text, text) for region in regions):
        return None
    for place in vocabulary.places(name, _MOST_PLACES):
        region = vocabulary.region(place)
        if region is not None and holds(region.text, text):
            return None
    return defined[0]


def set_to(name: str, region: Region) -> list[str]:
    """The constants that lines set a name to."""
    found = re.findall(
        rf"(?<![\w$.]){re.escape(name)}[ \t]*(?::[^=\n]*?)?=(?!=)[ \t]*(\w+)", region.text
    )
    return [word for word in found if word in CONSTANTS]


def other_constant(text: str, regions: Sequence[Region], *, cited: bool) -> str | None:
    """A constant that the lines have, if they do not have this one; None if they have none.

    Args:
        text: The constant.
        regions: The lines.
        cited: Whether they are cited for this; otherwise the functions they are in count too.
    """
    texts = [region.text if cited else region.function.text + region.text for region in regions]
    held = {word for each in texts for word in re.findall(r"(?<![\w.$])\w+(?![\w$])", each)}
    if not texts or any(same_constant(text, word) for word in held):
        return None
    # A function that ends without a value gives nothing.
    functions = [region.function.text for region in regions if region.function is not region]
    if same_constant(text, "None") and any(
        re.search(r"^\s+return[ \t]*$", each, re.M) or not re.search(r"\breturn\b", each)
        for each in functions
    ):
        return None
    return next((word for word in ("True", "False", "None", "true", "false") if word in held), None)


def set_otherwise(
    before: str,
    text: str,
    about: Iterable[str],
    regions: Sequence[Region],
) -> str | None:
    """What a name is set to in the lines, if that is a constant other than the one stated.

    Args:
        before: The row up to the constant.
        text: The constant.
        about: Names of the sentence; the one that stands last before the constant counts.
        regions: The lines to look at.
    """
    if not SETS.search(before):
        return None
    places = {name: before.rfind(name) for name in about}
    for name in sorted((n for n, p in places.items() if p >= 0), key=lambda n: -places[n]):
        pattern = re.compile(
            rf"(?<![\w$.]){re.escape(name)}[ \t]*(?::[^=\n]*?)?=(?!=)[ \t]*([\w.]+)"
        )
        found = [match for region in regions for match in pattern.finditer(region.text)]
        if found:
            same = any(same_constant(match.group(1), text) for match in found)
            return None if same else found[0].group()
    return None


def same_constant(one: str, other: str) -> bool:
    """Whether two words are the same constant, in one language or another."""
    words = {"null": "none"}
    one, other = one.lower(), other.lower()
    return words.get(one, one) == words.get(other, other)
