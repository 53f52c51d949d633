"""Changes of keys: made, published before they sign, promoted, retired, removed."""

import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from idp.adapters.keys.changes import KeyDirectory
from idp.adapters.keys.directory import KeyProblem
from idp.adapters.keys.files import load_keys
from idp.core.oidc.keys.algorithms import SIGNING_ALGS
from idp.core.oidc.keys.canary import SECRET_NAMES
from idp.core.oidc.keys.keyring import RETIRED_FOR, KeyState
from idp_tests.adapters.keys.conftest import DAY, NOW, active


def test_a_fresh_directory_has_an_active_key_per_algorithm_and_every_secret(directory: Path) -> None:
    keys = load_keys(directory, lambda: NOW)
    assert {alg: keys.keyring.signer(alg, NOW).alg for alg in SIGNING_ALGS} == {alg: alg for alg in SIGNING_ALGS}
    assert {name: len(versions) for name, versions in keys.secrets.by_name().items()} == dict.fromkeys(SECRET_NAMES, 1)


def test_every_file_is_for_the_owner_only(directory: Path) -> None:
    made = [directory, *directory.rglob("*")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in made if path.is_dir()} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in made if path.is_file()} == {0o600}


def test_making_keys_twice_changes_nothing(directory: Path) -> None:
    before = {path: path.read_bytes() for path in directory.rglob("*.json")}
    assert KeyDirectory(directory).init(NOW + DAY) == []
    assert {path: path.read_bytes() for path in directory.rglob("*.json")} == before


def test_making_keys_fills_only_what_is_missing(directory: Path) -> None:
    (directory / "secrets" / "fields.json").unlink()
    assert [path.name for path in KeyDirectory(directory).init(NOW)] == ["fields.json"]


def test_files_are_named_after_the_thumbprint(directory: Path) -> None:
    assert {path.stem for path in (directory / "signing").iterdir()} == {
        key.kid for key in KeyDirectory(directory).all()
    }


def test_a_new_key_is_published_before_it_signs(directory: Path) -> None:
    before = active(directory)
    key = KeyDirectory(directory).new("ES256", NOW, next_for=DAY)
    ring = load_keys(directory, lambda: NOW).keyring
    assert key.state(NOW) is KeyState.NEXT
    assert ring.find(key.kid) is not None
    assert ring.signer("ES256", NOW).kid == before
    assert ring.signer("ES256", NOW + DAY).kid == key.kid
    predecessor = ring.find(before)
    assert predecessor is not None
    assert predecessor.state(NOW + DAY) is KeyState.RETIRED


def test_promoting_makes_the_next_key_sign_now_and_retires_its_predecessor(directory: Path) -> None:
    before = active(directory)
    key = KeyDirectory(directory).new("ES256", NOW, next_for=DAY)
    KeyDirectory(directory).promote(key.kid, NOW + timedelta(hours=1))
    states = {
        one.kid: one.state(NOW + timedelta(hours=1)) for one in KeyDirectory(directory).all() if one.alg == "ES256"
    }
    assert states == {before: KeyState.RETIRED, key.kid: KeyState.ACTIVE}


def test_a_key_is_promoted_once(directory: Path) -> None:
    with pytest.raises(KeyProblem, match="signs already"):
        KeyDirectory(directory).promote(active(directory), NOW)


def test_a_retired_key_is_not_promoted(directory: Path) -> None:
    before = active(directory)
    KeyDirectory(directory).promote(KeyDirectory(directory).new("ES256", NOW, next_for=DAY).kid, NOW)
    with pytest.raises(KeyProblem, match="is retired"):
        KeyDirectory(directory).promote(before, NOW)


def test_the_only_signing_key_of_an_algorithm_is_not_retired(directory: Path) -> None:
    with pytest.raises(KeyProblem, match="only key that signs ES256"):
        KeyDirectory(directory).retire(active(directory), NOW)


def test_a_next_key_can_be_retired_before_it_ever_signs(directory: Path) -> None:
    before = active(directory)
    key = KeyDirectory(directory).new("ES256", NOW, next_for=DAY)
    assert KeyDirectory(directory).retire(key.kid, NOW).state(NOW) is KeyState.RETIRED
    assert active(directory) == before
    with pytest.raises(KeyProblem, match="retired already"):
        KeyDirectory(directory).retire(key.kid, NOW)


def test_retired_keys_are_removed_when_nothing_they_signed_counts(directory: Path) -> None:
    before = active(directory)
    KeyDirectory(directory).promote(KeyDirectory(directory).new("ES256", NOW, next_for=DAY).kid, NOW)
    assert KeyDirectory(directory).remove_expired(NOW + RETIRED_FOR - timedelta(seconds=1)) == []
    assert KeyDirectory(directory).remove_expired(NOW + RETIRED_FOR) == [before]
    assert load_keys(directory, lambda: NOW).keyring.find(before) is None


@pytest.mark.parametrize("operation", [KeyDirectory.promote, KeyDirectory.retire])
def test_an_unknown_key_is_named(directory: Path, operation: Callable[..., object]) -> None:
    with pytest.raises(KeyProblem, match="no-such-kid"):
        operation(KeyDirectory(directory), "no-such-kid", NOW)


def test_an_unknown_algorithm_is_refused(directory: Path) -> None:
    with pytest.raises(KeyProblem, match="HS256"):
        KeyDirectory(directory).new("HS256", NOW, next_for=DAY)


def test_the_key_before_goes_on_signing_when_its_successor_is_retired_unused(directory: Path) -> None:
    before = active(directory)
    key = KeyDirectory(directory).new("ES256", NOW, next_for=DAY)
    KeyDirectory(directory).retire(key.kid, NOW)
    assert load_keys(directory, lambda: NOW).keyring.signer("ES256", NOW + 2 * DAY).kid == before


def test_a_successor_that_stays_still_takes_over(directory: Path) -> None:
    first, second = (KeyDirectory(directory).new("ES256", NOW, next_for=DAY) for _ in range(2))
    KeyDirectory(directory).retire(first.kid, NOW)
    keyring = load_keys(directory, lambda: NOW).keyring
    assert [key.kid for key in keyring.keys if key.alg == "ES256" and key.state(NOW + DAY) is KeyState.ACTIVE] == [
        second.kid
    ]


def test_versions_of_a_secret_are_added_with_their_dates_and_removed(directory: Path) -> None:
    files = KeyDirectory(directory)
    files.add_version("pepper", 7, NOW, used_from=NOW + DAY)
    assert [(each.version, each.used_from) for each in files.versions("pepper")] == [(7, NOW + DAY), (1, None)]
    assert all(each.made_at is not None for each in files.versions("pepper"))
    files.remove_version("pepper", 1)
    assert [each.version for each in files.versions("pepper")] == [7]
