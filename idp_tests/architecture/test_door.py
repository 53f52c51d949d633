"""The walk through the first command, `.ci/door.py`, as it is started: by a person, a service, or a shell in the background."""

import signal
import subprocess
import sys
from pathlib import Path

from idp_tests.patience import PATIENCE

DOOR = Path(__file__).resolve().parents[2] / ".ci"

PRESSES_CTRL_C = """
import signal, subprocess, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.path.insert(0, sys.argv[1])
import door
door.let_ctrl_c_through()
world = subprocess.Popen([sys.executable, "-c", "print(1, flush=True); input()"], stdin=-1, stdout=-1, stderr=-3)
world.stdout.readline()
world.send_signal(signal.SIGINT)
print(world.wait(float(sys.argv[2])))
"""


def test_the_world_hears_ctrl_c_where_a_shell_had_it_ignored() -> None:
    command = [sys.executable, "-c", PRESSES_CTRL_C, str(DOOR), str(PATIENCE / 2)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.stdout.split() == [str(-signal.SIGINT)], done.stderr
