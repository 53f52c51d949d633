"""Keys of a running program: read again when their files change, and kept when these are broken."""

import os
from pathlib import Path

import pytest

from idp.adapters.keys.changes import KeyDirectory
from idp.adapters.keys.directory import read_secrets, write_secrets
from idp.adapters.keys.files import KeyFiles, load_keys
from idp.core.oidc.keys.reference_tokens import SecretKey
from idp_tests.adapters.keys.conftest import DAY, NOW


def touch_later(directory: Path) -> None:
    """Make sure that the folder's time differs, whatever the clock of the file system."""
    for name in ("signing", "secrets"):
        at = (directory / name).stat().st_mtime_ns + 1_000_000
        os.utime(directory / name, ns=(at, at))


def add_secret(directory: Path, name: str) -> None:
    path = directory / "secrets" / f"{name}.json"
    write_secrets(path, [SecretKey(version=2, value=b"2" * 32), *read_secrets(path)])


def test_running_workers_see_a_promotion_without_a_restart(directory: Path) -> None:
    keys = load_keys(directory, lambda: NOW)
    before = keys.keyring.signer("ES256", NOW).kid
    key = KeyDirectory(directory).new("ES256", NOW, next_for=DAY)
    KeyDirectory(directory).promote(key.kid, NOW)
    touch_later(directory)
    assert keys.keyring.signer("ES256", NOW).kid == key.kid != before


def test_known_keys_are_not_imported_again(directory: Path) -> None:
    keys = load_keys(directory, lambda: NOW)
    before = keys.keyring.signer("RS256", NOW).key
    KeyDirectory(directory).new("ES256", NOW, next_for=DAY)
    touch_later(directory)
    assert keys.keyring.signer("RS256", NOW).key is before


def test_unchanged_files_are_not_read_again(directory: Path) -> None:
    keys = load_keys(directory, lambda: NOW)
    assert keys.keyring is keys.keyring
    assert keys.reference_tokens is keys.reference_tokens


def test_a_file_broken_while_running_keeps_the_keys_in_use(directory: Path, caplog: pytest.LogCaptureFixture) -> None:
    keys = load_keys(directory, lambda: NOW)
    before = keys.keyring
    (directory / "signing" / "broken.json").write_text("{", encoding="utf-8")
    touch_later(directory)
    assert keys.keyring is before
    assert caplog.messages == ["keys not reloaded"]


def test_keys_are_read_again_after_the_change_of_mode_that_the_message_advises(directory: Path) -> None:
    keys = load_keys(directory, lambda: NOW)
    key = KeyDirectory(directory).new("ES256", NOW, next_for=DAY)
    path = directory / "signing" / f"{key.kid}.json"
    path.chmod(0o644)
    touch_later(directory)
    assert keys.keyring.find(key.kid) is None
    path.chmod(0o600)
    assert keys.keyring.find(key.kid) is not None


def test_a_file_that_stays_broken_is_told_once(directory: Path, caplog: pytest.LogCaptureFixture) -> None:
    keys = load_keys(directory, lambda: NOW)
    path = directory / "signing" / "broken.json"
    for _ in range(2):
        path.write_text("{", encoding="utf-8")
        touch_later(directory)
        assert keys.keyring is keys.keyring
        path.unlink()
        touch_later(directory)
        assert keys.keyring.algs(NOW)
    assert caplog.messages == ["keys not reloaded", "keys not reloaded"]


def test_rotating_the_token_secret_keeps_old_references_readable(directory: Path) -> None:
    keys = load_keys(directory, lambda: NOW)
    code = keys.reference_tokens.code_for("0193" * 8)
    add_secret(directory, "tokens")
    touch_later(directory)
    assert [secret.version for secret in keys.secrets.tokens] == [2, 1]
    assert keys.reference_tokens.code_for("0193" * 8) != code
    assert keys.reference_tokens.read_code(code) == "0193" * 8


def test_rotating_the_pepper_leaves_lasting_digests_alone(directory: Path) -> None:
    keys = load_keys(directory, lambda: NOW)
    before = keys.reference_tokens.lasting_digest("subject", b"x")
    add_secret(directory, "pepper")
    touch_later(directory)
    assert keys.reference_tokens.lasting_digest("subject", b"x") == before


def test_files_are_looked_at_once_a_second(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idp.adapters.keys.files.LOOK_SECONDS", 1)
    seconds = 100.0
    keys = KeyFiles(directory, lambda: NOW, lambda: seconds)
    add_secret(directory, "tokens")
    touch_later(directory)
    seconds += 0.9
    assert len(keys.secrets.tokens) == 1
    seconds += 0.1
    assert len(keys.secrets.tokens) == 2


def test_a_version_that_waits_opens_what_others_close_and_closes_nothing_before_its_time(directory: Path) -> None:
    moment = [NOW]
    keys = load_keys(directory, lambda: moment[0])
    KeyDirectory(directory).add_version("fields", 2, NOW, used_from=NOW + DAY)
    touch_later(directory)
    assert [secret.version for secret in keys.secrets.fields] == [1, 2]
    moment[0] = NOW + DAY
    assert [secret.version for secret in keys.secrets.fields] == [2, 1]
    assert keys.secrets.fields is keys.secrets.fields
