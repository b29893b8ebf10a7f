"""Code of an answer that shows how to use the source, and what in it is still about the source.

What a reader would type is no quotation: its own variables, values and strings are nobody's claim.
The names that it takes from the source are: what it imports, members and keyword arguments of
that, and any name that is nearly one of the source's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from glyphagent.guard.libraries import library
from glyphagent.guard.regions import Region
from glyphagent.guard.vocabulary import BUILTINS, Vocabulary

_CUE = re.compile(
    r"(?:e\.g\.|i\.e\.|\u2192|\u21d2|\u4f8b\u5982|\u6bd4\u5982|\u5982)"
    r"|\b(?:examples?|for\s+instance|such\s+as|like|say|pass(?:es|ed|ing)?|calling|calls?|uses?"
    r"|using|usages?|(?<!is )(?<!are )(?<!was )set(?:ting)?|writ(?:e|ing)|try|run(?:ning)?|with|if"
    r"|when|so|thus|hence|would|could|gives?|becomes?|configured?|instead|compar\w+|typical"
    r"|subclass|overrid\w*|mount|custom|handler|must|should|need|change|enable|disable|you|your"
    r"|own|inputs?|sample)\b",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"\b(?:defined|implement\w*|source|reads?|lives?|looks?\s+like\s+this\s+in|the\s+code|quoted"
    r"|body|verbatim)\b",
    re.IGNORECASE,
)
_CODE = re.compile(r"`[^`]*`|\]\([^)]*\)")
_STRING = re.compile(
    r"\"\"\".*?\"\"\"|\'\'\'.*?\'\'\'|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL
)
_COMMENT = re.compile(r"(?m)(?:#|//).*$")
_TOKEN = re.compile(r"\w+|[^\w\s]")
_IDENTIFIER = re.compile(r"(?<![\w$])[A-Za-z_$][\w$]*")
_CHAIN = re.compile(r"(?<![\w$.])([A-Za-z_$][\w$]*)((?:\.[A-Za-z_$][\w$]*)+)?(\()?")
_IMPORTED = re.compile(
    r"(?m)^[ \t>.]*from[ \t]+([\w.]+)[ \t]+import[ \t]+(?:\(([^)]*)\)|([^(\n]*))"
)
_MODULE = re.compile(r"(?m)^[ \t>.]*import[ \t]+([\w.]+)(?:[ \t]+as[ \t]+(\w+))?")
_BINDS = re.compile(
    r"(?m)(?:^[ \t>.]*(?P<to>\w+)[ \t]*(?::[^=\n]+)?=[ \t]*(?:await[ \t]+)?(?P<of>[\w.]+)\("
    r"|\bwith[ \t]+(?P<opens>[\w.]+)\([^\n]*\)[ \t]+as[ \t]+(?P<held>\w+))"
)
_DEFINES = re.compile(
    r"\b(?:def|class|function|const|let|var|for|as|lambda|import)[ \t]+(\w+)"
    r"|(?<![\w.])(\w+)[ \t]*(?::[^=\n(]+)?=(?!=)|\bexcept[^\n]*\bas[ \t]+(\w+)"
)
_CLASS = re.compile(r"(?m)^([ \t]*)class[ \t]+\w+\(([^)\n]*)\)[^\n]*\n((?:\1[ \t]+[^\n]*\n?|\n)*)")
_MEMBER = re.compile(r"(?m)^[ \t]+(?:async[ \t]+)?(?:def[ \t]+(\w+)|(\w+)[ \t]*(?::[^=\n]+)?=)")
_PARAMETERS = re.compile(r"\bdef[ \t]+\w+\(([^)]*)\)|\blambda[ \t]+([^:\n]*):")
_ALIKE_LINE = 0.75
_AROUND = 60
_SHORT = 5


def shows_use(text: str) -> bool:
    """Whether a sentence speaks of what a reader may write, or gives an example."""
    return _CUE.search(_prose(text)) is not None


def _prose(text: str) -> str:
    """A sentence without its code."""
    return _CODE.sub(" ", text)


def quotes_source(code: str, intro: str, regions: Sequence[Region], vocabulary: Vocabulary) -> bool:
    """Whether a block of code is meant to be the source's own.

    Args:
        code: The block.
        intro: The prose right before it.
        regions: What the answer cites near it.
        vocabulary: All that the source says.
    """
    rows = [found for line in code.split("\n") if len(found := _tokens(line)) >= 3]
    rows = [row for row in rows if row[0] not in ("import", "from", "#", ">", "$")] or rows
    if not rows:
        return False
    held = [_tokens(line) for region in regions for line in _lines_around(region)]
    if shows_use(intro) and not _TOLD.search(_prose(intro)):
        # An example may be like one of the source; a quotation is the source's but for a slip.
        same = sum(row in held or row in _found(row, vocabulary) for row in rows)
        return same > 0.6 * len(rows)
    alike = sum(_has_like(row, held) or _has_like(row, _found(row, vocabulary)) for row in rows)
    share = alike / len(rows)
    return share >= 0.5 or (share > 0 and _TOLD.search(_prose(intro)) is not None)


def _tokens(line: str) -> list[str]:
    return _TOKEN.findall(line)


def _lines_around(region: Region) -> Iterator[str]:
    first = max(region.first - _AROUND, 1)
    last = min(region.last + _AROUND, region.document.line_count)
    yield from region.document.lines(first, last).split("\n")


def _found(row: Sequence[str], vocabulary: Vocabulary) -> list[list[str]]:
    """Lines anywhere that have one of the row's two longest known words."""
    known = sorted({w for w in row if w in vocabulary.words and len(w) > 3}, key=len)[-2:]
    return [
        _tokens(region.text)
        for word in known
        for place in vocabulary.places(word, 30)
        if (region := vocabulary.region(place)) is not None
    ]


