"""Values and quoted code that are not in the cited lines: found around, wrong, or unchecked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from glyphagent.document import Location
from glyphagent.guard.evidence import (
    FEW,
    LONG,
    SMALL,
    around,
    is_example,
    misread,
    mostly_there,
    paths_of,
    said_there,
    strange_words,
    unchecked,
)
from glyphagent.guard.findings import TAKES_VALUE, holds_value
from glyphagent.guard.libraries import library
from glyphagent.guard.messages import message_of
from glyphagent.guard.parts import Part
from glyphagent.guard.prose import cites_words
from glyphagent.guard.quotes import stands_in
from glyphagent.guard.regions import WORD
from glyphagent.guard.relations import named_header
from glyphagent.guard.setting import NOT_CITED, NOT_THERE, Finding, Setting
from glyphagent.guard.vocabulary import row_of

_QUOTED = re.compile(
    r":\s*`*\Z|\b(?:as|reads?|says?|stands?|line|declared|defined)\s*:?\s*[`*]*\Z", re.IGNORECASE
)
_REMARK = re.compile(r"(?:^|\s)((?:#|//).*)")
_HEADER = re.compile(r"(?:async\s+)?(?:def|class)\s")
_SERIES = re.compile(r"(?:\d[\d.]*\s*(?:,|\u3001|and|or|to)\s*){2,}[`*]*\Z")
_SERIES_ON = re.compile(r"[`*]*(?:\s*(?:,|\u3001|and|or|to|\.\.\.|\u2026)\s*\d[\d.]*){2,}")
_ARITHMETIC_BEFORE = re.compile(r"[*+/\u00d7^]\s*[`*]*\Z")
_ARITHMETIC_BEHIND = re.compile(r"[`]*\s*(?:\*|[+/\u00d7^])\s*[`*]*\w")
_VERSION = re.compile(r"v?\d+(?:\.\d+){2,}(?:[-+.]?[a-z]\w*)?")
_BEFORE_VERSION = re.compile(r"([A-Za-z][\w-]*)[\s/=]+(?:v|version\s+)?[`*]*\Z")
_ONE_STRING = re.compile(r"[\"'][\w.-]+[\"']")
_PATTERN = re.compile(r"\d{1,3}(?:[-:x]\d{1,3}){2,}")
_CALLED = re.compile(r"(?:\w+\.)*(\w+)\(")
_MOST_PLACES = 8
_HEADER_NAME = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)+:?")


def weigh_value(part: Part, finding: Finding, setting: Setting, about: Sequence[str]) -> Finding:
    """What is to be said of a value that its cited lines do not have."""
    text = part.text.strip("'\"")
    if finding.reason.startswith("not in the definition") or text.startswith("http"):
        return finding
    if _PATTERN.fullmatch(text):
        return unchecked(finding)
    if _VERSION.fullmatch(text) and finding.reason == NOT_THERE:
        of = _BEFORE_VERSION.search(setting.before)
        if not is_example(part, setting) and not (of and library(of.group(1))):
            return finding
    states = TAKES_VALUE.search(setting.before) is not None
    own_numbers = [
        name
        for region in setting.own
        for name in about
        if region.defines(name) and re.search(r"=[^=\n]*\d", region.statement(name))
    ]
    series = _SERIES.search(setting.before) or _SERIES_ON.match(setting.after)
    sums = _ARITHMETIC_BEFORE.search(setting.before) or _ARITHMETIC_BEHIND.match(setting.after)
    if own_numbers and not (series or sums or part.loose or is_example(part, setting)):
        return finding
    if own_numbers and states and not series:
        return finding
    if sums:
        return _sum(part, finding, setting)
    if len(text) < LONG and not own_numbers:
        for region in setting.regions:
            for each in around(region, setting):
                if holds_value(each.text, text):
                    return Finding("confirmed", each.location)
    if series or sums or is_example(part, setting) or part.loose:
        return unchecked(finding)
    if len(text) >= LONG and re.search(r"\d", text) and re.search(r"\w{6}", text):
        return finding
    if finding.status == "corrected" and len(text) >= SMALL:
        return finding
    if not setting.own or not (states or part.marked):
        return unchecked(finding)
    small = any(region.last - region.first < SMALL for region in setting.own)
    numbers = any(re.search(r"\d", region.text) for region in setting.own)
    return finding if small and (numbers or part.marked or own_numbers) else unchecked(finding)


def _sum(part: Part, finding: Finding, setting: Setting) -> Finding:
    """A number of an expression, which stands there as a whole."""
    before = re.search(r"[\w.]*\s*[*+/^]\s*\Z", setting.before)
    after = re.match(r"\s*[*+/^]\s*[\w.]*\w", setting.after)
    whole = (before.group() if before else "") + part.text + (after.group() if after else "")
    for region in setting.regions:
        for each in around(region, setting):
            if stands_in(whole, each):
                return Finding("confirmed", each.location)
    return unchecked(finding)


def weigh_quote(part: Part, finding: Finding, setting: Setting, about: Sequence[str]) -> Finding:
    """What is to be said of a quote that is not, or not exactly, in its cited lines."""
    quote = part.text.strip()
    if part.block is not None:
        return _block(quote, finding, setting)
    if _HEADER_NAME.match(quote) and (place := _in_any_case(quote, setting)) is not None:
        return Finding("confirmed", place)
    if finding.status == "corrected":
        same = _plainly(quote) == _plainly(finding.replacement)
        return Finding("confirmed", finding.location) if same else finding
    if not setting.own or setting.supported:
        place = signature_of(quote, setting)
        if place is not None:
            return Finding("confirmed", place)
    strange = strange_words(quote, setting)
    example = is_example(part, setting)
    if (loose := _own_words(part, quote, strange, setting)) is not None:
        return unchecked(finding) if loose else finding
    if "which have `" in finding.reason and "it is" not in finding.reason:
        return finding if not example else unchecked(finding)
    stated = TAKES_VALUE.search(setting.before) and any(
        region.defines(name) for region in setting.own for name in about
    )
    if finding.reason.startswith(NOT_CITED) and stated:
        return finding
    if finding.reason.startswith(NOT_CITED):
        if _ONE_STRING.fullmatch(quote) and not said_there(part, setting):
            for region in setting.regions:
                if quote in region.document.text:
                    return Finding("confirmed", Location(region.document.path, 1, 1))
        if setting.own and not setting.supported and not (part.loose or example):
            return finding
        told = not part.marked and setting.own and not (part.loose or example)
        if told and len(quote.split()) > LONG and cites_words(setting.sentence):
            return finding
        for region in setting.regions:
            spoken = not part.marked and setting.own
            for each in [region.block] if spoken else around(region, setting):
                if stands_in(quote, each):
                    return Finding("confirmed", each.location)
        near = re.search(r"which have `(.*?)`; it is", finding.reason)
        if near and _plainly(near.group(1)) != _plainly(quote):
            return finding if not example else unchecked(finding)
        if finding.location is not None and finding.location.path in paths_of(setting):
            return Finding("confirmed", finding.location)
        return unchecked(finding)
    for region in setting.regions:
        for each in (region.function, region.block):
            filled = message_of(quote, each)
            if filled is not None and setting.holds_numbers(" ".join(filled.values)):
                return Finding("confirmed", each.location)
    header = _QUOTED.search(setting.before) is not None or _HEADER.match(quote) is not None
    if (
        part.marked
        and header
        and not example
        and len(WORD.findall(quote)) > FEW
        and mostly_there(quote, strange, setting, nearly=header)
    ):
        return finding
    if (
        strange
        and part.marked
        and (misread(strange, setting) or mostly_there(quote, strange, setting))
    ):
        return finding
    if example:
        return unchecked(finding)
    if setting.own and not part.loose:
        if strange and misread(strange, setting):
            return finding
        if part.marked and any(_one_word_off(quote, region.text) for region in setting.own):
            return finding
    if (
        strange
        and setting.own
        and not part.loose
        and (part.marked or cites_words(setting.sentence))
    ):
        return finding
    if not part.marked and setting.own and not part.loose and cites_words(setting.sentence):
        return finding
    return unchecked(finding)


def _own_words(part: Part, quote: str, strange: Sequence[str], setting: Setting) -> bool | None:
    """Whether a quote is plainly the answer's own (True), or plainly changed (False).

    The answer's own are places to fill in, options of other programs, and headers of functions
    that a reader may write. Changed is what has the words of a cited line in another order, and a
    statement that sets a name which the cited lines set to something else.
    """
    if re.fullmatch(r"\w+<[A-Z_ ]+>|-\w [a-z]+:[A-Z]+", quote):
        return True
    if len(quote) == 1 and not quote.isascii():  # a letter, and no name
        return True
    if strange and misread(strange, setting):
        return None
    if part.loose and strange and named_header(quote) in strange:
        return True
    if not part.marked or part.loose or not setting.own:
        return None
    words = sorted(WORD.findall(quote))
    for region in setting.own:
        rows = (row_of(row) for row in region.text.split("\n"))
        for row in rows:
            held = sorted(WORD.findall(row))
            if len(words) > 1 and held == words and "=" not in quote:
                return None if _plainly(row).strip(":") == _plainly(quote).strip(":") else False
    if match := re.match(r"([A-Za-z_]\w*) = ", quote):
        set_here = [region for region in setting.own if region.defines(match.group(1))]
        value = re.escape(quote[match.end() :])
        annotated = re.compile(rf"{match.group(1)}[ \t]*:[^=\n]+=[ \t]*{value}")
        if set_here and not any(
            stands_in(quote, region.block) or annotated.search(region.text) for region in set_here
        ):
            return False
    return None


def _one_word_off(quote: str, lines: str) -> bool:
    """Whether a statement is a line's but for one of its names."""
    words = WORD.findall(quote)
    signs = WORD.sub("", quote).split()
    if len(words) < SMALL:
        return False
    return any(
        WORD.sub("", row).split() == signs
        and len(held := WORD.findall(row)) == len(words)
        and sum(ours != theirs for ours, theirs in zip(words, held, strict=True)) == 1
        for row in lines.split("\n")
    )


