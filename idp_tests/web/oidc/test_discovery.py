"""The metadata and the keys over HTTP: cacheable by anybody, the same for everybody."""

import json
from typing import Any

import pytest
from authlib.oidc.discovery import OpenIDProviderMetadata
from werkzeug.test import TestResponse

from idp.assembly.web import make_views
from idp.core.oidc.discovery import metadata
from idp.misconfiguration import Misconfiguration
from idp_tests.cases import each
from idp_tests.provider import ISSUER, Provider

DOCUMENTS = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"]
PATHS = [*DOCUMENTS, "/jwks.json"]


def fetch(provider: Provider, path: str, base_url: str = ISSUER, **headers: str) -> TestResponse:
    return provider.app.test_client().get(path, base_url=base_url, headers=headers)


@each("path", PATHS)
def test_it_is_json_that_anybody_may_read_and_keep_for_an_hour(provider: Provider, path: str) -> None:
    response = fetch(provider, path, Origin="https://anybody.example")
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cache-Control"] == "public, max-age=3600"
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert "Set-Cookie" not in response.headers


@each("path", PATHS)
def test_an_unchanged_document_is_not_sent_again(provider: Provider, path: str) -> None:
    first = fetch(provider, path)
    again = fetch(provider, path, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert fetch(provider, path, **{"If-None-Match": '"another"'}).status_code == 200


@each("path", PATHS)
def test_nothing_in_the_request_changes_a_byte(provider: Provider, path: str) -> None:
    """Host poisoning: caches in between would hand a foreign address to everybody."""
    honest = fetch(provider, path)
    for poisoned in (
        fetch(provider, path, base_url="http://evil.example"),
        fetch(provider, f"{path}?issuer=https://evil.example"),
        fetch(
            provider,
            path,
            **{
                "X-Forwarded-Host": "evil.example",
                "X-Forwarded-Proto": "http",
                "X-Forwarded-Prefix": "/evil",
                "Forwarded": "host=evil.example",
                "X-Original-URL": "/evil",
            },
        ),
    ):
        assert poisoned.data == honest.data
        assert poisoned.headers["ETag"] == honest.headers["ETag"]


def test_both_addresses_give_the_same_valid_document(provider: Provider) -> None:
    first, second = (fetch(provider, path).data for path in DOCUMENTS)
    assert first == second
    document = json.loads(first)
    OpenIDProviderMetadata(document).validate()
    assert document["issuer"] == ISSUER


def test_every_endpoint_that_is_listed_exists(provider: Provider) -> None:
    document = json.loads(fetch(provider, DOCUMENTS[0]).data)
    paths = {rule.rule for rule in provider.app.url_map.iter_rules()}
    for name, address in document.items():
        if name.endswith("_endpoint") or name == "jwks_uri":
            assert address.removeprefix(ISSUER) in paths, name


def test_only_algorithms_with_an_active_key_are_listed(provider: Provider) -> None:
    document = json.loads(fetch(provider, DOCUMENTS[0]).data)
    active = provider.parts.keys.keyring.algs(provider.clock())
    assert document["id_token_signing_alg_values_supported"] == list(active)
    assert "RS256" in active


def test_keys_are_public_named_and_for_signatures(provider: Provider) -> None:
    keys = json.loads(fetch(provider, "/jwks.json").data)["keys"]
    assert keys
    for key in keys:
        assert key["use"] == "sig"
        assert key["kid"]
        assert key["alg"]
        assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & key.keys()


@each("path", PATHS)
@each("method", ["post", "put", "delete", "patch"])
def test_documents_are_only_read(provider: Provider, path: str, method: str) -> None:
    response = getattr(provider.app.test_client(), method)(path, base_url=ISSUER)
    assert response.status_code == 405


def test_a_provider_with_an_invalid_document_does_not_start(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Authlib judges it before any relying party reads it."""

    def mistaken(**told: Any) -> dict[str, Any]:
        return {**metadata(**told), "jwks_uri": "http://id.example/jwks.json"}

    monkeypatch.setattr("idp.web.oidc.discovery.metadata", mistaken)
    with pytest.raises(Misconfiguration, match="jwks_uri"):
        make_views(provider.parts)
