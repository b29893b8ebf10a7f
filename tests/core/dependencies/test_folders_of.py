from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from glyphagent.dependencies.folders_of import folder_tree, seen_from_afar

names = st.sampled_from(["a", "b", "c"])
paths = st.lists(
    st.lists(names, min_size=1, max_size=5).map(lambda parts: "/".join(parts) + ".py"),
    unique=True,
)


def test_folders_with_one_folder_alone_are_one() -> None:
    tree = folder_tree(["src/main/java/A.java", "src/main/java/b/B.java", "top.py"])
    assert tree == {
        "": ["src/main/java/", "top.py"],
        "src/main/java/": ["src/main/java/b/", "src/main/java/A.java"],
        "src/main/java/b/": ["src/main/java/b/B.java"],
    }


@given(paths)
def test_every_file_is_in_the_tree_once(given: list[str]) -> None:
    tree = folder_tree(given)
    entries = [entry for inside in tree.values() for entry in inside]
    assert sorted(entry for entry in entries if not entry.endswith("/")) == sorted(given)
    assert {entry for entry in entries if entry.endswith("/")} == tree.keys() - {""}
    assert len(entries) == len(set(entries))


@given(paths, st.integers(1, 12))
def test_what_stands_for_a_file_holds_it(given: list[str], most: int) -> None:
    seen = seen_from_afar(given, most)
    for path, stand_in in seen.items():
        assert path == stand_in or (stand_in.endswith("/") and path.startswith(stand_in))
    top = {path.split("/")[0] for path in given}
    assert len(set(seen.values())) <= max(most, len(top))
    if len(given) <= most:
        assert all(path == stand_in for path, stand_in in seen.items())
