"""Score the guard on right answers in natural prose, and on the same with mistakes made in them.

    python -m tests.guard.score_prose development [--show N]
    python -m tests.guard.score_prose unseen --write
    python -m tests.guard.score_prose fresh --write
    python -m tests.guard.score_prose blind

Three classes are counted: what is marked wrong in the text, what is listed at the end as not
checked, and what passes as verified. A right answer counts as falsely marked if anything in it is
marked; that something is listed is counted apart. A mistake counts as marked only if its row (for
code, the text) carries a mark that the right answer does not have there, and as listed only if the
very piece that holds it is listed, and is not so in the right answer. One that is neither got by.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from glyphagent.guard import Checked, Guard
from tests.guard.answers import Shelf, Written, shelves
from tests.guard.mistakes import KINDS, Mistake, mistakes

PARTS = ("development", "unseen", "fresh", "blind")
# What the results say of the answers that they are about.
NOTES = {
    "development": "development material: the guard was worked on with these answers",
    "unseen": "development material since its first scoring",
    "fresh": "development material since its first scoring, which is in prose_fresh_first.json",
    "blind": "not the single scoring, which is in prose_blind_first.json",
}
RESULTS = Path(__file__).parent / "results"
_NOTE = re.compile(r"\[(?:corrected|unverified)[^\]]*\]")


@dataclass
class Tally:
    """What came of one part of the answers."""

    answers: int = 0
    claims: int = 0
    marks: int = 0
    falsely: list[tuple[Written, str]] = field(default_factory=list)
    made: Counter[str] = field(default_factory=Counter)
    listed: Counter[str] = field(default_factory=Counter)
    unmarked: list[tuple[Mistake, str]] = field(default_factory=list)
    answers_listing: int = 0
    unchecked: int = 0
    unchecked_texts: list[tuple[Written, list[str]]] = field(default_factory=list)
    seconds: float = 0.0

    def as_data(self) -> dict[str, Any]:
        missed = Counter(mistake.kind for mistake, _ in self.unmarked)
        made = sum(self.made.values())
        return {
            "answers": self.answers,
            "answers_falsely_marked": len(self.falsely),
            "answers_listing_unchecked": self.answers_listing,
            "claims": self.claims,
            "claims_falsely_marked": self.marks,
            "claims_listed_as_unchecked": self.unchecked,
            "mistakes": made,
            "mistakes_marked": made - sum(self.listed.values()) - len(self.unmarked),
            "mistakes_only_listed_as_unchecked": sum(self.listed.values()),
            "mistakes_neither": len(self.unmarked),
            "by_kind": {
                k: {"made": self.made[k], "listed": self.listed[k], "neither": missed[k]}
                for k in KINDS
            },
            "milliseconds_an_answer": round(
                1000 * self.seconds / max(self.answers + sum(self.made.values()), 1), 1
            ),
        }


def measure(found: Sequence[Shelf], each: int, seed: int) -> Tally:
    """Check every answer, then every answer with `each` mistakes of every kind."""
    tally = Tally()
    for shelf in found:
        guard = Guard(shelf.source.documents, shelf.source.name)
        guard.check("warm up `x` at nothing.py:1")
        for number, written in enumerate(shelf.answers):
            chance = random.Random(f"{shelf.name} {number} {seed}")
            begun = time.perf_counter()
            checked = guard.check(written.text, written.question)
            tally.answers += 1
            tally.claims += len(checked.claims)
            statuses = Counter(claim.status for claim in checked.claims)
            tally.marks += statuses["corrected"] + statuses["unverified"]
            tally.unchecked += statuses["unchecked"]
            tally.answers_listing += statuses["unchecked"] > 0
            tally.unchecked_texts.append((written, _unchecked(checked)))
            if _NOTE.search(checked.text):
                tally.falsely.append((written, checked.text))
            for mistake in mistakes(written, shelf.source, chance, each):
                tally.made[mistake.kind] += 1
                after = guard.check(mistake.text, written.question)
                if caught(mistake, after.text, checked.text):
                    continue
                if listed(mistake, after, checked):
                    tally.listed[mistake.kind] += 1
                else:
                    tally.unmarked.append((mistake, after.text))
            tally.seconds += time.perf_counter() - begun
    return tally


def caught(mistake: Mistake, after: str, before: str) -> bool:
    """Whether the row of a mistake has a mark that it does not have without the mistake."""
    row = mistake.text.count("\n", 0, mistake.start)
    if mistake.text[: mistake.start].count("```") % 2 or "\n[" in after:
        return bool(Counter(_NOTE.findall(after)) - Counter(_NOTE.findall(before)))
    ours = Counter(_NOTE.findall(after.split("\n")[row]))
    return bool(ours - Counter(_NOTE.findall(before.split("\n")[row])))


def listed(mistake: Mistake, after: Checked, before: Checked) -> bool:
    """Whether what holds a mistake is listed as unchecked, and is not without the mistake."""
    new = Counter(_unchecked(after)) - Counter(_unchecked(before))
    stop = mistake.start + max(len(mistake.new), 1)
    for text in new:
        place = mistake.text.find(text)
        while place != -1:
            if place < stop and mistake.start < place + len(text):
                return True
            place = mistake.text.find(text, place + 1)
    return False


def _unchecked(checked: Checked) -> list[str]:
    return [claim.text for claim in checked.claims if claim.status == "unchecked"]


def main(arguments: Sequence[str] | None = None) -> Tally:
    """Print the figures; with --write keep them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--projects", nargs="+")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=4, help="mistakes of each kind an answer")
    parser.add_argument("--show", type=int, default=0, help="failures of each sort to print")
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args(arguments)
    found = [s for s in shelves(chosen.part) if not chosen.projects or s.name in chosen.projects]
    for shelf in found:
        if not shelf.fits:
            parser.error(f"the answers are about {shelf.name} {shelf.release}, which is not here")
    tally = measure(found, chosen.each, chosen.seed)
    print(json.dumps(tally.as_data(), indent=1))
    for written, text in tally.falsely[: chosen.show]:
        print(f"\nFALSELY MARKED {written.project}: {written.question}")
        print("\n".join(f"  {row}" for row in text.split("\n") if _NOTE.search(row)))
    for written, texts in tally.unchecked_texts[: chosen.show]:
        if texts:
            print(f"\nLISTED {written.project}: {written.question}\n  {texts}")
    for mistake, text in tally.unmarked[: chosen.show]:
        row = text.split("\n")[mistake.text.count("\n", 0, mistake.start)]
        print(f"\nUNMARKED {mistake.kind}, {mistake.how}: {mistake.old!r} -> {mistake.new!r}")
        print(f"  {mistake.written.project}: {mistake.written.question}\n  {row}")
    if chosen.write:
        RESULTS.mkdir(exist_ok=True)
        data = {
            "note": NOTES[chosen.part],
            "measured": datetime.now(UTC).date().isoformat(),
            "python": platform.python_version(),
            "machine": platform.machine(),
            "projects": {shelf.name: shelf.release for shelf in found},
            "seed": chosen.seed,
            **tally.as_data(),
        }
        path = RESULTS / f"prose_{chosen.part}.json"
        path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    return tally


if __name__ == "__main__":
    main()
