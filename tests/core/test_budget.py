"""What fits a token budget, and what is said of the rest."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphagent.budget import Candidate, LeftOut, Packed, pack
from glyphagent.errors import StyleError

DENSITIES = ("grid", "grid-dense")


def some(path: str, cost: int, priority: float = 0.0, *, required: bool = False) -> Candidate:
    return Candidate(path, {"grid": 2 * cost, "grid-dense": cost}, priority, required)


def test_without_a_budget_all_is_taken_at_the_most_legible() -> None:
    packing = pack([some("a", 5), some("b", 3)], None, DENSITIES)
    assert packing.packed == (Packed("a", "grid", 10), Packed("b", "grid", 6))
    assert (packing.left_out, packing.tokens, packing.budget) == ((), 16, None)


def test_more_documents_count_for_more_than_larger_letters() -> None:
    packing = pack([some("a", 10, 1), some("b", 10, 2)], 20, DENSITIES)
    assert packing.packed == (Packed("a", "grid-dense", 10), Packed("b", "grid-dense", 10))
    packing = pack([some("a", 10, 1), some("b", 10, 2)], 30, DENSITIES)
    assert packing.packed == (Packed("a", "grid-dense", 10), Packed("b", "grid", 20))


def test_what_does_not_fit_is_told_and_smaller_ones_still_fit() -> None:
    packing = pack([some("small", 4, 1), some("huge", 100, 3), some("mid", 8, 2)], 12, DENSITIES)
    assert packing.paths == ("small", "mid")
    assert packing.left_out == (LeftOut("huge", 100, "takes 100 tokens, and 12 were left for it"),)


def test_a_required_document_goes_first_or_fails() -> None:
    candidates = [some("a", 6, 9), some("b", 8, required=True)]
    assert pack(candidates, 10, DENSITIES).paths == ("b",)
    with pytest.raises(StyleError, match="b takes 8 tokens, and 7 were left for it: give a"):
        pack(candidates, 7, DENSITIES)


def test_one_density_for_all() -> None:
    candidates = [some("a", 10), some("b", 10)]
    assert {p.density for p in pack(candidates, 40, DENSITIES, uniform=True).packed} == {"grid"}
    packing = pack(candidates, 39, DENSITIES, uniform=True)
    assert [p.density for p in packing.packed] == ["grid-dense", "grid-dense"]
    packing = pack(candidates, 10, DENSITIES, uniform=True)
    assert packing.packed == (Packed("a", "grid-dense", 10),)
    with pytest.raises(StyleError, match="b takes 10 tokens"):
        pack([some("b", 10, required=True)], 9, DENSITIES, uniform=True)
    with pytest.raises(StyleError, match="at least 1"):
        pack(candidates, 0, DENSITIES)


def test_what_matters_most_decides_the_density_for_all() -> None:
    candidates = [some("main", 20, 9), *(some(f"small{n}", 2, n) for n in range(5))]
    packing = pack(candidates, 21, DENSITIES, uniform=True)
    assert packing.packed == (Packed("main", "grid-dense", 20),)
    packing = pack([some("a", 10, 2), some("b", 99, 1)], 20, DENSITIES, uniform=True)
    assert packing.packed == (Packed("a", "grid", 20),)


def test_a_density_that_a_document_lacks_is_never_used() -> None:
    only = Candidate("scan.pdf", {"proportional": 3})
    packing = pack([only, some("a", 1)], None, DENSITIES)
    assert packing.left_out == (LeftOut("scan.pdf", None, "cannot be drawn as grid, grid-dense"),)


CANDIDATES = st.lists(
    st.builds(
        Candidate,
        st.uuids().map(str),
        st.dictionaries(st.sampled_from(["a", "b", "c"]), st.integers(0, 50), max_size=3),
        st.sampled_from([0.0, 1.0, 2.5]),
    ),
    max_size=12,
)


@given(CANDIDATES, st.integers(1, 200), st.booleans())
def test_a_packing_keeps_its_budget_and_loses_nothing(
    candidates: list[Candidate], budget: int, uniform: bool
) -> None:
    packing = pack(candidates, budget, ("a", "b", "c"), uniform=uniform)
    assert packing.tokens == sum(each.tokens for each in packing.packed) <= budget
    assert {*packing.paths, *(each.path for each in packing.left_out)} == {
        each.path for each in candidates
    }
    assert len(packing.packed) + len(packing.left_out) == len(candidates)
    by_path = {each.path: each for each in candidates}
    for each in packing.packed:
        assert by_path[each.path].costs[each.density] == each.tokens
    for left in packing.left_out:
        assert left.tokens is None or left.tokens > budget - packing.tokens or uniform
    assert not uniform or len({each.density for each in packing.packed}) <= 1
    assert packing == pack(candidates, budget, ("a", "b", "c"), uniform=uniform)


@given(CANDIDATES, st.integers(1, 200), st.randoms(use_true_random=False))
def test_priorities_decide_not_the_order_of_the_candidates(
    candidates: list[Candidate], budget: int, source: random.Random
) -> None:
    ranked = [Candidate(each.path, each.costs, float(n)) for n, each in enumerate(candidates)]
    shuffled = source.sample(ranked, len(ranked))
    first, second = (pack(each, budget, ("a", "b")) for each in (ranked, shuffled))
    assert set(first.packed) == set(second.packed)
