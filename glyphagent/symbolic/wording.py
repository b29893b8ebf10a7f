"""What a question asks for, told from its wording alone.

A question is matched as a whole against sentence patterns, whose slots take exactly one name
each. Every word must have its place in a pattern; a question with words to spare is one that needs
reasoning, and `understand` returns None for it rather than answer half of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from glyphagent.symbolic.phrases import PATTERNS

# Joins what belongs to one slot while the question is matched word by word.
_INNER_SPACE, _AND = "\ue000", "\ue001"
_POLITE = re.compile(
    r"(?:(?:please|hey|hi|hello|ok|okay|so|well|now|also|and|then|just|quickly|question:?)\b[,!]?\s*)"
    r"|(?:(?:can|could|would|will) you (?:please |kindly |quickly )?(?:help me )?"
    r"(?=(?:tell|show|give|find|list|print|locate|name|explain|point|look|describe|quote|get)\b))"
    r"|(?:(?:can|could|may) (?:i|we) (?:please )?(?:see|get|have) )"
    r"|(?:(?:i|we)(?:'d| would)? (?:want|like|need|wish)(?: to (?:know|see|find(?: out)?|learn))? )"
    r"|(?:i(?:'m| am) (?:looking for|trying to find|curious|wondering|interested in)(?: about)? )"
    r"|(?:(?:do|does) (?:you|anyone|anybody) (?:happen to )?know )"
    r"|(?:(?:tell|let|remind) (?:me|us) (?:know )?(?:about )?"
    r"(?=where|what|which|who|how|if|whether|in|on|the))"
    r"|(?:(?:show|find|give|explain|list)(?: me| us)?(?: out)? "
    r"(?=where|what|which|who|how|in which|on which))"
    r"|(?:help me (?:to )?(?=find|locate|see))"
    r"|(?:(?:if|whether) (?=there|any))",
    re.IGNORECASE,
)
_TRAILER = re.compile(
    r"(?:[,;]? (?:please|thanks|thank you|for me|exactly|currently|actually|right now|today|anyway"
    r"|by default|at all|"
    r"(?:in|of|across|within|throughout|inside|from|by) (?:this|the|our|my|that|these|those)"
    r"(?: whole| entire| same| given| python| source)?"
    r" (?:project|repo|repository|code ?base|code|sources?|source (?:set|code|tree)|package|library"
    r"|files|tree|pages?|folder|directory|app|application)))+\Z",
    re.IGNORECASE,
)
_QUOTED = re.compile(
    r"``?([^`]+)``?|\"([^\"]+)\"|(?<![\w'])'([^']+)'(?!\w)|\u201c([^\u201d]+)\u201d|\u2018([^\u2019']+)[\u2019']"
)
_KEYWORD = re.compile(
    r"(?:(?:async\s+)?def|class|function|const|let|var|interface|type|enum|import|from)\s+"
)
_CODE_LIKE = re.compile(r"[_./#:]|[a-z0-9][A-Z]|^[A-Z]|\d")
_NOT_NAMES = frozenset(
    """a an the this that these those it its is are was were be been do does did has have had of in
    on at to for from by with and or not no any some all each every what which who whom where when
    why how there here i we you they he she me us them my our your if whether can could should would
    will may might must defined used called imported about into than then so because as one ones
    """.split()  # noqa: SIM905
)


# Words of the sentences themselves: names only where the source has something called so.
_VOCABULARY = frozenset(
    """
    needed need importing imported import imports anything something everything nothing home
    call calls caller callers calling called use uses using used usage usages stored definition
    definitions default defaults content contents constructor value values set function
    functions method methods class classes constant constants variable variables attribute
    attributes module modules file files package packages name names argument arguments
    parameter parameters signature docstring mention mentions reference references depend
    depends dependency dependencies line lines place places code source inside outside other
    others list show find type types raised thrown caught purpose role
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Request:
    """A question that was understood.

    Attributes:
        kind: What is asked for: `definition`, `signature`, `parameters`, `returns`, `docstring`,
            `value`, `describe`, `imports`, `importers`, `users`, `mentions`, `outline`, `bases`
            or `subclasses`.
        subject: The name or file asked about, as spelled in the question.
        within: File, folder or class that narrows the question; empty for the whole source.
        hint: Word for the subject's kind, such as `class` or `file`; empty when none was given.
        members: Kinds of definitions asked for, in the question's words, singular.
        detail: What the pattern says further: `call`, `files`, `count`, `external`, `internal`.
        object: A second name that a yes-or-no question is about.
    """

    kind: str
    subject: str
    within: str = ""
    hint: str = ""
    members: tuple[str, ...] = ()
    detail: str = ""
    object: str = ""


