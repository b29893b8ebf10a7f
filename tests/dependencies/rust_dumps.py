"""The Rust compiler's own dumps of each crate of a workspace, for `truth_rust.py`.

Cargo is given this file as a wrapper of the compiler: it compiles as asked, then asks for the
resolved trees. The flags are the nightly compiler's; `RUSTC_BOOTSTRAP` opens them on a stable one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TARGETS = ("--workspace", "--all-targets")


def wrap(command: list[str]) -> int:
    """Run the compiler as cargo wants it, then ask it for its dumps."""
    status = subprocess.run(command, check=False).returncode
    if status or "--crate-name" not in command:
        return status
    name = command[command.index("--crate-name") + 1]
    extra = [each for each in command if each.startswith("extra-filename=")]
    name += (extra[0].partition("=")[2] if extra else "") + ("-test" if "--test" in command else "")
    for tree in ("hir", "thir"):
        out = Path(os.environ["TRUTH_DUMPS"]) / f"{name}.{tree}"
        out.with_suffix(f".{tree}.folder").write_text(str(Path.cwd()))
        kept = [each for each in command if not each.startswith("--error-format")]
        kept = [each for each in kept if not each.startswith("--json")]
        with out.open("w") as stream:
            done = subprocess.run(
                [*kept, f"-Zunpretty={tree}-tree"],
                stdout=stream,
                stderr=subprocess.PIPE,
                check=False,
            )
        if done.returncode:
            sys.stderr.write(f"{name} {tree}: {done.stderr.decode()[-2000:]}\n")
    return 0


def make_dumps(root: Path, dumps: Path, arguments: list[str]) -> None:
    """Compile a workspace with dumps of each of its crates."""
    wrapper = dumps / "wrapper.sh"
    wrapper.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).resolve()}" "$@"\n')
    wrapper.chmod(0o755)
    environment = os.environ | {
        "RUSTC_BOOTSTRAP": "1",
        "RUSTC_WORKSPACE_WRAPPER": str(wrapper),
        "TRUTH_DUMPS": str(dumps),
        "CARGO_TARGET_DIR": str(dumps / "target"),
        "RUSTFLAGS": "--cap-lints=allow",
    }
    targets = arguments or TARGETS
    command = ["cargo", "check", "--offline", "--keep-going", *targets]
    if subprocess.run(command, cwd=root, env=environment, check=False).returncode:
        print("some targets do not compile: the truth is without them", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(wrap(sys.argv[1:]))
