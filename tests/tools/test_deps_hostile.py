"""`glyphagent deps` where the disk, the signals, the names or the options are against it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from glyphagent.dependencies.formats import FORMATS
from glyphagent.tools import cli, command_line

# Files may grow to 1 KiB, as on a disk that is nearly full: a part is taken, then comes the error.
NEARLY_FULL = """
import resource, sys
from glyphagent.tools import cli
resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))
codes = [cli.main(["deps", sys.argv[1], "--quiet", *each.split("|")]) for each in sys.argv[2:]]
sys.exit(0 if set(codes) == {2} else 1)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Files that take more than 1 KiB to tell in every format."""
    folder = tmp_path / "project"
    folder.mkdir()
    for number in range(90):
        text = f"import f{(number + 1) % 90}\nfrom .gone{number} import all_that_is_not_there\n"
        (folder / f"f{number}.py").write_text(text)
    return folder


def nearly_full(project: Path, *runs: str, stdout: int = subprocess.PIPE) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-P", "-c", NEARLY_FULL, str(project), *runs],
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=stdout, stderr=subprocess.PIPE, check=False, text=True,
    )  # fmt: skip
    return done.returncode, done.stderr.splitlines()


def test_a_full_disk_leaves_the_old_file_of_each_format(project: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for name in FORMATS:
        (out / name).write_text("old")
    code, told = nearly_full(project, *(f"--format|{n}|--output|{out / n}" for n in FORMATS))
    assert (code, told) == (
        0,
        [f"error: --output {out / n}: File too large: name another file" for n in FORMATS],
    )
    assert {each.name: each.read_text() for each in out.iterdir()} == dict.fromkeys(FORMATS, "old")


def test_a_full_disk_under_stdout_is_no_success(project: Path, tmp_path: Path) -> None:
    # Unbuffered, Python's own text layer drops what the first, short write left over.
    with open(tmp_path / "whole.json", "wb") as file:
        code, told = nearly_full(project, "--json", stdout=file.fileno())
    assert (code, told) == (0, ["error: cannot write to stdout: File too large"])


@pytest.mark.parametrize("wrapped", [False, True])
def test_ctrl_c_while_modules_load_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, wrapped: bool
) -> None:
    class Interrupted:
        def __set_name__(self, owner: type, name: str) -> None:
            raise KeyboardInterrupt

    def loading(arguments: object) -> int:
        if not wrapped:
            raise KeyboardInterrupt
        type("Loading", (), {"name": Interrupted()})  # Python 3.11 makes it a RuntimeError
        return 0

    monkeypatch.setattr(command_line, "run", loading)
    assert cli.main([]) == cli.INTERRUPTED


def test_our_own_mistakes_keep_their_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def mistaken(arguments: object) -> int:
        raise RuntimeError("ours") from ValueError("no Ctrl-C")

    monkeypatch.setattr(command_line, "run", mistaken)
    with pytest.raises(RuntimeError, match="ours"):
        cli.main([])


def test_a_name_that_is_no_text_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = os.fsdecode(b"odd\xff\nrules: none is broken\t'\".py")
    (tmp_path / name).write_text("import used\n")
    (tmp_path / "used.py").write_text("")
    assert cli.main(["deps", str(tmp_path), "--of", name, "-q"]) == 0
    shown = capsys.readouterr()
    told = r"odd\xff\nrules: none is broken\t'" + '"'
    assert shown.out.splitlines() == [
        f"{told}.py  (python)",
        "uses 1 file",
        f"  {told}.py:1  import used -> used.py",
        "used by 0 files",
    ]
    assert shown.err == ""


@pytest.mark.parametrize("option", ["--rev", "--diff"])
@pytest.mark.parametrize(
    "name", ["--help", "--output=owned", "-h", "nope", "HEAD~99", "HEAD:f0.py", ":/no", "a b", ""]
)
def test_a_bad_revision_is_one_line(
    project: Path, capsys: pytest.CaptureFixture[str], option: str, name: str
) -> None:
    for arguments in (["init", "-q"], ["add", "f0.py"], ["commit", "-q", "-m", "one"]):
        own = ["-c", "user.name=x", "-c", "user.email=x@y"]
        subprocess.run(["git", *own, *arguments], cwd=project, check=True)
    before = sorted(each.name for each in project.iterdir())
    assert cli.main(["deps", str(project), f"{option}={name}", "-q"]) == 2
    shown = capsys.readouterr()
    assert (shown.out, shown.err.count("\n")) == ("", 1)
    assert shown.err.startswith("error: ")
    assert sorted(each.name for each in project.iterdir()) == before


def test_a_bare_repository_has_no_files_as_they_lie(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "init", "-q", "--bare", str(bare)], check=True)
    assert cli.main(["deps", str(bare), "--impact"]) == 2
    assert "is a bare repository" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [
        *(
            ["--forbid", rule]
            for rule in ("", "->", "a", "a -> ", " -> b", "a -> b -> c", "zz => q")
        ),
        *(["--layers", each] for each in ("", "f1.py", ">", "f1.py > > f2.py", "nothing > f1.py")),
        *(["--of", ""], ["--of", " "], ["--path-between", "", "f1.py"], ["--output", ""]),
        *(["--format", ""], ["--format", "HTML"], ["--json", "--format", "dot"]),
    ],
)
def test_what_asks_for_nothing_is_one_line(
    project: Path, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    assert cli.main(["deps", str(project), "-q", *options]) == 2
    shown = capsys.readouterr()
    assert (shown.out, shown.err.count("\n")) == ("", 1), shown.err
    assert shown.err.startswith("error: ")
