"""Whether the lines that an answer cites are about what it says, and which lines would be.

That a line exists proves little. It must hold something that the answer names or quotes; where
the answer says that a name is defined there, it must define it, and where it says that something
is imported there, it must be part of an import.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from glyphagent.document import Location
from glyphagent.guard.parts import Cited, Outline, Part, Verdict
from glyphagent.guard.passages import elsewhere
from glyphagent.guard.pointing import header_elsewhere, imports_other, misread, tells
from glyphagent.guard.prose import absent, negated, telling_words
from glyphagent.guard.regions import WORD, Region
from glyphagent.guard.relations import (
    DEFINES,
    IMPORTS,
    TYPES,
    Call,
    Definition,
    Relation,
    about,
    coded,
    defined_once,
    imported_once,
    inside_of,
    loosely_said,
    made_up,
    mostly_holds,
    named_header,
    of_source,
    only_points,
    opens,
    says,
    stands_once,
)
from glyphagent.guard.vocabulary import BUILTINS, Vocabulary

_IMPORTS = re.compile(
    r"\b(?:re-?exports?|re-?exported|imports?|imported|importing|importers?)\b", re.I
)
_OTHERWISE = re.compile(
    r"\b(?:parameters?|arguments?|us(?:es|ed|ing)|call(?:s|ed|ing)?|mention\w*|refer\w*|return\w*"
    r"|pass(?:es|ed)|raise\w*|docstring)\b",
    re.IGNORECASE,
)
_SETS = re.compile(r"\b(?:value\s+of|defined|assigned|set\s+to)\b", re.IGNORECASE)
_CALLS = re.compile(r"\bcall(?:s|ed|ing)?\b", re.IGNORECASE)
_JUST_BEFORE = re.compile(r"[`*'\"\u201d]*\s*[(\[]*[`*]*")
_BETWEEN = re.compile(r"[`*]*\s*[(\[]+[`*]*")


@dataclass
class Verdicts:
    """The verdict of every citation of an answer, and what they are drawn from."""

    text: str
    outline: Outline
    vocabulary: Vocabulary
    question: str
    by_cited: dict[Cited, Verdict] = field(default_factory=dict)
    _owned: dict[Cited, list[Part]] = field(default_factory=dict)

    def decide(self) -> None:
        """Find each citation's lines, then look whether they are about what is said."""
        for cited in self.outline.citations:
            self.by_cited[cited] = self._located(cited)
        for cited in self.outline.citations:
            if not self.by_cited[cited].reason or self.by_cited[cited].repaired:
                self._support(cited)
            elif self.by_cited[cited].region is None and len(cited.paths) == 1:
                self._mend(cited, self._parts(cited))

    def regions(self, cited: Sequence[Cited]) -> list[Region]:
        """The lines of these citations, as far as there are any."""
        found = [self.by_cited[each].region for each in cited]
        return [region for region in found if region is not None]

    def says(self, part: Part) -> bool:
        """Whether a part stands in the lines that its own clause cites."""
        return any(says(region, part) for region in self.regions(part.own))

    def _located(self, cited: Cited) -> Verdict:
        if not cited.paths:
            if cited.near is None:
                said = self.text[max(cited.start - 400, 0) : cited.start]
                return Verdict(None, "no document is so named", soft=made_up(said))
            document = self.vocabulary.documents[cited.near]
            if cited.last > document.line_count:
                return Verdict(None, "no document is so named")
            place = Location(cited.near, cited.first, cited.last)
            return Verdict(self.vocabulary.region(place), "no document is so named", True)
        if len(cited.paths) > 1:
            return self._chosen(cited)
        path = cited.paths[0]
        count = self.vocabulary.documents[path].line_count
        region = self.vocabulary.region(Location(path, cited.first, cited.last))
        if region is not None:
            return Verdict(region)
        if cited.first > cited.last:
            return Verdict(None, "its lines end before they begin")
        return Verdict(None, f"the document has {count} lines")

    def _chosen(self, cited: Cited) -> Verdict:
        """Of several documents that a short path may mean, the one that holds what is said."""
        said = [part for part in self._parts(cited) if part.kind in ("name", "quote")]
        fitting = []
        for path in cited.paths:
            region = self.vocabulary.region(Location(path, cited.first, cited.last))
            if region is not None and said and all(says(region, part) for part in said):
                fitting.append(region)
        if len(fitting) == 1:
            return Verdict(fitting[0], "several documents are so named", True)
        return Verdict(None, "several documents are so named")

    def _parts(self, cited: Cited) -> list[Part]:
        if not self._owned:
            for part in self.outline.parts:
                for each in part.own:
                    self._owned.setdefault(each, []).append(part)
        return self._owned.get(cited, [])

    def _support(self, cited: Cited) -> None:
        verdict = self.by_cited[cited]
        region = verdict.region
        if region is None:
            return
        parts = self._parts(cited)
        said = [part for part in parts if part.kind != "path" and not self._is_aside(part)]
        path = region.document.path
        blocks = [
            p
            for p in said
            if p.block is not None and not of_source(p, self.vocabulary.rows_in(path))
        ]
        if len(blocks) < len(said):  # an example behind what is said says nothing of these lines
            said = [part for part in said if part not in blocks]
        names = self.names(said)
        if cited.whole:
            names = [name for name in names if name in self.vocabulary.words]
            missing = [name for name in names if name not in region.words | region.around]
            if names and len(missing) == len(names):
                verdict.reason, verdict.missing = f"has no `{missing[0]}`", missing[0]
            return
        relation = self._relation(cited, names)
        if relation is IMPORTS:
            lacking = imports_other(cited, region, self.vocabulary)
        else:
            lacking = header_elsewhere(self.text, cited, said, region, self.vocabulary)
        if lacking:
            self._mend(cited, parts, relation)
            if not verdict.repaired:
                verdict.reason, verdict.missing = "these lines do not do so", lacking
                if relation is not IMPORTS:
                    verdict.reason = f"`{lacking}` is not defined in these lines"
            return
        if said and all(part.text in TYPES for part in said):
            coded = [
                word
                for word in WORD.findall(cited.clause.replace(cited.name, " "))
                if re.search(r"[a-zA-Z]\d|_|[a-z][A-Z]", word) and word in self.vocabulary.words
            ]
            if coded and any(word in region.words for word in coded):
                return
            if not coded and telling_words(cited.clause) & telling_words(region.block.text):
                return
            verdict.reason = "these lines hold nothing of what is said of them"
            return
        if any(says(region, part) for part in said if tells(part, region)):
            quoted = [part for part in said if part.kind == "quote" and part.marked]
            if relation is None or relation(region) or any(says(region, p) for p in quoted):
                return
            there = [p for p in said if p.text not in TYPES and says(region, p)]
            several = len({p.text for p in there}) > 1 and not _SETS.search(cited.clause)
            told = isinstance(relation, Definition) and relation.told
            if several or (relation is not IMPORTS and not told and opens(region)):
                return
            if isinstance(relation, Definition) and not told:
                held = {*region.code_words, *(names if opens(region) else ())}
                if any(name in held for name in names):
                    return
            self._mend(cited, parts, relation)
            if not verdict.repaired:
                verdict.reason = "these lines do not do so"
                verdict.missing = names[0] if names else ""
                verdict.soft = not _SETS.search(cited.clause)
            return
        if said and not any(part.marked or part.text in self.vocabulary.words for part in said):
            said = [part for part in said if part.kind != "name"]
        if said:
            if any(misread(part, region, self.vocabulary) for part in said):
                return
            if relation is None and self._told_before(cited, said, region):
                return
            exact = any(part.kind == "quote" for part in said)
            if not exact and inside_of(cited.clause, names, region):
                return
            whole = [p for p in said if p.kind != "quote" or not p.marked]
            other = isinstance(relation, Definition) and not region.text.lstrip().startswith("@")
            if opens(region) and not other and any(says(region.block, p) for p in whole):
                verdict.reason, verdict.soft = "only what these lines begin holds it", True
                return
            quotes = [part for part in said if part.kind == "quote" and mostly_holds(part, region)]
            if any(not elsewhere(part.text, self.vocabulary) for part in quotes):
                return
            self._mend(cited, parts, relation)
            if not verdict.repaired and not about(said, region):
                verdict.reason = "these lines hold nothing of what is said of them"
                verdict.missing = " ".join(said[0].text.split())
                verdict.soft = loosely_said(
                    cited, said, region, self.vocabulary.words
                ) or not self._pinned(cited, said, relation, region)
            return
        self._support_bare(cited, verdict, region)

    def _told_before(self, cited: Cited, said: Sequence[Part], region: Region) -> bool:
        """Whether the lines are of what is named and hold what the answer spoke of just before.

        In "`A.x` raises; `B` overrides it (path:line)" the lines are inside of `B` and define `x`.
        One of several citations in a row needs to hold only what the sentence speaks of.
        """
        group = said[0].own
        if self.text[cited.stop :].startswith("](") or self.text[: cited.start].endswith("]("):
            return False
        if len(group) > 1 and any(
            other is not cited and self._holds_any(other, said) for other in group
        ):
            return bool(telling_words(cited.clause) & telling_words(region.text))
        if not any(word in region.around for word in self.names(said)):
            return False
        before = [p for p in self.outline.parts if p.start < cited.start and p not in said]
        words = {*self.names(before[-6:]), *WORD.findall(self.question)}
        return any(len(word) > 3 and word in region.words for word in words)

    def _holds_any(self, cited: Cited, said: Sequence[Part]) -> bool:
        region = self.by_cited[cited].region
        return region is not None and any(says(region, part) for part in said)

    def _is_aside(self, part: Part) -> bool:
        """Whether a number is that of an item of a list, or a part is said not to be there."""
        if absent(self.text[max(part.start - 80, 0) : part.start], ""):
            return True
        before = self.text[self.text.rfind("\n", 0, part.start) + 1 : part.start]
        return not before.strip(" \t>*-") and part.text.isdigit() and not part.marked

    def _support_bare(self, cited: Cited, verdict: Verdict, region: Region) -> None:
        """A citation whose clause names nothing leans on the names before it, or on its words."""
        before = [
            part
            for part in self.outline.parts
            if part.start < cited.start and part.kind in ("name", "quote")
        ]
        names = self.names(before[-6:])
        asked = [
            word
            for word in WORD.findall(self.question)
            if word in self.vocabulary.words
            and len(word) > 2
            and coded(word, self.question, self.vocabulary)
        ]
        for words in (names, asked):
            if not words:
                continue
            held = [word for word in words if word in region.words or word in region.around]
            relation = self._relation(cited, held or words)
            if held and (relation is None or relation(region)):
                return
            part = Part("name", cited.start, cited.start, words[0])
            verdict.soft = not self._tells_place(cited, cited.clause)
            if not verdict.soft:
                self._mend(cited, [part], relation)
            if not verdict.repaired:
                verdict.reason = f"these lines do not say so of `{words[0]}`"
                verdict.missing = words[0]
            return
        told = telling_words(cited.clause.replace(cited.name, " ") + " " + self.question)
        if not told & telling_words(region.block.text):
            verdict.reason = "nothing is named or quoted to compare with these lines"

    def _pinned(
        self, cited: Cited, said: Sequence[Part], relation: Relation | None, region: Region
    ) -> bool:
        """Whether what is said of lines that do not hold it stands at another, single place."""
        if isinstance(relation, Definition) and relation.told:
            return True
        names = self.names(said)
        several = isinstance(relation, Call) and sum(part.kind == "name" for part in said) > 1
        if names and not several and all(name in region.around for name in names):
            return False
        path = region.document.path
        for part in said:
            if part.kind != "quote" or len(part.text) <= 5:
                continue
            if _JUST_BEFORE.fullmatch(self.text[part.stop : cited.start]):
                return True
            if " " in part.text and (
                stands_once(part, path, self.vocabulary)
                or defined_once(named_header(part.text), path, self.vocabulary)
            ):
                return True
        return any(defined_once(name, path, self.vocabulary) for name in names)

    def names(self, parts: Sequence[Part]) -> list[str]:
        """The last piece of each name, without those of languages."""
        found = []
        for part in parts:
            if part.kind == "name":
                words = WORD.findall(part.text)
                if words and (words[-1] not in BUILTINS or self.vocabulary.definitions(words[-1])):
                    found.append(words[-1])
        return list(dict.fromkeys(found))

    def _relation(self, cited: Cited, names: Sequence[str]) -> Relation | None:
        """What the clause says that the lines do, if it is one of the things that can be told."""
        clause = cited.clause
        if not cited.name and not clause:
            return None
        plain = clause
        for part in self._parts(cited):
            plain = plain.replace(part.text, " ")
        if not self._parts(cited):
            plain += " " + self.question
        if _IMPORTS.search(plain) and not _OTHERWISE.search(plain):
            return IMPORTS
        if _CALLS.search(plain) and names:
            return Call(tuple(names))
        other = _OTHERWISE.search(plain) or _IMPORTS.search(plain)
        just_before = self._named_just_before(cited)
        if not other and (DEFINES.search(plain) or just_before):
            if just_before:
                names = self.names([p for p in self._parts(cited) if p.start < cited.start])
            defined = [name for name in names if self.vocabulary.definitions(name)]
            if defined:
                told = self._tells_place(cited, plain)
                return Definition(tuple(defined), self.vocabulary, told)
        return None

    def _tells_place(self, cited: Cited, plain: str) -> bool:
        """Whether a clause says that something is defined at its lines, or just points there."""
        if DEFINES.search(plain):
            return not negated(plain)
        parts = self._parts(cited)
        before, _, _ = cited.clause.partition(self.text[cited.start : cited.stop])
        named = any(part.start < cited.start for part in parts)
        return only_points(before if named else cited.clause, parts)

    def _named_just_before(self, cited: Cited) -> list[str]:
        """The name of "`name` (path:line)", which says where the name is; empty if it is none."""
        return self.names(
            [
                part
                for part in self._parts(cited)
                if part.kind == "name" and _BETWEEN.fullmatch(self.text[part.stop : cited.start])
            ]
        )

    def _mend(self, cited: Cited, parts: Sequence[Part], relation: Relation | None = None) -> None:
        """Point a citation to the only lines that hold what is said of them, if there are any."""
        group = parts[0].own if parts and parts[0].own else [cited]
        if len(group) > 1:
            return
        verdict = self.by_cited[cited]
        path = verdict.region.document.path if verdict.region else (cited.paths or [""])[0]
        places = self._quoted_places(parts, path)
        if relation is IMPORTS:
            for name in self.names(parts)[:1]:
                places += imported_once(name, path, self.vocabulary)
        elif verdict.region is None or (isinstance(relation, Definition) and relation.told):
            places += self._defined_places(parts, path)
        for place in places:
            region = self.vocabulary.region(place)
            if region is None or (relation is not None and not relation(region)):
                continue
            exact = [p for p in parts if p.kind == "value" or (p.kind == "quote" and p.marked)]
            if not all(says(region, part) for part in exact):
                continue
            if not verdict.reason:
                verdict.reason = "what is said stands elsewhere"
            verdict.region, verdict.repaired = region, True
            return

    def _quoted_places(self, parts: Sequence[Part], path: str) -> list[Location]:
        for part in parts:
            long = part.kind == "quote" and part.marked and len(part.text) > 5
            if long and (found := stands_once(part, path, self.vocabulary)):
                return found
        return []

    def _defined_places(self, parts: Sequence[Part], path: str) -> list[Location]:
        return [
            place
            for name in self.names(parts)[:1]
            for place in defined_once(name, path, self.vocabulary)
        ]
