"""What an answer in a model's words consists of: sentences, citations, code, names, values.

Nothing is judged here. Every part keeps its place in the answer, so that corrections can be
written there, and knows the citations that it leans on.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from glyphagent.guard.clauses import attach
from glyphagent.guard.parts import Cited, Outline, Part, PartKind, Sentence
from glyphagent.guard.prose import of_the_world
from glyphagent.guard.stating import CONSTANTS, SETS
from glyphagent.guard.vocabulary import Vocabulary

_FENCE = re.compile(r"^[ \t>]*+(`{3,}+|~{3,}+)[^\n]*+\n(.*?)(?:^[ \t>]*\1[ \t]*$|\Z)", re.M | re.S)
_LINES = re.compile(r"(?::|#)L?([0-9]{1,9})(?:\s?[-\u2013]\s?L?([0-9]{1,9}))?(?![0-9])(?!\.[0-9])")
_LINE_WORDS = re.compile(
    r"\b(?:[Ll]ines?\s+|L)([0-9]{1,9})(?:\s*(?:-|\u2013|to|through|and)\s*L?([0-9]{1,9}))?"
    r"(?![\w.]*[0-9])"
)
_MORE_LINES = re.compile(r",\s?([0-9]{1,9})(?:-([0-9]{1,9}))?(?=[)\],])")
_WIDE = "\u2010-\u2fff\u3000-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef"
_PATH_END = re.compile(
    r"[^\s`'\"()\[\]<>,;:|*\u2018-\u201f\u3000-\u303f\uff08\uff09\uff0c\uff1a\uff1b]*\Z"
)
# Whichever begins first: words in quotation marks may hold code marks, and the other way round.
_SPOKEN = re.compile(
    r"(`{1,2})(?!`)(?P<code>[^`\n]+)\1"
    r"|\"(?P<plain>[^\"\n]{2,400})\"|\u201c(?P<curly>[^\u201d\n]{2,400})\u201d"
)
_SET_OFF = re.compile(r"^[ \t]*>[ \t]?([^`\n>]{20,400})$", re.MULTILINE)
_URL = re.compile(r"\b(?:https?|ftp|wss?|ssh|git)://[^\s`\"'<>)\]]+[^\s`\"'<>)\].,;:!?]")
# Words of scripts without blanks between words are no part of a name or number beside them.
_LINK = re.compile(r"\]\(")
_RUN = re.compile(rf"[^\s{_WIDE}]+")
_STOP = re.compile(r"[.!?;](?=\s)|[\u3002\uff01\uff1f\uff1b]")
_NAME = re.compile(r"[@*&.]*[A-Za-z_$][\w$]*(?:(?:\.|::|->|#)[A-Za-z_$][\w$]*)*(?:\(\))?\Z")
_PATHLIKE = re.compile(r"(?:[\w@.+-]+/)*[\w@+-][\w@.+-]*\.([A-Za-z]\w{0,5})\Z")
_SLASHED = re.compile(r"\.{0,2}/?(?:[\w@.+-]+/)+[\w@.+-]*\Z")
_HARD = re.compile(r"[-+]?[#$.]?[\w][\w.,:+%-]*\Z")
_SIGNATURE_CHARS = re.compile(r"[=(){}\[\]<>/\\+*|&;@_]|\.\w|\w:")
_LIKE_DIGITS = "OlISBZ"
_LONGEST_PATH = 1000


def outline(text: str, vocabulary: Vocabulary) -> Outline:
    """Take an answer apart."""
    blocks = list(_FENCE.finditer(text))
    masked = list(text)
    for block in blocks:
        _mask(masked, block.start(), block.end())
    citations = list(_citations("".join(masked), vocabulary))
    parts: list[Part] = []
    for block in blocks:
        inside, part = _block(text, block, vocabulary)
        citations += inside
        parts.append(part)
    sentences = list(_sentences(text, blocks))
    for cited in citations:
        _mask(masked, cited.start, cited.stop)
    for match in _LINK.finditer(text):
        _mask(masked, match.start(), match.end())
    prose = "".join(masked)
    parts += _set_off(prose, text, masked)
    prose = "".join(masked)
    parts += _spoken(prose, masked, vocabulary)
    prose = "".join(masked)
    for match in _URL.finditer(prose):
        parts.append(Part("value", match.start(), match.end(), match.group(), marked=False))
        _mask(masked, match.start(), match.end())
    prose = "".join(masked)
    parts += _bare(prose, vocabulary)
    parts.sort(key=lambda part: part.start)
    _number(sentences, [*citations, *parts])
    citations += _by_words(prose, sentences, citations, parts, vocabulary)
    citations += _whole_documents(citations, parts, vocabulary)
    citations.sort(key=lambda cited: cited.start)
    attach(text, sentences, citations, parts)
    return Outline(sentences, citations, parts)


def _mask(masked: list[str], start: int, stop: int) -> None:
    for place in range(start, stop):
        if masked[place] != "\n":
            masked[place] = " "


def _citations(text: str, vocabulary: Vocabulary) -> Iterator[Cited]:
    for match in _LINES.finditer(text):
        before = text[max(match.start() - _LONGEST_PATH, 0) : match.start()].rpartition("\n")[2]
        name = vocabulary.closing_path(before)
        if name is None:
            found = _PATH_END.search(before)
            name = found.group() if found else ""
        paths = vocabulary.paths(name)
        if not paths and (bare := re.sub(r"\A[^\x00-\x7f]+", "", name)) != name:
            # Words of a script without blanks may stand right before the path.
            name, paths = bare, vocabulary.paths(bare)
        if not paths and not _may_be_path(name, vocabulary):
            continue
        near = None if paths else vocabulary.nearest_path(name)
        first, last = int(match.group(1)), int(match.group(2) or match.group(1))
        yield Cited(match.start() - len(name), match.end(), name, paths, first, last, near=near)
        stop = match.end()
        while more := _MORE_LINES.match(text, stop):
            first, last = int(more.group(1)), int(more.group(2) or more.group(1))
            yield Cited(more.start(1), more.end(), "", paths, first, last, near=near)
            stop = more.end()


def _may_be_path(name: str, vocabulary: Vocabulary) -> bool:
    if "//" in name or not re.search(r"[A-Za-z]", name):
        return False
    return "." in name or "/" in name or vocabulary.nearest_path(name) is not None


def _block(text: str, block: re.Match[str], vocabulary: Vocabulary) -> tuple[list[Cited], Part]:
    """The code of a block; a first line that is a comment with a citation is none of it."""
    start = block.start(2)
    code = block.group(2)
    head, _, rest = code.partition("\n")
    inside: list[Cited] = []
    if re.match(r"\s*(?:#|//|--|/\*|<!--)", head):
        inside = list(_citations(head, vocabulary))
        if inside:
            for cited in inside:
                cited.start, cited.stop = cited.start + start, cited.stop + start
            start, code = start + len(head) + 1, rest
    kept = code.rstrip()
    language = (re.match(r"[ \t>]*[`~]+[ \t]*\{?\.?([\w+-]*)", block.group()) or block).group(1)
    return inside, Part(
        "quote", start, start + len(kept), kept, block=language, cited_inside=bool(inside)
    )


def _sentences(text: str, blocks: list[re.Match[str]]) -> Iterator[Sentence]:
    """Yield sentences; a block of code is one, rows of prose hold one or more."""
    offset = row = 0
    left = iter(blocks)
    block = next(left, None)
    for line in text.split("\n"):
        stop = offset + len(line)
        while block is not None and block.end() <= offset:
            block = next(left, None)
        if block is not None and block.start() <= offset:
            if offset <= block.start() <= stop:
                yield Sentence(block.start(), block.end(), row, "")
        else:
            spans = [match.span() for match in _SPOKEN.finditer(line)]
            start = 0
            for match in _STOP.finditer(line):
                place = match.start()
                inside = any(a <= place < b for a, b in spans)
                if inside or re.search(r"\b(?:e\.g|i\.e|etc|cf|vs)\Z|^\s*\d+\Z", line[:place]):
                    continue
                yield Sentence(offset + start, offset + place + 1, row, line[start : place + 1])
                start = place + 1
            if line[start:].strip():
                yield Sentence(offset + start, stop, row, line[start:])
        offset, row = stop + 1, row + 1


def _set_off(prose: str, text: str, masked: list[str]) -> Iterator[Part]:
    """Rows set off as quotations, which hold nothing but words."""
    for match in _SET_OFF.finditer(prose):
        quote = match.group(1).strip()
        if quote in text[match.start() : match.end()]:
            start = prose.index(quote, match.start())
            _mask(masked, match.start(), match.end())
            yield Part("quote", start, start + len(quote), quote, marked=False)


def _spoken(prose: str, masked: list[str], vocabulary: Vocabulary) -> Iterator[Part]:
    """Code in backticks, and what stands in quotation marks."""
    for match in _SPOKEN.finditer(prose):
        group = match.lastgroup or "code"
        text = match.group(group)
        start = match.start(group) + len(text) - len(text.lstrip())
        _mask(masked, match.start(), match.end())
        text = text.strip()
        if text:
            marked = group == "code"
            kind = _kind(text, vocabulary) if marked else "quote"
            yield Part(kind, start, start + len(text), text, marked=marked)


def _kind(code: str, vocabulary: Vocabulary) -> PartKind:
    pathlike = _PATHLIKE.match(code)
    if vocabulary.paths(code) or (_SLASHED.match(code) and vocabulary.folder(code)):
        return "path"
    if pathlike and (pathlike.group(1).lower() in vocabulary.endings):
        return "path"
    if "/" in code and (pathlike or _SLASHED.match(code)) and vocabulary.nearest_path(code):
        return "path"
    if _NAME.match(code):
        return "name"
    if re.search(r"[0-9]", code) and _HARD.match(code):
        return "value"
    return "quote"


def _bare(prose: str, vocabulary: Vocabulary) -> Iterator[Part]:
    """Words outside code and quotation marks that look like code, paths or numbers."""
    for match in _RUN.finditer(prose):
        word = match.group()
        start = match.start() + len(word) - len(word.lstrip("([{<*'\u2018|~>"))
        word = word.lstrip("([{<*'\u2018|~>").rstrip(",;:!?]}>*'\u2019|~")
        word = re.sub(r"(?:\.+|\u2026)\Z", "", word)
        word = word.rstrip(",;:*'")
        while word.endswith(")") and word.count(")") > word.count("("):
            word = word[:-1].rstrip(".,;:")
        word = re.sub(r"(?:'s|\u2019s)\Z", "", word)
        if word in CONSTANTS and SETS.search(prose, max(start - 40, 0), start):
            yield Part("name", start, start + len(word), word, marked=False)
        elif kind := _bare_kind(word, vocabulary):
            yield Part(kind, start, start + len(word), word, marked=False)


def _bare_kind(word: str, vocabulary: Vocabulary) -> PartKind | None:
    if len(word) < 2 and not word.isdigit():
        return "value" if word and word in _LIKE_DIGITS else None
    if len(word) == 2 and word[0] in "+-" and word[1] in _LIKE_DIGITS:
        return "value"
    if of_the_world(word):
        return None
    pathlike = _PATHLIKE.match(word)
    if pathlike and pathlike.group(1).lower() in vocabulary.endings:
        return "path"
    if "/" in word and (_SLASHED.match(word) or pathlike):
        if vocabulary.paths(word) or vocabulary.folder(word) or "." in word:
            return "path"
        return None
    if _NAME.match(word):
        coded = "_" in word.strip("_") or word.endswith("()") or word.startswith(("_", "$", "@"))
        coded |= re.search(r"[a-z0-9][A-Z]|[A-Z]{2,}[a-z]{2}|::|->", word) is not None
        dotted = "." in word and not re.fullmatch(r"(?:[A-Za-z]\.)+[A-Za-z]?", word)
        return "name" if coded or dotted else "value" if re.search(r"[0-9]", word) else None
    if word.startswith("--") and re.fullmatch(r"--[a-z][\w-]*(?:=\S+)?", word):
        return "quote"
    if re.search(r"[0-9]", word) and _HARD.match(word):
        return "value"
    if _SIGNATURE_CHARS.search(word) and re.search(r"\w", word) and len(word) > 3:
        signs = re.search(r"[A-Za-z_]\w*[=(\[.][-+]?[\w'\"]|\w_\w", word)
        signs = signs or re.search(r"\d.*(?:\*\*|[*^|&{}\\<>=])|(?:\*\*|[*^|&{}\\<>=]).*\d", word)
        return "quote" if signs and not re.match(r"[O\u0398]\(", word) else None
    return None


def _number(sentences: list[Sentence], things: list[Cited | Part]) -> None:
    starts = [sentence.start for sentence in sentences]
    for thing in things:
        number = bisect_right(starts, thing.start) - 1
        if number >= 0 and thing.start < sentences[number].stop:
            thing.sentence = number


def _by_words(
    prose: str,
    sentences: list[Sentence],
    citations: list[Cited],
    parts: list[Part],
    vocabulary: Vocabulary,
) -> list[Cited]:
    """Citations written as `line 12` beside a path of the same sentence."""
    found: list[Cited] = []
    for match in _LINE_WORDS.finditer(prose):
        paths = [part for part in parts if part.kind == "path"]
        places = [(part.start, part.text) for part in paths]
        places += [(cited.start, cited.name) for cited in citations]
        sentence = next(
            (n for n, s in enumerate(sentences) if s.start <= match.start() < s.stop), -1
        )
        inside = [
            (abs(place - match.start()), name)
            for place, name in places
            if sentence >= 0 and sentences[sentence].start <= place < sentences[sentence].stop
        ]
        earlier = [(match.start() - p, name) for p, name in places if p < match.start()]
        nearest = min(inside or earlier, default=None)
        numbers = [part for part in parts if match.start() <= part.start < match.end()]
        for part in numbers:
            parts.remove(part)
        if nearest is None:
            continue
        name = nearest[1]
        named = vocabulary.paths(name)
        near = None if named else vocabulary.nearest_path(name)
        first, last = int(match.group(1)), int(match.group(2) or match.group(1))
        start, stop = match.span()
        found.append(Cited(start, stop, "", named, first, last, sentence, near))
    return found


def _whole_documents(
    citations: list[Cited], parts: list[Part], vocabulary: Vocabulary
) -> list[Cited]:
    """A document that is named without lines stands for all of them, if nothing else is cited."""
    taken = {cited.sentence for cited in citations}
    found: list[Cited] = []
    for part in parts:
        paths = vocabulary.paths(part.text) if part.kind == "path" else []
        if len(paths) == 1 and part.sentence >= 0 and part.sentence not in taken:
            last = vocabulary.documents[paths[0]].line_count
            place = (part.start, part.stop, part.text, paths, 1, last, part.sentence)
            found.append(Cited(*place, whole=True))
    return found
