"""What the source says to each part of an answer: names, values, quotes and paths.

Each check takes a part and the regions that it leans on, and gives a `Finding`, or None where
the part is ordinary language.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from glyphagent.document import Location
from glyphagent.guard.parts import Part
from glyphagent.guard.prose import absent, negated, ordinary_name, ordinary_number
from glyphagent.guard.regions import WORD, Region
from glyphagent.guard.scope import beside, elsewhere_known, value_beside
from glyphagent.guard.setting import NOT_CITED, NOT_THERE, Finding, Setting
from glyphagent.guard.spelling import nearest, nearest_number
from glyphagent.guard.stating import (
    contradicted,
    other_constant,
    same_constant,
    set_otherwise,
    set_to,
    supposes,
)
from glyphagent.guard.vocabulary import BUILTINS, Vocabulary, nearest_word, stands_apart

_SEPARATOR = re.compile(r"(\.|::|->|#)")
_HARD = re.compile(r"[\w$][\w.:+-]*[\w%]|\w")
_KIND_BEFORE = re.compile(r"\b(function|method|class|coroutine)\s+[`*]*\Z", re.IGNORECASE)
_OTHERWISE = re.compile(
    r"\b(?:us(?:es|ed|ing)|call(?:s|ed|ing)?|mention\w*|refer\w*|return\w*|pass(?:es|ed)|import\w*"
    r"|inherit\w*|subclass\w*|extend\w*|rais(?:es|ed)|creat\w+|derive\w*|base)\b",
    re.IGNORECASE,
)
HEADERS = re.compile(r"\bheaders?\b", re.IGNORECASE)
"""What a sentence on HTTP's names says."""
_NEAR = 25
_IS = re.compile(r"\b(?:is|are|defaults?(?:\s+to)?|be)\s+(?:both\s+|all\s+|just\s+)?[`*]*\Z|=\s*\Z")
TAKES_VALUE = re.compile(r"(?:\b(?:is|to|of|equals?|than|be|value|at|by)|[=:(])\s*[`'\"*]*\Z")


def check_name(part: Part, setting: Setting) -> Finding | None:
    """Whether a name stands in the cited lines, around them, or at least in the source."""
    if not part.marked and ordinary_name(part.text) and part.text not in setting.vocabulary.words:
        return None
    core = part.text.strip("@*&.").removesuffix("()")
    pieces = _SEPARATOR.split(core)
    words = pieces[::2]
    if wrong := _no_such_thing(words[-1], setting):
        return wrong
    if wrong := _other_case(words[-1], part, setting):
        return wrong
    for region in setting.regions:
        if _names(core, words, region, setting):
            return Finding("confirmed", region.location)
    if not setting.own:
        for region in setting.lent:
            held = set(WORD.findall(region.document.text)) | region.around
            if all(word in held or _module(word, setting) for word in words):
                return Finding("confirmed", Location(region.document.path, 1, 1))
    unknown = [word for word in words if word not in setting.vocabulary.words]
    if not unknown or all(word in BUILTINS for word in unknown):
        if (place := beside(words, part, setting)) is not None:
            return Finding("confirmed", place)
        return _known_name(core, words, setting)
    if setting.asked(core) and negated(setting.sentence):
        return Finding("confirmed")
    if elsewhere_known(words, part, setting):
        return None
    found = {word: _respelled(word, setting) for word in unknown}
    if all(found.values()):
        spelled = [found.get(piece) or piece for piece in pieces]
        replacement = part.text.replace(core, "".join(spelled), 1)
        respelled = "".join(spelled)
        fitting = [r for r in setting.regions if _names(respelled, spelled[::2], r, setting)]
        if fitting:
            return Finding("corrected", fitting[0].location, replacement, NOT_THERE)
        if not setting.regions:
            return Finding("corrected", None, replacement, NOT_THERE)
        guess = f"{NOT_THERE}; `{respelled}` is, outside of the cited lines"
        return Finding("unverified", None, "", guess)
    return Finding("unverified", None, "", NOT_THERE)


def _other_case(name: str, part: Part, setting: Setting) -> Finding | None:
    """A correction if the cited lines define a name that differs from this one by case only."""
    if name.istitle() and HEADERS.search(setting.sentence):  # HTTP's names have no case
        return None
    for region in setting.own:
        code = region.code_words
        if name in code or (name in setting.vocabulary.path_words and not part.marked):
            continue
        for word in code:
            if word != name and word.lower() == name.lower() and region.defines(word):
                replacement = part.text.replace(name, word, 1)
                return Finding("corrected", region.location, replacement, NOT_CITED)
    return None


