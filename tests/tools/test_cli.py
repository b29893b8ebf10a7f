"""The command line as it is called: what goes to which stream, and how it ends."""

from __future__ import annotations

import fcntl
import json
import signal
import struct
import subprocess
import sys
import termios
import time
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
import typer

import glyphagent
from glyphagent import plugins
from glyphagent.tools import cli

HEAVY = ("torch", "transformers", "triton", "langchain_core", "langchain", "git", "tree_sitter")


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a call in this process."""
    code = cli.main([str(argument) for argument in arguments])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def started(*arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", "glyphagent", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def test_help_is_light_and_names_every_command() -> None:
    program = (
        "import sys; from glyphagent.tools.cli import main; code = main(['--help']);"
        f"print('HEAVY', [m for m in {HEAVY!r} if m in sys.modules], code)"
    )
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "HEAVY [] 0"
    for name in ("render", "ask", "read", "estimate", "doctor", "plugins", "nano"):
        assert f"  {name} " in done.stdout


@pytest.mark.parametrize("name", ["render", "ask", "read", "estimate", "doctor", "plugins"])
def test_every_command_has_help_and_json(capsys: pytest.CaptureFixture[str], name: str) -> None:
    code, out, _ = run(capsys, name, "--help")
    assert code == 0
    assert "--json" in out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--version")
    assert (code, out.strip()) == (0, f"glyphagent {glyphagent.__version__}")


@pytest.mark.parametrize(
    "arguments",
    [
        ("paint",),
        ("render",),
        ("render", ".", "--colour"),
        ("render", ".", "--max-bytes", "0"),
        ("render", ".", "--max-bytes", "9" * 23),
        ("ask", ".", "what?", "--max-tokens", "9" * 23),
    ],
)
def test_wrong_use_ends_with_2(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert "Error: " in err
    assert "Traceback" not in err


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_an_error_is_one_line_on_stderr(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, as_json: list[str]
) -> None:
    code, out, err = run(capsys, "estimate", tmp_path / "nowhere", *as_json)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1


def test_passages_in_place_of_an_answer_are_something_found(
    capsys: pytest.CaptureFixture[str], shop: Path
) -> None:
    question = "How is tax applied to the items, and why?"
    code, out, _ = run(capsys, "ask", shop, question)
    assert code == 0
    assert "does not reason" in out
    assert "app/prices.py" in out


def test_our_own_mistakes_keep_their_traceback(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    def broken(kind: str) -> list[plugins.Plugin]:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("glyphagent.tools.commands_plugins.installed", broken)
    with pytest.raises(ZeroDivisionError, match="ours"):
        cli.main(["plugins"])


def test_ctrl_c_ends_with_130_and_says_nothing(tmp_path: Path) -> None:
    """Stopped while it waits for more of a list of files."""
    with started("render", str(tmp_path), "--stdin", stdin=subprocess.PIPE) as process:
        assert process.stdin
        process.stdin.write(b"a.py\n")
        process.stdin.flush()
        wait_until_read(process.stdin.fileno())
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == b""


def test_ctrl_c_while_modules_are_imported_ends_with_130() -> None:
    program = (
        "import sys\n"
        "class Stop:\n"
        "    def find_spec(self, name, *rest):\n"
        "        if name == 'typer': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Stop())\n"
        "from glyphagent.tools.cli import main\n"
        "sys.exit(main(['plugins']))\n"
    )
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


@pytest.mark.parametrize("arguments", ["plugins", "plugins --json", "--help"])
def test_a_full_disk_behind_stdout_is_one_line(arguments: str) -> None:
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-P", "-m", "glyphagent", *arguments.split()]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert done.stderr == "error: cannot write to stdout: No space left on device\n"


def test_closed_streams_are_no_mistake_of_ours() -> None:
    command = [sys.executable, "-P", "-m", "glyphagent", "plugins"]
    out = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *command], stderr=subprocess.PIPE, text=True
    )
    assert (out.returncode, out.stderr) == (2, "error: cannot write to stdout: it is closed\n")
    err = subprocess.run(
        ["sh", "-c", 'exec "$@" 2>&-', "sh", *command[:-1], "paint"], stdout=subprocess.PIPE
    )
    assert (err.returncode, err.stdout) == (2, b"")


def wait_until_read(pipe: int) -> None:
    """Wait until nothing is left in a pipe."""
    for _ in range(600):
        (waiting,) = struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))
        if not waiting:
            return
        time.sleep(0.05)
    raise AssertionError("nobody read the pipe")


def test_a_reader_that_leaves_early_is_no_error() -> None:
    with started("plugins", "--json") as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        err = process.stderr.read()
    assert (process.returncode, err) == (0, b"")


class Point(EntryPoint):
    """An entry point whose object is at hand."""

    given: dict[str, Any] = {}  # noqa: RUF012 - an entry point is frozen; its class is not

    def load(self) -> Any:
        made = self.given[self.name]
        if isinstance(made, Exception):
            raise made
        return made


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Commands of plugins, to be filled by the test; listing must not load them."""
    given: dict[str, Any] = {}
    monkeypatch.setattr(Point, "given", given)

    def found(*, group: str) -> list[Point]:
        return [Point(name, f"{name}:app", group) for name in given if group.endswith("commands")]

    monkeypatch.setattr(plugins, "entry_points", found)
    return given


