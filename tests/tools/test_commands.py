"""Each command on a real folder: shapes of its JSON, what it writes, and its exit code."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from glyphagent.profiles import profile_for, visual_tokens
from glyphagent.tools import cli

Call = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command with --json; stdout must be exactly one document and stderr empty."""

    def run(*arguments: object) -> tuple[int, dict[str, Any]]:
        code = cli.main([*(str(argument) for argument in arguments), "--json"])
        shown = capsys.readouterr()
        assert shown.err == ""
        document = json.loads(shown.out)
        assert isinstance(document, dict)
        return code, document

    return run


def failed(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The one line on stderr of a command that ends with 2."""
    code = cli.main([str(argument) for argument in arguments])
    shown = capsys.readouterr()
    assert (code, shown.out) == (2, "")
    (line,) = shown.err.splitlines()
    return line


def pixels(file: Path) -> Image.Image:
    """A picture in grey."""
    with Image.open(file) as picture:
        return picture.convert("L")


def test_render_json(call: Call, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "pages"
    code, told = call("render", folder, "--out", out)
    assert code == 0
    assert {*told} >= {
        *("pages", "documents", "skipped", "text_tokens", "tokenizer", "visual_tokens"),
        *("compression_ratio", "seconds", "out", "revision"),
    }
    assert {*told["seconds"]} == {"read", "highlight", "layout", "paint", "encode", "total"}
    assert told["documents"] == 4
    assert [skip["path"] for skip in told["skipped"]] == ["picture.bin"]
    assert {*told["skipped"][0]} == {"path", "reason"}
    assert "o200k" in told["tokenizer"]
    assert told["compression_ratio"] == pytest.approx(
        told["text_tokens"] / told["visual_tokens"], abs=1e-3
    )
    pictures = sorted(out.glob("*.png"))
    assert len(pictures) == told["pages"] > 0
    sizes = [pixels(picture).size for picture in pictures]
    assert told["visual_tokens"] == sum(w // 28 * (h // 28) for w, h in sizes)
    assert Path(told["out"]) == out
    assert (out / "index.html").exists()
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["revision"] == told["revision"]


def test_render_for_people(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    out = folder.parent / "pages"
    assert cli.main(["render", str(folder), "--out", str(out)]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert "compression ratio" in shown.out
    assert ", from 4 files" in shown.out
    assert "picture.bin" in shown.out
    assert "\x1b" not in shown.out


def test_render_twice_into_the_source_does_not_feed_itself(
    call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    _, first = call("render", ".")
    assert Path("glyphagent-pages/manifest.json").exists()
    _, second = call("render", ".")
    assert second["revision"] == first["revision"]
    assert second["documents"] == first["documents"] == 4


@pytest.mark.parametrize("name", ["a [b]*c", "#x", "!x", "back\\slash", "deep/er", " "])
def test_no_name_of_the_output_folder_lets_it_in(call: Call, folder: Path, name: str) -> None:
    out = folder / name
    _, first = call("render", folder, "--out", out)
    (out / "notes.txt").write_text("left by somebody\n")
    _, second = call("render", folder, "--out", out)
    assert second["revision"] == first["revision"]


def test_render_refuses_to_write_over_its_source(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    before = sorted(folder.rglob("*"))
    assert "--out" in failed(capsys, "render", folder, "--out", folder / "app" / "..")
    assert sorted(folder.rglob("*")) == before


def test_render_where_nothing_can_be_written(
    capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert str(tmp_path / "file") in failed(
        capsys, "render", folder, "--out", tmp_path / "file" / "pages"
    )


def test_the_sheet_to_look_at_is_the_one_that_was_written(
    capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "pages"
    out.mkdir()
    (out / "index.html").write_text("somebody's own")
    for _ in range(2):
        assert cli.main(["render", str(folder), "--out", str(out)]) == 0
        assert f"{out / 'pages.html'}" in capsys.readouterr().out
    (out / "index.html").unlink()
    assert cli.main(["render", str(folder), "--out", str(out)]) == 0
    assert f"{out / 'index.html'}" in capsys.readouterr().out


def test_options_choose_what_is_read(call: Call, folder: Path, tmp_path: Path) -> None:
    def documents(*options: object) -> int:
        _, told = call("render", folder, "--out", tmp_path / "pages", *options)
        return int(told["documents"])

    assert documents("--include", "app/*") == 3
    assert documents("--ignore", "long.py", "--ignore", "rates.py") == 2
    assert documents("--max-bytes", 1000) == 3


def test_options_choose_how_it_looks(call: Call, folder: Path, tmp_path: Path) -> None:
    _, flow = call("render", folder, "--out", tmp_path / "flow")
    _, dense = call("render", folder, "--out", tmp_path / "dense", "--preset", "grid-dense")
    _, lines = call("render", folder, "--out", tmp_path / "lines", "--layout", "lines")
    assert dense["visual_tokens"] < flow["visual_tokens"] < lines["visual_tokens"]
    call("render", folder, "--out", tmp_path / "dark", "--theme", "dark")
    darkness = [
        pixels(next((tmp_path / name).glob("*.png"))).resize((1, 1)).tobytes()[0]
        for name in ("flow", "dark")
    ]
    assert darkness[0] > 128 > darkness[1]


def test_pages_for_another_model_fit_its_patches(call: Call, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "pages"
    _, told = call("render", folder, "--out", out, "--for", "qwen3-vl-8b-instruct")
    sizes = [pixels(picture).size for picture in out.glob("*.png")]
    assert all(side % 32 == 0 for size in sizes for side in size)
    profile = profile_for("qwen3-vl-8b-instruct")
    assert told["visual_tokens"] == sum(visual_tokens(profile, *size) for size in sizes)
    assert told["model"] == "qwen3-vl-8b-instruct"


@pytest.mark.parametrize(
    ("option", "value", "listed"),
    [("--preset", "huge", "grid-dense"), ("--layout", "wavy", "flow"), ("--theme", "x", "dark")],
)
def test_unknown_names_are_answered_with_the_known(
    capsys: pytest.CaptureFixture[str], folder: Path, option: str, value: str, listed: str
) -> None:
    line = failed(capsys, "render", folder, option, value, "--out", folder.parent / "pages")
    assert repr(value) in line
    assert listed in line


def test_render_takes_a_list_of_files(
    call: Call, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = io.TextIOWrapper(io.BytesIO(b"app/rates.py\napp/gone.py\n"))
    monkeypatch.setattr("sys.stdin", listed)
    code, told = call("render", folder, "--stdin", "--out", tmp_path / "pages")
    assert (code, told["documents"]) == (0, 1)
    assert [skip["path"] for skip in told["skipped"]] == ["app/gone.py"]


def test_render_at_a_revision(call: Call, folder: Path, tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        done = subprocess.run(
            ["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    git("init", "-q")
    git("add", "app")
    git("commit", "-q", "-m", "first")
    shutil.rmtree(folder / "app")
    code, told = call("render", folder, "--rev", "HEAD", "--out", tmp_path / "pages")
    assert (code, told["documents"]) == (0, 3)
    assert told["revision"] == git("rev-parse", "HEAD")
    assert not (folder / "app").exists()


def test_names_that_steer_a_terminal_are_shown_escaped(
    capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path
) -> None:
    (folder / "evil\x1b[2J.bin").write_bytes(bytes(range(256)))
    assert cli.main(["render", str(folder), "--out", str(tmp_path / "pages")]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "evil\\x1b[2J.bin" in out


def test_estimate_agrees_with_render(call: Call, folder: Path, tmp_path: Path) -> None:
    code, told = call("estimate", folder)
    assert code == 0
    _, rendered = call("render", folder, "--out", tmp_path / "pages")
    for key in ("pages", "documents", "text_tokens", "tokenizer", "visual_tokens", "revision"):
        assert told[key] == rendered[key]
    assert told["advice"] in ("send images", "send text")


def test_estimate_for_an_unknown_model_warns(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    assert cli.main(["estimate", str(folder), "--for", "mystery-9", "--json"]) == 0
    shown = capsys.readouterr()
    told = json.loads(shown.out)
    assert (told["visual_tokens"], told["advice"]) == (0, "send text")
    assert "mystery-9" in shown.err


def test_ask_json(call: Call, folder: Path) -> None:
    code, told = call("ask", folder, "What is the value of LIMIT?")
    assert code == 0
    assert {*told} >= {
        *("answer", "found", "citations", "backend", "model", "visual_tokens", "seconds"),
        "revision",
    }
    assert told["found"] is True
    assert "250" in told["answer"]
    first = told["citations"][0]
    assert {*first} == {"path", "line_start", "line_end", "page", "verified"}
    assert (first["path"], first["line_start"], first["verified"]) == ("app/prices.py", 5, True)
    assert (told["backend"], told["model"]) == ("local", "nano")


def test_ask_for_people(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert cli.main(["ask", str(folder), "Where is total defined?"]) == 0
    out = capsys.readouterr().out
    assert "✓ app/prices.py:8" in out
    assert "\x1b" not in out


def test_colours_follow_the_environment(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    green = "\x1b[32m✓"
    monkeypatch.setenv("FORCE_COLOR", "1")
    cli.main(["ask", str(folder), "Where is total defined?"])
    assert green in capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    cli.main(["ask", str(folder), "Where is total defined?"])
    assert green not in capsys.readouterr().out


def test_ask_for_what_is_not_there_ends_with_1(call: Call, folder: Path) -> None:
    code, told = call("ask", folder, "Where is zebra_crossing defined?")
    assert (code, told["found"]) == (1, False)


def test_ask_with_an_unknown_backend(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    line = failed(capsys, "ask", folder, "what?", "--backend", "telepathy")
    assert "'telepathy'" in line
    assert "chat" in line


def test_ask_a_chat_model_without_a_name(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert "--model" in failed(capsys, "ask", folder, "what?", "--backend", "chat")


def test_read_gives_back_the_source_from_pixels(call: Call, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "pages"
    call("render", folder, "--out", out, "--include", "app/*")
    pictures = sorted(out.glob("*.png"))
    for file in (out / "manifest.json", out / "index.html"):
        file.unlink()
    code, told = call("read", *pictures)
    assert code == 0
    assert [page["file"] for page in told["pages"]] == [str(picture) for picture in pictures]
    assert {*told["pages"][0]} >= {"file", "text", "confidence"}
    read = {part["path"]: part["text"] for page in told["pages"] for part in page["parts"]}
    assert read == {f"app/{f.name}": f.read_text() for f in (folder / "app").iterdir()}
    assert all(page["confidence"] > 0.99 for page in told["pages"])
    joined = "".join(page["text"] for page in told["pages"])
    assert sorted(joined) == sorted("".join(read.values()))


def test_read_pipes_the_text_alone(
    capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "pages"
    cli.main(["render", str(folder), "--out", str(out), "--include", "rates.py"])
    capsys.readouterr()
    (picture,) = out.glob("*.png")
    assert cli.main(["read", str(picture)]) == 0
    shown = capsys.readouterr()
    assert shown.out == "BASE = 0.05\n"
    assert "app/rates.py" in shown.err


def test_one_bad_page_does_not_stop_the_others(
    capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "pages"
    cli.main(["render", str(folder), "--out", str(out), "--include", "rates.py"])
    capsys.readouterr()
    (picture,) = out.glob("*.png")
    bad = tmp_path / "bad.png"
    bad.write_bytes(picture.read_bytes()[:200])
    assert cli.main(["read", str(bad), str(picture), "--json"]) == 1
    first, second = json.loads(capsys.readouterr().out)["pages"]
    assert str(bad) in first["error"]
    assert (second["text"], second["error"]) == ("BASE = 0.05\n", None)


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\nrubbish"])
def test_read_of_no_picture_at_all(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "page.png"
    file.write_bytes(content)
    assert str(file) in failed(capsys, "read", file)
    assert "nowhere.png" in failed(capsys, "read", tmp_path / "nowhere.png")


def test_a_page_without_text_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "white.png"
    Image.new("RGB", (280, 280), "white").save(file)
    assert cli.main(["read", str(file)]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert f"{file}: no text on this page" in shown.err
    assert "(no header)" not in shown.err


def test_a_page_that_cannot_be_read_is_called_by_its_name(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "small.png"
    Image.new("RGB", (7, 14), "white").save(file)
    line = failed(capsys, "read", file)
    assert line.startswith(f"error: {file} is 7x14 pixels")
    assert "image 0" not in line


@pytest.mark.parametrize("state", ["file", "open"])
def test_doctor_sees_a_cache_that_is_of_no_use(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    cache = tmp_path / "cache"
    if state == "file":
        cache.write_text("in the way")
    else:
        cache.mkdir()
        cache.chmod(0o777)
    monkeypatch.setenv("GLYPHAGENT_CACHE_DIR", str(cache))
    code, told = call("doctor")
    assert code == 1
    (problem,) = told["problems"]
    assert str(cache) in problem
    assert ("nothing can be kept" in problem) is (state == "file")
    assert ("everybody" in problem) is (state == "open")
    assert state == "file" or list(cache.iterdir()) == []


def test_doctor_knows_this_installation(call: Call) -> None:
    code, told = call("doctor")
    assert (code, told["problems"]) == (0, [])
    assert told["packages"]["numpy"]
    assert told["git"]
    assert "nano/model.safetensors" in told["weights"]
    assert told["plugins"]["backends: local"] == "ok"


def test_plugins_lists_ours(call: Call) -> None:
    _, told = call("plugins", "--check")
    found = {(plugin["kind"], plugin["name"]): plugin["problem"] for plugin in told["plugins"]}
    for kind, name in (("renderers", "code"), ("backends", "local"), ("backends", "chat")):
        assert found[kind, name] is None
