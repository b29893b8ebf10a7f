"""Measure the guard: a model that misreads on purpose, and answers that are right.

    python -m tests.guard.evaluate                     held-out projects, several seeds
    python -m tests.guard.evaluate --projects click    others, to develop on

An error counts as marked if the part of the answer that carries it is corrected or called
unverified in the text, or the citation that it leans on is. It counts as mended if the answer has
again what it had before. A correct answer counts as falsely marked if anything in it is marked.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from glyphagent.guard import Checked, Guard
from tests.guard.planting import KINDS, ErrorKind, Planted, plant
from tests.guard.truths import Project, Truth, project, truths

HELD_OUT = ("httpx", "jinja2", "requests", "werkzeug")
_MARKS = ("[corrected", "[unverified")


@dataclass
class Score:
    """What came of one run."""

    planted: Counter[str] = field(default_factory=Counter)
    unmarked: list[tuple[Planted, str]] = field(default_factory=list)
    mended: Counter[str] = field(default_factory=Counter)
    correct: int = 0
    falsely: list[tuple[Truth, str]] = field(default_factory=list)
    seconds: float = 0.0
    wordings: Counter[str] = field(default_factory=Counter)
    ways: Counter[str] = field(default_factory=Counter)

    def add(self, other: Score) -> None:
        self.planted += other.planted
        self.unmarked += other.unmarked
        self.mended += other.mended
        self.correct += other.correct
        self.falsely += other.falsely
        self.seconds += other.seconds
        self.wordings += other.wordings
        self.ways += other.ways


def marked(checked: Checked) -> bool:
    """Whether the text itself tells of a doubt or correction."""
    return any(mark in checked.text for mark in _MARKS)


def caught(planted: Planted, checked: Checked) -> bool:
    """Whether a mark stands in the row of the error, or right behind its block."""
    row = planted.text.count("\n", 0, planted.start)
    rows = checked.text.split("\n")
    if "```" in planted.text:
        return marked(checked)
    return any(mark in rows[row] for mark in _MARKS)


def mended(planted: Planted, checked: Checked) -> bool:
    """Whether the answer says again what it said before the error."""
    return any(
        claim.status == "corrected"
        and claim.replacement
        and claim.replacement in planted.truth.text.replace("`", "")
        for claim in checked.claims
    )


def measure(source: Project, correct: int, errors: int, seed: int) -> Score:
    """Check correct answers, then the same with errors planted, as many of each kind."""
    guard = Guard(source.documents, source.name)
    guard.check("warm up `x` at nothing.py:1")
    found = truths(source, correct, seed)
    score = Score(correct=len(found))
    begun = time.perf_counter()
    for truth in found:
        score.wordings[truth.wording] += 1
        checked = guard.check(truth.text, truth.question)
        if marked(checked):
            score.falsely.append((truth, checked.text))
    for kind in KINDS:
        for planted in _planted(found, kind, source, errors // len(KINDS), seed):
            score.planted[kind] += 1
            score.ways[f"{kind}: {planted.how}"] += 1
            checked = guard.check(planted.text, planted.truth.question)
            if not caught(planted, checked):
                score.unmarked.append((planted, checked.text))
            elif mended(planted, checked):
                score.mended[kind] += 1
    score.seconds = time.perf_counter() - begun
    return score


def _planted(
    found: Sequence[Truth], kind: ErrorKind, source: Project, count: int, seed: int
) -> list[Planted]:
    chance = random.Random(f"{source.name} {seed} {kind}")
    planted: list[Planted] = []
    for _ in range(8):
        for truth in chance.sample(found, len(found)):
            if len(planted) == count:
                return planted
            if (one := plant(truth, kind, source, chance)) is not None:
                planted.append(one)
    return planted


def main(arguments: Sequence[str] | None = None) -> Score:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", nargs="+", default=list(HELD_OUT))
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3, 4, 5])
    parser.add_argument("--correct", type=int, default=100, help="answers a project and seed")
    parser.add_argument("--errors", type=int, default=100, help="errors a project and seed")
    parser.add_argument("--show", type=int, default=0, help="failures to print")
    chosen = parser.parse_args(arguments)
    everything = Score()
    for seed in chosen.seeds:
        score = Score()
        for name in chosen.projects:
            score.add(measure(project(name), chosen.correct, chosen.errors, seed))
        print(
            f"seed {seed}: {sum(score.planted.values())} errors, {len(score.unmarked)} unmarked; "
            f"{score.correct} correct answers, {len(score.falsely)} falsely marked "
            f"({len(score.falsely) / score.correct:.1%})"
        )
        everything.add(score)
    print(f"\n{'kind':14} {'planted':>8} {'unmarked':>9} {'mended':>7}")
    for kind in KINDS:
        missed = sum(planted.kind == kind for planted, _ in everything.unmarked)
        print(f"{kind:14} {everything.planted[kind]:8} {missed:9} {everything.mended[kind]:7}")
    print("\nfalsely marked, by wording")
    wrong = Counter(truth.wording for truth, _ in everything.falsely)
    for wording, count in everything.wordings.items():
        print(f"{wording:14} {count:8} {wrong[wording]:9}")
    answers = everything.correct + sum(everything.planted.values())
    print(f"\n{1000 * everything.seconds / answers:.1f} ms an answer")
    for planted, text in everything.unmarked[: chosen.show]:
        print(f"\nUNMARKED {planted.kind}, {planted.how}: {planted.old!r} -> {planted.new!r}")
        print(f"  {planted.truth.question}\n  {text}")
    for truth, text in everything.falsely[: chosen.show]:
        print(f"\nFALSELY MARKED {truth.wording}: {truth.question}\n  {text}")
    return everything


if __name__ == "__main__":
    main()
