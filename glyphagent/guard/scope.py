"""What a sentence may speak of beside the lines that it cites.

A citation is of a place, and prose around it speaks of more: the function that the lines are in,
what another citation of the answer shows, other libraries. Where something is said to be at the
cited lines, none of this counts; that is decided here by how the sentence is built.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence

from glyphagent.document import Location
from glyphagent.guard.examples import nearly
from glyphagent.guard.libraries import ascribed, library
from glyphagent.guard.parts import Part
from glyphagent.guard.prose import absent
from glyphagent.guard.regions import WORD, Region
from glyphagent.guard.setting import Setting
from glyphagent.guard.vocabulary import BUILTINS, nearest_word

_CLAIMED = re.compile(
    r"\b(?:function|method|class|coroutine|constant|variable|attribute|property|of|is|named|called"
    r"|inherits?(?:\s+from)?|extends|imports?)\s+[`*]*\Z",
    re.IGNORECASE,
)
_ACTS = re.compile(
    r"[`*()]*\s+(?:calls?|invokes?|raises?|returns?|imports?|inherits?|extends|subclasses)\b"
)
_SINCE = re.compile(
    r"\b(?:added|removed|changed|deprecated|introduced|new|since|as\s+of|until|before|after|version"
    r"|in)\s+(?:in\s+)?(?:version\s+)?(?:[A-Za-z][\w-]*\s+)?[`*]*v?\Z",
    re.IGNORECASE,
)
_UNITS = (
    (r"\s*(?:hours?|hrs?|h|\u5c0f\u65f6)\b", (3600, 60)),
    (r"\s*(?:minutes?|mins?|\u5206\u949f)", (60,)),
    (r"\s*(?:days?|\u5929)", (86400, 24)),
    (r"\s*(?:weeks?)\b", (604800, 7)),
    (r"\s*(?:ms|milliseconds?|\u6beb\u79d2)", (0.001,)),
    (r"\s*(?:Ki?B|kilobytes?)\b", (1024, 1000)),
    (r"\s*(?:Mi?B|megabytes?)\b", (1024**2, 10**6)),
    (r"\s*(?:million)\b", (10**6,)),
)
_FEW_LINES = 5
_SPECIFIC = 8


def beside(words: Sequence[str], part: Part, setting: Setting) -> Location | None:
    """Where a known name stands that its clause may speak of without citing that place."""
    if not setting.own or part.loose:
        places = [
            region.location
            for region in _wider(setting, every=True)
            if _has(region, words, setting)
        ]
        if places:
            return places[0]
        if any(nearest_word(words[-1], region.words) for region in setting.regions):
            return None
        if setting.lent and not setting.own and _CLAIMED.search(setting.before):
            return None
        for document in dict.fromkeys(region.document.path for region in setting.every):
            whole = Location(document, 1, setting.vocabulary.documents[document].line_count)
            shown = setting.vocabulary.region(whole)
            if shown is not None and all(word in shown.words for word in words):
                return whole
        defined = setting.vocabulary.definitions(words[-1])
        return defined[0] if defined else None
    if (place := _member(words, setting)) is not None and setting.supported:
        return place
    if not setting.supported or _CLAIMED.search(setting.before) or _ACTS.match(setting.after):
        return None
    if library(words[-1]) and not setting.vocabulary.definitions(words[-1]):
        return setting.own[0].location
    found = (
        region.location for region in _wider(setting, every=True) if _has(region, words, setting)
    )
    return next(found, None)


def _wider(setting: Setting, *, every: bool) -> Iterator[Region]:
    """The functions that cited lines are in, and a few lines around them."""
    for region in [*setting.regions, *(setting.every if every else ())]:
        yield region.function
        document = region.document
        first = max(region.first - _FEW_LINES, 1)
        last = min(region.last + _FEW_LINES, document.line_count)
        near = setting.vocabulary.region(Location(document.path, first, last))
        if near is not None:
            yield near
        for number in region.headers:
            if re.match(r"\s*class\b", document.lines(number, number)):
                opened = setting.vocabulary.region(Location(document.path, number, number))
                if opened is not None:
                    yield opened.block


def _has(region: Region, words: Sequence[str], setting: Setting) -> bool:
    if words[-1] not in region.words | region.around:
        return False
    if len(words) == 1:
        return True
    owners = {*region.code_words, *region.around}
    return all(word in owners or word in setting.vocabulary.path_words for word in words[:-1])


def _member(words: Sequence[str], setting: Setting) -> Location | None:
    """Where a dotted name is defined, if it is one of the source's own: a class and a member."""
    if len(words) < 2:
        return None
    defined = setting.vocabulary.definitions(words[-1])
    if words[0] == setting.vocabulary.root_name and defined:
        return defined[0]
    for place in setting.vocabulary.definitions(words[-2]):
        region = setting.vocabulary.region(place)
        if region is not None:
            for each in defined:
                if each.path == place.path and region.first < each.line_start <= region.block.last:
                    return each
    return None


def elsewhere_known(words: Sequence[str], part: Part, setting: Setting) -> bool:
    """Whether a name that the source lacks is said to be lacking, or to be another library's."""
    vocabulary = setting.vocabulary
    unknown = [word for word in words if word not in vocabulary.words and word not in BUILTINS]
    if len(words) == 1 and library(words[0]) and words[0] != vocabulary.root_name:
        return True
    outside = not setting.own or part.loose
    if not absent(setting.before, setting.after) and not (
        outside
        and (
            (words[0] in sys.stdlib_module_names and len(words) > 1)
            or (library(words[0]) and words[0] != vocabulary.root_name)
            or ascribed(setting.before, setting.after, vocabulary.root_name)
        )
    ):
        return False
    return not any(nearly(word, vocabulary, 1.0) for word in unknown)


def value_beside(
    text: str,
    part: Part,
    setting: Setting,
    about: Sequence[str],
    holds: Callable[[str, str], bool],
) -> Location | None:
    """Where a value stands that its clause may speak of without citing that place."""
    vocabulary = setting.vocabulary
    for pattern, factors in _UNITS:
        if re.match(pattern, setting.after) or re.search(pattern[3:] + r"\Z", text):
            for region in setting.regions:
                if _converted(text, factors, region):
                    return region.location
    small = text.lower()
    # An acronym, written small in code.
    if not part.marked and len(text) > 3 and text.isupper() and small in vocabulary.small_words:
        return next(iter(vocabulary.places(small, 1)), None)
    if any(region.defines(name) for region in setting.own for name in about):
        return None
    documents = [region.document for region in setting.regions]
    if re.fullmatch(r"v?\d+(?:\.\d+)+", text) and _SINCE.search(setting.before):
        for document in documents:
            if holds(document.text, text):
                return Location(document.path, 1, 1)
    if len(text) >= _SPECIFIC and re.search(r"[A-Za-z]", text) and re.search(r"\d", text):
        for document in documents:
            if re.search(rf"(?<![\w.]){re.escape(text)}(?![\w])", document.text):
                return Location(document.path, 1, 1)
    for region in setting.every:
        if region not in setting.own and holds(region.text, text):
            return region.location
    return None


def _converted(text: str, factors: Sequence[float], region: Region) -> bool:
    found = re.match(r"[\d.,]*\d", text)
    if found is None:
        return False
    number = float(found.group().replace(",", ""))
    numbers = [float(n.replace("_", "")) for n in WORD.findall(region.text) if n.isdigit()]
    return any(abs(number * factor - each) < 1e-9 for factor in factors for each in numbers)
