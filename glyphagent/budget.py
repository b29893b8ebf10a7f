"""Which documents, at which density, fit a token budget: what matters most first.

Arithmetic on costs that others measured: it knows no page, no model and no graph, so whatever can
be had at several prices may be packed with it. Nothing is left out silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from glyphagent.errors import StyleError


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document that may be packed.

    Attributes:
        path: Path of the document.
        costs: Tokens that it takes, by the name of each density that it can be had at.
        priority: What matters more has more; of equals the first one given comes first.
        required: Whether packing makes no sense without it.
    """

    path: str
    costs: Mapping[str, int]
    priority: float = 0.0
    required: bool = False


@dataclass(frozen=True, slots=True)
class Packed:
    """A document that was taken.

    Attributes:
        path: Path of the document.
        density: Name of the density that it is drawn at.
        tokens: Tokens that it takes there.
    """

    path: str
    density: str
    tokens: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A document that was not taken.

    Attributes:
        path: Path of the document.
        tokens: Fewest tokens that it would take; None if it can be had at no wanted density.
        reason: Why, in words for people.
    """

    path: str
    tokens: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Packing:
    """What fits a budget.

    Attributes:
        packed: The documents that were taken, in the order in which they were given.
        left_out: The others, in that order too.
        tokens: Tokens of all that were taken.
        budget: The budget; None if there was none.
    """

    packed: tuple[Packed, ...]
    left_out: tuple[LeftOut, ...]
    tokens: int
    budget: int | None

    @property
    def paths(self) -> tuple[str, ...]:
        """Paths of the documents that were taken."""
        return tuple(each.path for each in self.packed)


def pack(
    candidates: Iterable[Candidate],
    budget: int | None,
    densities: Sequence[str],
    *,
    uniform: bool = False,
) -> Packing:
    """Choose what fits a budget; the same candidates give the same choice.

    Required documents are taken first, then the others by priority, each at its cheapest: to have
    one more document counts for more than to have another one drawn larger. One that does not fit
    is left out, and smaller ones after it may still be taken. What is left of the budget then goes
    into legibility, by priority again.

    Args:
        candidates: Documents with their costs.
        budget: Tokens that all of them may take together; None for as many as they take.
        densities: Densities to choose from, the most legible one first.
        uniform: Whether all documents must have the same density: the most legible one at which
            all of them fit, or else the one that holds what matters most.

    Raises:
        StyleError: If a required document does not fit, or the budget is not positive.
    """
    every = tuple(candidates)
    if budget is not None and budget < 1:
        raise StyleError(f"a budget of {budget} tokens holds nothing: give at least 1")
    if not uniform:
        return _pack(every, budget, densities)
    tried = []
    for density in densities:
        try:
            tried.append(_pack(every, budget, (density,)))
        except StyleError:
            if not tried and density == densities[-1]:
                raise
            continue
        if not tried[-1].left_out:
            return tried[-1]
    order = [every[number].path for number in _order(every)]
    # Of two choices that hold the same, the more legible one, which was tried first.
    return max(tried, key=lambda packing: [path in packing.paths for path in order])


def _pack(
    candidates: tuple[Candidate, ...], budget: int | None, densities: Sequence[str]
) -> Packing:
    order = _order(candidates)
    options = [_options(candidate, densities) for candidate in candidates]
    chosen: dict[int, tuple[int, str]] = {}
    left_out: dict[int, LeftOut] = {}
    room = budget
    for number in order:
        candidate = candidates[number]
        if not options[number]:
            reason = f"cannot be drawn as {', '.join(densities)}"
            left_out[number] = LeftOut(candidate.path, None, reason)
        else:
            tokens, density = min(options[number], key=lambda option: option[0])
            if room is None or tokens <= room:
                chosen[number] = tokens, density
                room = None if room is None else room - tokens
                continue
            reason = f"takes {tokens:,} tokens, and {room:,} were left for it"
            left_out[number] = LeftOut(candidate.path, tokens, reason)
        if candidate.required:
            raise StyleError(
                f"{candidate.path} {reason}: give a larger budget or a denser preset"
                if options[number]
                else f"{candidate.path} {reason}"
            )
    for number in order:
        if number in chosen:
            tokens, _ = chosen[number]
            more = float("inf") if room is None else room + tokens
            # The options stand from the most legible one on.
            better = next(option for option in options[number] if option[0] <= more)
            room = None if room is None else room + tokens - better[0]
            chosen[number] = better
    packed = tuple(
        Packed(candidates[number].path, density, tokens)
        for number, (tokens, density) in sorted(chosen.items())
    )
    return Packing(
        packed,
        tuple(each for _, each in sorted(left_out.items())),
        sum(each.tokens for each in packed),
        budget,
    )


def _order(candidates: tuple[Candidate, ...]) -> list[int]:
    """Numbers of the candidates in the order in which they are taken."""
    return sorted(
        range(len(candidates)),
        key=lambda n: (not candidates[n].required, -candidates[n].priority, n),
    )


def _options(candidate: Candidate, densities: Sequence[str]) -> list[tuple[int, str]]:
    """Tokens and name of each density that a document can be had at, the most legible one first."""
    return [(candidate.costs[name], name) for name in densities if name in candidate.costs]
