"""R-50 to R-59: who was blocked, disabled, rotated or taken away is out at once, everywhere; nobody gets more than asked."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from idp.adapters.database.engine import unit_of_work
from idp_tests.attacks.person import USES, Person
from idp_tests.attacks.stages import stranger
from idp_tests.attacks.target import Target, error_in
from idp_tests.cases import each
from idp_tests.provider import ISSUER
from idp_tests.relying_party import PARTNER_SECRET, RelyingParty, change


def block(person: Person) -> None:
    with person.provider.parts.database.unit_of_work():
        person.provider.parts.accounts.block(person.id, person.provider.clock(), operator="test", reason="test")


def end_sessions_and_grants(person: Person) -> None:
    with person.provider.app.app_context(), unit_of_work():
        store, now = person.provider.parts.store, person.provider.clock()
        store.sessions.end_for_person(person.id, now, reason="test")
        store.grants.revoke_for_person(person.id, now, reason="test")


def disable_clients(person: Person) -> None:
    for client_id in ("minasidor", "mittprezero"):
        change(person.provider, client_id, disabled=True)


ENDS: Mapping[str, Callable[[Person], None]] = {
    "blocked": block,
    "logged out everywhere": end_sessions_and_grants,
    "the clients are disabled": disable_clients,
}


@pytest.fixture
def person(target: Target) -> Iterator[Person]:
    yield Person(target.provider)
    for client_id in ("minasidor", "mittprezero"):
        change(target.provider, client_id, disabled=False)


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_what_ends_ends_everywhere_at_once(target: Target, person: Person, use: str, end: Any) -> None:
    end(person)
    if end is disable_clients and use == "introspect":
        response = person.portal.call("/introspect", token=person.access)
        assert response.status_code == 401
        return
    assert not person.works(use)


@pytest.mark.parametrize("use", USES)
def test_what_does_not_end_goes_on(person: Person, use: str) -> None:
    """The control."""
    assert person.works(use)


def test_an_address_that_was_taken_away_gets_no_answer(target: Target) -> None:
    """Also of a login that began while it was registered, and of a request that was pushed then."""
    provider = target.provider
    browser = provider.browser().authorize("partner", redirect_uri="https://partner.example/other?x=1")
    form = target.question("partner", redirect_uri="https://partner.example/other?x=1", prompt="none")
    pushed = target.post("/par", {**form, "client_secret": PARTNER_SECRET}).get_json()["request_uri"]
    kept = frozenset({"https://partner.example/cb"})
    change(provider, "partner", redirect_uris=kept)
    try:
        response = target.get("/authorize", {"client_id": "partner", "request_uri": pushed})
        assert response.status_code == 400
        browser.get(browser.base)
        assert browser.status == 400
        assert browser.left_to is None
    finally:
        change(provider, "partner", redirect_uris=kept | {"https://partner.example/other?x=1"})


@each("step", ["bankid", "consent", "leave"])
def test_a_client_that_was_disabled_meanwhile_gets_no_answer(target: Target, step: str) -> None:
    provider = target.provider
    browser = provider.browser().authorize("partner", scope="openid email")
    if step == "consent":
        browser.identify(stranger())
        assert browser.step == "consent"
    page = browser.page
    change(provider, "partner", disabled=True)
    try:
        browser.page = page
        if step == "consent":
            browser.submit("/consent", answer="allow")
        elif step == "leave":
            browser.submit("/bankid/cancel")
        else:
            browser.get(f"{browser.base}/bankid")
        assert browser.status == 400
        assert browser.left_to is None
    finally:
        change(provider, "partner", disabled=False)


def test_a_secret_that_was_replaced_is_wrong(target: Target) -> None:
    form = {"client_id": "partner", "client_secret": PARTNER_SECRET, "token": "x"}
    client = target.provider.parts.clients.find("partner")
    assert client is not None
    before = client.client_secret_hashes
    change(target.provider, "partner", client_secret_hashes=("0" * 64,))
    try:
        target.strike(lambda: target.post("/introspect", form), status=401, error="invalid_client")
    finally:
        change(target.provider, "partner", client_secret_hashes=before)
    assert target.post("/introspect", form).status_code == 200


def test_a_revocation_that_is_not_stored_is_not_acknowledged(
    target: Target, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-51: a client that hears 200 forgets the token, which would then live on."""

    def fail(*_: Any, **__: Any) -> Any:
        raise OperationalError("UPDATE grants", {}, OSError("the disk is full"))

    monkeypatch.setattr(type(target.provider.parts.store.grants), "give_back", fail)
    response = person.portal.call("/revoke", token=person.access)
    assert response.status_code == 503
    assert response.headers["Retry-After"]


# --- nobody gets more than was asked and allowed --------------------------------------------------------------------------

