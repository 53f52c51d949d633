"""`dev`, read before anything is installed: old syntax, clear words, one installation, every gate."""

import ast
import importlib.machinery
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from idp_tests.cases import each
from idp_tests.conftest import NO_SKIPS, skips_are_failures
from idp_tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
DEV = ROOT / "dev"


def run(*arguments: str, script: Path = DEV, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(script), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE, env={**os.environ, **environment}, check=False
    )


@pytest.fixture
def dev(tmp_path: Path) -> Any:
    """The file as a module, at home in an empty directory with its own lock."""
    loader = importlib.machinery.SourceFileLoader("dev_under_test", str(DEV))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "run.txt").write_text("one==1\n", encoding="utf-8")
    (tmp_path / "requirements" / "dev.txt").write_text("one==1\ntests==1\n", encoding="utf-8")
    venv = tmp_path / ".venv"
    module.__dict__.update(
        ROOT=tmp_path,
        VENV=venv,
        PYTHON=venv / "bin" / "python",
        LOCKS=tmp_path / "requirements",
    )
    return module


def fake_uv(directory: Path, body: str) -> str:
    """A uv that notes what it was asked and does what `body` says."""
    directory.mkdir(exist_ok=True)
    path = directory / "uv"
    path.write_text(f'#!/bin/sh\necho "$@" >> "{directory}/asked"\n{body}\n', encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def asked(directory: Path) -> list[str]:
    lines = (directory / "asked").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line != "--version"]


# ---- the file itself -----------------------------------------------------------------------------------------------


def test_the_file_is_written_in_the_syntax_of_python_3_8() -> None:
    ast.parse(DEV.read_text(encoding="utf-8"), feature_version=(3, 8))


def test_the_syntax_check_would_catch_newer_syntax() -> None:
    with pytest.raises(SyntaxError):
        ast.parse("match x:\n    case 1: pass", feature_version=(3, 8))


