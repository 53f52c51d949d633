import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from idp_sandbox.bankid.__main__ import read_arguments
from idp_tests.patience import PATIENCE

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-W", "error", "-m", "idp_sandbox.bankid"]


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_the_program_says_ready_answers_and_stops_cleanly(key_directory: Path, ending: signal.Signals) -> None:
    arguments = ["--data", str(key_directory), "--api-port", "0", "--phone-port", "0", "--autopilot", "anna"]
    with subprocess.Popen(
        [*COMMAND, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        assert program.stdout.readline() == "ready\n"
        phone_url = re.findall(r"phone (\S+),", program.stderr.readline())[0]
        with requests.Session() as session:
            session.trust_env = False
            assert session.get(f"{phone_url}/health").json()["status"] == "ok"
            assert session.get(f"{phone_url}/api/scenario").json()["autopilot"] == "anna"
        program.send_signal(ending)
        rest = program.communicate(timeout=PATIENCE)
        assert (program.returncode, rest) == (0, ("", ""))


def test_a_directory_that_cannot_be_used_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    arguments = ["--data", str(tmp_path / "file"), "--api-port", "0", "--phone-port", "0"]
    ended = subprocess.run(
        [*COMMAND, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("bankid-simulator: ")


@pytest.mark.parametrize(
    "wrong", [[], ["--data", "x", "--autopilot", "nobody"], ["--data", "x", "--phone-tls-cert", "y"]]
)
def test_a_wrong_command_line_is_refused(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        read_arguments(wrong)
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_the_defaults_are_the_well_known_ports(tmp_path: Path) -> None:
    settings = read_arguments(["--data", str(tmp_path)])
    assert (settings.api_port, settings.phone_port, settings.qr_slack) == (8004, 8003, 5)
