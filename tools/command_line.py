"""The commands of `glyphagent`: its own, and those that plugins add.

Exit codes: 0 done (skipped files do not change it), 1 nothing could be rendered, nothing was
found or a rule of `deps` is broken, 2 wrong use or anything a `GlyphError` tells in one line on
stderr, 130 on Ctrl-C. Any other exception is our own mistake and keeps its traceback. Nothing
heavy is imported before a command runs, and no plugin before it is called.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

import glyphagent
from glyphagent.errors import GlyphError, PluginError
from glyphagent.plugins import installed, load

from . import (
    commands_ask,
    commands_deps,
    commands_doctor,
    commands_estimate,
    commands_plugins,
    commands_read,
    commands_render,
    commands_watch,
)
from .terminal import discard_stdout, note, plain, ready_streams

INTERRUPTED = 130
FAILED = 2

# What a stream answers that cannot take any more; of a file, the error would name it.
_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG, errno.EBADF)


class PluginCommand(TyperCommand):
    """A command of entry-point group `glyphagent.commands`, loaded when it is called.

    It takes all that follows its name unread and hands it on, `--help` included.
    """

    def __init__(self, name: str, owner: str) -> None:
        """Stand for the plugin `name` of the distribution `owner`."""
        super().__init__(
            name,
            help=f"Command of {owner or 'a plugin'}.",
            add_help_option=False,
            context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
        )
        self.allow_interspersed_args = False

    def invoke(self, ctx: Any) -> Any:
        """Load the plugin and run it with what followed its name.

        Raises:
            PluginError: If it does not load, or is no command.
        """
        made = load("commands", str(self.name))
        ours = isinstance(made, typer.Typer)
        command = typer.main.get_command(made) if ours else made
        if not callable(run := getattr(command, "main", None)):
            raise PluginError(
                f"command {self.name!r} is a {type(made).__name__}, "
                "neither a typer app nor a click command"
            )
        # A command made with another click shows its own errors and leaves by SystemExit.
        alone = not isinstance(command, TyperCommand | TyperGroup)
        code = run(list(ctx.args), prog_name=ctx.command_path, standalone_mode=alone)
        raise typer.Exit(code if isinstance(code, int) else 0)


class Commands(TyperGroup):
    """Our commands, then those of plugins by name; listing them imports none."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names of all commands, our own first."""
        own = super().list_commands(ctx)
        return own + sorted({plugin.name for plugin in installed("commands")} - set(own))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Command of that name, or None."""
        if found := super().get_command(ctx, cmd_name):
            return found
        owners = [p.distribution for p in installed("commands") if p.name == cmd_name]
        return PluginCommand(cmd_name, owners[0]) if owners else None


app = typer.Typer(
    cls=Commands,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("render")(commands_render.render)
app.command("ask")(commands_ask.ask)
app.command("read")(commands_read.read)
app.command("deps")(commands_deps.deps)
app.command("watch")(commands_watch.watch)
app.command("estimate")(commands_estimate.estimate)
app.command("doctor")(commands_doctor.doctor)
app.command("plugins")(commands_plugins.plugins)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"glyphagent {glyphagent.__version__}")
        raise typer.Exit()


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Tell the version."),
    ] = False,
) -> None:
    """Whole repositories as page images that a vision-language model can hold in context."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give back its exit code."""
    ready_streams()
    command = typer.main.get_command(app)
    try:
        code = command.main(arguments, prog_name="glyphagent", standalone_mode=False)
    except GlyphError as error:
        note(f"error: {plain(' '.join(str(error).split()))}")
        return FAILED
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else FAILED
    except Exception as error:
        if _is_full_stream(error):  # help and version are written by typer
            discard_stdout()
            note(f"error: cannot write to stdout: {getattr(error, 'strerror', error)}")
            return FAILED
        # Wrong use: typer's own class for it has moved between releases, its methods have not.
        tell, exit_code = getattr(error, "show", None), getattr(error, "exit_code", None)
        if tell is None or exit_code is None:
            raise
        tell()
        return int(exit_code)
    return code if isinstance(code, int) else 0


def _is_full_stream(error: Exception) -> bool:
    return isinstance(error, OSError) and error.filename is None and error.errno in _UNWRITABLE
