"""A model's answer held against the source: what it says wrongly is corrected or marked.

A model that reads small glyphs misreads some, and a model of any kind makes things up. `Guard`
takes an answer apart and looks up every citation, quote, name, value and path. What the source
confirms stays as it is. A near miss of the one thing that stands in the cited lines becomes that
thing, and says what it was; what the source speaks against is marked as such. What it neither
confirms nor speaks against (an example's values, a formula of the answer's own, names of other
software) is left as it is and listed at the end as unchecked.

What it cannot see: a relation between true things that is wrong (`a` calls `b`, when `b` calls
`a`), a count, an omission, a wrong statement in plain words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from glyphagent.answer import Citation, Claim, ClaimStatus, verify
from glyphagent.document import Document, Location
from glyphagent.guard.citing import Verdicts
from glyphagent.guard.evidence import UNCHECKED
from glyphagent.guard.examples import unknown_names
from glyphagent.guard.findings import (
    check_constant,
    check_name,
    check_path,
    check_value,
)
from glyphagent.guard.marking import CLOSING, Mark, corrected, is_data, unverified, write
from glyphagent.guard.outline import outline
from glyphagent.guard.parts import Cited, Part
from glyphagent.guard.passages import check_quote
from glyphagent.guard.regions import Region
from glyphagent.guard.setting import Finding, Setting
from glyphagent.guard.stating import CONSTANTS, proposes
from glyphagent.guard.surroundings import Surroundings
from glyphagent.guard.vocabulary import Vocabulary, stands_apart
from glyphagent.guard.weighing import weigh

__all__ = ["Checked", "Guard"]

_LONGEST_ANSWER = 30_000
_LONGEST_SHOWN = 120
_MOST_LISTED = 40
_IF_YOU = re.compile(r"\bif\s+you\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Checked:
    """A model's answer after it was held against the source.

    Attributes:
        text: The answer with corrections and doubts written into it, in square brackets.
        claims: What it says of the source, in its order.
        citations: The places that it cites, corrected ones as corrected.
        warnings: Every correction and doubt in a line, and one line of all that was not checked.
    """

    text: str
    claims: tuple[Claim, ...]
    citations: tuple[Citation, ...]
    warnings: tuple[str, ...]

    @property
    def told(self) -> str:
        """The text for its reader: closed by one line of what was not checked, if there is any.

        Data (a text that is JSON as a whole) is left as it is; its warnings say the same.
        """
        unchecked = [claim.text for claim in self.claims if claim.status == "unchecked"]
        if not unchecked or is_data(self.text):
            return self.text
        return f"{self.text.rstrip()}\n\n[{_not_checked(list(map(_shown, unchecked)))}]"


class Guard:
    """Checks answers about one state of a source.

    Attributes:
        documents: The documents by path.
    """

    def __init__(self, documents: Mapping[str, Document], root_name: str = "") -> None:
        """Take the documents; they are looked through when the first answer comes.

        Args:
            documents: The documents by path.
            root_name: Name of the folder that their paths are relative to, if it has one.
        """
        self.documents = documents
        self._vocabulary = Vocabulary(documents, root_name)

    def check(self, text: str, question: str = "") -> Checked:
        """Hold an answer against the source.

        Args:
            text: The answer, in a model's words.
            question: What was asked: its names are not held against the answer.
        """
        kept, rest = text[:_LONGEST_ANSWER], text[_LONGEST_ANSWER:]
        found = outline(kept, self._vocabulary)
        verdicts = Verdicts(kept, found, self._vocabulary, question)
        verdicts.decide()
        around = Surroundings(kept, found, verdicts, self._vocabulary, question)
        claims: list[tuple[int, Claim]] = []
        marks: list[Mark] = []
        citations: dict[Location, Citation] = {}
        for part in found.parts:
            said = found.sentences[part.sentence].text if part.sentence >= 0 else ""
            finding = self._finding(part, around, said)
            if finding is None and part.block is not None:
                for name in unknown_names(part.text, self._vocabulary):
                    claims.append(
                        (part.start, Claim("name", name, "unchecked", None, "", UNCHECKED))
                    )
            if finding is not None:
                claims.append((part.start, _claim(part, finding)))
                marks += _marks(part, finding)
                if place := self._only_place(part, finding):
                    quoting = verify(Citation(place, quote=part.text), self.documents)
                    citations.setdefault(place, quoting)
        for cited in found.citations:
            if cited.whole and not verdicts.by_cited[cited].reason:
                continue
            claim, mark, citation = self._cited(cited, kept, verdicts)
            claims.append((cited.start, claim))
            marks += mark
            if citation is not None and not cited.whole:
                known = citations.get(citation.location)
                if known is None or (known.verified and not citation.verified):
                    citations[citation.location] = citation
        quoted = tuple(self._quoting(c, found.parts, verdicts) for c in citations.values())
        claims.sort(key=lambda pair: pair[0])
        warnings = [
            _warning(claim) for _, claim in claims if claim.status in ("corrected", "unverified")
        ]
        if unchecked := [_shown(claim.text) for _, claim in claims if claim.status == "unchecked"]:
            warnings.append(_not_checked(unchecked))
        if rest:
            warnings.append(f"only the first {_LONGEST_ANSWER} characters were checked")
            rest = f" [{unverified('too long to be checked')}]{rest}"
        return Checked(
            write(kept, marks) + rest,
            tuple(claim for _, claim in claims),
            quoted,
            tuple(dict.fromkeys(warnings)),
        )

    def _finding(self, part: Part, around: Surroundings, sentence: str) -> Finding | None:
        beside = around.names_beside(part)
        setting = around.setting(part, beside)
        finding = self._looked_up(part, setting, beside)
        weighed = weigh(part, finding, setting, beside)
        if weighed.status == "corrected" and part.kind != "path":
            return _left(part, weighed, sentence)
        return None if finding is None and weighed.status == "confirmed" else weighed

    def _looked_up(self, part: Part, setting: Setting, beside: list[str]) -> Finding | None:
        if part.text in CONSTANTS and (finding := check_constant(part, setting, beside)):
            return finding
        if part.kind == "name":
            return check_name(part, setting)
        if part.kind == "value":
            return check_value(part, setting, beside)
        if part.kind == "quote":
            return check_quote(part, setting)
        return check_path(part, self._vocabulary, setting)

    def _only_place(self, part: Part, finding: Finding) -> Location | None:
        """The one place of a quote or marked name for which the answer cites nothing."""
        if part.own or part.lent or not part.marked or finding.status != "confirmed":
            return None
        if part.kind not in ("quote", "name") or len(part.text) < 3:
            return None
        found = self._vocabulary.places(part.text)
        return found[0] if len(found) == 1 else None

    def _cited(
        self, cited: Cited, text: str, verdicts: Verdicts
    ) -> tuple[Claim, list[Mark], Citation | None]:
        verdict = verdicts.by_cited[cited]
        written = text[cited.start : cited.stop]
        place = verdict.region.location if verdict.region else None
        if verdict.repaired and place is not None:
            new = str(place)
            claim = Claim("citation", written, "corrected", place, new, verdict.reason)
            mark = Mark(cited.start, cited.stop, new, corrected(written))
            return claim, [mark], Citation(place, verified=True)
        if not verdict.reason:
            citation = Citation(place, verified=True) if place else None
            return Claim("citation", written, "confirmed", place), [], citation
        doubt = Mark(cited.start, cited.stop, None, unverified(verdict.reason))
        marks = [] if verdict.soft else [doubt]
        status: ClaimStatus = "unchecked" if verdict.soft else "unverified"
        claim = Claim("citation", written, status, place, "", verdict.reason)
        if place is None and len(cited.paths) == 1:
            place = Location(cited.paths[0], cited.first, cited.last)
        if place is None:
            return claim, marks, None
        source = verdict.region.text if verdict.region else ""
        return claim, marks, Citation(place, quote=verdict.missing, source_text=source)

    def _quoting(self, citation: Citation, parts: Sequence[Part], verdicts: Verdicts) -> Citation:
        """A citation with the longest quote that stands in its lines, character by character."""
        if not citation.verified:
            return citation
        texts = [
            part.text for part in parts if part.kind == "quote" and _cites(part, citation, verdicts)
        ]
        for quote in sorted(texts, key=len, reverse=True):
            quoting = verify(replace(citation, quote=quote), self.documents)
            if quoting.verified:
                return quoting
        return citation


def _left(part: Part, finding: Finding, sentence: str) -> Finding | None:
    """A correction, unless the sentence proposes a change or has the right name already."""
    if proposes(sentence) or (part.kind == "value" and _IF_YOU.search(sentence)):
        return None
    if part.kind == "name" and _has_word(sentence.replace(part.text, " "), finding.replacement):
        return replace(finding, status="unverified", replacement="")
    return finding


def _has_word(text: str, word: str) -> bool:
    offset = text.find(word)
    while offset != -1 and not stands_apart(text, offset, offset + len(word)):
        offset = text.find(word, offset + 1)
    return offset != -1


def _cites(part: Part, citation: Citation, verdicts: Verdicts) -> bool:
    regions: Sequence[Region] = verdicts.regions(part.own or part.lent)
    return any(region.location == citation.location for region in regions)


def _claim(part: Part, finding: Finding) -> Claim:
    return Claim(
        part.kind,
        part.text,
        finding.status,
        finding.location,
        finding.replacement,
        finding.reason,
    )


def _marks(part: Part, finding: Finding) -> list[Mark]:
    if finding.status == "corrected":
        return [Mark(part.start, part.stop, finding.replacement, corrected(part.text))]
    if finding.status == "unverified":
        return [Mark(part.start, part.stop, None, unverified(finding.reason))]
    return []


def _warning(claim: Claim) -> str:
    if claim.status == "corrected":
        return (
            f"`{_shown(claim.text)}` was corrected to `{_shown(claim.replacement)}`: {claim.reason}"
        )
    return f"`{_shown(claim.text)}` is unverified: {claim.reason}"


def _not_checked(texts: Sequence[str]) -> str:
    """One line for all that the source neither confirms nor speaks against."""
    shown = list(dict.fromkeys(texts))
    more = f" and {len(shown) - _MOST_LISTED} more" if len(shown) > _MOST_LISTED else ""
    listed = ", ".join(f"`{text}`" for text in shown[:_MOST_LISTED])
    return f"{CLOSING}{listed}{more}"


def _shown(text: str) -> str:
    shown = " ".join(text.split())
    return shown if len(shown) <= _LONGEST_SHOWN else shown[: _LONGEST_SHOWN - 3] + "..."
