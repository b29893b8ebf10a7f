"""Rules about who may use whom, from the user's own command line; never from what is read.

    ui/** -> db/**        no file of the left may import a file of the right
    ui/** => db/**        nor reach one through others
    api > service > store a layer may use itself and those on its right, never one on its left

A pattern with `/` or a wild card is matched from the top of the source set: `**` stands for any
folders, `*` and `?` for characters of one name. A plain name stands for every folder of that name
and for files of that name without suffix. `a|b` means either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from glyphagent.dependencies.edges import Edge
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.implied import implied, implied_steps
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


def forbidden(text: str) -> Rule:
    """The rule that `A -> B` or `A => B` says.

    Raises:
        SourceError: It says neither.
    """
    parts = re.fullmatch(r"\s*(\S.*?)\s*(->|=>)\s*(\S.*?)\s*", text)
    if parts is None or any(arrow in parts[3] for arrow in ("->", "=>")):
        raise SourceError(
            f"rule {text!r} is none: write 'A -> B' (A must not import B) or 'A => B' (nor "
            "through others), as in 'ui/** -> db/**'"
        )
    return Rule(text.strip(), parts[1], parts[3], parts[2] == "=>")


def layered(text: str) -> tuple[Rule, ...]:
    """The rules that layers from top to bottom mean: none may use one above it.

    Raises:
        SourceError: There are not two layers, or one has no name.
    """
    layers = [layer.strip() for layer in text.split(">")]
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


def unmatched(graph: DependencyGraph, rules: Iterable[Rule]) -> tuple[str, ...]:
    """Patterns of rules that no file fits, which is a slip more often than not; sorted."""
    patterns = {pattern for rule in rules for pattern in (rule.source, rule.target)}
    return tuple(sorted(each for each in patterns if not _fitting(graph, each)))


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


@lru_cache(maxsize=256)
def _expressions(pattern: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(_expression(one.strip()), re.DOTALL) for one in pattern.split("|"))


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
