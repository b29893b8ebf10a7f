"""What a question's cone keeps and what it saves, on held-out projects; run by `make bench`.

For each question of `tests/questions` that names something: the share of all visual tokens that
the pages of its cone take, and whether they show every place that a right answer cites. Nothing
here depends on the machine: the same versions give the same figures.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path

import pytest

from glyphagent.document import Location
from glyphagent.focus import names_in, pages_about
from glyphagent.outcomes import Places
from glyphagent.profiles import profile_for, visual_tokens
from glyphagent.session import Session
from tests.questions.score import PROJECTS, Question, load, root

RESULTS = Path(__file__).parent / "results"


@cache
def opened(project: str) -> Session:
    """A project, open."""
    return Session.open(str(root(project)))


@pytest.mark.bench
@pytest.mark.timeout(600)
def test_cones() -> None:
    asked = [question for question in load() if question.found and question.places]
    rows = []
    for hops in (0, 1, 2):
        told = [found for each in asked if (found := cone_of(each, hops)) is not None]
        rows.append(
            {
                "hops": hops,
                "questions": len(asked),
                "naming_something": len(told),
                "with_all_places": sum(shown == wanted for _, shown, wanted in told),
                "places": sum(wanted for *_, wanted in told),
                "places_shown": sum(shown for _, shown, _ in told),
                "mean_share_of_tokens": round(sum(share for share, *_ in told) / len(told), 3),
            }
        )
        sys.stderr.write(f"{json.dumps(rows[-1])}\n")
    facts = {"projects": {name: each.version for name, each in PROJECTS.items()}, "rows": rows}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "cones.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="ascii")
    assert all(row["with_all_places"] > 0 for row in rows)


def cone_of(question: Question, hops: int) -> tuple[float, int, int] | None:
    """Share of tokens, places shown, places wanted; None where the question names nothing."""
    session = opened(question.project)
    places, profile = Places(session.pages), profile_for("nano")
    costs = [visual_tokens(profile, page.width_px, page.height_px) for page in session.pages]
    named = names_in(question.question, session.graph, places.line_counts)
    if not named:
        return None
    pages = pages_about(named, session.graph, places, costs.__getitem__, hops=hops)
    wanted = [
        [Location(path, int(line), int(line)) for path, _, line in parts]
        for place in question.places or ()
        for parts in [[each.rpartition(":") for each in place.split("|")]]
    ]
    shown = sum(any(places.page_of(each) in pages for each in options) for options in wanted)
    return sum(costs[number] for number in pages) / sum(costs), shown, len(wanted)