NUMBER = "https://id.oidc.se/claim/personalIdentityNumber"
GREEDY: tuple[dict[str, str], ...] = (
    {"scope": "openid https://id.oidc.se/scope/naturalPersonNumber"},
    {"claims": '{"userinfo":{"' + NUMBER + '":{"essential":true}},"id_token":{"' + NUMBER + '":{"essential":true}}}'},
    {"claims": '{"userinfo":{"https://id.oidc.se/claim/userSignature":null,"https://id.oidc.se/claim/deviceIp":null}}'},
    {"claims": '{"userinfo":{"https://id.oidc.se/claim/coordinationNumber":null,"personal_number":null,"role":null}}'},
    {"claims": '{"id_token":{"iss":{"value":"https://evil.example"},"aud":{"value":"evil"},"exp":{"value":1}}}'},
    {"scope": "openid admin root * offline_access"},
    {"scope": "openid address groups roles urn:evil"},
)


@each("wish", GREEDY, name=lambda wish: str(wish)[:60])
def test_a_client_gets_nothing_that_its_file_does_not_allow(target: Target, wish: dict[str, str]) -> None:
    """R-53: neither by scope nor by name; nor does a claim's name reach the protocol's own claims."""
    browser = target.anna
    answer = browser.client.get(
        "/authorize", query_string=target.question("minasidor", **wish), headers=browser.headers, base_url=ISSUER
    )
    assert "code=" in answer.headers["Location"]
    from urllib.parse import parse_qs, urlsplit

    code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    rp = RelyingParty(target.provider)
    tokens = rp.post("/token", {**rp.credentials, **target.code_form(code)}).get_json()
    claims = rp.read(tokens["id_token"]).members
    told = str(claims) + str(rp.userinfo(tokens["access_token"]).get_json())
    assert set(tokens["scope"].split()) <= {"openid", "profile", "email", "phone", "customer"}
    assert "refresh_token" not in tokens
    assert claims["iss"] == ISSUER
    assert claims["aud"] == "minasidor"
    for hidden in ("1990010", "9001012385", "c2lnbmF0dXJl", "127.0.0.1"):
        assert hidden not in told


def test_two_third_parties_know_one_person_by_two_names(target: Target) -> None:
    """R-54: pairwise subjects are stable for one client and say nothing to another."""
    user = stranger()
    seen = []
    for client_id in ("partner", "partner", "minasidor"):
        target.provider.clock.advance(seconds=5)
        browser = target.provider.browser().authorize(client_id).identify(user)
        if browser.step == "consent":
            browser.submit("/consent", answer="allow")
        if browser.step == "link":
            browser.link("10012346", "7569").register()
            target.provider.clock.advance(seconds=5)
            browser.identify(user)
        rp = RelyingParty(target.provider, client_id)
        tokens = rp.post("/token", {**rp.credentials, **browser.code_form()}).get_json()
        seen.append(rp.read(tokens["id_token"]).members["sub"])
    first, again, other = seen
    assert first == again
    assert first != other
    assert user.personal_number not in first + other


RESPONSE_TYPES = (
    "id_token", "token", "code id_token", "code token", "id_token token", "code id_token token", "none", "device_code",
    "code vp_token", "vp_token", "saml",
)  # fmt: skip


@each("response_type", RESPONSE_TYPES)
@each("mode", [None, "query", "form_post", "fragment"])
def test_a_flow_that_is_not_advertised_does_not_exist(target: Target, response_type: str, mode: str | None) -> None:
    """R-58: for somebody who is logged in, so that nothing else stands in the way."""
    query = target.question("minasidor", response_type=response_type, response_mode=mode)
    browser = target.anna
    with target.unchanged():
        response = browser.client.get("/authorize", query_string=query, headers=browser.headers, base_url=ISSUER)
    target.check_answer(response)
    text = response.headers.get("Location", "") + response.get_data(as_text=True)
    assert "code=" not in text
    assert "id_token=" not in text
    assert "access_token" not in text
    if mode != "form_post":
        assert error_in(response) in {"unsupported_response_type", "invalid_request"}


def test_what_is_advertised_is_all_there_is(target: Target) -> None:
    told = target.get("/.well-known/openid-configuration").get_json()
    assert told["response_types_supported"] == ["code"]
    assert set(told["grant_types_supported"]) == {"authorization_code", "refresh_token"}
    assert "plain" not in told["code_challenge_methods_supported"]
    assert "none" not in str([value for name, value in told.items() if name.endswith("signing_alg_values_supported")])
    assert told["request_uri_parameter_supported"] is False
    paths = {rule.rule for rule in target.provider.app.url_map.iter_rules()}
    for name, value in told.items():
        if name.endswith("_endpoint") or name == "jwks_uri":
            assert value.startswith(ISSUER)
            assert value.removeprefix(ISSUER) in paths
