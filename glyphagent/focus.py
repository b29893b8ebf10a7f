"""What a question names, and the pages that are worth sending for it.

A model that takes fewer pages than there are is sent those of what the question names, then those
of its neighbourhood in the dependency graph. Names are told by their spelling alone: that a word
of a question is a name of the source is certain only where it looks like one.
"""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from glyphagent.dependencies.cone import Member, find_cone
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.document import Location
from glyphagent.errors import SourceError
from glyphagent.outcomes import Places
from glyphagent.symbolic.wording import looks_like_code, may_be_name

HOPS = 2
"""How far from a file its cone reaches, unless the caller says otherwise."""

# Measured on 63 questions that name something (tests/bench/test_cones.py): pages within one hop
# show every place that a right answer cites for 59 of them and take 55 % of all tokens; within two
# hops it is 61 questions and 84 %.
QUESTION_HOPS = 1
"""How far the cone of what a question names reaches."""

_QUOTED = re.compile(r"`([^`\n]+)`|\"([^\"\n]+)\"")
_WORD = re.compile(r"[\w$][\w$./\\:#-]*[\w$]|[\w$]+")
_PARTS = re.compile(r"::|[.#]")
_MOST_HOMES = 4  # a name with more definitions than this points nowhere


@dataclass(frozen=True, slots=True)
class Named:
    """A place that a question names.

    Attributes:
        name: The name, as the question has it.
        location: The file, or the lines of the definition in it.
    """

    name: str
    location: Location


def names_in(
    question: str, graph: DependencyGraph, line_counts: Mapping[str, int]
) -> tuple[Named, ...]:
    """Files and definitions that a question names, in its order, each place once.

    Args:
        question: In plain words; names may stand in backticks or quotes.
        graph: The graph of the source.
        line_counts: Number of lines of each document, by path.
    """
    quoted = [next(filter(None, match.groups())) for match in _QUOTED.finditer(question)]
    found: dict[Location, Named] = {}
    tails = _tails(line_counts)
    homes = _definitions(graph)
    for word in dict.fromkeys([*quoted, *_WORD.findall(question)]):
        certain = word in quoted or looks_like_code(word)
        if not certain and not may_be_name(word):
            continue
        places = _places(word, homes, tails, line_counts, certain)
        if not places and "." in word:  # the source itself may be the package that is named first
            places = _places(word.partition(".")[2], homes, tails, line_counts, certain)
        for place in places:
            found.setdefault(place, Named(word, place))
    return tuple(found.values())


def path_named(text: str, paths: Iterable[str], what: str = "file") -> str:
    """The one path that a text stands for: the path itself, or the end of it.

    Raises:
        SourceError: If there is none or more than one; the message names the nearest.
    """
    wanted = text.strip().replace("\\", "/").removeprefix("./").rstrip("/")
    every = tuple(paths)
    if wanted in every:
        return wanted
    ends = [path for path in every if wanted and path.endswith(f"/{wanted}")]
    if len(ends) == 1:
        return ends[0]
    if ends:
        shown = ", ".join(ends[:5]) + (" and more" if ends[5:] else "")
        raise SourceError(f"{text!r} may be any of {shown}: give the whole path")
    near = difflib.get_close_matches(wanted, every, 3, 0.5)
    base = posixpath.basename(wanted)
    near += [path for path in every if base and posixpath.basename(path) == base][:3]
    hint = f"; did you mean {', '.join(dict.fromkeys(near))}?" if near else ""
    raise SourceError(f"no {what} {text!r} in this source{hint}")