def _has_like(row: Sequence[str], held: Iterable[Sequence[str]]) -> bool:
    ours = Counter(row)
    for line in held:
        longest = max(len(row), len(line))
        if min(len(row), len(line)) < _ALIKE_LINE * longest:
            continue
        if sum((ours & Counter(line)).values()) >= _ALIKE_LINE * longest:
            return True
    return False


def doubtful(code: str, vocabulary: Vocabulary) -> str:
    """Why an example is wrong about the source; empty if nothing in it is known to be.

    Names that the example itself makes are its own, unless they are a misread name of the source.
    """
    plain = _COMMENT.sub("", _STRING.sub('""', code))
    foreign, bound, unknown = _imports(plain, vocabulary)
    own = {name for match in _DEFINES.finditer(plain) for name in match.groups() if name}
    for match in _PARAMETERS.finditer(plain):
        own.update(_IDENTIFIER.findall(match.group(1) or match.group(2) or ""))
    for name in set(_IDENTIFIER.findall(plain)) - own - foreign:
        if re.match(r"_*[A-Z]", name) and vocabulary.definitions(name):
            bound.add(name)
    if vocabulary.root_name:
        bound.add(vocabulary.root_name)
    for match in [*_BINDS.finditer(plain)] * 2:
        maker, held = match["of"] or match["opens"], match["to"] or match["held"]
        if maker.partition(".")[0] in bound:
            bound.add(held)
    unknown += _members(plain, bound, vocabulary)
    for word in unknown:
        near = vocabulary.nearest_name(word)
        return f"`{word}` is not in the source" + (f", which has `{near}`" if near else "")
    for word in dict.fromkeys(_overridden(plain, bound)):
        if word not in vocabulary.words and (near := nearly(word, vocabulary, 2.0)):
            return f"`{word}` is not in the source, which has `{near}`"
    for word in dict.fromkeys(_IDENTIFIER.findall(plain)):
        if word in vocabulary.words or word in BUILTINS or word in foreign or len(word) < 5:
            continue
        if not re.search(r"_|[a-z][A-Z]|\d", word):
            continue
        if near := nearly(word, vocabulary, 0.5 if word in own else 1.0):
            return f"`{word}` is not in the source, which has `{near}`"
    return ""


