from datetime import timedelta

import pytest

from idp.adapters.keys.changes import KeyDirectory
from idp_tests.provider import ISSUER, Provider

DOCUMENTS = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/jwks.json")


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_document_is_cacheable_by_anybody_and_has_the_headers_of_every_answer(provider: Provider, path: str) -> None:
    response = provider.app.test_client().get(path, base_url=ISSUER)
    assert response.mimetype == "application/json"
    assert response.headers["Cache-Control"] == "public, max-age=3600"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert response.headers["Content-Length"] == str(len(response.get_data()))


@pytest.mark.parametrize("wrap", ["{}", "W/{}", '"other", {}', "*"])
def test_who_has_the_document_is_told_so(provider: Provider, wrap: str) -> None:
    client = provider.app.test_client()
    etag = client.get("/jwks.json").headers["ETag"]
    response = client.get("/jwks.json", headers={"If-None-Match": wrap.format(etag)})
    assert (response.status_code, response.get_data(), response.headers["ETag"]) == (304, b"", etag)
    assert "Content-Length" not in response.headers


def test_who_has_another_one_gets_this_one(provider: Provider) -> None:
    assert provider.app.test_client().get("/jwks.json", headers={"If-None-Match": '"old"'}).status_code == 200


def test_head_tells_the_length_only(provider: Provider) -> None:
    client = provider.app.test_client()
    head = client.head("/jwks.json")
    assert (head.get_data(), head.headers["Content-Length"]) == (
        b"",
        client.get("/jwks.json").headers["Content-Length"],
    )


def test_another_method_is_not_allowed(provider: Provider) -> None:
    response = provider.app.test_client().post("/jwks.json")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_a_document_changes_with_its_keys(provider: Provider) -> None:
    client = provider.app.test_client()
    before = client.get("/jwks.json")
    KeyDirectory(provider.directory / "keys").new("ES256", provider.clock(), next_for=timedelta(days=1))
    after = client.get("/jwks.json")
    assert len(after.get_json()["keys"]) == len(before.get_json()["keys"]) + 1
    assert after.headers["ETag"] != before.headers["ETag"]
