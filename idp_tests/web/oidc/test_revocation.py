import pytest
from sqlalchemy.exc import OperationalError

from idp.core.oidc.tokens.grant import LiveGrant
from idp_tests.provider import Provider
from idp_tests.relying_party import RelyingParty, error_of, press_continue


@pytest.mark.each_database
def test_a_revoked_token_is_dead_at_once(provider: Provider) -> None:
    token = provider.browser().first_login().redeem().get_json()["access_token"]
    rp = RelyingParty(provider)
    assert rp.userinfo(token).status_code == 200
    response = rp.call("/revoke", token=token)
    assert (response.status_code, response.get_data(), response.headers["Cache-Control"]) == (200, b"", "no-store")
    assert rp.userinfo(token).status_code == 401
    assert rp.call("/revoke", token=token).status_code == 200


def test_an_app_revokes_with_its_name_in_the_body(provider: Provider) -> None:
    browser = press_continue(provider.browser().first_login("mittprezero"))
    tokens = browser.redeem("mittprezero").get_json()
    app = RelyingParty(provider, "mittprezero")
    revoked = app.post("/revoke", {"token": tokens["refresh_token"], "client_id": "mittprezero"})
    assert revoked.status_code == 200
    assert error_of(app.refresh(tokens["refresh_token"])) == "invalid_grant"
    assert app.userinfo(tokens["access_token"]).status_code == 401


def test_the_empty_answer_says_nothing_of_html(provider: Provider) -> None:
    """oidc-client-ts takes an answer of another type than JSON for a failure, and would not log out."""
    assert "Content-Type" not in RelyingParty(provider).call("/revoke", token="x").headers


def test_an_unknown_token_is_no_error(provider: Provider) -> None:
    rp = RelyingParty(provider)
    for text in ("x", "at_x", "rt_x", "a.b.c", "å" * 5000):
        assert rp.call("/revoke", token=text, token_type_hint="whatever").status_code == 200


def test_another_clients_token_is_refused(provider: Provider) -> None:
    token = provider.browser().first_login().redeem().get_json()["access_token"]
    response = RelyingParty(provider, "partner").call("/revoke", token=token)
    assert (response.status_code, error_of(response)) == (400, "invalid_request")
    assert RelyingParty(provider).userinfo(token).status_code == 200


def test_the_token_and_the_client_are_needed(provider: Provider) -> None:
    rp = RelyingParty(provider)
    assert error_of(rp.call("/revoke")) == "invalid_request"
    assert error_of(rp.post("/revoke", {"token": "x"})) == "invalid_client"


def test_a_store_that_fails_is_never_a_yes(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that hears 200 forgets the token; its thief does not."""
    token = provider.browser().first_login().redeem().get_json()["access_token"]
    rp = RelyingParty(provider)

    def fail(*_: object, **__: object) -> LiveGrant | None:
        raise OperationalError("UPDATE grants", {}, Exception("the database is gone: secret-address"))

    for port, method in ((provider.parts.store.grants, "give_back"), (provider.parts.database, "commit")):
        with monkeypatch.context() as broken:
            broken.setattr(port, method, fail)
            response = rp.call("/revoke", token=token)
        assert (response.status_code, error_of(response)) == (503, "temporarily_unavailable")
        assert response.headers["Retry-After"] == "5"
        assert "secret-address" not in response.get_data(as_text=True)
        assert rp.userinfo(token).status_code == 200
    assert rp.call("/revoke", token=token).status_code == 200
    assert rp.userinfo(token).status_code == 401
