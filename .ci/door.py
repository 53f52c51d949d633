#!/usr/bin/env python3
"""The first command of the README as a new user gives it: an empty folder, python3 with its own pip, git, and no uv.

Clones this checkout, runs `./dev up` until it says Ready, asks each program that it names for an answer, presses
Ctrl-C and waits for the end. A uv given as the argument has its turn as well. Packages come from the index that pip is
set up for, past any cache. Only the standard library.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ("git", "sh", "env", "uname", "ldconfig", "cc", "ld")
"""All that a new machine has of what is looked for by name."""
READY_WITHIN = 90
"""Seconds that a new user waits at most; what is slower fails."""
LONGEST = 300
"""Seconds until this gives up."""
QUICKEST_END = 20


def machine(folder: Path, uv: str) -> dict[str, str]:
    """An environment with nothing in PATH but python3 and the tools, and with the index that this machine uses."""
    programs = folder / "bin"
    programs.mkdir()
    (programs / "python3").symlink_to(Path(sys.executable).resolve())
    if uv:
        (programs / "uv").symlink_to(Path(uv).resolve())
    for name in TOOLS:
        found = shutil.which(name)
        if found:
            (programs / name).symlink_to(found)
    kept = {
        key: value
        for key, value in os.environ.items()
        if key.startswith(("PIP_", "UV_")) or key.lower().endswith("_proxy")
    }
    kept |= {key: os.environ[key] for key in ("HOME", "SSL_CERT_FILE", "LANG") if key in os.environ}
    return {**kept, "PATH": str(programs), "PIP_NO_CACHE_DIR": "1", "UV_NO_CACHE": "1", "TMPDIR": str(folder)}


def first_of_six_free_ports() -> int:
    for first in range(21000, 29000, 10):
        try:
            for port in range(first, first + 6):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise SystemExit("door: no six free ports in a row")


def walk(folder: Path, uv: str = "") -> float:
    """From nothing to Ready and back; returns the seconds to Ready."""
    environment = machine(folder, uv)
    clone = folder / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    started = time.monotonic()
    command = ["./dev", "up", "--ports-from", str(first_of_six_free_ports())]
    world = subprocess.Popen(
        [str(folder / "bin" / "python3"), *command],
        cwd=clone,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    alarm = threading.Timer(LONGEST, os.killpg, (world.pid, signal.SIGKILL))
    alarm.start()
    try:
        shown = until_ready(world)
        seconds = time.monotonic() - started
        for address in re.findall(r"http://\S+", shown):
            with urllib.request.urlopen(address, timeout=20) as answer:
                print(f"door: {address} answers {answer.status}")
        os.killpg(world.pid, signal.SIGINT)
        world.stdout.read()
        code = world.wait(QUICKEST_END)
        if code not in (0, 130):
            raise SystemExit(f"door: ./dev up ended with {code}")
    finally:
        alarm.cancel()
        if world.poll() is None:
            os.killpg(world.pid, signal.SIGKILL)
            world.wait()
    return seconds


def until_ready(world: "subprocess.Popen[str]") -> str:
    shown = ""
    for line in world.stdout:
        print("  | " + line, end="", flush=True)
        shown += line
        if line.startswith("Ready"):
            return shown
    raise SystemExit(f"door: ./dev up ended with {world.wait()} before it was ready")


def let_ctrl_c_through() -> None:
    """A shell starts a job in the background with Ctrl-C ignored, and what ignores it hands that on to what it starts."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def main() -> None:
    let_ctrl_c_through()
    pip = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, text=True, check=False)
    python = sys.version.split()[0]
    for uv in ("", *sys.argv[1:]):
        with tempfile.TemporaryDirectory(prefix="door-") as folder:
            seconds = walk(Path(folder), uv)
        took = f"Ready after {seconds:.1f} s on {python} with {'uv' if uv else pip.stdout.partition(' from')[0]}"
        if seconds > READY_WITHIN:
            raise SystemExit(f"door: {took}: a new user is promised it within {READY_WITHIN} s")
        print(f"door: {took}")


if __name__ == "__main__":
    main()