def test_the_file_needs_only_the_standard_library() -> None:
    tree = ast.parse(DEV.read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= sys.stdlib_module_names


# ---- words ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [[], ["--help"], ["help"]])
def test_without_a_command_it_explains_every_command(arguments: list[str]) -> None:
    answer = run(*arguments)
    assert answer.returncode == 0
    for command in ("up", "test", "check", "lock", "doctor"):
        assert f"\n  {command} " in answer.stdout


def test_an_unknown_command_is_answered_with_the_known_ones() -> None:
    answer = run("start")
    assert answer.returncode == 2
    assert "does not know 'start'" in answer.stderr
    assert "up" in answer.stderr


def test_doctor_names_what_is_wrong_and_what_to_do() -> None:
    answer = run("doctor")
    lines = [line for line in answer.stdout.splitlines() if not line.startswith("      → ")]
    assert lines
    assert {line.split()[0] for line in lines} <= {"OK", "WARN", "FAIL"}
    assert answer.returncode == (1 if any(line.startswith("FAIL") for line in lines) else 0)


def test_a_machine_without_venv_gets_three_lines_and_no_half_made_folder(tmp_path: Path) -> None:
    home = tmp_path / "clone"
    (home / "requirements").mkdir(parents=True)
    shutil.copy(DEV, home / "dev")
    shutil.copy(ROOT / "requirements" / "dev.txt", home / "requirements" / "dev.txt")
    (home / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / "without").mkdir()
    (tmp_path / "without" / "ensurepip.py").write_text("raise ImportError", encoding="utf-8")
    answer = run("check", script=home / "dev", PYTHONPATH=str(tmp_path / "without"), PATH=str(tmp_path / "without"))
    assert answer.returncode == 1
    assert len(answer.stderr.splitlines()) == 3
    assert "sudo apt install python3-venv" in answer.stderr
    assert "run the same command again" in answer.stderr
    assert not (home / ".venv").exists()


def test_a_machine_without_a_new_enough_python_is_told_so(dev: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "interpreters", list)
    with pytest.raises(dev.Stop, match=r"Python 3\.11 or newer is needed"):
        dev.make_environment(None)


def test_an_interpreter_that_does_not_run_is_not_taken(dev: Any, tmp_path: Path) -> None:
    shim = tmp_path / "python3.13"
    shim.write_text("#!/bin/sh\necho 'version not installed' >&2\nexit 127\n", encoding="utf-8")
    shim.chmod(0o755)
    assert dev.version_of(str(shim)) is None
    assert dev.version_of(str(tmp_path / "nowhere")) is None
    assert dev.version_of(sys.executable) == sys.version_info[:2]


# ---- installing ----------------------------------------------------------------------------------------------------


@pytest.fixture
def uv(dev: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A uv that makes an environment and says that it installed; the directory has what it was asked."""
    tools = tmp_path / "tools"
    make = f'[ "$1" = venv ] && mkdir -p "{tmp_path}/.venv/bin" && ln -s "{sys.executable}" "{tmp_path}/.venv/bin/python"; exit 0'
    path = fake_uv(tools, make)
    monkeypatch.setattr(dev, "find_uv", lambda: path)
    return tools


def test_the_pinned_packages_are_installed_once_per_lock(dev: Any, uv: Path) -> None:
    dev.install(dev.RUN)
    dev.install(dev.RUN)
    assert [line.split()[:2] for line in asked(uv)] == [["venv", "--quiet"], ["pip", "install"], ["pip", "check"]]
    assert "--no-deps --require-hashes" in asked(uv)[1]
    (dev.LOCKS / "run.txt").write_text("one==2\n", encoding="utf-8")
    dev.install(dev.RUN)
    assert [line.split()[:2] for line in asked(uv)][3:] == [["pip", "install"], ["pip", "check"]]


def test_the_tools_for_tests_are_installed_when_they_are_first_needed(dev: Any, uv: Path) -> None:
    dev.install(dev.RUN)
    assert not dev.is_installed(dev.DEV)
    dev.install(dev.DEV)
    assert [line.split()[-1] for line in asked(uv) if "install" in line] == [
        str(dev.LOCKS / "run.txt"),
        str(dev.LOCKS / "dev.txt"),
    ]


def test_what_tests_need_holds_all_that_runs(dev: Any, uv: Path) -> None:
    dev.install(dev.DEV)
    before = asked(uv)
    dev.install(dev.RUN)
    assert asked(uv) == before


def test_only_what_runs_is_needed_to_start_the_world(dev: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted: list[str] = []
    monkeypatch.setattr(dev, "install", wanted.append)
    monkeypatch.setattr(dev.os, "execve", lambda *_: None)
    monkeypatch.setattr(dev, "run_gates", lambda *_: 0)
    dev.command_up([])
    dev.command_check([])
    dev.command_test([])
    assert wanted == ["run.txt", "dev.txt", "dev.txt"]


def test_a_failed_installation_shows_why_and_is_tried_again(
    dev: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uv = fake_uv(tmp_path / "tools", 'echo "no such hash"; exit 1')
    monkeypatch.setattr(dev, "find_uv", lambda: uv)
    for _ in range(2):
        with pytest.raises(dev.Stop, match="no such hash"):
            dev.install(dev.RUN)
    assert not dev.VENV.exists()


def test_a_persons_own_pip_settings_do_not_send_packages_elsewhere(
    dev: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("USER", "TARGET", "PREFIX", "ROOT"):
        monkeypatch.setenv(f"PIP_{name}", str(tmp_path))
    ask = (
        "import os; print({key: os.environ[key] for key in os.environ if key.startswith('PIP_')}); raise SystemExit(1)"
    )
    with pytest.raises(dev.Stop) as told:
        dev.quiet_run([sys.executable, "-c", ask], "Asking")
    assert str(tmp_path) not in str(told.value)


def test_while_pip_works_it_is_said_where_it_is(dev: Any, capsys: pytest.CaptureFixture[str]) -> None:
    progress = dev.Progress(3, clock=iter(range(0, 1000, 6)).__next__)
    for line in (
        "Collecting one==1 (from -r run.txt)",
        "  Downloading one",
        "Collecting two[more]==1",
        "Collecting three==3",
    ):
        progress(line)
    assert capsys.readouterr().out.splitlines() == ["  2 of 3: two"]


# ---- running -------------------------------------------------------------------------------------------------------


def test_up_becomes_the_world_with_the_full_path_of_its_interpreter(dev: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[Any] = []
    monkeypatch.setattr(dev, "install", lambda _: None)
    monkeypatch.setattr(dev.os, "execve", lambda *arguments: called.extend(arguments))
    dev.command_up(["--fresh"])
    path, arguments, environment = called
    assert path == arguments[0] == str(dev.PYTHON)
    assert arguments[-3:] == ["idp_sandbox", "up", "--fresh"]
    assert environment["PYTHONPATH"].split(os.pathsep)[0] == str(dev.ROOT)


def test_every_gate_runs_and_the_summary_names_the_failed_ones(dev: Any, capfd: pytest.CaptureFixture[str]) -> None:
    code = dev.run_gates(
        [
            ("first", [sys.executable, "-c", "raise SystemExit(3)"]),
            ("missing", [str(dev.ROOT / "nowhere")]),
            ("last", [sys.executable, "-c", "print('ran')"]),
        ]
    )
    shown = capfd.readouterr().out
    assert code == 1
    assert "ran" in shown
    summary = shown[shown.index("summary") :]
    assert "first         FAILED" in summary
    assert "last          passed" in summary
    assert summary.rstrip().endswith("FAILED: first, missing")


def test_gates_that_all_pass_end_well(dev: Any, capfd: pytest.CaptureFixture[str]) -> None:
    assert dev.run_gates([("only", [sys.executable, "-c", ""])]) == 0
    assert "All gates passed." in capfd.readouterr().out


@pytest.fixture
def gates(dev: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    seen: dict[str, Any] = {}

    def note(gates: list[tuple[str, list[str]]], environment: dict[str, str] | None = None) -> int:
        seen.update(names=[name for name, _ in gates], tests=gates[-1][1], environment=environment)
        return 0

    monkeypatch.setattr(dev, "install", lambda _: None)
    monkeypatch.setattr(dev, "run_gates", note)
    monkeypatch.delenv("IDP_NO_SKIPS", raising=False)
    monkeypatch.delenv("CI", raising=False)
    return seen


def test_test_runs_every_gate_and_the_tests_in_several_processes(dev: Any, gates: dict[str, Any]) -> None:
    dev.command_test([])
    assert gates["names"] == ["style", "format", "types", "architecture", "collection", "tests"]
    assert "-n" in gates["tests"]
    assert "-m" not in gates["tests"][3:]
    assert "IDP_NO_SKIPS" not in gates["environment"]


def test_in_ci_a_skip_is_a_failure(dev: Any, gates: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    dev.command_test([])
    assert gates["environment"]["IDP_NO_SKIPS"] == "1"
    dev.command_test(["--fast"])
    assert "IDP_NO_SKIPS" not in gates["environment"]


def test_fast_leaves_out_browser_and_postgresql_and_says_so(
    dev: Any, gates: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    dev.command_test(["--fast"])
    assert gates["tests"][-1] == "not browser and not postgres"
    assert "Left out by --fast" in capsys.readouterr().out


def test_fuzz_chooses_the_long_profile_of_random_inputs(dev: Any, gates: dict[str, Any]) -> None:
    dev.command_test(["--fuzz"])
    assert gates["environment"]["HYPOTHESIS_PROFILE"] == "fuzz"


def test_pytest_arguments_run_only_those_tests(dev: Any, gates: dict[str, Any]) -> None:
    dev.command_test(["idp_tests/core", "-k", "qr"])
    assert gates["names"] == ["tests"]
    assert gates["tests"][-3:] == ["idp_tests/core", "-k", "qr"]


# ---- locking -------------------------------------------------------------------------------------------------------


@pytest.fixture
def locked_by(dev: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Put a uv that does what a line of shell says into the environment."""
    monkeypatch.setattr(dev, "install", lambda _: None)

    def put(body: str) -> Path:
        tools = dev.VENV / "bin"
        dev.VENV.mkdir(exist_ok=True)
        fake_uv(tools, body)
        return Path(tools)

    return put


def test_locking_pins_both_files_for_every_platform_without_an_address(dev: Any, locked_by: Any) -> None:
    tools = locked_by('echo "$UV_CUSTOM_COMPILE_COMMAND" >> "$(dirname "$0")/command"')
    assert dev.command_lock([]) == 0
    run_line, dev_line = asked(tools)
    for line in (run_line, dev_line):
        assert "--universal --generate-hashes" in line
        assert "index" not in line
    assert "-o requirements/run.txt" in run_line
    assert "--extra" not in run_line
    assert "-o requirements/dev.txt --extra dev" in dev_line
    assert (tools / "command").read_text(encoding="utf-8").split("\n")[0] == "./dev lock"


def test_a_lock_with_an_address_is_refused(dev: Any, locked_by: Any) -> None:
    locked_by(f'echo "--index-url https://example.test/simple" > "{dev.LOCKS}/run.txt"')
    with pytest.raises(dev.Stop, match="holds an address"):
        dev.command_lock([])


# ---- skips ---------------------------------------------------------------------------------------------------------


def test_a_skip_is_said_aloud_and_fails_where_it_is_forbidden(tmp_path: Path) -> None:
    test = tmp_path / "test_skipping.py"
    test.write_text(
        "import pytest\n\ndef test_one(): pass\n\ndef test_two(): pytest.skip('no browser here')\n", encoding="utf-8"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "idp_tests.conftest", "--rootdir", str(tmp_path)]
    command += ["-c", os.devnull, "-p", "no:cacheprovider", str(test)]
    environment = {**os.environ, "IDP_NO_SKIPS": "1"}
    answer = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False, env=environment
    )
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert "   1  no browser here" in answer.stdout


@each("value", [None, "", "0"])
def test_a_skip_is_no_failure_elsewhere(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv(NO_SKIPS, raising=False)
    if value is not None:
        monkeypatch.setenv(NO_SKIPS, value)
    assert not skips_are_failures()
