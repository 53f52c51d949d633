"""The tree: what may lie in the repository, what may not, and how files are named."""

import ast
import os
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOP_LEVEL = {
    "pyproject.toml", "README.md", "docker-compose.yml", "dev",
    "idp", "idp_sandbox", "idp_tests", "config", "keys", "requirements",
}  # fmt: skip
ROOMS_FOR_LEFTOVERS = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager", "models", "views"}
LOCK_FILES = {"uv.lock", "pylock.toml", "poetry.lock", "Pipfile.lock", "yarn.lock", "pnpm-lock.yaml"}
# Written in pieces, so that this file does not find itself.
REGISTRIES = re.compile(
    "|".join(
        re.escape(host) + r"\b"
        for host in (
            "py" + "pi.org",
            "python" + "hosted.org",
            "registry." + "npmjs",
            "registry." + "yarnpkg",
            "deb." + "debian.org",
            "archive." + "ubuntu.com",
            "docker" + ".io/",
            "gh" + "cr.io",
            "qu" + "ay.io",
            "proxy." + "golang.org",
            "cra" + "tes.io",
        )
    )
)
MACHINE_PATHS = re.compile(
    r"(?<![\w.~$}*-])/(?:" + "|".join(("wo" + "rk", "ro" + "ot", "Us" + "ers", "ho" + "me")) + r")/\w"
)
PRIVATE_KEY = re.compile("-----BEGIN (?:[A-Z]+ )?PRIVATE" + " KEY-----\\s+[A-Za-z0-9+/=]{40}")


@cache
def files() -> tuple[Path, ...]:
    """Everything that is committed or would be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return tuple(path for name in listed if name and (path := ROOT / name).is_file())


@cache
def texts() -> dict[str, str]:
    found = {}
    for path in files():
        try:
            found[path.relative_to(ROOT).as_posix()] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found


def modules(*rooms: str) -> list[Path]:
    return [path for path in files() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in rooms]


def lines_that_match(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in texts().items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_the_top_level_holds_only_what_the_front_door_lists() -> None:
    names = {path.relative_to(ROOT).parts[0] for path in files()}
    assert {name for name in names if not name.startswith(".")} <= TOP_LEVEL


def test_no_file_names_the_address_of_a_package_registry() -> None:
    assert lines_that_match(REGISTRIES) == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    assert lines_that_match(MACHINE_PATHS) == []


def test_no_private_key_is_committed() -> None:
    assert [name for name, text in texts().items() if PRIVATE_KEY.search(text)] == []


def test_no_lock_file_with_addresses_is_committed() -> None:
    assert [path.name for path in files() if path.name in LOCK_FILES] == []
    assert [name for name, text in texts().items() if name.endswith("package-lock.json") and '"resolved"' in text] == []


@pytest.mark.parametrize("lock", ["run.txt", "dev.txt"])
def test_a_requirements_file_is_pinned_by_hash_and_holds_no_address(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    assert not re.search(r"://|--(?:extra-)?index-url|--find-links|--trusted-host", text)
    pins = re.findall(r"(?m)^([a-z0-9][\w.\[\]-]*)==.*\\\n((?:    --hash=sha256:[0-9a-f]{64}.*\n)+)", text)
    names = re.findall(r"(?m)^([a-zA-Z0-9][^\s=]*)", text)
    assert len(pins) == len(names) > 20


def test_developers_have_exactly_the_versions_that_run_in_production() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"(?m)^[a-z0-9][^\s]*==[^\s;\\]+", (ROOT / "requirements" / name).read_text("utf-8")))

    assert pins("run.txt") <= pins("dev.txt")


def test_no_room_is_for_leftovers() -> None:
    named = {
        path.relative_to(ROOT).as_posix()
        for path in files()
        for word in (path.stem if path.suffix == ".py" else "", *path.relative_to(ROOT).parts[:-1])
        if word in ROOMS_FOR_LEFTOVERS
    }
    assert named == set()


def test_every_module_opens_with_a_sentence_about_itself() -> None:
    silent = [
        path.relative_to(ROOT).as_posix()
        for path in modules("idp", "idp_sandbox")
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_authlibs_server_side_and_its_deprecated_half_are_not_used() -> None:
    pattern = re.compile(r"authlib\.(jose|integrations\.(sqla_oauth2|flask_oauth2))\b")
    users = [path.as_posix() for path in modules("idp") if pattern.search(path.read_text(encoding="utf-8"))]
    assert users == []


def test_every_package_of_the_product_and_the_sandbox_says_what_it_owns() -> None:
    packages = {path.parent for path in modules("idp", "idp_sandbox")}
    packages -= {path for path in packages if "migrations" in path.parts}
    assert [path.relative_to(ROOT).as_posix() for path in packages if not (path / "__init__.py").exists()] == []


def test_test_rooms_are_no_packages() -> None:
    assert [path.as_posix() for path in modules("idp_tests") if path.name == "__init__.py"] == []


def test_no_module_is_longer_than_a_person_reads_at_once() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): count
        for path in modules("idp", "idp_sandbox")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


@pytest.mark.parametrize("program", ["dev", ".ci/run", "config/container/prepare.sh"])
def test_programs_may_be_run(program: str) -> None:
    assert os.access(ROOT / program, os.X_OK)
    assert (ROOT / program).read_bytes().startswith(b"#!")


def test_keys_are_never_committed() -> None:
    committed = {path.name for path in files() if path.relative_to(ROOT).parts[0] == "keys"}
    assert committed == {"README.md", ".gitignore"}
