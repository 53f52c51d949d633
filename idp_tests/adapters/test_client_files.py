"""Client files: read as a set, overridden by name, refused with every mistake."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey

from idp.adapters.client_files import ClientProblems, load_client, load_clients
from idp.core.oidc.clients.client import Client, SecurityProfile

ROOT = Path(__file__).parents[2]
ISSUER = "https://id.example"
KEY = ECKey.generate_key("P-256", {"kid": "k1"}).as_dict(private=False)
MINIMAL = """
client_name = "Relying Party"
security_profile = "third_party"
redirect_uris = ["https://rp.example/cb"]
token_endpoint_auth_method = "client_secret_basic"
client_secret_hash = "{secret}"
"""


def write(directory: Path, name: str, text: str = "") -> Path:
    directory.mkdir(exist_ok=True)
    path = directory / name
    path.write_text(text or MINIMAL.format(secret="a" * 64), encoding="utf-8")
    return path


def load(*directories: Path) -> Mapping[str, Client]:
    return load_clients(directories, issuer=ISSUER, sandbox=False)


def problems(*directories: Path) -> str:
    with pytest.raises(ClientProblems) as refused:
        load(*directories)
    return "\n".join(refused.value.lines)


def test_the_name_of_the_file_is_the_client_id(tmp_path: Path) -> None:
    write(tmp_path, "one.toml")
    write(tmp_path, "two.toml")
    write(tmp_path, "notes.txt", "not a client")
    assert sorted(load(tmp_path)) == ["one", "two"]
    assert load(tmp_path)["one"].client_id == "one"


def test_a_later_directory_overrides_an_earlier_one(tmp_path: Path) -> None:
    write(tmp_path / "base", "rp.toml")
    write(tmp_path / "base", "kept.toml")
    write(tmp_path / "site", "rp.toml", MINIMAL.format(secret="b" * 64))
    clients = load(tmp_path / "base", tmp_path / "site")
    assert clients["rp"].client_secret_hashes == ("b" * 64,)
    assert "kept" in clients


def test_a_file_from_an_editor_that_marks_text_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, "rp.toml")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert load(tmp_path)["rp"].client_name == "Relying Party"


def test_the_set_cannot_be_changed(tmp_path: Path) -> None:
    write(tmp_path, "rp.toml")
    clients: Any = load(tmp_path)
    with pytest.raises(TypeError):
        clients["other"] = clients["rp"]


@pytest.mark.parametrize("keys", [KEY, [KEY], {"keys": [KEY]}])
def test_keys_may_lie_beside_the_file(tmp_path: Path, keys: Any) -> None:
    (tmp_path / "rp.jwks.json").write_text(json.dumps(keys))
    write(
        tmp_path,
        "rp.toml",
        'client_name = "RP"\nsecurity_profile = "fapi2"\nredirect_uris = ["https://rp.example/cb"]\njwks_file = "rp.jwks.json"',
    )
    assert load(tmp_path)["rp"].jwks == {"keys": [KEY]}


def test_keys_may_stand_in_the_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        "rp.toml",
        'client_name = "RP"\nsecurity_profile = "fapi2"\nredirect_uris = ["https://rp.example/cb"]\n'
        f'[[jwks.keys]]\nkty = "EC"\ncrv = "P-256"\nkid = "k1"\nx = "{KEY["x"]}"\ny = "{KEY["y"]}"\n',
    )
    assert load(tmp_path)["rp"].jwks["keys"][0]["kid"] == "k1"


def test_every_mistake_of_every_file_is_listed_with_file_and_member(tmp_path: Path) -> None:
    write(tmp_path, "a.toml", "client_name = ")
    write(tmp_path, "b.toml", 'client_name = "B"\nsecurity_profil = "fapi2"')
    write(tmp_path, "c.toml", MINIMAL.format(secret="short"))
    write(tmp_path, "d.toml")
    (tmp_path / "e.toml").write_bytes(b"client_name = '\xff'")
    text = problems(tmp_path)
    assert "a.toml: is not TOML" in text
    assert "b.toml: security_profil: unknown; did you mean security_profile?" in text
    assert "b.toml: redirect_uris: is missing" in text
    assert "c.toml: client_secret_hash" in text
    assert "e.toml: is not TOML" in text
    assert "d.toml" not in text


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('jwks_file = "absent.json"', "cannot be read"),
        ('jwks_file = "rp.toml"', "is not JSON"),
        ('jwks_file = "x.json"\njwks = []', "keep one of them"),
        ("jwks_fil = 1", "did you mean jwks_file?"),
    ],
)
def test_a_broken_key_file_is_told(tmp_path: Path, line: Any, problem: Any) -> None:
    write(tmp_path, "rp.toml", MINIMAL.format(secret="a" * 64) + line)
    assert problem in problems(tmp_path)


def test_a_missing_directory_is_told(tmp_path: Path) -> None:
    assert "absent: is no directory" in problems(tmp_path / "absent")


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ClientProblems) as refused:
        load_client(tmp_path / "absent.toml", issuer=ISSUER, sandbox=False)
    assert "cannot be read" in refused.value.lines[0]


def test_the_two_files_of_production_are_sound(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "config" / "clients", tmp_path / "clients")
    (tmp_path / "clients" / "minasidor.jwks.json").write_text(json.dumps({"keys": [KEY]}))
    clients = load(tmp_path / "clients")
    assert clients["minasidor"].security_profile is SecurityProfile.WEB_CONFIDENTIAL
    assert clients["mittprezero"].security_profile is SecurityProfile.NATIVE_PUBLIC