def _no_such_thing(name: str, setting: Setting) -> Finding | None:
    """A finding if a name that is called a function, method or class is none in its lines."""
    called = _KIND_BEFORE.search(setting.before)
    if called is None or not setting.own or _OTHERWISE.search(setting.sentence):
        return None
    if not any(name in region.words for region in setting.own):
        return None
    if any(region.declares(name) or name in region.around for region in setting.own):
        return None
    if any(region.declares(name) for region in setting.opened):
        return None
    return Finding("unverified", None, "", f"no {called.group(1)} of this name in the cited lines")


def _names(core: str, words: Sequence[str], region: Region, setting: Setting) -> bool:
    """Whether a dotted name is about a region: its last part stands there, the others around."""
    if core in region.text and stands_apart(
        region.text, region.text.find(core), region.text.find(core) + len(core)
    ):
        return True
    held = region.words | region.around
    opened = region.block.words if region in setting.opened else frozenset()
    if words[-1] not in held and words[-1] not in opened:
        return False
    return all(word in held or word in opened or _module(word, setting) for word in words[:-1])


def _module(word: str, setting: Setting) -> bool:
    """Whether a part of a dotted name is that of a folder or file, not of code."""
    return word in setting.vocabulary.path_words or word in ("self", "this", "cls", "module")


def _known_name(core: str, words: Sequence[str], setting: Setting) -> Finding | None:
    """A name that the source has, but not where the answer says."""
    if not setting.regions and not setting.cites:
        return Finding("confirmed")
    if all(word in BUILTINS for word in words):
        return None
    if setting.asked(core) or all(setting.asked(word) for word in words):
        return Finding("confirmed")
    if all(_module(word, setting) for word in words):
        return Finding("confirmed")
    if not setting.regions:
        return Finding("confirmed")
    near = next((n for r in setting.regions if (n := nearest_word(words[-1], r.words))), None)
    places = setting.vocabulary.places(core if len(words) == 1 else words[-1])
    where = f"; it is at {places[0]}" if len(places) == 1 else ""
    reason = f"{NOT_CITED}, which have `{near}`" if near else f"{NOT_CITED}{where}"
    return Finding("unverified", places[0] if len(places) == 1 else None, "", reason)


def _respelled(word: str, setting: Setting) -> str | None:
    """The name that a misread word stands for: of the cited lines, of around, of anywhere."""
    for region in setting.regions:
        if near := nearest_word(word, region.words):
            return near
    for region in setting.regions:
        if near := nearest_word(word, region.around | region.block.words):
            return near
    return setting.vocabulary.nearest_name(word) if setting.shown.may_search() else None


def check_value(part: Part, setting: Setting, about: Sequence[str] = ()) -> Finding | None:
    """Whether a number, version, hash or address stands in the cited lines.

    Args:
        part: The value.
        setting: What it leans on.
        about: Names of its clause; where one is set in the cited lines, its statement counts.
    """
    text = part.text.strip("'\"")
    if not part.marked and ordinary_number(text, setting.before, setting.after):
        return None
    if text.lstrip("+-").isalpha() and not TAKES_VALUE.search(setting.before):
        return None
    regions = setting.regions
    for region in regions:
        for held in _statements(region, about, setting):
            if holds_value(held, text):
                return Finding("confirmed", region.location)
    if not setting.own and any(holds_value(r.block.text, text) for r in setting.lent):
        return Finding("confirmed", setting.lent[0].location)
    anywhere = setting.vocabulary.holds(text) or any(
        setting.vocabulary.holds(form) for form in _forms(text)[1:]
    )
    if not regions and anywhere:
        place = contradicted(setting.before, text, setting.vocabulary, holds_value)
        if place is not None and not supposes(setting.sentence):
            return Finding("unverified", place, "", f"not in the definition at {place}")
        return Finding("confirmed")
    if setting.asked(text) and (anywhere or negated(setting.sentence)):
        return Finding("confirmed")
    if absent(setting.before, setting.after):
        return Finding("confirmed")
    if (place := value_beside(text, part, setting, about, holds_value)) is not None:
        return Finding("confirmed", place)
    if text.startswith(("http://", "https://")):
        near = nearest(text, setting.vocabulary.addresses)
        reason = f"{NOT_THERE}, which has {near}"
        return Finding("unverified", None, "", reason) if near else None
    for region in regions:
        pool = [
            token
            for held in _statements(region, about, setting)
            for token in _HARD.findall(held)
            if re.search(r"\d", token)
        ]
        if (near := nearest_number(text, pool)) and not anywhere:
            replacement = part.text.replace(text, near, 1)
            return Finding("corrected", region.location, replacement, NOT_CITED)
        if near:
            return Finding("unverified", None, "", f"{NOT_CITED}, which have `{near}`")
    if not regions and (near := setting.vocabulary.nearest_name(text)) and len(text) > 6:
        return Finding("corrected", None, part.text.replace(text, near, 1), NOT_THERE)
    return Finding("unverified", None, "", NOT_CITED if anywhere else NOT_THERE)


