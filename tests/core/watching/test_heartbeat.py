"""What happens to the folder itself: permissions, mounts, disks. Each in a process of its own.

A user namespace of its own may mount, and is not above permissions outside it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

_HEAD = """
import os, subprocess, sys, time
from pathlib import Path
# Whoever has fewer permissions later may not be allowed to import.
from watchdog.observers import inotify_c
from glyphagent.watching import Watcher
root = Path(sys.argv[1])

def told(watcher, path):
    for _ in range(60):
        dirty = watcher.wait(1)
        if dirty and (dirty.everything or {path, os.path.dirname(path), ""} & dirty.folders):
            return dirty.why
    raise SystemExit(f"nothing told of {path}")

def until(watcher, present):
    for _ in range(600):
        if watcher.status.present == present:
            return
        watcher.wait(0.1)
    raise SystemExit(f"not {present}")
"""
_PERMISSIONS = """
os.chdir(root)
if os.getuid() == 0:
    os.chown(root, 65534, 65534)
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
(root / "sub/deep").mkdir(parents=True)
(root / "sub").chmod(0)
with Watcher(root, quiet_s=0.05, heartbeat_s=0.05, polling=False) as watcher:
    (root / "sub").chmod(0o700)
    print(told(watcher, "sub"))
    (root / "sub/deep/x.py").write_text("")
    print(told(watcher, "sub/deep/x.py"))
    root.chmod(0)
    until(watcher, False)
    print(watcher.status.notice.partition("(")[2])
    root.chmod(0o700)
    print(told(watcher, "x").partition(";")[0])
    (root / "sub/deep/x.py").write_text("again")
    print(told(watcher, "sub/deep/x.py"))
"""
_MOUNTS = """
for name in ("sub", "full"):
    (root / name).mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "x", root / name], check=True)
(root / "sub/deep").mkdir()
with Watcher(root, quiet_s=0.05, heartbeat_s=0.05) as watcher:
    (root / "sub/deep/x.py").write_text("")
    print(told(watcher, "sub/deep/x.py"))
    try:
        (root / "full/big").write_bytes(bytes(1 << 20))
    except OSError as error:
        print(error.strerror)
    print(told(watcher, "full/big"))
    subprocess.run(["umount", root / "sub"], check=True)
    print(told(watcher, "sub"))
    (root / "sub/y.py").write_text("")
    print(told(watcher, "sub/y.py"))
subprocess.run(["mount", "-t", "tmpfs", "x", root], check=True)
os.chdir(root)
with Watcher(root, quiet_s=0.05, heartbeat_s=0.05) as watcher:
    os.chdir("/")
    subprocess.run(["umount", root], check=True)
    print(told(watcher, "sub").rpartition("; ")[2])
    (root / "sub/y.py").write_text("again")
    print(told(watcher, "sub/y.py"))
"""


def run(program: str, *before: str) -> list[str]:
    """Lines that the program printed."""
    with tempfile.TemporaryDirectory(dir="/var/tmp", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o755)
        root = Path(folder) / "root"
        root.mkdir()
        command = [*before, sys.executable, "-c", _HEAD + program, str(root)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    # Not a watcher's doing, which `umount: ...: target is busy` would be.
    refused = any(line.startswith(("unshare:", "mount:")) for line in done.stderr.splitlines())
    if before and refused:
        pytest.skip("no namespaces here")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def test_permissions_may_be_lost_and_come_back() -> None:
    assert run(_PERMISSIONS) == [
        "files changed",
        "files changed",
        "permission denied): waiting for it to come back",
        "the root is back",
        "files changed",
    ]


def test_file_systems_may_fill_up_and_go() -> None:
    assert run(_MOUNTS, "unshare", "-Urm") == [
        "files changed",
        "No space left on device",
        "files changed",
        "a file system was unmounted",
        "files changed",
        "the root was replaced",
        "files changed",
    ]
