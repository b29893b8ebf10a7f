"""Whether code and text that an answer quotes stand in the lines that it cites, or elsewhere.

Not all that is set as code is a quotation: calls with values of the reader's own, shell commands,
blocks that show how to use the source. Of these only what they take from the source is checked.
"""

from __future__ import annotations

import re

from glyphagent.document import Location
from glyphagent.guard.examples import doubtful, nearly, quotes_source, shows_use
from glyphagent.guard.messages import message_of
from glyphagent.guard.options import option_place
from glyphagent.guard.parts import Part
from glyphagent.guard.prose import absent, cites_words, negated
from glyphagent.guard.quotes import in_block, likeness, stands_in
from glyphagent.guard.regions import WORD
from glyphagent.guard.setting import NOT_CITED, NOT_THERE, Finding, Setting
from glyphagent.guard.stating import CONSTANTS
from glyphagent.guard.vocabulary import BUILTINS, Vocabulary

_CODE_SIGNS = re.compile(r"[=(){}\[\]<>/\\+*|&;@_]|\w\.\w|\d")
_CONSTANT = r"(?:[-+]?\d[\w.]*|True|False|None|true|false|null|[rbf]?\"[^\"\n]*\"|[rbf]?'[^'\n]*')"
_KEYWORD = re.compile(rf"([A-Za-z_]\w*)\s*=\s*({_CONSTANT}|\w+|[(\[{{].*[)\]}}])?\Z", re.DOTALL)
_LITERAL = re.compile(rf"[(\[{{\s,:]*{_CONSTANT}(?:[(\[{{\s,:]+{_CONSTANT})*[)\]}}\s,]*\Z")
_CALL = re.compile(r"@?[A-Za-z_][\w.]*\(.*\)(?:\.\w+(?:\(.*\))?)*\Z", re.DOTALL)
_COMMAND = re.compile(
    r"(?:[$>%]\s*)?(?:python\d?(?:\.\d+)?\s+-m|pip\d?|pipx|uv|poetry|conda|npm|npx|yarn|curl|git|docker"
    r"|make|pytest|export|cd|ls|cat)\s"
)
_ASKS_FOR_USE = re.compile(r"\b(?:how\s+(?:do|can|to|would)|write|example|use)\b", re.IGNORECASE)
_OUTSIDE = re.compile(
    r"(?:\.\.?/|~/?|/(?!\*)|[A-Za-z]:\\|%\w+%|\$\{?\w+|<\w[\w -]*>)[^\s=()]*\Z|[A-Z_]+=\S+\Z"
)
_LANGUAGES = frozenset(
    ["py", "python", "python3", "pycon", "js", "javascript", "jsx", "ts", "typescript", "tsx"]
)
# What a call or input that is given as an example gives.
_RESULT = re.compile(
    r"(?:\b[Ff]or\b[^.;]*|`[^`]*\([^`]*\)`[^.;]*|\be\.g\.[^;]*|\bexample\b[^.;]*)"
    r"\b(?:gives?|yields?|returns?|becomes?|produces?|prints?|is)\s*[`'\"*]*\Z"
)
_CITES = re.compile(r"(?::|#L)\d+|\blines?\s\d+")
_CITED_NEXT = re.compile(
    r"[`*'\"]*\s*[(\[\uff08]+[`\[]*(?:[\w./\\-]+\.\w+[`\])(]*[^\s`]{0,60}(?::|#L)\d|lines?\s\d)"
)
_SUCH = re.compile(
    r"(?:\be\.g\.|\bsuch\s+as|\blike|\bfor\s+example,?|\bpass(?:ing)?|\bsay)\s*[`'\"*]*\Z", re.I
)
_STRINGS = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_FEW = 2
_NEAR_CUE = 40


def check_quote(part: Part, setting: Setting) -> Finding | None:
    """Whether quoted code or text stands in the cited lines, or elsewhere in the source."""
    quote = part.text.strip()
    if len(quote) < 3 and not re.search(r"\w", quote):
        return None
    if not part.marked and not _is_code(quote) and not setting.regions:
        return None
    place = _stands(quote, setting) or option_place(quote, setting)
    if place is not None:
        return Finding("confirmed", place)
    if not part.marked and not _is_code(quote):
        return _words(part, quote, setting)
    if part.block is not None:
        near_miss = any(likeness(quote, region) for region in setting.regions)
        if not near_miss and _example_block(part, quote, setting):
            wrong = doubtful(quote, setting.vocabulary)
            return Finding("unverified", None, "", wrong) if wrong else None
    else:
        settled, finding = _beside(quote, setting)
        if settled:
            return finding
    found = elsewhere(quote, setting.vocabulary)
    near = [like for r in setting.regions if (like := likeness(quote, r))]
    if not setting.regions and found:
        return Finding("confirmed", found[0])
    if len(set(near)) == 1 and not found and near[0].strip() != quote:
        text = _indented_like(quote, near[0])
        return Finding("corrected", setting.regions[0].location, text, NOT_CITED)
    if setting.asked(quote) and (found or negated(setting.sentence)):
        return Finding("confirmed", found[0] if found else None)
    if not setting.regions and setting.cites and found:
        return Finding("confirmed", found[0])
    if found:
        where = f"it is at {found[0]}" if len(found) == 1 else "it is in several other places"
        like = f", which have `{near[0]}`" if near and "\n" not in near[0] else ""
        place = found[0] if len(found) == 1 else None
        return Finding("unverified", place, "", f"{NOT_CITED}{like}; {where}")
    return Finding("unverified", None, "", NOT_THERE)