def test_a_plugin_adds_a_typer_app(
    capsys: pytest.CaptureFixture[str], added: dict[str, Any]
) -> None:
    app = typer.Typer()

    @app.command()
    def grow(count: int, fast: bool = False) -> None:
        print(f"grown {count} {fast}")
        raise typer.Exit(1)

    @app.command()
    def shrink() -> None:
        print("shrunk")

    added["nano"] = app
    assert run(capsys, "nano", "grow", "3", "--fast") == (1, "grown 3 True\n", "")
    assert run(capsys, "nano", "shrink")[:2] == (0, "shrunk\n")
    code, out, _ = run(capsys, "nano", "grow", "--help")
    assert code == 0
    assert "glyphagent nano grow" in out
    code, out, err = run(capsys, "nano", "grow", "many")
    assert (code, out) == (2, "")
    assert "count" in err


def test_a_plugin_adds_a_click_command(
    capsys: pytest.CaptureFixture[str], added: dict[str, Any]
) -> None:
    click = pytest.importorskip("click")

    def greet(name: str) -> None:
        print(f"hello {name}")

    name = click.Option(["--name"])
    added["greet"] = click.Command("greet", params=[name], callback=greet)
    assert run(capsys, "greet", "--name", "you")[:2] == (0, "hello you\n")
    code, _, err = run(capsys, "greet", "--nom", "you")
    assert code == 2
    assert "--nom" in err


def test_a_plugins_own_error_is_told_in_one_line(
    capsys: pytest.CaptureFixture[str], added: dict[str, Any]
) -> None:
    app = typer.Typer()

    @app.command()
    def fail() -> None:
        raise glyphagent.GlyphError("no such thing\nat all")

    added["fail"] = app
    assert run(capsys, "fail") == (2, "", "error: no such thing at all\n")


def test_a_broken_plugin_is_reported_and_harms_nobody_else(
    capsys: pytest.CaptureFixture[str], added: dict[str, Any]
) -> None:
    added["broken"] = ImportError("no module named elsewhere")
    added["number"] = 7
    code, out, _ = run(capsys, "--help")
    assert code == 0
    assert "broken" in out
    code, _, err = run(capsys, "broken", "--anything")
    assert code == 2
    assert "no module named elsewhere" in err
    code, _, err = run(capsys, "number")
    assert code == 2
    assert "neither a typer app nor a click command" in err
    assert run(capsys, "plugins", "--json")[0] == 0


def test_a_plugin_does_not_replace_our_own_command(
    capsys: pytest.CaptureFixture[str], added: dict[str, Any]
) -> None:
    added["plugins"] = ImportError("never loaded")
    code, out, _ = run(capsys, "plugins", "--json")
    assert code == 0
    assert json.loads(out)["plugins"][0]["name"] == "plugins"