def pages_about(
    named: Sequence[Named],
    graph: DependencyGraph,
    places: Places,
    cost: Callable[[int], int],
    *,
    most_pages: int | None = None,
    budget: int | None = None,
    hops: int = QUESTION_HOPS,
) -> tuple[int, ...]:
    """Pages of what is named and of its cone, as far as the limits go, in page order.

    First the pages that show the named lines, then the rest of their files, then the other files
    of the cone: nearest first, then by importance.

    Args:
        named: What the question names.
        graph: The graph of the source.
        places: Where documents stand on the pages.
        cost: Tokens of a page.
        most_pages: Most pages that may be sent.
        budget: Most tokens that they may take together.
        hops: How far the cone reaches.
    """
    cone = find_cone(graph, [each.location.path for each in named], hops)
    wanted: dict[int, None] = {}
    for each in named:
        wanted |= dict.fromkeys(_shown(each.location, places))
    for each in named:
        wanted |= dict.fromkeys(places.pages_of(each.location.path))
    for member in cone:
        wanted |= dict.fromkeys(_edge_pages(member, places))
    for member in cone:
        wanted |= dict.fromkeys(places.pages_of(member.path))
    chosen: list[int] = []
    used = 0
    for number in wanted:
        if most_pages is not None and len(chosen) >= most_pages:
            break
        tokens = cost(number)
        if budget is None or used + tokens <= budget:
            chosen.append(number)
            used += tokens
    return tuple(sorted(chosen))


def _edge_pages(member: Member, places: Places) -> list[int]:
    """Pages that show the lines which make a file a direct neighbour."""
    numbers = [
        places.page_of(Location(edge.source, edge.line, edge.line))
        for edge in member.road
        if member.distance == 1
    ]
    return [number for number in numbers if number is not None]


def _shown(place: Location, places: Places) -> list[int]:
    first = places.page_of(place)
    if first is None:
        return []
    last = places.page_of(Location(place.path, place.line_end, place.line_end))
    inside = [n for n in places.pages_of(place.path) if first <= n <= (last or first)]
    # A whole file is not one of the lines that matter most.
    return inside if place.line_start > 1 or len(inside) <= 1 else inside[:1]


def _tails(paths: Iterable[str]) -> dict[str, list[str]]:
    """Paths by each name that may stand for them: their ends, with the suffix and without."""
    found: dict[str, list[str]] = {}
    for path in paths:
        parts = path.split("/")
        stem = posixpath.splitext(parts[-1])[0]
        package = stem in ("__init__", "index", "mod")
        for start in range(len(parts)):
            for last in (parts[-1], stem):
                found.setdefault("/".join([*parts[start:-1], last]), []).append(path)
            if package and parts[start:-1]:
                found.setdefault("/".join(parts[start:-1]), []).append(path)
    return found


def _definitions(graph: DependencyGraph) -> dict[str, list[tuple[str, Location]]]:
    found: dict[str, list[tuple[str, Location]]] = {}
    for path in graph.nodes:
        for each in graph.declarations(path):
            place = Location(path, each.line, max(each.line_end, each.line))
            found.setdefault(each.name, []).append((each.qualified_name, place))
    return found


def _places(
    word: str,
    homes: Mapping[str, Sequence[tuple[str, Location]]],
    tails: Mapping[str, Sequence[str]],
    line_counts: Mapping[str, int],
    certain: bool,
) -> list[Location]:
    bare = word.strip().removesuffix("()").replace("\\", "/").removeprefix("./").strip("/")
    paths = tails.get(bare, ()) or ("." in bare and tails.get(bare.replace(".", "/"), ())) or ()
    if paths and len(paths) <= _MOST_HOMES and (certain or "/" in bare or "." in bare):
        return [Location(path, 1, max(line_counts[path], 1)) for path in dict.fromkeys(paths)]
    parts = [part for part in _PARTS.split(bare) if part]
    if not parts:
        return []
    known = homes.get(parts[-1], ())
    if len(parts) > 1:
        ending = ".".join(parts[-2:])
        known = [d for d in known if d[0] == ending or d[0].endswith(f".{ending}")]
    top = [place for name, place in known if "." not in name]
    every = [place for _, place in known]
    # A plain word is a name only where one thing at a file's top is called so.
    chosen = every if certain else top if len(top) == 1 else []
    chosen = top if len(chosen) > _MOST_HOMES else chosen
    return list(dict.fromkeys(chosen)) if len(chosen) <= _MOST_HOMES else []
