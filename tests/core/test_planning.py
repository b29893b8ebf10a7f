"""Plans: who shares pages with whom, and what a change of the documents does to that."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from glyphagent.document import Document
from glyphagent.planning import Plan, first_plan, next_plan
from glyphagent.renames import folder_of, suffix_of

TEXTS = ["".join(f"{letter}_{n} = {n}\n" for n in range(9)) for letter in "abcdefgh"]


def documents(**texts: str) -> dict[str, Document]:
    """Documents by path; in names `__` stands for a slash and a closing `_py` for a suffix."""
    paths = {name.replace("__", "/").replace("_py", ".py"): text for name, text in texts.items()}
    return {path: Document(path, text) for path, text in paths.items()}


def after(plan: Plan, before: Mapping[str, Document], now: Mapping[str, Document]) -> Plan:
    return next_plan(plan, before, list(now.values()))


def test_neighbours_of_one_folder_share_pages() -> None:
    held = documents(a="1", p__b="2", p__c="3", p__q__d="4", p__e="5")
    plan = first_plan(held.values())
    assert plan.runs == (("a",), ("p/b", "p/c"), ("p/q/d",), ("p/e",))
    assert plan.paths == tuple(held)
    assert not plan.drawn_as


def test_edits_change_no_plan() -> None:
    held = documents(p__a="1", p__b="2")
    plan = first_plan(held.values())
    assert after(plan, held, documents(p__b="3", p__a="4")) == plan


def test_what_is_gone_is_left_out_and_empty_runs_go() -> None:
    held = documents(p__a="1", p__b="2", q__c="3")
    plan = after(first_plan(held.values()), held, documents(p__b="2"))
    assert plan.runs == (("p/b",),)


def test_new_documents_come_last_folder_by_folder() -> None:
    held = documents(p__a="1", q__c="3")
    new = documents(a="9", p__a="1", p__b="8", q__c="3", q__d="7", z__e="6", p__f="5")
    plan = after(first_plan(held.values()), held, new)
    assert plan.runs == (("p/a",), ("q/c", "q/d"), ("a",), ("p/b", "p/f"), ("z/e",))


def test_a_renamed_document_keeps_its_place_and_its_header() -> None:
    held = documents(p__a_py=TEXTS[0], p__b_py=TEXTS[1], p__c_py=TEXTS[2])
    now = documents(p__a_py=TEXTS[0], p__c_py=TEXTS[2], p__z_py=TEXTS[1] + "more = 1\n")
    plan = after(first_plan(held.values()), held, now)
    assert plan.runs == (("p/a.py", "p/z.py", "p/c.py"),)
    assert dict(plan.drawn_as) == {"p/z.py": "p/b.py"}
    assert plan.drawn("p/z.py") == "p/b.py"


def test_a_second_rename_still_shows_the_first_path_and_the_way_back_shows_its_own() -> None:
    one, two, three = (documents(**{f"{name}_py": TEXTS[0]}) for name in "abc")
    first = first_plan(one.values())
    second = after(first, one, two)
    third = after(second, two, three)
    assert dict(third.drawn_as) == {"c.py": "a.py"}
    assert after(third, three, one) == first


def test_another_suffix_is_drawn_under_its_own_name() -> None:
    held, now = documents(a_py=TEXTS[0]), documents(a=TEXTS[0])
    plan = after(first_plan(held.values()), held, now)
    assert plan == Plan((("a",),))


def test_a_document_that_takes_the_old_path_ends_the_old_header_for_good() -> None:
    held, now = documents(a_py=TEXTS[0]), documents(b_py=TEXTS[0])
    moved = after(first_plan(held.values()), held, now)
    both = documents(a_py=TEXTS[1], b_py=TEXTS[0])
    plan = after(moved, now, both)
    assert plan == Plan((("b.py", "a.py"),))
    assert after(plan, both, now) == Plan((("b.py",),))


def test_what_is_there_but_on_no_page_was_not_renamed() -> None:
    """Of a cone or a budget, a document can leave the pages and still be there."""
    held = documents(p__a_py=TEXTS[0])
    plan = next_plan(first_plan(held.values()), held, list(documents(p__b_py=TEXTS[0]).values()))
    assert plan.drawn_as == {"p/b.py": "p/a.py"}
    copied = list(documents(p__b_py=TEXTS[0]).values())
    plan = next_plan(first_plan(held.values()), held, copied, undrawn={"p/a.py"})
    assert (plan.runs, dict(plan.drawn_as)) == ((("p/b.py",),), {})


def test_an_old_path_that_is_there_on_no_page_is_shown_by_nobody() -> None:
    held = documents(p__a_py=TEXTS[0])
    moved = documents(p__b_py=TEXTS[0])
    plan = after(first_plan(held.values()), held, moved)
    plan = next_plan(plan, moved, list(moved.values()), undrawn={"p/a.py"})
    assert (plan.runs, dict(plan.drawn_as)) == ((("p/b.py",),), {})


def test_a_folder_that_moves_takes_its_runs_along() -> None:
    held = documents(p__a_py=TEXTS[0], p__b_py=TEXTS[1], p__q__c_py=TEXTS[2], r__d_py=TEXTS[3])
    now = documents(n__a_py=TEXTS[0], n__b_py=TEXTS[1], n__q__c_py=TEXTS[2], r__d_py=TEXTS[3])
    plan = after(first_plan(held.values()), held, now)
    assert plan.runs == (("n/a.py", "n/b.py"), ("n/q/c.py",), ("r/d.py",))
    assert dict(plan.drawn_as) == {
        "n/a.py": "p/a.py",
        "n/b.py": "p/b.py",
        "n/q/c.py": "p/q/c.py",
    }


def test_one_that_leaves_its_neighbours_is_new_and_one_alone_is_not() -> None:
    held = documents(p__a_py=TEXTS[0], p__b_py=TEXTS[1], q__c_py=TEXTS[2])
    now = documents(p__a_py=TEXTS[0], n__b_py=TEXTS[1], n__c_py=TEXTS[2])
    plan = after(first_plan(held.values()), held, now)
    assert plan.runs == (("p/a.py",), ("n/c.py", "n/b.py"))
    assert dict(plan.drawn_as) == {"n/c.py": "q/c.py"}


paths = st.sampled_from(
    [f"{folder}{name}" for folder in ("", "p/", "p/q/", "r/") for name in ("a.py", "b.py", "c.md")]
)
states = st.dictionaries(paths, st.sampled_from(["", "x\n", *TEXTS]), max_size=9).map(
    lambda texts: {path: Document(path, text) for path, text in texts.items()}
)


@settings(max_examples=300)
@given(st.lists(states, min_size=1, max_size=6))
def test_plans_stay_sound_over_any_history(history: list[dict[str, Document]]) -> None:
    before, plan = history[0], first_plan(history[0].values())
    for now in history[1:]:
        old, plan = plan, after(plan, before, now)
        assert sorted(plan.paths) == sorted(now)
        assert all(run and len({folder_of(path) for path in run}) == 1 for run in plan.runs)
        survivors = [path for path in old.paths if path in now]
        places = {path: number for number, path in enumerate(plan.paths)}
        kept = [path for path in survivors if folder_of(path) in _kept_folders(old, now, path)]
        assert sorted(kept, key=places.__getitem__) == kept
        drawn = [plan.drawn(path) for path in plan.paths]
        assert len(set(drawn)) == len(drawn)
        for path, shown in plan.drawn_as.items():
            assert path in now
            assert shown not in now
            assert suffix_of(path) == suffix_of(shown)
        assert after(plan, now, now) == plan
        before = now


def _kept_folders(plan: Plan, now: Mapping[str, Document], path: str) -> set[str]:
    """Folder of the run that holds a path, as long as anything of the run is there."""
    (run,) = (run for run in plan.runs if path in run)
    return {folder_of(each) for each in run if each in now}