def _stands(quote: str, setting: Setting) -> Location | None:
    """Where a quote stands: in the cited lines, the headers over them, the block they open."""
    for region in setting.regions:
        if stands_in(quote, region):
            return region.location
        if region in setting.opened and (place := in_block(quote, region)):
            return place
        over = [
            setting.vocabulary.region(Location(region.document.path, number, number))
            for number in region.headers[:_FEW]
        ]
        for header in over:
            if header is not None and len(WORD.findall(quote)) > 1 and stands_in(quote, header):
                return header.location
        filled = message_of(quote, region.block if region in setting.opened else region)
        if filled is not None and setting.holds_numbers(" ".join(filled.values)):
            return region.location
    for region in () if setting.own else setting.lent:
        if region.function is not region and stands_in(quote, region.function):
            return region.function.location
        filled = message_of(quote, region.function)
        if filled is not None and setting.holds_numbers(" ".join(filled.values)):
            return region.location
    return None


def _example_block(part: Part, quote: str, setting: Setting) -> bool:
    """Whether a block shows something other than the source: its use, output, a command."""
    if part.cited_inside:
        return False
    introduced = setting.intro.rstrip().endswith((":", "\uff1a"))
    if introduced and not shows_use(setting.intro) and _CITES.search(setting.intro):
        return False
    root = re.escape(setting.vocabulary.root_name or "\n")
    if re.search(rf"^[ \t]*(?:>>>[ \t]*)?(?:from|import)[ \t]+{root}\b", quote, re.MULTILINE):
        return True
    if part.block and part.block.lower() not in _LANGUAGES:
        return not quotes_source(quote, setting.intro, setting.regions, setting.vocabulary)
    near = [*setting.every, *setting.regions]
    asked = setting.question if _ASKS_FOR_USE.search(setting.question) else ""
    return not quotes_source(quote, f"{asked} {setting.intro}", near, setting.vocabulary)


def _beside(quote: str, setting: Setting) -> tuple[bool, Finding | None]:
    """Code on one line that quotes nothing: an argument, a call, a value, a command, a path.

    Returns:
        Whether it is such a thing, and what is to be said of it.
    """
    vocabulary = setting.vocabulary
    cue = shows_use(setting.told)
    if _OUTSIDE.match(quote) and not setting.vocabulary.nearest_path(quote):
        words = [word for word in WORD.findall(quote) if re.search(r"_|[a-z][A-Z]", word)]
        if not any(word not in vocabulary.words and nearly(word, vocabulary, 1) for word in words):
            return True, None
    if (match := _KEYWORD.match(quote)) and "\n" not in quote:
        return _argument(match, quote, setting, cue)
    if _COMMAND.match(quote):
        wrong = doubtful(re.sub(r"-+", " ", quote), vocabulary)
        return True, Finding("unverified", None, "", wrong) if wrong else None
    lacking = absent(setting.before, setting.after) and not elsewhere(quote, vocabulary)
    if lacking and not doubtful(quote, vocabulary):
        return True, Finding("confirmed")
    if any(likeness(quote, region) for region in setting.regions):
        return False, None
    words = WORD.findall(quote)
    if all(word in BUILTINS - CONSTANTS for word in words):
        return True, None
    if _RESULT.search(setting.before) and not any(
        nearly(word, vocabulary, 1.0) for word in words if word not in vocabulary.words
    ):
        return True, None
    if _CITED_NEXT.match(setting.after):  # what is said to stand there
        return False, None
    if _LITERAL.match(quote):
        near_cue = cue if quote[0] in "([{" else _SUCH.search(setting.before)
        return (True, None) if near_cue or setting.header else (False, None)
    if not _CALL.match(quote):
        return False, None
    # `str(e)` and the like; a call of a builtin with names of the source is a quotation.
    builtin = all(word in BUILTINS or len(word) <= _FEW for word in WORD.findall(quote))
    builtin = builtin and not re.search(r"[\"']", quote)
    if (not cue and not builtin) or any(len(s.split()) > _FEW for s in _STRINGS.findall(quote)):
        return False, None
    plain = re.sub(r"\"[^\"]*\"|'[^']*'", "", quote)
    words = [word for word in WORD.findall(plain) if not word[0].isdigit()]
    strange = [
        w for w in words if w not in vocabulary.words and w not in BUILTINS and len(w) > _FEW
    ]
    strange += [word for word in words if _otherwise_spelled(word, setting)]
    return (True, None) if not strange else (False, None)


