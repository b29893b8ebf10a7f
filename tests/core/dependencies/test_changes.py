from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from glyphagent.dependencies.changes import find_changes

TEXT = "".join(f"line {n}\n" for n in range(1, 21))


def test_what_became_of_each_file() -> None:
    old = {"same": "a\n", "moved/from": TEXT, "gone": "x\n", "edited": TEXT}
    edited = TEXT.replace("line 7\n", "line seven\n").replace("line 12\n", "")
    new = {"same": "a\n", "moved/to": TEXT, "fresh": "1\n2\n", "edited": edited}
    changes = {change.path: change for change in find_changes(old, new)}
    assert {path: change.status for path, change in changes.items()} == {
        "edited": "changed",
        "fresh": "added",
        "gone": "removed",
        "moved/to": "moved",
    }
    assert changes["edited"].lines == ((7, 7), (11, 12))
    assert changes["edited"].old_lines == ((7, 7), (12, 12))
    assert changes["fresh"].lines == ((1, 2),)
    assert changes["moved/to"].old_path == "moved/from"


def test_a_huge_rewrite_is_one_change() -> None:
    old = "".join(f"{n}\n" for n in range(9000))
    new = "".join(f"{n * 7}\n" for n in range(9000))
    (change,) = find_changes({"a": f"head\n{old}"}, {"a": f"head\n{new}"})
    assert change.lines == ((3, 9001),)


texts = st.lists(st.sampled_from("abc"), max_size=12).map(lambda ls: "".join(f"{x}\n" for x in ls))


@given(texts, texts)
def test_lines_outside_of_the_ranges_are_equal(old: str, new: str) -> None:
    changes = find_changes({"f": old}, {"f": new})
    if old == new:
        assert changes == ()
        return
    (change,) = changes

    def kept(text: str, ranges: tuple[tuple[int, int], ...]) -> list[str]:
        lines = enumerate(text.splitlines(), start=1)
        return [line for n, line in lines if not any(a <= n <= b for a, b in ranges)]

    def within(part: list[str], whole: list[str]) -> bool:
        rest = iter(whole)
        return all(line in rest for line in part)

    assert within(kept(new, change.lines), old.splitlines())
    assert within(kept(old, change.old_lines), new.splitlines())
    assert all(1 <= a <= b <= len(new.splitlines()) for a, b in change.lines)
