"""The tracked view of a source set: what a change makes stale, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from glyphagent.dependencies.facts import Declaration, Interface
from glyphagent.dependencies.world import World

NOTHING: tuple[str, ...] = ()
NOWHERE: frozenset[str] = frozenset()


def interface(path: str, *names: str) -> Interface:
    return Interface(path, "python", declarations=tuple(Declaration(n, n, "method") for n in names))


def world(**texts: str) -> World:
    paths = {name.replace("__", "/") + ".py": text for name, text in texts.items()}
    return World({path: interface(path, *text.split()) for path, text in paths.items()}, paths)


def test_lines_do_not_show_from_outside() -> None:
    first = Interface("a.py", "python", declarations=(Declaration("f", "f", "function", line=1),))
    moved = Interface("a.py", "python", declarations=(Declaration("f", "f", "function", line=9),))
    here = World({"a.py": first}, {"a.py": "x"})
    _, looks = here.watch(lambda: here.interface("a.py"))
    stale = here.change({"a.py": moved}, {"a.py": "\nx"}, ())
    assert stale.isdisjoint(looks)
    assert here.interface("a.py") is moved


def test_a_path_that_appears_reaches_those_who_looked_for_it() -> None:
    here = world(a="f")
    _, looks = here.watch(lambda: (here.exists("b/c.py"), here.is_folder("b")))
    assert here.change({}, {"d.py": ""}, ()).isdisjoint(looks)
    stale = here.change({}, {"b/c.py": ""}, ())
    assert {("exists", "b/c.py"), ("is_folder", "b")} <= stale & looks
    assert here.exists("b/c.py")
    assert here.entries("b") == ("b/c.py",)
    assert here.entries("") == ("a.py", "b", "d.py")


def test_a_folder_that_empties_is_gone_with_the_folders_around_it() -> None:
    here = world(a__b__c="f", x="g")
    stale = here.change({"a/b/c.py": None}, {"a/b/c.py": None}, ())
    assert {("is_folder", "a"), ("is_folder", "a/b"), ("entries", "")} <= stale
    assert not here.is_folder("a")
    assert here.entries("") == ("x.py",)
    assert here.interface("a/b/c.py") is None


def test_a_skipped_file_is_told_from_a_missing_one() -> None:
    here = World({}, {"a.py": ""}, ["big.py"])
    _, looks = here.watch(lambda: here.was_skipped("big.py"))
    assert here.was_skipped("big.py")
    assert not here.was_skipped("b.py")
    assert not here.change({}, {}, ()).isdisjoint(looks)
    assert not here.was_skipped("big.py")


def test_a_memo_is_kept_until_something_it_looked_at_changes() -> None:
    here = world(a="f", b="g")
    made: list[str] = []

    def names(path: str) -> tuple[str, ...]:
        made.append(path)
        found = here.interface(path)
        return tuple(each.name for each in found.declarations) if found else ()

    def ask() -> tuple[str, ...]:
        inner = here.memo("names", "a.py", partial(names, "a.py"), NOTHING)
        return (*inner, *here.memo("names", "b.py", partial(names, "b.py"), NOTHING))

    value, looks = here.watch(lambda: here.memo("both", "", ask, NOTHING))
    assert value == ("f", "g")
    here.watch(lambda: here.memo("both", "", ask, NOTHING))
    assert made == ["a.py", "b.py"]
    stale = here.change({"b.py": interface("b.py", "h")}, {"b.py": "h"}, ())
    assert not stale.isdisjoint(looks)
    assert here.memo("both", "", ask, NOTHING) == ("f", "h")
    assert made == ["a.py", "b.py", "b.py"]


def test_a_steady_memo_that_comes_out_the_same_spares_those_who_stand_on_it() -> None:
    here = world(a="f", b="g")
    count = partial(here.memo, "count", "", lambda: len(here.files()), 0, steady=True)
    _, looks = here.watch(count)
    here.change({"a.py": None, "c.py": interface("c.py")}, {"a.py": None, "c.py": ""}, ())
    _, looks = here.watch(count)
    replaced = here.change(
        {"b.py": None, "d.py": interface("d.py")}, {"b.py": None, "d.py": ""}, ()
    )
    assert replaced.isdisjoint(looks)
    grown = here.change({"e.py": interface("e.py")}, {"e.py": ""}, ())
    assert not grown.isdisjoint(looks)
    assert count() == 3


def cyclic(here: World, name: str) -> frozenset[str]:
    """All that can be reached from a name, over memos that need each other."""
    links = here.interface(name + ".py")
    names = [each.name for each in links.declarations] if links else []
    found = {name}
    for each in names:
        found |= here.memo("reach", each, partial(cyclic, here, each), NOWHERE)
    return frozenset(found)


graphs = st.dictionaries(
    st.sampled_from("abcde"), st.lists(st.sampled_from("abcde"), max_size=3), max_size=5
)


@given(graphs, st.permutations("abcde"))
def test_the_order_of_questions_shows_in_no_answer(graph: dict[str, list[str]], order: str) -> None:
    """A memo that ran into its own question is not kept, but for the outermost."""
    here = world(**{name: " ".join(links) for name, links in graph.items()})
    asked = {name: here.memo("reach", name, partial(cyclic, here, name), NOWHERE) for name in order}
    for name, value in asked.items():
        fresh = world(**{each: " ".join(links) for each, links in graph.items()})
        assert value == fresh.memo("reach", name, partial(cyclic, fresh, name), NOWHERE)


def test_a_computation_that_goes_too_deep_gets_its_stand_in() -> None:
    here = world(a="f")

    def deeper(number: int) -> int:
        return 1 + here.memo("deep", number + 1, partial(deeper, number + 1), 0)

    reached, _ = here.watch(lambda: here.memo("deep", 0, partial(deeper, 0), 0))
    assert 100 < reached <= 200
    assert here.memo("flat", 0, lambda: 7, 0) == 7


def test_a_mesh_of_cycles_is_walked_once_for_each_question() -> None:
    """Without what is kept for the outermost question, every road through the mesh is walked."""
    names = [f"n{number}" for number in range(60)]
    here = world(**{name: " ".join(each for each in names if each != name) for name in names})
    made: list[str] = []

    def reach(name: str) -> frozenset[str]:
        made.append(name)
        links = here.interface(name + ".py")
        found = {name}
        for each in links.declarations if links else ():
            found |= here.memo("reach", each.name, partial(reach, each.name), NOWHERE)
        return frozenset(found)

    reached, _ = here.watch(lambda: here.memo("reach", "n0", partial(reach, "n0"), NOWHERE))
    assert reached == set(names)
    assert sorted(made) == sorted(names)


def test_what_nothing_in_a_ring_has_is_sought_once() -> None:
    """A ring whose answers are all its stand-ins is solved: no later link walks it again."""
    names = [f"n{number}" for number in range(40)]
    here = world(**{name: " ".join(each for each in names if each != name) for name in names})
    made: list[str] = []

    def seek(name: str) -> str | None:
        made.append(name)
        links = here.interface(name + ".py")
        for each in links.declarations if links else ():
            found = here.memo("seek", each.name, partial(seek, each.name), None)
            if found is not None:
                return found
        return "here" if links is not None and ("wanted", "") in links.exports else None

    looks = frozenset[tuple[str, Hashable]]()
    for name in names:
        ask = partial(here.memo, "seek", name, partial(seek, name), None)
        found, looks = here.watch(ask)
        assert found is None
    assert sorted(made) == sorted(names)
    far = interface("n7.py", *names)
    stale = here.change({"n7.py": replace(far, exports=(("wanted", ""),))}, {"n7.py": "new"}, ())
    assert not looks.isdisjoint(stale)
    asked = [here.memo("seek", name, partial(seek, name), None) for name in names]
    assert asked == ["here"] * len(names)


def test_methods_are_found_by_name_in_the_whole_set() -> None:
    here = world(a="f g", b="g")
    _, looks = here.watch(lambda: here.members("f"))
    assert here.members("g") == (("a.py", "g"), ("b.py", "g"))
    assert here.change({"b.py": interface("b.py", "h")}, {"b.py": "h"}, ()).isdisjoint(looks)
    assert here.members("g") == (("a.py", "g"),)
    assert not here.change({"a.py": interface("a.py")}, {"a.py": ""}, ()).isdisjoint(looks)
