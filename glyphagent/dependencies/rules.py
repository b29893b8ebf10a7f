"""Rules about who may use whom, from the user's own command line; never from what is read.

    ui/** -> db/**        no file of the left may import a file of the right
    ui/** => db/**        nor reach one through others
    api > service > store a layer may use itself and those on its right, never one on its left

A pattern with `/` or a wild card is matched from the top of the source set: `**` stands for any
folders, `*` and `?` for characters of one name. A plain name stands for every folder of that name
and for files of that name without suffix. `a|b` means either.

A rule that is not broken is only as good as what was read: `find_unchecked` names what was not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from glyphagent.dependencies.edges import Edge
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.implied import implied, implied_steps
from glyphagent.dependencies.languages import language_module
from glyphagent.dependencies.paths import reach, walk_to
from glyphagent.errors import SourceError


@dataclass(frozen=True, slots=True)
class Rule:
    """What one rule forbids.

    Attributes:
        text: The rule as the user wrote it.
        source: Pattern of files that must not use ...
        target: ... files of this pattern.
        through: Whether a way through other files counts too.
    """

    text: str
    source: str
    target: str
    through: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """One place where a rule is broken.

    Attributes:
        rule: The rule.
        road: The edge that breaks it, or all edges of the way through other files.
    """

    rule: Rule
    road: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A file that a rule covers and that could break it unseen.

    Attributes:
        rule: The rule.
        path: The file.
        reason: Why its edges are not all known.
    """

    rule: Rule
    path: str
    reason: str


def forbidden(text: str) -> Rule:
    """The rule that `A -> B` or `A => B` says.

    Raises:
        SourceError: It says neither, or a pattern has what none can have.
    """
    parts = re.fullmatch(r"\s*(\S.*?)\s*(->|=>)\s*(\S.*?)\s*", text)
    if parts is None or any(arrow in parts[3] for arrow in ("->", "=>")):
        raise SourceError(
            f"rule {text!r} is none: write 'A -> B' (A must not import B) or 'A => B' (nor "
            "through others), as in 'ui/** -> db/**'"
        )
    return Rule(text.strip(), _pattern(parts[1]), _pattern(parts[3]), parts[2] == "=>")


def layered(text: str) -> tuple[Rule, ...]:
    """The rules that layers from top to bottom mean: none may use one above it.

    Raises:
        SourceError: There are not two layers, one has no name, or a pattern is none.
    """
    layers = [_pattern(layer.strip()) for layer in text.split(">")]
    if len(layers) < 2 or not all(layers):
        raise SourceError(
            f"layers {text!r} are none: name two or more from top to bottom, as in "
            "'api > service > store'"
        )
    return tuple(
        Rule(f"{above} > {below}", below, above)
        for index, above in enumerate(layers)
        for below in layers[index + 1 :]
    )


def find_broken(graph: DependencyGraph, rules: Iterable[Rule]) -> tuple[Broken, ...]:
    """Every place where a rule is broken, in the order of the rules, then of the files."""
    found = []
    for rule in rules:
        for source in _fitting(graph, rule.source):
            if rule.through:
                found += _ways(graph, rule, source)
                continue
            found += [
                Broken(rule, (edge,))
                for edge in graph.edges_from(source)
                if edge.target != source and fits(rule.target, edge.target)
            ]
    return tuple(found)


def unmatched(graph: DependencyGraph, rules: Iterable[Rule]) -> tuple[tuple[str, str], ...]:
    """Patterns that no file fits, each part of an `a|b` by itself, with the rule's text; in order.

    Such a rule checks nothing, which is a slip more often than not. A file that is there and was
    not read counts, as `find_unchecked` tells it.
    """
    known = [*graph.importers, *(path for path, _ in graph.skipped)]
    found = [
        (pattern, rule.text)
        for rule in rules
        for side in (rule.source, rule.target)
        for pattern in _alternatives(side)
        if not any(fits(pattern, path) for path in known)
    ]
    return tuple(dict.fromkeys(found))


def find_unchecked(graph: DependencyGraph, rules: Iterable[Rule]) -> tuple[Unchecked, ...]:
    """What rules cover and could not be checked, in the order of the rules, then of the files.

    Files that were not read or not wholly understood, and imports that only a run decides or that
    lead to a file that was not read; for `=>` in the files on the way too.
    """
    found = []
    errors = frozenset(graph.errors)
    skipped = {p: why for p, why in graph.skipped if language_module(p) is not None}
    for rule in rules:
        covered = set(_fitting(graph, rule.source))
        if rule.through:
            covered = set(reach(sorted(covered), implied(graph).imported))
        covered.update(path for path in skipped if fits(rule.source, path))
        for path in sorted(covered):
            if path in skipped:
                found.append(Unchecked(rule, path, skipped[path]))
            if path in errors:
                found.append(Unchecked(rule, path, "not wholly understood"))
            for each in graph.unresolved_in(path):
                if each.reason in ("dynamic", "skipped"):
                    why = "is computed" if each.reason == "dynamic" else "leads to a file not read"
                    reason = f"import {each.name} in line {each.line} {why}"
                    found.append(Unchecked(rule, path, reason))
    return tuple(found)


def fits(pattern: str, path: str) -> bool:
    """Whether a path fits a pattern."""
    return any(expression.fullmatch(path) for expression in _expressions(pattern))


def _fitting(graph: DependencyGraph, pattern: str) -> list[str]:
    return [path for path in sorted(graph.importers) if fits(pattern, path)]


def _ways(graph: DependencyGraph, rule: Rule, source: str) -> list[Broken]:
    """The shortest way from a file to each nearest file that it must not reach."""
    found = reach(
        [source],
        # Beyond a forbidden file there is nothing new to tell.
        lambda path: (
            () if path != source and fits(rule.target, path) else implied(graph).imported(path)
        ),
    )
    ends: Sequence[str] = [path for path in found if path != source and fits(rule.target, path)]
    return [Broken(rule, implied_steps(graph, walk_to(found, end)[::-1])) for end in ends]


def _pattern(text: str) -> str:
    if (sign := re.search(r"[\[\]{}]", text)) is not None:
        raise SourceError(
            f"pattern {text!r}: {sign[0]!r} has no meaning there; write a|b for either, * for any "
            "characters, ? for one of them"
        )
    empty = text and any(not part for part in _alternatives(text))
    if empty:
        raise SourceError(f"pattern {text!r}: one side of | is empty")
    return text


def _alternatives(pattern: str) -> list[str]:
    return [one.strip() for one in pattern.split("|")]


@lru_cache(maxsize=256)
def _expressions(pattern: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(_expression(one), re.DOTALL) for one in _alternatives(pattern))


def _expression(pattern: str) -> str:
    if not re.search(r"[/*?]", pattern):
        name = re.escape(pattern)
        return rf"(?:.*/)?{name}(?:/.*|(?:\.[^/]*)?)"
    pattern = pattern.removeprefix("./").removeprefix("/")
    if pattern.endswith("/"):
        pattern += "**"
    parts = []
    for piece in re.split(r"(\*\*/|\*\*|\*|\?)", pattern):
        wild = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(piece)
        parts.append(re.escape(piece) if wild is None else wild)
    # A folder's path stands for all that is in it.
    return f"{''.join(parts)}(?:/.*)?"
