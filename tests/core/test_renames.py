"""Renames: equal bytes, then similar lines, each path once."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphagent.document import Document
from glyphagent.renames import folder_of, renamed, suffix_of

LINES = [f"value_{n} = {n}\n" for n in range(20)]
TEXT = "".join(LINES)


def pairs(gone: dict[str, str], new: dict[str, str]) -> dict[str, str]:
    return renamed(
        [Document(path, text) for path, text in gone.items()],
        [Document(path, text) for path, text in new.items()],
    )


def test_equal_bytes_are_a_rename_whatever_the_name() -> None:
    assert pairs({"a.py": TEXT}, {"sub/b.txt": TEXT}) == {"sub/b.txt": "a.py"}


def test_of_equal_texts_the_longest_common_end_of_the_path_decides() -> None:
    gone = {"old/x/__init__.py": "", "old/y/__init__.py": "", "old/y/z.py": ""}
    new = {"new/y/__init__.py": "", "new/x/__init__.py": "", "new/y/z.py": ""}
    assert pairs(gone, new) == {path: path.replace("new", "old") for path in new}


def test_of_equal_texts_the_same_suffix_is_preferred() -> None:
    found = pairs({"a.py": TEXT, "a.txt": TEXT}, {"b.txt": TEXT, "b.py": TEXT})
    assert found == {"b.txt": "a.txt", "b.py": "a.py"}


def test_empty_documents_of_other_names_are_strangers() -> None:
    assert pairs({"a.py": ""}, {"b.py": ""}) == {}
    assert pairs({"x/a.py": ""}, {"y/a.py": ""}) == {"y/a.py": "x/a.py"}


@pytest.mark.parametrize(("kept", "same"), [(13, True), (11, False)])
def test_sixty_percent_of_the_lines_make_a_rename(kept: int, same: bool) -> None:
    other = [f"other_{n} = {n}\n" for n in range(20 - kept)]
    found = pairs({"a.py": TEXT}, {"b.py": "".join(LINES[:kept] + other)})
    assert found == ({"b.py": "a.py"} if same else {})


def test_the_most_similar_one_is_taken() -> None:
    new = {"b.py": "".join(LINES[:15]), "c.py": "".join(LINES[:19])}
    assert pairs({"a.py": TEXT}, new) == {"c.py": "a.py"}


def test_very_many_documents_are_paired_by_name() -> None:
    gone = {f"old/{n}.py": f"{TEXT}n = {n}\n" for n in range(300)}
    new = {f"new/{n}.py": f"{TEXT}m = {n}\n" for n in range(300)}
    assert pairs(gone, new) == {path: path.replace("new", "old") for path in new}


def test_folder_and_suffix_of_paths() -> None:
    assert [folder_of(path) for path in ("a", "a/b.c", "a/b/c")] == ["", "a", "a/b"]
    paths = ("x/a.py", "x/a.tar.gz", "Makefile", "x/.profile")
    assert [suffix_of(path) for path in paths] == [".py", ".gz", "Makefile", ".profile"]


names = st.sampled_from(["a.py", "b.py", "x/a.py", "x/c.txt", "y/a.py", "y/z/a.py", "d"])
texts = st.sampled_from(["", "x", TEXT, TEXT + "more\n", "".join(LINES[:15])])


@settings(max_examples=100)
@given(st.dictionaries(names, texts), st.dictionaries(names, texts))
def test_each_path_is_used_once_and_equal_bytes_are_never_passed_over(
    gone: dict[str, str], new: dict[str, str]
) -> None:
    found = pairs(gone, new)
    assert set(found) <= set(new)
    assert set(found.values()) <= set(gone)
    assert len(set(found.values())) == len(found)
    for text in {TEXT, "x"}:
        olds = {path for path, content in gone.items() if content == text}
        news = {path for path, content in new.items() if content == text}
        exact = [path for path in news if found.get(path) in olds]
        assert len(exact) == min(len(olds), len(news))