def _otherwise_spelled(word: str, setting: Setting) -> str | None:
    """How what the answer cites spells a name, if it does so in another case only."""
    if word in setting.shown.function_words:
        return None
    return setting.shown.spellings.get(word.lower())


def _argument(
    match: re.Match[str], quote: str, setting: Setting, cue: bool
) -> tuple[bool, Finding | None]:
    """`name=value`: what the cited lines have the name at, or a value that a reader may give."""
    name, value = match.group(1), match.group(2) or ""
    if re.search(r"\s=|=\s", quote):  # a statement, not an argument
        return False, None
    if spelled := _otherwise_spelled(name, setting):
        return True, Finding("corrected", None, quote.replace(name, spelled, 1), NOT_CITED)
    if name not in setting.vocabulary.words:
        if near := nearly(name, setting.vocabulary, 2.0):
            fits = any(near in region.words for region in setting.regions)
            if fits:
                return True, Finding("corrected", None, quote.replace(name, near, 1), NOT_THERE)
            return True, Finding("unverified", None, "", f"{NOT_THERE}, which has `{near}`")
        return True, Finding("unverified", None, "", NOT_THERE)
    pattern = re.compile(
        rf"(?<![\w$.]){re.escape(name)}[ \t]*(?::[^=\n]*?)?=(?!=)[ \t]*({_CONSTANT}|[\w.]+)"
    )
    regions = [r.block if r in setting.opened else r for r in setting.own]
    held = [m.group(1) for region in regions for m in pattern.finditer(region.text)]
    if any(_alike(each, value) for each in held):
        return True, Finding("confirmed")
    if _CITED_NEXT.match(setting.after) and held:
        cue = False
    elif not setting.own or shows_use(setting.before[-_NEAR_CUE:]) or (cue and not held):
        return True, Finding("confirmed")
    if held:
        return True, Finding("unverified", None, "", f"{NOT_CITED}, which have `{name}={held[0]}`")
    return False, None


def _alike(one: str, other: str) -> bool:
    return one.strip("\"'") == other.strip("\"'")


def _indented_like(quote: str, text: str) -> str:
    """Source text on one line if the quote is, else indented as deeply as the quote."""
    if "\n" not in text:
        return text
    if "\n" not in quote:
        text = re.sub(r"\s+", " ", text)
        return re.sub(r",? (?=[)\]}])", "", re.sub(r"(?<=[(\[{]) ", "", text))
    first, *rest = text.split("\n")
    over = max(_least_indent(rest) - _least_indent(quote.split("\n")[1:]), 0)
    return "\n".join([first, *(line[over:] for line in rest)])


def _least_indent(lines: list[str]) -> int:
    return min((len(each) - len(each.lstrip()) for each in lines if each.strip()), default=0)


def _is_code(quote: str) -> bool:
    return _CODE_SIGNS.search(quote) is not None


def _words(part: Part, quote: str, setting: Setting) -> Finding | None:
    """Plain words in quotation marks: a docstring, a message, or a way of speaking."""
    near = {like for region in setting.regions if (like := likeness(quote, region))}
    if len(near) == 1 and len(quote) >= 6:
        text = _indented_like(quote, near.pop())
        return Finding("corrected", setting.regions[0].location, text, NOT_CITED)
    if setting.asked(quote):
        return None
    if len(quote.split()) < 4 and not cites_words(setting.sentence):
        return None
    found = elsewhere(quote, setting.vocabulary)
    if found and not setting.own:
        return Finding("confirmed", found[0])
    return Finding("unverified", None, "", NOT_CITED if found else NOT_THERE)


def elsewhere(quote: str, vocabulary: Vocabulary) -> list[Location]:
    """At most two places of the source where a quote stands, on as many lines as it may have."""
    if found := vocabulary.places(quote.strip()):
        return found
    names = [word for word in WORD.findall(quote) if word not in BUILTINS and len(word) > 2]
    if not names or any(name not in vocabulary.words for name in names):
        return []
    places: dict[Location, None] = {}
    for place in vocabulary.places(max(names, key=len), 30):
        region = vocabulary.region(place)
        if region is not None and len(places) < 2 and stands_in(quote, region):
            places[place] = None
    return list(places)