def signature_of(quote: str, setting: Setting) -> Location | None:
    """Where a name is defined whose header a quote gives, in full or without annotations."""
    called = _CALLED.match(quote)
    if called is None:
        return None
    for place in setting.vocabulary.definitions(called.group(1))[:_MOST_PLACES]:
        region = setting.vocabulary.region(place)
        if region is not None and stands_in(quote, region):
            return place
    return None


def _plainly(text: str) -> str:
    """A text without quotation marks, commas and blanks, which an answer may set otherwise."""
    return re.sub(r"[\s'\"`,]+", "", text)


def _in_any_case(quote: str, setting: Setting) -> Location | None:
    """Where a header's name stands in any case, of which its names have none."""
    wanted = _HEADER_NAME.match(quote)
    if wanted is None:
        return None
    name = wanted.group().rstrip(":")
    small = name.lower()
    if name not in (small, small.title(), small.upper()):
        return None
    whole = re.compile(rf"(?<![\w-]){re.escape(small)}(?![\w-])")
    for region in [*setting.regions, *setting.every]:
        if whole.search(region.document.text.lower()):
            return region.location
    return None


def _block(quote: str, finding: Finding, setting: Setting) -> Finding:
    """A block of code: all its rows may stand in one document, with others left out between."""
    if finding.reason.startswith("`"):
        return finding
    rows = [row for row in map(row_of, quote.split("\n")) if row]
    for path in paths_of(setting) or list(setting.vocabulary.documents):
        held = setting.vocabulary.rows_in(path)
        if rows and all(row in held for row in rows) and _remarks_hold(quote, path, setting):
            return Finding("confirmed", Location(path, 1, 1))
        if len(rows) > 1 and sum(row in held for row in rows) * 2 >= len(rows):
            return finding
    if finding.status == "corrected" or misread(strange_words(quote, setting), setting):
        return finding
    return unchecked(finding)


def _remarks_hold(quote: str, path: str, setting: Setting) -> bool:
    """Whether the rows of a block that are comments stand in a document, too."""
    remarks = [found.strip() for found in _REMARK.findall(quote)]
    text = setting.vocabulary.documents[path].text
    return all(remark in text for remark in remarks)


def partly_there(code: str, setting: Setting) -> bool:
    """Whether some rows of a block are the source's and others are not."""
    rows = [row for row in map(row_of, code.split("\n")) if len(row) > LONG]
    rows = [row for row in rows if not row.startswith(("import ", "from "))]
    for path in paths_of(setting):
        held = setting.vocabulary.rows_in(path)
        found = sum(row in held for row in rows)
        if 0 < found < len(rows):
            return True
    return False