def unknown_names(code: str, vocabulary: Vocabulary) -> list[str]:
    """Names in an example that neither it nor the source nor another package makes."""
    plain = _COMMENT.sub("", _STRING.sub('""', code))
    foreign, _, _ = _imports(plain, vocabulary)
    own = {name for match in _DEFINES.finditer(plain) for name in match.groups() if name}
    for match in _PARAMETERS.finditer(plain):
        own.update(_IDENTIFIER.findall(match.group(1) or match.group(2) or ""))
    return [
        word
        for word in dict.fromkeys(_IDENTIFIER.findall(plain))
        if word not in vocabulary.words
        and word not in BUILTINS
        and (word not in foreign or nearly(word, vocabulary, 1.0))
        and (word not in own or (len(word) > _SHORT and nearly(word, vocabulary, 2.0)))
    ]


def nearly(word: str, vocabulary: Vocabulary, most: float) -> str | None:
    """The name of the source that a word is nearest to, if it is at most so far from it."""
    if len(word) < 4:
        return None
    near = [name for name in vocabulary.near_names(word, most) if name != word]
    return near[0] if near else None


def _imports(plain: str, vocabulary: Vocabulary) -> tuple[set[str], set[str], list[str]]:
    """Names of other packages, names of the source, and imported ones that the source lacks."""
    foreign: set[str] = set()
    bound: set[str] = set()
    unknown: list[str] = []
    for match in _IMPORTED.finditer(plain):
        parts = match.group(1).split(".")
        names = re.findall(r"(\w+)(?:[ \t]+as[ \t]+(\w+))?", match.group(2) or match.group(3))
        if parts[0] == vocabulary.root_name:
            unknown += [part for part in parts if part not in vocabulary.words]
            unknown += [name for name, _ in names if name not in vocabulary.words]
            bound.update(alias or name for name, alias in names)
        elif parts[0] in vocabulary.words and not library(parts[0]):
            bound.update(alias or name for name, alias in names)
        else:
            foreign.update({*parts, *(each for pair in names for each in pair if each)})
    for match in _MODULE.finditer(plain):
        parts = match.group(1).split(".")
        if parts[0] == vocabulary.root_name:
            unknown += [part for part in parts if part not in vocabulary.words]
            bound.add(match.group(2) or parts[0])
        else:
            foreign.update({*parts, match.group(2) or parts[0]})
    return foreign, bound, unknown


def _members(plain: str, bound: set[str], vocabulary: Vocabulary) -> list[str]:
    """Members and keyword arguments of what comes from the source that the source does not have."""
    found: list[str] = []
    for match in _CHAIN.finditer(plain):
        name, members, opens = match.groups()
        if name not in bound or name in ("self", "cls"):
            continue
        found += [m for m in (members or "").split(".") if m and m not in vocabulary.words]
        if opens:
            found += [k for k in _keywords(plain, match.end()) if k not in vocabulary.words]
    return found


def _keywords(plain: str, start: int) -> Iterator[str]:
    """Keyword arguments of the call whose bracket opens right before `start`."""
    depth = 1
    for match in re.finditer(
        r"[()\[\]{}]|(?<![\w.])(\w+)[ \t]*=(?!=)", plain[start : start + 4000]
    ):
        depth += (match.group() in "([{") - (match.group() in ")]}")
        if depth == 0:
            return
        if depth == 1 and match.group(1):
            yield match.group(1)


def _overridden(plain: str, bound: set[str]) -> Iterator[str]:
    """Methods and attributes of classes that inherit from the source's."""
    for match in _CLASS.finditer(plain + "\n"):
        if bound & set(_IDENTIFIER.findall(match.group(2))):
            for member in _MEMBER.finditer(match.group(3)):
                yield member.group(1) or member.group(2)
