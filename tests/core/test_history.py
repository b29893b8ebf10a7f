"""What changed between states: told exactly, over one step or many."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphagent.document import Document, Skipped
from glyphagent.errors import SourceError
from glyphagent.history import History, State, compare


def state(revision: str, texts: dict[str, str], pages: str = "", *skips: str) -> State:
    documents = {path: Document(path, text) for path, text in texts.items()}
    skipped = tuple(Skipped(path, "too large") for path in skips)
    return State.of(revision, documents, tuple(pages), skipped)


def test_documents_and_pages_are_told_apart() -> None:
    before = state("1", {"a": "1", "b": "2", "c": "3"}, "pqrs")
    now = state("2", {"a": "1", "b": "new", "d": "4"}, "pxrst", "huge")
    found = compare(before, now, {})
    assert (found.added, found.changed, found.removed) == (("d",), ("b",), ("c",))
    assert (found.pages_new, found.pages_kept, found.pages_removed) == (2, 3, 1)
    assert (found.new_pages, found.prefix_kept, found.moved) == ((1, 4), 1, False)
    assert found.skipped == (Skipped("huge", "too large"),)
    assert (found.since, found.revision) == ("1", "2")


def test_a_page_that_others_push_on_has_moved() -> None:
    found = compare(state("1", {}, "pq"), state("2", {}, "xpq"), {})
    assert (found.moved, found.new_pages, found.prefix_kept) == (True, (0,), 0)
    assert found
    assert not compare(state("1", {}, "pq"), state("1", {}, "pq"), {})


def test_a_renamed_document_is_changed_only_if_its_bytes_are() -> None:
    before = state("1", {"a": "1", "b": "2"})
    now = state("2", {"x": "1", "y": "3"})
    found = compare(before, now, {"a": "x", "b": "y"})
    assert found.renamed == (("a", "x"), ("b", "y"))
    assert (found.added, found.changed, found.removed) == ((), ("y",), ())


def test_a_path_taken_by_another_document_is_new() -> None:
    """`a` became `b`, and something else is `a` now."""
    found = compare(state("1", {"a": "1"}), state("2", {"a": "2", "b": "1"}), {"a": "b"})
    assert (found.added, found.renamed, found.removed) == (("a",), (("a", "b"),), ())


def test_names_are_followed_over_several_steps() -> None:
    history = History(state("1", {"a": "1", "k": "0"}))
    history.add(state("2", {"b": "1", "k": "0"}), {"a": "b"})
    history.add(state("3", {"c": "1", "k": "0"}), {"b": "c"})
    found = history.since("1")
    assert (found.renamed, found.added, found.changed, found.removed) == ((("a", "c"),), (), (), ())
    history.add(state("4", {"a": "1", "k": "0"}), {"c": "a"})
    assert not history.since("1")
    assert history.since("2").renamed == (("b", "a"),)


def test_a_name_that_others_took_since_is_no_rename() -> None:
    """`a` became `b`, `b` went, and another `b` came; or another `a` came and moved on."""
    history = History(state("1", {"a": "1", "k": "0"}))
    history.add(state("2", {"b": "1", "k": "0"}), {"a": "b"})
    history.add(state("3", {"k": "0"}), {})
    history.add(state("4", {"b": "other", "k": "0"}), {})
    found = history.since("1")
    assert (found.renamed, found.added, found.removed) == ((), ("b",), ("a",))
    assert history.since("2").changed == ("b",)

    history = History(state("1", {"a": "1"}))
    history.add(state("2", {"b": "1"}), {"a": "b"})
    history.add(state("3", {"b": "1", "a": "other"}), {})
    history.add(state("4", {"b": "1", "c": "other"}), {"a": "c"})
    found = history.since("1")
    assert (found.renamed, found.added, found.removed) == ((("a", "b"),), ("c",), ())


def test_what_came_back_as_it_was_can_be_renamed() -> None:
    """Another branch and back, and a rename then."""
    history = History(state("1", {"a": "1", "k": "0"}))
    history.add(state("2", {"k": "0"}), {})
    history.add(state("1", {"a": "1", "k": "0"}), {})
    history.add(state("3", {"c": "1", "k": "0"}), {"a": "c"})
    assert history.since("1").renamed == (("a", "c"),)


def test_what_is_not_remembered_is_said() -> None:
    history = History(state("r0", {}), most=3)
    for number in range(1, 6):
        history.add(state(f"r{number}", {"a": str(number)}), {})
    assert history.revisions == ("r2", "r3", "r4", "r5")
    assert history.since("r2").changed == ("a",)
    with pytest.raises(SourceError, match=r"no state 'r0'.*oldest is r2.*overview"):
        history.since("r0")


def test_a_state_that_was_there_twice_means_the_one_least_like_now() -> None:
    history = History(state("1", {"a": "x"}, "p"))
    history.add(state("2", {"a": "y"}, "q"), {})
    history.add(state("1", {"a": "x"}, "p"), {})
    history.add(state("3", {"a": "z"}, "r"), {})
    assert history.since("1").changed == ("a",)
    # The same documents on pages in another order, and back again after a new plan: whoever
    # looked in between must hear that numbers moved.
    history = History(state("1", {"a": "x"}, "pq"))
    history.add(state("1", {"a": "x"}, "qp"), {})
    assert history.since("1").moved
    history.add(state("1", {"a": "x"}, "pq"), {})
    assert history.since("1").moved


texts = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("xyz"), max_size=6)


@given(st.lists(texts, min_size=1, max_size=8), st.data())
def test_any_earlier_state_compares_as_if_it_were_at_hand(
    steps: list[dict[str, str]], data: st.DataObject
) -> None:
    states = [state(str(n), each, "".join(each.values())) for n, each in enumerate(steps)]
    history = History(states[0])
    for each in states[1:]:
        history.add(each, {})
    chosen = data.draw(st.sampled_from(states))
    found, direct = history.since(chosen.revision), compare(chosen, states[-1], {})
    assert set(found.removed) == set(direct.removed)
    assert (found.added, found.changed) == (direct.added, direct.changed)
    assert (found.new_pages, found.prefix_kept) == (direct.new_pages, direct.prefix_kept)


def test_histories_stay_small() -> None:
    """A step keeps what it changed, not the state."""
    many = {f"f{number}": "x" for number in range(1000)}
    history = History(state("0", many))
    for number in range(20):
        name = f"f{random.Random(number).randrange(1000)}"
        history.add(state(str(number + 1), {**many, name: "y"}), {})
    assert sum(len(step.documents) for step in history._steps) < 60
