import json
import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from idp.adapters.keys.changes import KeyDirectory
from idp.adapters.keys.directory import SECRET_NAMES, KeyProblem, read_secrets, write_secrets
from idp.adapters.keys.files import load_keys
from idp.core.oidc.keys.algorithms import SIGNING_ALGS
from idp.core.oidc.keys.keyring import RETIRED_FOR, KeyState
from idp.core.oidc.keys.reference_tokens import SecretKey

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("made") / "keys"
    KeyDirectory(directory).init(NOW)
    return directory


@pytest.fixture
def directory(made_once: Path, tmp_path: Path) -> Path:
    import shutil

    return Path(shutil.copytree(made_once, tmp_path / "keys"))


def active(directory: Path, alg: str = "ES256") -> str:
    return load_keys(directory).keyring.signer(alg, NOW).kid


def touch_later(directory: Path) -> None:
    """Make sure that the folder's time differs, whatever the clock of the file system."""
    for name in ("signing", "secrets"):
        at = (directory / name).stat().st_mtime_ns + 1_000_000
        os.utime(directory / name, ns=(at, at))


def add_secret(directory: Path, name: str) -> None:
    path = directory / "secrets" / f"{name}.json"
    write_secrets(path, [SecretKey(version=2, value=b"2" * 32), *read_secrets(path)])


def test_a_fresh_directory_has_an_active_key_per_algorithm_and_every_secret(directory: Path) -> None:
    keys = load_keys(directory)
    assert {alg: keys.keyring.signer(alg, NOW).alg for alg in SIGNING_ALGS} == {alg: alg for alg in SIGNING_ALGS}
    assert [len(versions) for versions in (keys.secrets.sealing, keys.secrets.pepper, keys.secrets.fields)] == [1, 1, 1]


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
    ring = load_keys(directory).keyring
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
    assert load_keys(directory).keyring.find(before) is None


@pytest.mark.parametrize("operation", [KeyDirectory.promote, KeyDirectory.retire])
def test_an_unknown_key_is_named(directory: Path, operation: Callable[..., object]) -> None:
    with pytest.raises(KeyProblem, match="no-such-kid"):
        operation(KeyDirectory(directory), "no-such-kid", NOW)


def test_an_unknown_algorithm_is_refused(directory: Path) -> None:
    with pytest.raises(KeyProblem, match="HS256"):
        KeyDirectory(directory).new("HS256", NOW, next_for=DAY)


def test_running_workers_see_a_promotion_without_a_restart(directory: Path) -> None:
    keys = load_keys(directory)
    before = keys.keyring.signer("ES256", NOW).kid
    key = KeyDirectory(directory).new("ES256", NOW, next_for=DAY)
    KeyDirectory(directory).promote(key.kid, NOW)
    touch_later(directory)
    assert keys.keyring.signer("ES256", NOW).kid == key.kid != before


def test_known_keys_are_not_imported_again(directory: Path) -> None:
    keys = load_keys(directory)
    before = keys.keyring.signer("RS256", NOW).key
    KeyDirectory(directory).new("ES256", NOW, next_for=DAY)
    touch_later(directory)
    assert keys.keyring.signer("RS256", NOW).key is before


def test_unchanged_files_are_not_read_again(directory: Path) -> None:
    keys = load_keys(directory)
    assert keys.keyring is keys.keyring
    assert keys.reference_tokens is keys.reference_tokens


def test_a_file_broken_while_running_keeps_the_keys_in_use(directory: Path, caplog: pytest.LogCaptureFixture) -> None:
    keys = load_keys(directory)
    before = keys.keyring
    (directory / "signing" / "broken.json").write_text("{", encoding="utf-8")
    touch_later(directory)
    assert keys.keyring is before
    assert caplog.messages == ["keys not reloaded"]


def test_keys_are_read_again_after_the_change_of_mode_that_the_message_advises(directory: Path) -> None:
    keys = load_keys(directory)
    key = KeyDirectory(directory).new("ES256", NOW, next_for=DAY)
    path = directory / "signing" / f"{key.kid}.json"
    path.chmod(0o644)
    touch_later(directory)
    assert keys.keyring.find(key.kid) is None
    path.chmod(0o600)
    assert keys.keyring.find(key.kid) is not None


def test_a_file_that_stays_broken_is_told_once(directory: Path, caplog: pytest.LogCaptureFixture) -> None:
    keys = load_keys(directory)
    path = directory / "signing" / "broken.json"
    for _ in range(2):
        path.write_text("{", encoding="utf-8")
        touch_later(directory)
        assert keys.keyring is keys.keyring
        path.unlink()
        touch_later(directory)
        assert keys.keyring.algs(NOW)
    assert caplog.messages == ["keys not reloaded", "keys not reloaded"]


