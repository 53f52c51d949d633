"""A directory of keys and secrets: what does not fit, or what others may read, is refused by name and never shown."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from idp.adapters.keys.directory import KeyProblem
from idp.adapters.keys.files import load_keys
from idp.core.oidc.keys.canary import SECRET_NAMES
from idp_tests.adapters.keys.conftest import NOW, active


def a_key(directory: Path) -> Path:
    return directory / "signing" / f"{active(directory)}.json"


def a_secret(directory: Path) -> Path:
    return directory / "secrets" / "tokens.json"


@pytest.mark.parametrize("find", [a_key, a_secret])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_a_file_that_others_may_read_is_refused_by_name(
    directory: Path, find: Callable[[Path], Path], mode: int
) -> None:
    path = find(directory)
    path.chmod(mode)
    with pytest.raises(KeyProblem, match="others may read") as caught:
        load_keys(directory, lambda: NOW)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("name", ["signing", "secrets"])
def test_a_folder_that_others_may_read_is_refused_by_name(directory: Path, name: str) -> None:
    (directory / name).chmod(0o755)
    with pytest.raises(KeyProblem, match=f"{name}: others may read"):
        load_keys(directory, lambda: NOW)


@pytest.mark.parametrize("find", [a_key, a_secret])
@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b"\xff\xfe", b'{"jwk": 1}', b'{"keys": [{}]}', b'{"keys": []}']
)
def test_a_broken_file_is_refused_by_name(directory: Path, find: Callable[[Path], Path], content: bytes) -> None:
    path = find(directory)
    path.write_bytes(content)
    with pytest.raises(KeyProblem) as caught:
        load_keys(directory, lambda: NOW)
    assert str(path) in str(caught.value)


def change(path: Path, **members: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **members}))


@pytest.mark.parametrize(
    "members",
    [
        {"alg": "HS256"},
        {"alg": "RS256"},
        {"jwk": {"kty": "EC"}},
        {"created_at": None},
        {"created_at": "yesterday"},
        {"activates_at": "2026-11-23T12:00:00"},
    ],
)
def test_a_key_file_that_does_not_fit_is_refused(directory: Path, members: dict[str, object]) -> None:
    path = a_key(directory)
    change(path, **members)
    with pytest.raises(KeyProblem, match="is no signing key") as caught:
        load_keys(directory, lambda: NOW)
    assert str(path) in str(caught.value)


def test_a_key_under_another_name_is_refused(directory: Path) -> None:
    path = a_key(directory)
    path.rename(path.with_name("mine.json"))
    with pytest.raises(KeyProblem, match="thumbprint"):
        load_keys(directory, lambda: NOW)


def test_a_problem_never_shows_the_key(directory: Path) -> None:
    path = a_key(directory)
    secret = json.loads(path.read_text())["jwk"]["d"]
    change(path, alg="RS256")
    with pytest.raises(KeyProblem) as caught:
        load_keys(directory, lambda: NOW)
    assert secret not in str(caught.value)


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_a_missing_secret_is_refused_by_name(directory: Path, name: str) -> None:
    (directory / "secrets" / f"{name}.json").unlink()
    with pytest.raises(KeyProblem, match=f"{name}.json: cannot be read"):
        load_keys(directory, lambda: NOW)


def test_a_secret_with_one_version_twice_is_refused(directory: Path) -> None:
    path = a_secret(directory)
    entry = json.loads(path.read_text())["keys"][0]
    change(path, keys=[entry, entry])
    with pytest.raises(KeyProblem, match="one version twice"):
        load_keys(directory, lambda: NOW)


def test_a_missing_directory_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(KeyProblem, match="idp keys init"):
        load_keys(tmp_path / "nowhere", lambda: NOW)


def test_a_directory_without_signing_keys_says_how_to_make_them(directory: Path) -> None:
    for path in (directory / "signing").iterdir():
        path.unlink()
    with pytest.raises(KeyProblem, match="holds no signing key"):
        load_keys(directory, lambda: NOW)