def understand(
    question: str, known: Callable[[str], bool] = lambda name: False
) -> tuple[Request, ...]:
    """Give what a question asks for, once for each name that it joins by `and`.

    Args:
        question: In plain English; names may stand in backticks or quotes.
        known: Whether the source has something of a name. Words such as `call` are taken for
            names only where it has, or where they are quoted.

    Returns:
        Nothing when the question is of no supported kind.
    """
    sentence, quoted = _prepare(question)
    for kind, pattern in PATTERNS:
        match = _compiled(pattern).fullmatch(sentence)
        if match is None:
            continue
        slots = {name: value for name, value in match.groupdict().items() if value}
        slot_names = [slots[name] for name in slots if name[0] in "nwo"]
        if any(_is_no_name(each, quoted, known) for each in slot_names):
            continue
        if kind == "definition:bare" and not _is_code(slot_names[0], quoted):
            continue
        return tuple(_requests(kind, slots))
    return ()


def looks_like_code(name: str) -> bool:
    """Whether a word is spelled as names in code are, rather than as plain English."""
    return _CODE_LIKE.search(name) is not None


def may_be_name(word: str) -> bool:
    """Whether a word of a question may be a name, and is not a word of the sentence itself."""
    return word.lower() not in _NOT_NAMES and word.lower() not in _VOCABULARY


def _prepare(question: str) -> tuple[str, frozenset[str]]:
    """The question as one line of bare words, quoted names unquoted, and those names."""
    quoted: set[str] = set()

    def unquote(match: re.Match[str]) -> str:
        inner = next(group for group in match.groups() if group is not None).strip()
        inner = _KEYWORD.sub("", inner) if _KEYWORD.match(inner) else inner
        inner = _bare(inner.rstrip(":{"))
        quoted.add(inner)
        return re.sub(r"\s+", _INNER_SPACE, inner)

    text = _QUOTED.sub(unquote, question).replace("\u2019", "'")
    text = re.sub(r"\s+", " ", text).strip()
    # A call's brackets may hold blanks; they are no part of the name.
    text = re.sub(r"(?<=\w)\([^()]*\)", "", text)
    text = re.sub(r"[\s?!.:;,]+\Z", "", text)
    previous = ""
    while previous != text:
        previous = text
        text = _POLITE.sub("", text, count=1) if _POLITE.match(text) else text
        text = _TRAILER.sub("", text)
    # "The constructor of Graph" is the class, of which the signature shows it.
    text = re.sub(
        r"\b(?:constructor|initiali[sz]er) (?:of|for) (?:the )?(?:class )?(\S+)",
        r"\1 constructor",
        text,
        flags=re.IGNORECASE,
    )
    word = r"[^\s,]*[\w`)]"
    joined = re.sub(rf"({word})(?:,? and |, ?| or )(?={word}(?: |\Z|,))", _join(quoted), text)
    joined = re.sub(r",(?= )", "", joined)
    return joined, frozenset(quoted)


def _join(quoted: set[str]) -> Callable[[re.Match[str]], str]:
    """A replacement that joins a name with the next one where it is spelled like code."""

    def replace(match: re.Match[str]) -> str:
        word = match.group(1)
        code = word in quoted or (looks_like_code(word) and not word[0].isdigit())
        after = match.string[match.end() :].split(" ", 1)[0].rstrip(",?")
        next_code = after in quoted or looks_like_code(after)
        return f"{word}{_AND}" if code and next_code else match.group()

    return replace


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """The pattern compiled, when a question first comes to it: all of them take a second."""
    return re.compile(pattern, re.IGNORECASE)


def _is_no_name(slot: str, quoted: frozenset[str], known: Callable[[str], bool]) -> bool:
    bare = _bare(slot)
    if not bare or bare in quoted:
        return not bare
    word = bare.lower()
    return word in _NOT_NAMES or (word in _VOCABULARY and not known(bare))


def _is_code(slot: str, quoted: frozenset[str]) -> bool:
    bare = _bare(slot.split(_AND)[0])
    return bare in quoted or looks_like_code(bare)


def _bare(slot: str) -> str:
    """A name without the punctuation around it."""
    slot = slot.replace(_INNER_SPACE, " ").strip()
    slot = re.sub(r"\([^)]*\)?\Z", "", slot).removesuffix("'s")
    return slot.strip("`\"'()[]{}<>,;:?!").rstrip(".").removeprefix("@")


def _requests(kind: str, slots: dict[str, str]) -> Iterator[Request]:
    def first(letter: str) -> str:
        return next((value for name, value in slots.items() if name.startswith(letter)), "")

    kind, _, detail = kind.partition(":")
    members = tuple(
        dict.fromkeys(_singular(word) for word in re.findall(r"[a-z]+", first("m").lower()))
    )
    adjective = first("a").lower()
    if re.search("external|third|outside", adjective):
        detail = "external"
    elif re.search("internal|local|own", adjective):
        detail = "internal"
    for subject in first("n").split(_AND):
        yield Request(
            kind,
            _bare(subject),
            _bare(first("w")),
            _singular(first("h").lower()),
            tuple(word for word in members if word not in ("and", "or", "the")),
            detail,
            _bare(first("o")),
        )


def _singular(word: str) -> str:
    for ending, replaced in (("classes", "class"), ("properties", "property"), ("ies", "y")):
        if word.endswith(ending):
            return word.removesuffix(ending) + replaced
    return word if word.endswith("ss") else word.removesuffix("s")