def check_constant(part: Part, setting: Setting, about: Sequence[str]) -> Finding | None:
    """Whether `True`, `False` or `None` is what the lines set a name to, or have at all."""
    # `None` itself is no negation.
    denied = negated(setting.sentence.replace(part.text, ""))
    regions = [region.block if region in setting.opened else region for region in setting.own]
    if not supposes(setting.sentence) and not denied:
        held = set_otherwise(setting.before, part.text, about, regions)
        if held is not None:
            return Finding("unverified", None, "", f"{NOT_CITED}, which have `{held}`")
    if not part.marked or setting.asked(part.text) or negated(setting.before[-_NEAR:]):
        return None
    subject = max((n for n in about if n in setting.before), key=setting.before.rfind, default="")
    if not any(region.defines(subject) for region in regions):
        # Said of a name that the cited lines do not define: its own definition counts.
        places = setting.vocabulary.definitions(subject) if subject else []
        found = [setting.vocabulary.region(place) for place in places]
        values = [word for region in found if region for word in set_to(subject, region)]
        if any(same_constant(part.text, word) for word in values):
            return None
        documents = dict.fromkeys(region.document for region in setting.every)
        whole = [Region(each, 1, each.line_count) for each in documents]
        far = bool(values) and places[0].path not in {each.path for each in documents}
        if far and any(same_constant(part.text, w) for r in whole for w in set_to(subject, r)):
            return None
        if values and places and not denied and _IS.search(setting.before):
            reason = f"not in the definition at {places[0]}, which has `{values[0]}`"
            return Finding("unverified", places[0], "", reason)
    other = other_constant(part.text, regions or setting.lent, cited=bool(setting.own))
    return Finding("unverified", None, "", f"{NOT_CITED}, which have `{other}`") if other else None


def _statements(region: Region, about: Sequence[str], setting: Setting) -> list[str]:
    set_here = [region.statement(name) for name in about if region.defines(name)]
    if set_here:
        return [*set_here, region.document.path]
    held = region.block.text if region in setting.opened else region.text
    return [held, region.document.path]


def holds_value(held: str, text: str) -> bool:
    """Whether a text has a value, in any of the forms that it may be written in."""
    for form in _forms(text):
        offset = held.find(form)
        while offset != -1:
            if stands_apart(held, offset, offset + len(form)):
                return True
            offset = held.find(form, offset + 1)
    value = _number(text)
    return value is not None and any(
        _number(token) == value for token in re.findall(r"(?<![\w.])\d[\w.]*", held)
    )


def _forms(text: str) -> list[str]:
    """A value as it may be written: with or without unit, sign, marks and thousands commas."""
    forms = [text]
    if match := re.fullmatch(r"[-+#$v~]?(\d[\d.,_]*\d|\d)\s?(?:[a-zA-Z%\u00b5]{1,7})?", text):
        if text[0] != "-":
            forms.append(match.group(1))
        forms.append(text.replace(",", ""))
    if text.startswith(("#", "$", "v")) and len(text) > 1:
        forms.append(text[1:])
    if match := re.fullmatch(r"([A-Za-z_]\w*)[=:]([^\s:=]+)", text):
        forms.append(match.group(2))
    return list(dict.fromkeys(forms))


def _number(text: str) -> float | None:
    text = text.replace(",", "").replace("_", "")
    try:
        if re.fullmatch(r"0[xXoObB][0-9a-fA-F]+", text):
            return float(int(text, 0))
        return (
            float(text)
            if re.fullmatch(r"(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d{1,3})?", text)
            else None
        )
    except (ValueError, OverflowError):
        return None


def check_path(part: Part, vocabulary: Vocabulary, setting: Setting) -> Finding | None:
    """Whether a document or folder that is named without lines exists."""
    name = part.text
    paths = vocabulary.paths(name)
    if paths:
        return Finding("confirmed", Location(paths[0], 1, 1) if len(paths) == 1 else None)
    if vocabulary.folder(name) or any(name in region.text for region in setting.regions):
        return Finding("confirmed")
    if not part.marked and ordinary_name(name):
        return None
    if near := vocabulary.nearest_path(name):
        return Finding("corrected", Location(near, 1, 1), near, "no document is so named")
    if setting.asked(name) and negated(setting.sentence):
        return Finding("confirmed")
    if vocabulary.holds(name) and not setting.own:
        return Finding("confirmed")
    return Finding("unverified", None, "", "no document is so named")
