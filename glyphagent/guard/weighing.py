"""Whether what the source does not confirm is wrong of it, or was merely not to be checked.

A claim is wrong where something speaks against it: a near miss of what stands near the citation,
another value of the same name, a made-up name that the answer says is there. What just does not
stand where the answer points, an example's value or a formula of the answer's own, is no
misreading: it stands in the documents around, or it is listed as unchecked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from glyphagent.document import Location
from glyphagent.guard.evidence import (
    CLAIMED,
    FEW,
    LEAST,
    NOTHING,
    SMALL,
    around,
    invented,
    is_example,
    misread,
    paths_of,
    said_there,
    shown_as_example,
    strange_words,
    unchecked,
)
from glyphagent.guard.findings import HEADERS, holds_value
from glyphagent.guard.libraries import library
from glyphagent.guard.literals import partly_there, signature_of, weigh_quote, weigh_value
from glyphagent.guard.parts import Part
from glyphagent.guard.prose import absent, negated, ordinary_name
from glyphagent.guard.quotes import stands_in
from glyphagent.guard.regions import WORD, speechless
from glyphagent.guard.setting import NOT_CITED, Finding, Setting
from glyphagent.guard.stating import CONSTANTS
from glyphagent.guard.vocabulary import BUILTINS, nearest_word

_VARIABLE = re.compile(r"\$\{?(\w+)\}?|%(\w+)%")
_LANGUAGE = frozenset(
    name
    for kind in (int, float, dict, list, type, bytes, BaseException, type(lambda: 0))
    for name in dir(kind)
    if name.startswith("__")
) | {"__aenter__", "__aexit__", "__await__", "__aiter__", "__anext__", "__invert__", "__enter__"}
_ASCRIBED = re.compile(
    r"\b[A-Z][\w.+#]*(?:'s|\u2019s)\s+(?:own\s+)?(?:[`*]+[^`]*[`*]+\s*(?:,|or|and|/)*\s*)*[`*]*\Z"
)
_KIND = re.compile(
    r"\b(?:function|method|class|(?:docstring|value|signature|header|definition|body)\s+of)\s+[`*]*\Z",
    re.IGNORECASE,
)
_CALLS = re.compile(r"[`*()]*\s+calls\b")
_ASKED_OF_LANGUAGE = re.compile(
    r"`(?:isinstance|issubclass|bool|callable)\([^`\n]*\)`\s+is\s+[`*]*\Z"
)
_CONSTANTS = frozenset({"true", "false", "none", "null"})


def weigh(part: Part, finding: Finding | None, setting: Setting, about: Sequence[str]) -> Finding:
    """What is to be said of a part: as it was found, confirmed from around, or unchecked.

    Args:
        part: The part.
        finding: What looking it up gave; None where that has nothing to say of it.
        setting: What it leans on.
        about: Names of its clause.
    """
    if part.text in CONSTANTS:
        return _constant(part, finding, setting)
    if finding is not None and finding.status == "confirmed":
        return _again(part, finding, setting)
    if finding is None:
        return _left_over(part, setting)
    if part.kind == "name":
        return _name(part, finding, setting)
    if part.kind == "value":
        return weigh_value(part, finding, setting, about)
    if part.kind == "quote":
        return weigh_quote(part, finding, setting, about)
    if finding.status == "unverified" and (is_example(part, setting) or not part.marked):
        return unchecked(finding)
    return finding


def _again(part: Part, finding: Finding, setting: Setting) -> Finding:
    """Something that was found, unless only a part or another spelling of it is there."""
    if absent(setting.before, setting.after) or (
        negated(setting.sentence) and setting.asked(part.text)
    ):
        return finding
    if part.kind == "value" and len(part.text) < SMALL and not setting.regions and setting.cites:
        held = (
            holds_value(near.text, part.text)
            for region in setting.every
            for near in around(region, setting)
        )
        return finding if any(held) else unchecked(finding)
    if part.kind in ("name", "quote") and part.block is None and strange_words(part.text, setting):
        message = finding.location is not None and re.search(r"[a-z],? [a-z]", part.text)
        return finding if message else unchecked(finding)
    if part.kind == "name" and setting.regions and len(part.text) >= LEAST:
        if _of_instance(WORD.findall(part.text), setting):
            return finding
        return (_recased(part, setting) if part.marked else None) or finding
    return finding


def _recased(part: Part, setting: Setting) -> Finding | None:
    """What is said of the first piece of a name that stands there in another case only."""
    found = (_other_case(word, setting) for word in WORD.findall(part.text))
    return next((each for each in found if each is not None), None)


def _other_case(word: str, setting: Setting) -> Finding | None:
    """What is said of a name that the cited functions have in another case only."""
    files = setting.vocabulary.path_words
    if _KIND.search(setting.before):  # What is called a class or function is no file.
        files = frozenset()
    if len(word) < SMALL or word in files:
        return None
    if word.istitle() and HEADERS.search(setting.sentence):  # HTTP's names have no case
        return None
    small = word.lower()
    other = ""
    for region in setting.regions:
        held = {*WORD.findall(speechless(region.function.text)), *region.code_words}
        held |= region.around if files else region.around - setting.vocabulary.path_words
        if word in held:
            return None
        other = other or min((each for each in held if each.lower() == small), default="")
    if not other:
        return None
    if any(_in_code(word, path, setting) for path in paths_of(setting)):
        return unchecked()
    return Finding("unverified", None, "", f"{NOT_CITED}, which have `{other}`")


def _in_code(word: str, path: str, setting: Setting) -> bool:
    """Whether a document has a word outside of its comments and documentation."""
    pattern = rf"(?<![\w$]){re.escape(word)}(?![\w$])"
    return re.search(pattern, setting.vocabulary.code(path)) is not None


def _name(part: Part, finding: Finding, setting: Setting) -> Finding:
    words = WORD.findall(part.text)
    strange = strange_words(part.text, setting)
    if not words:
        return unchecked(finding)
    if not strange:
        return _known(part, words[-1], finding, setting)
    if finding.reason.startswith("no "):
        return finding
    example = is_example(part, setting)
    if _ASCRIBED.search(setting.before) or (
        len(words) > 1 and words[0] in strange and not said_there(part, setting)
    ):
        return finding if misread(strange, setting) else unchecked(finding)
    if variable := _VARIABLE.fullmatch(part.text):
        strange = strange_words(variable.group(1) or variable.group(2), setting)
        if not strange:
            return NOTHING
    if all(word in _LANGUAGE for word in strange):
        return finding if _defined_instead(strange, part, setting) else unchecked(finding)
    plain = all(word.isalpha() and word[1:].islower() for word in strange)
    small = setting.vocabulary.small_words
    if example and plain and all(word.lower() in small for word in strange):
        return unchecked(finding)
    if misread(strange, setting):
        return finding
    outside = library(words[0]) and words[0] != setting.vocabulary.root_name
    if not outside and invented(part, strange, setting):
        return finding
    if example or outside:
        return unchecked(finding)
    if any(setting.vocabulary.near_names(word, 1.0) for word in strange if len(word) >= LEAST):
        return finding
    coded = part.marked or "_" in part.text.strip("_") or part.text.endswith("()")
    claimed = (setting.own and not part.loose) or CLAIMED.search(setting.before)
    if coded and (claimed or not setting.regions):
        return finding
    return unchecked(finding)


def _defined_instead(words: Sequence[str], part: Part, setting: Setting) -> bool:
    """Whether the lines at which a name is said to be define one that is nearly the same."""
    if not said_there(part, setting):
        return False
    near = [nearest_word(word, region.words) for word in words for region in setting.own]
    return any(name and any(region.defines(name) for region in setting.own) for name in near)


def _known(part: Part, word: str, finding: Finding, setting: Setting) -> Finding:
    """A name that the source has, but not in the lines that are cited."""
    if finding.reason.startswith("no "):
        return finding
    if word in WORD.findall(setting.vocabulary.root_name):
        return NOTHING
    if not part.marked and not re.search(r"[_.(]", part.text):
        return NOTHING
    if len(part.text) == 1 and not part.text.isascii():  # a letter, and no name
        return unchecked(finding)
    if _of_instance(WORD.findall(part.text), setting):
        return unchecked(finding)
    if (wrong := _recased(part, setting)) is not None:
        soft = wrong.status == "unchecked" and not said_there(part, setting)
        return wrong if soft else finding
    subject = _KIND.search(setting.before) or _CALLS.match(setting.after)
    if setting.own and subject and not is_example(part, setting):
        return finding
    if (there := _document_with(WORD.findall(part.text), setting)) is not None:
        return Finding("confirmed", there)
    stands_before = bool(part.own) and part.start < part.own[0].start
    if finding.status == "corrected" or stands_before or said_there(part, setting):
        return finding if not is_example(part, setting) else unchecked(finding)
    if setting.own and part.marked and not part.loose and not shown_as_example(setting):
        return finding
    place = None if setting.own else _defined(WORD.findall(part.text), setting)
    return Finding("confirmed", place) if place is not None else unchecked(finding)


def _defined(words: Sequence[str], setting: Setting) -> Location | None:
    """Where a name of code is defined, if it could not be a misread one of the cited lines."""
    name = words[-1]
    if len(name) <= LEAST or not re.search(r"_|[a-z][A-Z]|\A[A-Z]", name):
        return None
    if any(nearest_word(name, region.words) for region in setting.regions):
        return None
    for place in setting.vocabulary.definitions(name):
        held = setting.vocabulary.words_in(place.path) | setting.vocabulary.path_words
        if all(word in held for word in words):
            return place
    return None


def _of_instance(words: Sequence[str], setting: Setting) -> bool:
    """Whether a dotted name begins with a class's name in small letters, as for an instance."""
    if len(words) < FEW or words[0] != words[0].lower():
        return False
    owner = "".join(piece.capitalize() for piece in words[0].split("_"))
    held = (setting.vocabulary.words_in(path) for path in paths_of(setting))
    return owner in setting.vocabulary.words and any(words[-1] in each for each in held)


