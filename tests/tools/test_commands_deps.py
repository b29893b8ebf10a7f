from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Git = Callable[..., str]

FILES = {
    "shop/__init__.py": "",
    "shop/api.py": "from shop.store import load\n\n\ndef handle(key):\n    return load(key)\n",
    "shop/store.py": (
        "import json\n\nfrom shop import text\n\n\ndef load(key):\n    return text.clean(key)\n"
        "\n\ndef save(key):\n    return json.dumps(key)\n"
    ),
    "shop/text.py": (
        "def clean(key):\n    from shop.api import handle\n\n    return key or handle\n"
    ),
    "shop/alone.py": "from .gone import nothing\n",
    "tests/test_api.py": "from shop.api import handle\n\n\ndef test_it():\n    assert handle(1)\n",
    "bin/run.py": "from shop.api import handle\n",
}


def write_files(folder: Path) -> Path:
    for path, text in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_files(tmp_path / "project")


@pytest.fixture
def git(project: Path) -> Git:
    """Git in the project, whose files are committed."""
    names = {
        f"GIT_{who}_{what}": "x@y" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    surroundings = {**os.environ, **names, "GIT_CONFIG_GLOBAL": os.devnull}

    def run(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=project, env=surroundings, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout

    run("init", "-q", "-b", "main")
    run("add", "-A")
    run("commit", "-q", "-m", "first")
    return run


Told = Callable[..., tuple[int, str, str]]


def as_json(told: Told, *arguments: object) -> dict[str, Any]:
    code, out, err = told(*arguments, "--json")
    assert (code, err) == (0, "")
    document: dict[str, Any] = json.loads(out)
    return document


def test_the_overview_tells_what_matters(told: Told, project: Path) -> None:
    code, out, err = told(project)
    assert (code, err) == (0, "")
    assert "python" in out
    assert "cycles: 1, with 3 files" in out
    assert "shop/text.py:2  import shop.api -> shop/api.py" in out
    assert "missing: shop/alone.py:1  .gone" in out
    assert "external: json (1)" in out


def test_json_has_every_file_and_bin_too(told: Told, project: Path) -> None:
    document = as_json(told, project)
    assert [node["id"] for node in document["nodes"]] == sorted(FILES)
    pairs = {(edge["source"], edge["target"]) for edge in document["edges"]}
    assert ("bin/run.py", "shop/api.py") in pairs
    assert ("shop/store.py", "shop/text.py") in pairs
    calls = {
        (edge["source"], edge["source_symbol"], edge["target"], edge["target_symbol"])
        for edge in document["symbol_edges"]
        if edge["kind"] == "call"
    }
    assert ("shop/api.py", "handle", "shop/store.py", "load") in calls
    assert not [
        e for e in as_json(told, project, "--no-symbols")["symbol_edges"] if e["kind"] == "call"
    ]


def test_the_same_source_gives_the_same_bytes(told: Told, project: Path, tmp_path: Path) -> None:
    inside = project / "deps.json"
    for _ in range(2):
        assert told(project, "--output", inside)[0] == 0
        first = inside.read_bytes()
    other = write_files(tmp_path / "elsewhere")
    assert json.loads(first) == as_json(told, other)
    assert told(project, "--output", inside)[0] == 0
    assert inside.read_bytes() == first


def test_one_file_and_what_is_around_it(told: Told, project: Path) -> None:
    _, out, _ = told(project, "--of", "shop/store.py", "--hops", "2")
    assert "used by 1 file\n  shop/api.py:1" in out
    assert "uses 2 files" in out or "uses 1 file" in out
    assert "2 hops  tests/test_api.py, uses it through shop/api.py" in out
    document = as_json(told, project, "--of", "shop/store.py")
    assert "tests/test_api.py" not in {node["id"] for node in document["nodes"]}
    assert document["cone"][0]["id"] == "shop/store.py"


def test_a_file_may_be_named_from_here(
    told: Told, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project / "shop")
    _, out, _ = told("..", "--of", "store.py")
    assert out.startswith("shop/store.py")


def test_a_file_alone_and_a_folder(
    told: Told, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, _ = told(project, "--of", "shop/store.py", "--hops", "0")
    assert (code, "used by" in out, "uses" in out) == (0, False, False)
    assert "defines: load, save" in out
    shop = sorted(path for path in FILES if path.startswith("shop/"))
    monkeypatch.chdir(project / "bin")
    for name in ("shop", "shop/", "../shop", str(project / "shop")):
        document = as_json(told, project, "--of", name, "--hops", "0")
        assert [node["id"] for node in document["nodes"]] == shop
    near = as_json(told, project, "--of", "shop")["nodes"]
    assert [node["id"] for node in near] == sorted(FILES)


def test_only_near_names_are_suggested(told: Told, project: Path) -> None:
    for wrong in ("shop/zebra.py", "x.py", "nothing/at/all"):
        assert (
            told(project, "--of", wrong)[2] == f"error: no analysed file {wrong!r} in {project}\n"
        )
    assert "did you mean shop/store.py?" in told(project, "--of", "shop/stores.py")[2]


def test_cycles_unresolved_and_order(told: Told, project: Path) -> None:
    _, out, _ = told(project, "--cycles", "--unresolved", "--order")
    assert "3 files: shop/api.py, shop/store.py, shop/text.py" in out
    assert "missing   shop/alone.py:1  .gone" in out
    order = out.splitlines()
    assert order.index("shop/api.py") < order.index("tests/test_api.py")


def test_paths_between_files_and_symbols(told: Told, project: Path) -> None:
    _, out, _ = told(project, "--path-between", "bin/run.py", "shop/text.py")
    assert [line.split("-> ")[1] for line in out.splitlines()] == [
        "shop/api.py",
        "shop/store.py",
        "shop/text.py",
    ]
    _, out, _ = told(project, "--path-between", "shop/api.py#handle", "shop/text.py#clean")
    assert "call" in out.splitlines()[-1]
    code, out, err = told(project, "--path-between", "shop/text.py", "bin/run.py")
    assert (code, out) == (1, "no path\n")
    assert "no path leads from shop/text.py to bin/run.py" in err


def test_a_broken_rule_is_exit_code_one_with_its_evidence(told: Told, project: Path) -> None:
    code, out, _ = told(project, "--forbid", "bin/** -> shop/api.py")
    assert code == 1
    assert "rule broken, once: bin/** -> shop/api.py" in out
    assert "bin/run.py:1  import shop.api -> shop/api.py" in out
    code, out, _ = told(project, "--forbid", "shop -> bin")
    assert (code, out) == (0, "rules: none is broken\n")
    code, _, _ = told(project, "--layers", "tests|bin > api > store > text")
    assert code == 1
    code, out, err = told(project, "--forbid", "bin => text", "--format", "sarif")
    assert code == 1
    found = json.loads(out)["runs"][0]["results"]
    assert "forbidden-dependency" in {result["ruleId"] for result in found}
    assert err == "rules broken: 1\n"


def test_a_rule_that_fits_no_file_is_refused_unless_allowed(told: Told, project: Path) -> None:
    code, out, err = told(project, "--forbid", "shop|shopp -> bin")
    fault = "no file fits 'shopp' in 'shop|shopp -> bin'"
    assert (code, out, err) == (2, "", f"error: {fault}\n")
    code, _, err = told(project, "--forbid", "shop|shopp -> bin", "--allow-unmatched")
    assert (code, err) == (0, f"warning: {fault}\n")


def test_what_rules_could_not_check_is_told_and_strict_fails(told: Told, project: Path) -> None:
    (project / "shop/odd.py").write_text("def (:\n")
    code, out, _ = told(project, "--forbid", "shop -> bin")
    assert code == 0
    assert "not checked: 1 file that the rules cover\n  shop/odd.py: not wholly" in out
    assert told(project, "--forbid", "shop -> bin", "--strict")[0] == 1
    assert told(project, "--forbid", "bin -> tests", "--strict")[0] == 0
    code, out, err = told(project, "--forbid", "shop -> bin", "--strict", "--json")
    assert (code, err) == (1, "rules not wholly checked: 1 files\n")
    assert json.loads(out)["unchecked"] == [
        {"rule": "shop -> bin", "path": "shop/odd.py", "reason": "not wholly understood"}
    ]


def test_the_working_tree_against_a_commit(told: Told, project: Path, git: Git) -> None:
    text = (project / "shop/store.py").read_text()
    (project / "shop/store.py").write_text(text.replace("text.clean(key)", "text.clean(key) or 0"))
    git("status")
    _, out, _ = told(project, "--impact")
    assert "files: 1 changed" in out
    assert "changed definitions: shop/store.py#load" in out
    assert "tests to run: 1\n  tests/test_api.py" in out
    document = as_json(told, project, "--diff", "HEAD")
    affected = {each["path"]: each for each in document["impact"]["affected"]}
    assert affected["shop/api.py"]["by_symbols"]
    assert affected["bin/run.py"]["path_by_files"][0]["target"] == "shop/api.py"
    assert document["tests"] == ["tests/test_api.py"]


def test_views_tell_what_was_not_understood_or_not_read(
    told: Told, project: Path, git: Git
) -> None:
    git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},lib/sub")
    git("commit", "-q", "-m", "with a submodule")
    (project / "shop/text.py").write_text("def clean(:\n")
    _, out, _ = told(project, "--diff", "HEAD")
    assert "changed and not wholly understood, so more may be in reach: shop/text.py" in out
    assert "submodules are not compared: lib/sub" in out
    assert "left out: 1 submodule" in out
    for view in ("--cycles", "--unresolved", "--of=shop/api.py"):
        assert (
            "not wholly understood, some edges may be missing: shop/text.py"
            in told(project, view)[1]
        )


def test_two_commits_are_read_without_touching_the_files(
    told: Told, project: Path, git: Git
) -> None:
    git("rm", "-q", "shop/text.py")
    (project / "shop/api.py").write_text("from shop import alone\n")
    git("add", "-A")
    git("commit", "-q", "-m", "second")
    (project / "shop/api.py").write_text("what lies here does not count\n")
    before = git("status", "--porcelain")
    document = as_json(told, project, "--diff", "HEAD~1..HEAD")
    assert {(c["path"], c["status"]) for c in document["changes"]} == {
        ("shop/api.py", "changed"),
        ("shop/text.py", "removed"),
    }
    added = {(edge["source"], edge["target"]) for edge in document["edges_added"]}
    assert ("shop/api.py", "shop/alone.py") in added
    assert document["cycles_removed"][0]["files"][0] == "shop/api.py"
    assert "shop/store.py" in {each["path"] for each in document["impact_on_old"]["affected"]}
    assert git("status", "--porcelain") == before
    assert as_json(told, project, "--diff", "HEAD~1...HEAD")["changes"] == document["changes"]


def test_a_part_of_a_repository(told: Told, project: Path, git: Git) -> None:
    (project / "shop/text.py").write_text("def clean(key):\n    return key\n")
    document = as_json(told, project / "shop", "--diff", "HEAD", "--cochange")
    assert [change["path"] for change in document["changes"]] == ["text.py"]
    assert document["cochange"]["commits"] == 1


def test_what_changes_together(told: Told, project: Path, git: Git) -> None:
    for count in range(6):
        for path in ("shop/text.py", "shop/alone.py"):
            (project / path).write_text(f"{FILES[path]}\n# {count}\n")
        git("commit", "-q", "-a", "-m", "both")
    _, out, _ = told(project, "--cochange")
    assert "1 pair, 1 without an edge" in out
    assert "shop/alone.py" in out
    (pair,) = as_json(told, project, "--cochange")["cochange"]["pairs"]
    assert (pair["support"], pair["hidden"]) == (7, True)


@pytest.mark.parametrize("suffix", ["json", "dot", "mmd", "graphml", "sarif", "html"])
def test_the_suffix_of_the_output_says_the_format(
    told: Told, project: Path, tmp_path: Path, suffix: str
) -> None:
    file = tmp_path / f"deps.{suffix}"
    code, out, err = told(project, "--output", file)
    assert (code, out, err) == (0, "", f"written: {file}\n")
    assert file.stat().st_size > 200
    assert sorted(each.name for each in tmp_path.iterdir()) == [file.name, "project"]


def test_the_output_may_be_a_link_in_the_source(told: Told, project: Path, tmp_path: Path) -> None:
    (project / "out.json").symlink_to(tmp_path / "real.json")
    for _ in range(2):
        assert told(project, "--output", project / "out.json")[0] == 0
        assert json.loads((tmp_path / "real.json").read_text())["skipped"] == []
    (project / "circle.json").symlink_to("circle.json")
    code, _, err = told(project, "--output", project / "circle.json")
    assert (code, err.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--format", "yaml"], "no format named 'yaml'; there are json, dot,"),
        (["--json", "--format", "dot"], "name one of them"),
        (["--output", "deps.what"], "say what to write"),
        (["--of", "shop/stroe.py"], "did you mean shop/store.py"),
        (["--path-between", "shop/api.py#handel", "bin/run.py"], "did you mean handle?"),
        (["--forbid", "a > b"], "write 'A -> B'"),
        (["--layers", "a"], "name two or more"),
        (["--diff", "HEAD", "--rev", "HEAD"], "leave out --rev"),
        (["--diff", "HEAD", "--impact"], "name one of the two"),
        (["--diff", "HEAD"], "is in no git repository"),
        (["--cochange"], "is in no git repository"),
        (["--output", "no/such/folder/a.json"], "No such file or directory: name another file"),
    ],
)
def test_mistakes_are_one_line_and_exit_code_two(
    told: Told, project: Path, arguments: list[str], message: str
) -> None:
    code, out, err = told(project, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert message in err
    assert err.count("\n") == 1


def test_a_revision_that_is_not_there(told: Told, project: Path, git: Git) -> None:
    code, _, err = told(project, "--diff", "nope..HEAD")
    assert (code, err.startswith("error: no revision 'nope'")) == (2, True)


def test_nothing_to_analyse_is_exit_code_one(told: Told, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no code\n")
    code, _, err = told(tmp_path)
    assert (code, err.startswith("nothing to analyse")) == (1, True)


def test_names_cannot_steer_the_terminal(told: Told, project: Path) -> None:
    (project / "bad\x1b[2J.py").write_text("from shop import api\n")
    _, out, _ = told(project, "--of", "bad\x1b[2J.py")
    assert "\x1b" not in out
    assert "bad\\x1b[2J.py" in out
