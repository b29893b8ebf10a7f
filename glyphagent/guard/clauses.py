"""Which of an answer's citations each of its parts leans on."""

from __future__ import annotations

import re

from glyphagent.guard.parts import Cited, Part, Sentence

_JOINS = re.compile(r"(?:[\s,;&()\[\]`*\u3001\uff0c\uff08\uff09]|and|or|\u548c|\u4e0e)*")
_BREAK = re.compile(r"[,;:](?=\s)|\s[-\u2013\u2014]\s|[\uff0c\uff1b]|\b(?:and|but|which|so)\b")
_OPENS = re.compile(
    r"[\s>#*\-\u2022\d.)(|`\[]*(?:(?:in|at|from|see|file|and|also)\b[\s`(*]*)?"
    r"(?:\[[^\]\n]*\]\()?",
    re.I,
)


def attach(
    text: str,
    sentences: list[Sentence],
    citations: list[Cited],
    parts: list[Part],
) -> None:
    """Give each part the citations of its clause, or what it may lean on instead.

    In a sentence with several citations a part belongs to the next one, as in "`a` (x:1) calls
    `b` (y:2)", unless the sentence opens with a citation: then to the one before. Citations with
    nothing but commas between them are one.
    """
    by_sentence: dict[int, list[list[Cited]]] = {}
    for cited in citations:
        groups = by_sentence.setdefault(cited.sentence, [])
        if groups and _JOINS.fullmatch(text[groups[-1][-1].stop : cited.start]):
            groups[-1].append(cited)
        else:
            groups.append([cited])
    for number, groups in by_sentence.items():
        if number >= 0:
            _give_clauses(text, sentences[number], groups)
    lent: dict[int | None, list[Cited]] = {}
    for part in parts:
        groups = by_sentence.get(part.sentence, [])
        if groups:
            if _leads(text, sentences[part.sentence], groups):
                chosen = next((g for g in reversed(groups) if g[0].start < part.start), groups[0])
            else:
                chosen = next((g for g in groups if g[0].start > part.start), groups[-1])
                part.loose = _BREAK.search(text[chosen[-1].stop : part.start]) is not None
            part.own = chosen
            continue
        row = sentences[part.sentence].row if part.sentence >= 0 else None
        if row not in lent:
            lent[row] = _lent(row, sentences, citations)
        part.lent = lent[row]
        if part.block is not None:
            part.own, part.lent = part.lent, []


def _leads(text: str, sentence: Sentence, groups: list[list[Cited]]) -> bool:
    return _OPENS.fullmatch(text[sentence.start : groups[0][0].start]) is not None


def _give_clauses(text: str, sentence: Sentence, groups: list[list[Cited]]) -> None:
    leads = _leads(text, sentence, groups)
    for number, group in enumerate(groups):
        start, stop = group[0].start, group[-1].stop
        if leads or number == len(groups) - 1:
            stop = groups[number + 1][0].start if number + 1 < len(groups) else sentence.stop
        if not leads:
            start = groups[number - 1][-1].stop if number else sentence.start
        for cited in group:
            cited.clause = text[start:stop]


def _lent(row: int | None, sentences: list[Sentence], citations: list[Cited]) -> list[Cited]:
    if row is None:
        return citations
    citations = [cited for cited in citations if not cited.whole]
    rows = [sentences[cited.sentence].row if cited.sentence >= 0 else -1 for cited in citations]
    if beside := [c for c, r in zip(citations, rows, strict=True) if r == row]:
        return beside
    earlier = [r for r in rows if 0 <= r < row]
    if earlier:
        return [c for c, r in zip(citations, rows, strict=True) if r == max(earlier)]
    later = [r for r in rows if r > row]
    return [c for c, r in zip(citations, rows, strict=True) if r == min(later)] if later else []
