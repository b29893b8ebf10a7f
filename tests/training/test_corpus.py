from __future__ import annotations

from pathlib import Path

import pytest

from glyphagent.training.corpus import Project, build_corpus, held_out_names, is_held_out

LINES = "".join(f"value_{n} = compute_something({n})\n" for n in range(40))


def project(root: Path, name: str, files: dict[str, str], licence: str = "MIT") -> Project:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return Project(name, "1", licence, root, tuple(sorted(files)))


@pytest.mark.parametrize(
    "name",
    ["requests", "Requests", "spring_framework", "Spring-Framework", "pydantic_core", "httpx2"],
)
def test_held_out_names_are_known_in_every_spelling(name: str) -> None:
    assert is_held_out(name)


@pytest.mark.parametrize("name", ["numpy", "requests-toolbelt", "markdown", "richer"])
def test_other_names_are_not_held_out(name: str) -> None:
    assert not is_held_out(name)


def test_the_list_is_there() -> None:
    assert {"scrapy", "tokio", "springframework"} <= held_out_names()


def test_held_out_projects_and_vendored_copies_are_refused(tmp_path: Path) -> None:
    held_out = project(tmp_path / "a", "requests", {"requests/api.py": LINES})
    vendoring = project(
        tmp_path / "b",
        "pip",
        {
            "pip/_vendor/rich/text.py": "a = 'a vendored file of its own'\n" * 5,
            "pip/_vendor/urllib3.py": "b = 'a vendored module of its own'\n" * 5,
            "pip/own.py": "c = 'a file of the project itself'\n" * 5,
        },
    )
    corpus = build_corpus([held_out, vendoring])
    assert [document.path for document in corpus.documents] == ["pip/pip/own.py"]


def test_files_that_repeat_held_out_lines_are_refused(tmp_path: Path) -> None:
    held_out = project(tmp_path / "a", "requests", {"requests/api.py": LINES})
    copy = project(tmp_path / "b", "fork", {"fork/api.py": "# changed\n" + LINES})
    assert build_corpus([held_out, copy]).documents == ()


def test_near_copies_enter_once(tmp_path: Path) -> None:
    first = project(tmp_path / "a", "one", {"one/x.py": LINES})
    second = project(tmp_path / "b", "two", {"two/y.py": LINES.replace("value_1 ", "v ")})
    assert len(build_corpus([first, second]).documents) == 1


@pytest.mark.parametrize(
    "licence", ["GPL-3.0", "MPL-2.0 AND MIT", "", "LGPL-2.1", "Proprietary", "CC-BY-3.0"]
)
def test_other_than_permissive_licences_are_refused(tmp_path: Path, licence: str) -> None:
    assert not build_corpus([project(tmp_path, "p", {"p/x.py": LINES}, licence)]).documents


@pytest.mark.parametrize("licence", ["MIT", "BSD-3-Clause", "Apache Software License", "ISC"])
def test_permissive_licences_enter(tmp_path: Path, licence: str) -> None:
    assert build_corpus([project(tmp_path, "p", {"p/x.py": LINES}, licence)]).documents


def test_binary_minified_and_large_files_are_no_text(tmp_path: Path) -> None:
    files = {"p/a.js": "x" * 2000 + "\n", "p/b.py": "a\0b\n", "p/c.py": "y = 1\n" * 60_000}
    files["p/d.py"] = LINES
    corpus = build_corpus([project(tmp_path, "p", files)])
    assert [document.path for document in corpus.documents] == ["p/p/d.py"]


def test_manifest_names_projects_versions_and_licences(tmp_path: Path) -> None:
    corpus = build_corpus([project(tmp_path, "p", {"p/x.py": LINES})])
    assert corpus.manifest()["projects"] == [
        {
            "project": "p",
            "version": "1",
            "licence": "MIT",
            "documents": 1,
            "characters": len(LINES),
        }
    ]


def test_one_project_cannot_fill_the_corpus(tmp_path: Path) -> None:
    files = {f"p/{n}.py": LINES.replace("value", f"name{n}") for n in range(30)}
    corpus = build_corpus(
        [project(tmp_path, "p", files)], characters=len(LINES) * 20, largest_share=0.1
    )
    assert len(corpus.documents) <= 4
