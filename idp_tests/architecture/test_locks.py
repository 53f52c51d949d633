"""The locks are the whole closure: nothing is missing from them, and nothing that is uploaded later changes them."""

import base64
import hashlib
import importlib.machinery
import importlib.metadata
import importlib.util
import itertools
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from idp_tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = (
    {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64", "os_name": "posix"},
    {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "aarch64", "os_name": "posix"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64", "os_name": "posix"},
)
ENVIRONMENTS: list[dict[str, str]] = [
    {
        **platform,
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
        "implementation_version": f"{python}.0",
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_version": "",
    }
    for python, platform in itertools.product(PYTHONS, PLATFORMS)
]


def pins(lock: str, environment: Mapping[str, str]) -> dict[str, Version]:
    """What the lock installs there: name to version."""
    found: dict[str, Version] = {}
    for line in (ROOT / "requirements" / lock).read_text(encoding="utf-8").splitlines():
        if line[:1].isalnum():
            requirement = Requirement(line.rstrip("\\ "))
            if applies(requirement, environment, ""):
                [specifier] = requirement.specifier
                found[canonicalize_name(requirement.name)] = Version(specifier.version)
    return found


def applies(requirement: Requirement, environment: Mapping[str, str], extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({**environment, "extra": extra})


def wanted_by_the_project(*, with_tests: bool) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *(project["optional-dependencies"]["dev"] if with_tests else [])]
    return [Requirement(line) for line in lines]


def wanted_by(name: str, extras: frozenset[str], environment: Mapping[str, str]) -> Iterator[Requirement]:
    """What an installed package requires there, with the extras that somebody asked of it."""
    for line in importlib.metadata.requires(name) or ():
        requirement = Requirement(line)
        if any(applies(requirement, environment, extra) for extra in ("", *extras)):
            yield requirement


def unmet(lock: str, environment: Mapping[str, str]) -> list[str]:
    locked, problems = pins(lock, environment), []
    queue = wanted_by_the_project(with_tests=lock == "dev.txt")
    seen: set[tuple[str, frozenset[str]]] = set()
    while queue:
        requirement = queue.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if name not in locked:
            problems.append(f"{requirement}: not in the lock")
        elif not requirement.specifier.contains(locked[name], prereleases=True):
            problems.append(f"{requirement}: the lock has {locked[name]}")
        elif (name, extras) not in seen:
            seen.add((name, extras))
            queue += wanted_by(name, extras, environment)
    return problems


@pytest.mark.parametrize("lock", ["run.txt", "dev.txt"])
def test_every_requirement_of_every_locked_package_is_met_by_the_lock(lock: str, subtests: pytest.Subtests) -> None:
    for environment in ENVIRONMENTS:
        with subtests.test(python=environment["python_version"], machine=environment["platform_machine"]):
            assert unmet(lock, environment) == []


@pytest.mark.parametrize("lock", ["run.txt", "dev.txt"])
def test_what_is_installed_here_is_what_is_locked(lock: str) -> None:
    """Otherwise the requirements read above are another version's."""
    here = next(env for env in ENVIRONMENTS if env["python_version"] == "{}.{}".format(*sys.version_info))
    assert {name: Version(importlib.metadata.version(name)) for name in pins(lock, here)} == pins(lock, here)


def test_a_lock_without_a_package_that_an_extra_asks_for_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pins("run.txt", ENVIRONMENTS[0])
    monkeypatch.setattr(
        sys.modules[__name__], "pins", lambda *_: {name: at for name, at in whole.items() if name != "psycopg-binary"}
    )
    assert [line.partition(";")[0] for line in unmet("run.txt", ENVIRONMENTS[0])] == ["psycopg-binary==3.3.9"]


# ---- an index that goes on -------------------------------------------------------------------------------------------


def wheel(directory: Path, name: str, version: str, requires: str = "") -> str:
    """A made-up package in an index of files; its hash."""
    path = directory / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nProvides-Extra: more\n{requires}"
    members = {
        f"{name}.py": f"version = {version!r}\n",
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    digests = {
        member: base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        for member, text in members.items()
    }
    members[f"{info}/RECORD"] = "".join(f"{member},sha256={digest},\n" for member, digest in digests.items())
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in members.items():
            archive.writestr(member, text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`dev` in a project whose lock pins madeup-one and what its extra needs, and an index that has moved on."""
    index = tmp_path / "index"
    index.mkdir()
    one = wheel(index, "madeup_one", "1.0", "Requires-Dist: madeup-two[more]>=1\n")
    two = wheel(index, "madeup_two", "1.0", 'Requires-Dist: madeup-three>=1; extra == "more"\n')
    three = wheel(index, "madeup_three", "1.0")
    for name in ("madeup_one", "madeup_two", "madeup_three"):
        wheel(index, name, "2.0")
    loader = importlib.machinery.SourceFileLoader("dev_at_the_index", str(ROOT / "dev"))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec
    module: Any = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "run.txt").write_text(
        "".join(
            f"madeup-{name}==1.0 \\\n    --hash=sha256:{digest}\n"
            for name, digest in (("one", one), ("three", three), ("two", two))
        ),
        encoding="utf-8",
    )
    (tmp_path / "requirements" / "dev.txt").write_text("other==1\n", encoding="utf-8")
    venv = tmp_path / ".venv"
    module.__dict__.update(ROOT=tmp_path, LOCKS=tmp_path / "requirements", VENV=venv, PYTHON=venv / "bin" / "python")
    for variable in ("PIP_NO_INDEX", "UV_NO_INDEX"):
        monkeypatch.setenv(variable, "1")
    for variable in ("PIP_FIND_LINKS", "UV_FIND_LINKS"):
        monkeypatch.setenv(variable, str(index))
    return module


def installed(project: Any) -> str:
    ask = "import madeup_one, madeup_two, madeup_three as t; print(madeup_one.version, madeup_two.version, t.version)"
    return subprocess.run(
        [project.PYTHON, "-c", ask], capture_output=True, text=True, timeout=PATIENCE, check=True
    ).stdout.strip()


def test_pip_installs_what_is_locked_and_calls_nothing_installed_that_lacks_something(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A newer release in the index changes nothing."""
    monkeypatch.setattr(project, "find_uv", lambda: None)
    lock = project.LOCKS / project.RUN
    whole = lock.read_text(encoding="utf-8")
    lock.write_text(whole.split("madeup-two")[0], encoding="utf-8")
    with pytest.raises(project.Stop, match="madeup-two"):
        project.install(project.RUN)
    assert not project.is_installed(project.RUN)
    lock.write_text(whole, encoding="utf-8")
    project.install(project.RUN)
    assert installed(project) == "1.0 1.0 1.0"


def test_a_newer_release_in_the_index_changes_nothing_for_uv(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "find_uv", lambda: str(Path(sys.executable).parent / "uv"))
    project.install(project.RUN)
    assert installed(project) == "1.0 1.0 1.0"