def test_the_key_before_goes_on_signing_when_its_successor_is_retired_unused(directory: Path) -> None:
    before = active(directory)
    key = KeyDirectory(directory).new("ES256", NOW, next_for=DAY)
    KeyDirectory(directory).retire(key.kid, NOW)
    assert load_keys(directory).keyring.signer("ES256", NOW + 2 * DAY).kid == before


def test_a_successor_that_stays_still_takes_over(directory: Path) -> None:
    first, second = (KeyDirectory(directory).new("ES256", NOW, next_for=DAY) for _ in range(2))
    KeyDirectory(directory).retire(first.kid, NOW)
    keyring = load_keys(directory).keyring
    assert [key.kid for key in keyring.keys if key.alg == "ES256" and key.state(NOW + DAY) is KeyState.ACTIVE] == [
        second.kid
    ]


def test_rotating_the_sealing_secret_keeps_old_references_readable(directory: Path) -> None:
    keys = load_keys(directory)
    code = keys.reference_tokens.code_for("0193" * 8)
    add_secret(directory, "sealing")
    touch_later(directory)
    assert [secret.version for secret in keys.secrets.sealing] == [2, 1]
    assert keys.reference_tokens.code_for("0193" * 8) != code
    assert keys.reference_tokens.read_code(code) == "0193" * 8


def test_rotating_the_pepper_leaves_lasting_digests_alone(directory: Path) -> None:
    keys = load_keys(directory)
    before = keys.reference_tokens.lasting_digest("subject", b"x")
    add_secret(directory, "pepper")
    touch_later(directory)
    assert keys.reference_tokens.lasting_digest("subject", b"x") == before


def a_key(directory: Path) -> Path:
    return directory / "signing" / f"{active(directory)}.json"


def a_secret(directory: Path) -> Path:
    return directory / "secrets" / "sealing.json"


@pytest.mark.parametrize("find", [a_key, a_secret])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_a_file_that_others_may_read_is_refused_by_name(
    directory: Path, find: Callable[[Path], Path], mode: int
) -> None:
    path = find(directory)
    path.chmod(mode)
    with pytest.raises(KeyProblem, match="others may read") as caught:
        load_keys(directory)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("name", ["signing", "secrets"])
def test_a_folder_that_others_may_read_is_refused_by_name(directory: Path, name: str) -> None:
    (directory / name).chmod(0o755)
    with pytest.raises(KeyProblem, match=f"{name}: others may read"):
        load_keys(directory)


@pytest.mark.parametrize("find", [a_key, a_secret])
@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b"\xff\xfe", b'{"jwk": 1}', b'{"keys": [{}]}', b'{"keys": []}']
)
def test_a_broken_file_is_refused_by_name(directory: Path, find: Callable[[Path], Path], content: bytes) -> None:
    path = find(directory)
    path.write_bytes(content)
    with pytest.raises(KeyProblem) as caught:
        load_keys(directory)
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
        load_keys(directory)
    assert str(path) in str(caught.value)


def test_a_key_under_another_name_is_refused(directory: Path) -> None:
    path = a_key(directory)
    path.rename(path.with_name("mine.json"))
    with pytest.raises(KeyProblem, match="thumbprint"):
        load_keys(directory)


def test_a_problem_never_shows_the_key(directory: Path) -> None:
    path = a_key(directory)
    secret = json.loads(path.read_text())["jwk"]["d"]
    change(path, alg="RS256")
    with pytest.raises(KeyProblem) as caught:
        load_keys(directory)
    assert secret not in str(caught.value)


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_a_missing_secret_is_refused_by_name(directory: Path, name: str) -> None:
    (directory / "secrets" / f"{name}.json").unlink()
    with pytest.raises(KeyProblem, match=f"{name}.json: cannot be read"):
        load_keys(directory)


def test_a_secret_with_one_version_twice_is_refused(directory: Path) -> None:
    path = a_secret(directory)
    entry = json.loads(path.read_text())["keys"][0]
    change(path, keys=[entry, entry])
    with pytest.raises(KeyProblem, match="one version twice"):
        load_keys(directory)


def test_a_missing_directory_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(KeyProblem, match="idp keys init"):
        load_keys(tmp_path / "nowhere")


def test_a_directory_without_signing_keys_says_how_to_make_them(directory: Path) -> None:
    for path in (directory / "signing").iterdir():
        path.unlink()
    with pytest.raises(KeyProblem, match="holds no signing key"):
        load_keys(directory)
