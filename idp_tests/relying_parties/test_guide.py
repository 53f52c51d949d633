"""The guide: every client file in it is accepted as it stands, and every piece of code is the code that ran."""

import hashlib
import json
import re
import tomllib
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from idp.adapters.client_files import load_client
from idp.core.oidc.clients.client import Client, SecurityProfile
from idp_tests.relying_parties import guide

HERE = Path(__file__).parent
RUN_HERE = [one for one in guide.blocks() if one.language in {"js", "python", "go"} and (HERE / one.name).exists()]
WRITTEN_OUT = ("by_hand/parking/settings.py", "by_hand/parking/backends.py", "by_hand/depot/settings.py")
"""Code that is nowhere but in the guide; the runs by hand write it into their projects."""


def production_client(client_id: str, directory: Path) -> Client:
    """The guide's file as an operator would drop it in, outside the sandbox."""
    text = guide.client_files()[client_id].text.replace(guide.A_HASH, hashlib.sha256(b"a secret").hexdigest())
    (directory / f"{client_id}.toml").write_text(text, encoding="utf-8")
    key = ECKey.generate_key("P-256", {"use": "sig"}, auto_kid=True)
    (directory / f"{client_id}.jwks.json").write_text(json.dumps(key.as_dict(private=False)), encoding="utf-8")
    return load_client(directory / f"{client_id}.toml", issuer=guide.ISSUER, sandbox=False)


@pytest.mark.parametrize("client_id", guide.client_files())
def test_a_client_file_is_accepted_in_production_as_it_stands(client_id: str, tmp_path: Path) -> None:
    client = production_client(client_id, tmp_path)
    assert client.client_id == client_id
    assert client.require_pkce


@pytest.mark.parametrize("block", RUN_HERE, ids=lambda block: block.name)
def test_code_in_the_guide_is_the_code_that_runs(block: guide.Block) -> None:
    ran = (HERE / block.name).read_text(encoding="utf-8")
    assert block.text.strip("\n") in re.sub(r"  # type: ignore\[.+\]$", "", ran, flags=re.MULTILINE)


def test_all_code_in_the_guide_runs_somewhere() -> None:
    programs = {one.name for one in guide.blocks() if one.language in {"js", "python", "go"}}
    assert programs == {one.name for one in RUN_HERE} | set(WRITTEN_OUT)


def test_the_brokers_settings_agree_with_its_client_file(tmp_path: Path) -> None:
    broker = json.loads(guide.block("partners/prezero.json").text)
    client = production_client(broker["config"]["clientId"], tmp_path)
    assert broker["config"]["issuer"] == guide.ISSUER
    assert broker["config"]["clientAuthMethod"] in client.token_endpoint_auth_methods
    assert set(broker["config"]["defaultScope"].split()) == client.scopes
    assert client.redirect_uris == {f"https://partners.example/realms/partners/broker/{broker['alias']}/endpoint"}


def test_every_library_of_the_table_has_its_section() -> None:
    text = guide.PATH.read_text(encoding="utf-8")
    headings = {heading.lower() for heading in re.findall(r"^## (.+)$", text, re.MULTILINE)}
    for anchor in re.findall(r"\]\(#([\w-]+)\)", text):
        assert any(re.sub(r"[^\w -]", "", heading).replace(" ", "-") == anchor for heading in headings), anchor


def test_springs_properties_agree_with_its_client_file(tmp_path: Path) -> None:
    lines = guide.block("fleet/application.properties").text.splitlines()
    settings = dict(line.removeprefix("spring.security.oauth2.client.").split("=", 1) for line in lines)
    client = production_client(settings["registration.prezero.client-id"], tmp_path)
    assert settings["provider.prezero.issuer-uri"] == guide.ISSUER
    assert settings["registration.prezero.client-authentication-method"] in client.token_endpoint_auth_methods
    assert set(settings["registration.prezero.scope"].split(",")) <= client.scopes
    address = settings["registration.prezero.redirect-uri"]
    assert address.format(baseUrl="https://fleet.example", registrationId="prezero") in client.redirect_uris
    assert client.id_token_signed_response_alg == "RS256"


def test_aspnets_settings_agree_with_its_client_file(tmp_path: Path) -> None:
    read = json.loads(guide.block("invoicing/appsettings.json").text)
    settings = read["Authentication"]["Schemes"]["OpenIdConnect"]
    client = production_client(settings["ClientId"], tmp_path)
    assert settings["Authority"] == guide.ISSUER
    assert set(settings["Scope"]) == client.scopes
    assert client.redirect_uris == {"https://invoicing.example" + settings["CallbackPath"]}
    assert client.post_logout_redirect_uris == {"https://invoicing.example" + settings["SignedOutCallbackPath"]}
    assert client.frontchannel_logout_uri == "https://invoicing.example" + settings["RemoteSignOutPath"]


def test_oauth2_proxys_settings_agree_with_its_client_file(tmp_path: Path) -> None:
    settings = tomllib.loads(guide.block("wiki/oauth2-proxy.cfg").text)
    client = production_client(settings["client_id"], tmp_path)
    assert settings["oidc_issuer_url"] == guide.ISSUER
    assert settings["redirect_url"] in client.redirect_uris
    assert set(settings["scope"].split()) <= client.scopes


@pytest.mark.parametrize("name", ["driver/Login.kt", "driver/Login.swift"])
def test_the_apps_code_agrees_with_its_client_file(name: str, tmp_path: Path) -> None:
    code = guide.block(name).text
    client = production_client("driver", tmp_path)
    (address,) = set(re.findall(r'"(example\.driver:[^"]*)"', code))
    assert address in client.redirect_uris
    assert guide.ISSUER in code
    assert '"driver"' in code


def test_the_reference_names_every_profile() -> None:
    text = (guide.PATH.parent / "README.md").read_text(encoding="utf-8").partition("## Members")[0]
    assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)[1:] == list(SecurityProfile)
