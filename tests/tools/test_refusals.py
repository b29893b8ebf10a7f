"""What commands say when there is nothing to draw, or a name that leads nowhere."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from glyphagent.tools import cli


def failed(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The one line on stderr of a command that ends with 2."""
    code = cli.main([str(argument) for argument in arguments])
    shown = capsys.readouterr()
    assert (code, shown.out) == (2, "")
    (line,) = shown.err.splitlines()
    return line


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ([], "picture.bin"),
        (["--include", "*.zig"], "--include *.zig"),
        (["--stdin"], "one path a line"),
        (["--ignore", "*"], "--ignore"),
    ],
)
def test_nothing_to_render_is_told_in_a_sentence_and_ends_with_1(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    why: str,
) -> None:
    source, out = tmp_path / "source", tmp_path / "pages"
    source.mkdir()
    (source / "picture.bin").write_bytes(bytes(range(256)))
    for as_json in (False, True):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))
        arguments = ["render", str(source), "--out", str(out), *options]
        assert cli.main([*arguments, *(["--json"] if as_json else [])]) == 1
        shown = capsys.readouterr()
        (line,) = shown.err.splitlines()
        assert line.startswith("nothing to draw: ")
        assert why in line or (not options and "all 1 files were left out, 1 as 'binary'" in line)
        if not as_json:
            assert shown.out == ""
            continue
        told = json.loads(shown.out)
        assert (told["pages"], told["documents"], told["out"]) == (0, 0, None)
        assert told["warnings"] == [line]
    assert not out.exists()


@pytest.mark.parametrize("command", [["estimate"], ["ask"]])
def test_no_command_shows_figures_of_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: list[str]
) -> None:
    question = ["Where is total?"] if command == ["ask"] else []
    assert cli.main([*command, str(tmp_path), *question]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("nothing to draw: no file in ")


@pytest.mark.parametrize(
    "arguments",
    [
        *(("render", ""), ("render", ".", "--out", ""), ("ask", "", "what?"), ("estimate", "")),
        *(("read", ""), ("render", ".", "--for", ""), ("ask", ".", "what?", "--model", " ")),
    ],
)
def test_an_empty_name_is_refused(
    capsys: pytest.CaptureFixture[str],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
) -> None:
    monkeypatch.chdir(folder)
    before = sorted(folder.rglob("*"))
    assert failed(capsys, *arguments).startswith("error: empty ")
    assert sorted(folder.rglob("*")) == before


def test_a_typo_in_the_model_is_in_the_json_with_near_names(
    capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path
) -> None:
    out = str(tmp_path / "pages")
    assert cli.main(["render", str(folder), "--out", out, "--for", "gpt", "--json"]) == 0
    shown = capsys.readouterr()
    told = json.loads(shown.out)
    assert (told["visual_tokens"], told["compression_ratio"]) == (0, 0.0)
    (warning,) = told["warnings"]
    assert "how gpt sees images is not known" in warning
    for text in (warning, shown.err):
        assert "gpt-5" in text.partition("; known are ")[2]


@pytest.mark.parametrize("made", ["file", "below", "foreign", "link"])
def test_an_output_folder_that_cannot_be_is_refused_before_anything_is_rendered(
    capsys: pytest.CaptureFixture[str],
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    made: str,
) -> None:
    out = tmp_path / "pages"
    if made == "foreign":
        out.mkdir()
        (out / "manifest.json").write_text("{}")
        says = "manifest.json is not a usable manifest"
    elif made == "link":
        out.symlink_to(tmp_path / "gone")
        says = f"{out} is a broken link"
    else:
        out.write_text("in the way")
        says = f"{out} is a file"
    wanted = out / "x" if made == "below" else out
    opened: list[object] = []
    monkeypatch.setattr("glyphagent.session.Session.open", opened.append)
    line = failed(capsys, "render", folder, "--out", wanted)
    assert says in line
    assert ("cannot be made" in line) is (made == "below")
    assert line.endswith("name another folder")
    assert opened == []
