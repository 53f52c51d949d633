"""Client files in the playground: what is tried is the developer's file, with the playground's addresses and credentials."""

import tomllib
from pathlib import Path

import pytest

from idp.adapters.client_files import load_client
from idp_sandbox.playground import credentials as kept
from idp_sandbox.playground.client_file import NotAClientFile, read_client, trial_of
from idp_sandbox.playground.credentials import Credentials
from idp_sandbox.playground.pages import OWN_CLIENT
from idp_sandbox.provider_files import TEMPLATES
from idp_tests.cases import each
from idp_tests.relying_parties import guide

BASE, ISSUER = "http://localhost:8005", "http://localhost:8000"


@pytest.fixture(scope="module")
def credentials(tmp_path_factory: pytest.TempPathFactory) -> Credentials:
    return kept.load_or_make(tmp_path_factory.mktemp("playground"))


@pytest.mark.parametrize("name", guide.client_files())
def test_every_client_file_of_the_guide_can_be_tried(name: str, credentials: Credentials, tmp_path: Path) -> None:
    client = read_client(guide.client_files()[name].text, name)
    trial, text = trial_of(client, credentials=credentials, base_url=BASE)
    (tmp_path / f"{trial.client_id}.toml").write_text(text, encoding="utf-8")
    read = load_client(tmp_path / f"{trial.client_id}.toml", issuer=ISSUER, sandbox=True)
    assert read.redirect_uris == {f"{BASE}/callback"}
    assert read.client_name == client.name
    assert read.scopes == set(client.scopes)
    assert set(read.token_endpoint_auth_methods) == set(client.auth_methods)
    assert read.require_pushed_authorization_requests == client.needs_pushed_requests
    assert read.dpop_bound_access_tokens == client.needs_dpop


def test_a_trial_keeps_nothing_of_the_partners_secret_keys_and_addresses(credentials: Credentials) -> None:
    text = (
        'client_id = "booking"\nclient_name = "Bokning \\"ett\\""\nsecurity_profile = "third_party"\n'
        'redirect_uris = ["https://booking.example/callback"]\nclient_secret_hash = "abc"\njwks_file = "x.json"\n'
        'token_endpoint_auth_methods = ["client_secret_post", "private_key_jwt"]\nrefresh_lifetime = "P30D"\n'
        'frontchannel_logout_uri = "https://booking.example/out"\nrequire_pkce = false\n"client_name#en" = "Booking"\n'
        '[intention]\nsv = "Boka"\n'
    )
    trial, written = trial_of(read_client(text, "booking"), credentials=credentials, base_url=BASE)
    assert trial.client_id == "trial-booking"
    assert "booking.example" not in written
    assert tomllib.loads(written) == {
        "client_name": 'Bokning "ett"',
        "client_name#en": "Booking",
        "security_profile": "third_party",
        "redirect_uris": [f"{BASE}/callback"],
        "post_logout_redirect_uris": [f"{BASE}/logged-out"],
        "backchannel_logout_uri": f"{BASE}/backchannel-logout",
        "token_endpoint_auth_methods": ["client_secret_post", "private_key_jwt"],
        "client_secret_hash": credentials.secret_hash,
        "jwks": {"keys": [credentials.public_jwk]},
        "refresh_lifetime": "P30D",
        "require_pkce": False,
        "intention": {"sv": "Boka"},
    }


@each("text, name", [("= nothing", "booking"), ("", "../booking"), ("", "")])
def test_what_is_no_client_file_is_refused_with_a_reason(text: str, name: str) -> None:
    with pytest.raises(NotAClientFile, match=r"TOML|client_id"):
        read_client(text, name)


def test_the_playgrounds_own_client_is_the_one_of_its_template() -> None:
    text = (TEMPLATES / "clients" / "playground.toml.template").read_text(encoding="utf-8")
    members = tomllib.loads("\n".join(line for line in text.splitlines() if "${" not in line and "[[" not in line))
    assert members.pop("client_id") == OWN_CLIENT.client_id
    assert members == dict(OWN_CLIENT.members)


def test_the_credentials_are_kept_and_readable_by_their_owner_alone(tmp_path: Path) -> None:
    first = kept.load_or_make(tmp_path)
    again = kept.load_or_make(tmp_path)
    assert (again.secret, again.public_jwk) == (first.secret, first.public_jwk)
    assert "d" not in first.public_jwk
    assert (tmp_path / kept.FILE_NAME).stat().st_mode & 0o077 == 0