def _document_with(words: Sequence[str], setting: Setting) -> Location | None:
    for path in paths_of(setting):
        held = setting.vocabulary.words_in(path) | setting.vocabulary.path_words | {"self", "cls"}
        if words[-1] in held and all(word in held for word in words):
            return Location(path, 1, 1)
    return None


def _constant(part: Part, finding: Finding | None, setting: Setting) -> Finding:
    """A constant: confirmed where the lines have it and no other, wrong where they contradict."""
    if _ASKED_OF_LANGUAGE.search(setting.before):
        return unchecked(finding)
    if finding is not None and finding.status != "confirmed":
        stated = setting.own or finding.reason.startswith("not in the definition")
        return finding if stated and not is_example(part, setting) else unchecked(finding)
    if not part.marked or not setting.cites:
        return NOTHING
    said = part.text.lower().replace("null", "none")
    for region in setting.regions:
        held = {word.lower() for word in WORD.findall(speechless(region.text))}
        if {each.replace("null", "none") for each in held & _CONSTANTS} == {said}:
            return Finding("confirmed", region.location)
    return unchecked(finding)


def _left_over(part: Part, setting: Setting) -> Finding:
    """Something that looking up had nothing to say of: unchecked if it is code not there."""
    if part.block is not None:
        return unchecked() if partly_there(part.text, setting) else NOTHING
    if part.kind == "path":
        return NOTHING
    if part.kind == "value" and not part.marked and re.search(r"\d\.\d|\d{3}", part.text):
        return NOTHING if setting.vocabulary.holds(part.text) else unchecked()
    if not part.marked and part.kind != "name":
        return NOTHING
    text = part.text.strip()
    if variable := _VARIABLE.fullmatch(text):
        return unchecked() if strange_words("".join(variable.groups("")), setting) else NOTHING
    if not part.marked and ordinary_name(text):
        return NOTHING
    if part.kind == "name":
        return unchecked() if strange_words(text, setting) else NOTHING
    if all(word in BUILTINS - CONSTANTS for word in WORD.findall(text)):
        return NOTHING
    if part.kind == "value":
        return NOTHING if setting.vocabulary.holds(text) else unchecked()
    if signature_of(text, setting) is not None:
        return NOTHING
    if any(stands_in(text, region.function) for region in setting.regions):
        return NOTHING
    return NOTHING if setting.vocabulary.holds(text) else unchecked()
