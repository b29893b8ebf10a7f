"""What speaks for or against something that the source does not confirm as it is said.

Whether the words around it make it an example, whether it is said to be at the cited place, and
what stands near that place: in the function, on the lines around, in the document.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from glyphagent.document import Location
from glyphagent.guard.libraries import coded
from glyphagent.guard.parts import Part
from glyphagent.guard.regions import WORD, Region
from glyphagent.guard.setting import Finding, Setting
from glyphagent.guard.spelling import allowed
from glyphagent.guard.vocabulary import BUILTINS

UNCHECKED = "not to be found near what is cited, and nothing there speaks against it"
"""Reason of what is listed as unchecked."""
NOTHING = Finding("confirmed")
_EXAMPLE = re.compile(
    r"(?:e\.g\.|i\.e\.|\u2192|\u21d2|->|=>|\u4f8b\u5982|\u6bd4\u5982|\u5982)"
    r"|\b(?:examples?|instance|such\s+as|like|say|called|named|becom\w*|gives?|yields?|turns?"
    r"|would|could|compar\w*|similar\w*|unlike|instead|whereas|equivalent|corresponds?|your"
    r"|you\s+(?:can|could|would|may|might|have|need|must|should|write|get|want|pass|set|call)"
    r"|suppose|imagine|write|writing|typical\w*|usual\w*|prints?|outputs?|inputs?|results?|roughly"
    r"|for|if|pass\w*|try|needs?|must|should)\b",
    re.IGNORECASE,
)
_GIVEN = re.compile(
    r"(?:e\.g\.|\u2192|\u21d2|->|=>|\u4f8b\u5982|\u6bd4\u5982|\u5982)"
    r"|\b(?:for\s+(?:example|instance)|an?\s+example|such\s+as|like|say|your|suppose|imagine"
    r"|called|named|becom\w*|gives?|yields?|turns?|prints?|unlike|compar\w*|similar\w*)\b",
    re.IGNORECASE,
)
_CODE = re.compile(r"`[^`]*`|\]\([^)]*\)|\"[^\"\n]*\"")
CLAIMED = re.compile(
    r"\b(?:function|method|class|coroutine|constant|variable|attribute|property|parameter|argument"
    r"|field|module|calls?|raises?|returns?|defines?|uses?|imports?|inherits?(?:\s+from)?|extends"
    r"|overrides?|invokes?|sets?|reads?|by|via|in|of)\s+(?:the\s+|an?\s+)?[`*]*\Z",
    re.IGNORECASE,
)
_SAID_THERE = re.compile(
    r"[`*'\"]*\s*[(\[\uff08]+[`\[]*(?:[\w./\\-]+\.\w+[`\])(]*[^\s`]{0,60}(?::|#L)\d|lines?\s\d)"
    r"|[`*'\"]*\s+(?:(?:is|are|stands?|lives?|was|sits?)\s+(?:at|in)"
    r"|(?:(?:is|are|was)\s+)?(?:defined|implemented|set|declared))\b"
)
_ENDS = re.compile(r"(?<!e\.g)(?<!i\.e)[.;:!?]\s")
_NEAR_LINES = 12
_FAR_BEFORE = 120
SMALL = 3
FEW = 2
LONG = 8
LEAST = 4


def unchecked(finding: Finding | None = None) -> Finding:
    """That the source neither confirms something nor speaks against it."""
    location = finding.location if finding is not None else None
    return Finding("unchecked", location, "", UNCHECKED)


def is_example(part: Part, setting: Setting) -> bool:
    """Whether the words before a part, or the head over it, say that it is an example."""
    return _cued(_EXAMPLE, setting)


def invented(part: Part, words: Sequence[str], setting: Setting) -> bool:
    """Whether one of a part's words is plainly a name of code, and nowhere to be found.

    Neither the source has it, nor the standard library, nor the answer's own code; the answer
    cites a place in the same sentence and does not give it as an example.
    """
    made = [word for word in words if coded(word) and word not in setting.shown.examples]
    return bool(made and part.own and part.marked) and not shown_as_example(setting)


def shown_as_example(setting: Setting) -> bool:
    """Whether the words around a part leave no doubt that it is an example."""
    return _cued(_GIVEN, setting) or bool(_GIVEN.search(_ENDS.split(setting.before_list)[-1]))


def _cued(cue: re.Pattern[str], setting: Setting) -> bool:
    before = _CODE.sub(" ", setting.before.rstrip("`*'\""))[-_FAR_BEFORE:]
    before = _ENDS.split(before)[-1]
    after = re.match(r"[`*'\"]*\s*(?:\u2192|->|=>|becomes?|gives?|would|yields?)", setting.after)
    return bool(cue.search(f"{setting.header} {before}")) or after is not None


def strange_words(text: str, setting: Setting) -> list[str]:
    """Words of code that the source does not have."""
    known = setting.vocabulary.words
    return [
        word
        for word in dict.fromkeys(WORD.findall(text))
        if word not in known and word not in BUILTINS and not word.isdigit() and len(word) > 1
    ]


def paths_of(setting: Setting) -> list[str]:
    """The documents that a part leans on, or all that the answer cites."""
    regions = setting.regions or setting.every
    return list(dict.fromkeys(region.document.path for region in regions))[:LEAST]


def misread(words: Sequence[str], setting: Setting) -> bool:
    """Whether one of these words, which the source lacks, is nearly one of the documents cited."""
    if not setting.shown.may_search():
        return True
    for word in words:
        far = min(allowed(len(word)), 2.0) if len(word) >= LEAST else 0.5
        for path in paths_of(setting):
            if setting.vocabulary.near_in(path, word, far):
                return True
    return False


def said_there(part: Part, setting: Setting) -> bool:
    """Whether a part is said to be at the place that is cited right behind it, or claimed to be."""
    if not setting.own or part.loose:
        return False
    return bool(_SAID_THERE.match(setting.after) or CLAIMED.search(setting.before))


def around(region: Region, setting: Setting) -> list[Region]:
    """The function that lines are in, what they begin, and some lines around."""
    path = region.document.path
    first = max(region.first - _NEAR_LINES, 1)
    last = min(region.last + _NEAR_LINES, region.document.line_count)
    around = setting.vocabulary.region(Location(path, first, last))
    found = [region.function, region.block]
    return [*found, around] if around is not None else found


def mostly_there(
    quote: str, strange: Sequence[str], setting: Setting, *, nearly: bool = False
) -> bool:
    """Whether the known words of a quote stand in cited lines or what they begin, or nearly all."""
    words = {word for word in WORD.findall(quote) if len(word) > FEW} - set(strange)
    missing = len(words) // SMALL if nearly else 0
    return len(words) > max(FEW * len(strange), 1) and any(
        len(words - region.words - region.block.words) <= missing for region in setting.regions
    )
