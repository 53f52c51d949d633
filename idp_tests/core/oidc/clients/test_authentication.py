import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from idp.core.oidc.clients.authentication import JWT_BEARER, AuthenticateClient, PresentedCredentials
from idp.core.oidc.clients.client import AuthMethod, Client, SecurityProfile
from idp.core.oidc.errors import Refused
from idp.core.oidc.parameters import Form
from idp_tests.builders import NOW
from idp_tests.client_side import ISSUER, sign_raw
from idp_tests.tokens import (
    CLIENT_KEYS,
    OTHER_KEY,
    SECRET,
    InMemory,
    app,
    assertion,
    assertion_claims,
    by_assertion,
    partner,
    portal,
)


def authenticate(presented: PresentedCredentials, memory: InMemory | None = None) -> Client:
    memory = memory or InMemory()
    return AuthenticateClient(clients=memory.clients, seen_ids=memory.seen_ids, issuer=ISSUER)(presented, NOW)


def refusal(presented: PresentedCredentials, memory: InMemory | None = None) -> Refused:
    with pytest.raises(Refused) as caught:
        authenticate(presented, memory)
    return caught.value


def basic(client_id: str, secret: str) -> PresentedCredentials:
    encoded = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return PresentedCredentials(authorization=f"Basic {encoded}")


def test_a_public_client_names_itself() -> None:
    assert authenticate(PresentedCredentials(client_id="mittprezero")).client_id == "mittprezero"


def test_a_secret_is_taken_from_the_header() -> None:
    assert authenticate(basic("partner", SECRET)).client_id == "partner"


def test_a_secret_is_taken_from_the_form() -> None:
    presented = PresentedCredentials(client_id="partner", client_secret=SECRET)
    assert authenticate(presented).client_id == "partner"


def test_both_secrets_count_while_one_is_being_replaced() -> None:
    import hashlib

    hashes = tuple(hashlib.sha256(secret.encode()).hexdigest() for secret in ("new", SECRET))
    memory = InMemory()
    memory.use(partner(client_secret_hashes=hashes))
    assert authenticate(basic("partner", "new"), memory).client_id == "partner"
    assert authenticate(basic("partner", SECRET), memory).client_id == "partner"


def test_basic_credentials_are_form_decoded() -> None:
    import hashlib

    memory = InMemory()
    secret = "a b%:+å/"
    client_id = "https://rp.example:8080/x"
    memory.use(partner(client_id=client_id, client_secret_hashes=(hashlib.sha256(secret.encode()).hexdigest(),)))
    presented = basic("https%3A%2F%2Frp.example%3A8080%2Fx", "a+b%25%3A%2B%C3%A5%2F")
    assert authenticate(presented, memory).client_id == client_id


@pytest.mark.parametrize(
    "header",
    [
        "Basic ",
        "Basic",
        "basic !!!",
        "Basic Zm9v",
        "Basic /////w==",
        "Basic w7bDpQ==",
        "Bearer x",
        "DPoP x",
        "",
        "Basic cGFydG5lcjo=, Basic cGFydG5lcjo=",
        "Basic JUZGOiVGRg==",
    ],
)
def test_a_malformed_basic_header_is_refused_and_never_a_crash(header: str) -> None:
    error = refusal(PresentedCredentials(authorization=header))
    assert (error.code, error.status) == ("invalid_client", 401)
    assert error.headers["WWW-Authenticate"].startswith(f'Basic realm="{ISSUER}"')


@pytest.mark.parametrize(
    "secret", ["", "wrong", SECRET[:-1], SECRET + "x", "å", "\ud800", SECRET.upper(), "x" * 100_000]
)
def test_a_wrong_secret_is_refused_and_never_a_crash(secret: str) -> None:
    error = refusal(PresentedCredentials(client_id="partner", client_secret=secret))
    assert (error.code, error.status, dict(error.headers)) == ("invalid_client", 401, {})


def test_the_hash_of_a_secret_is_no_secret() -> None:
    stored = partner().client_secret_hashes[0]
    assert refusal(basic("partner", stored)).code == "invalid_client"


def test_a_client_without_secret_is_not_opened_by_any() -> None:
    memory = InMemory()
    memory.use(partner(client_secret_hashes=()))
    for secret in ("", "nobody", SECRET):
        assert refusal(PresentedCredentials(client_id="partner", client_secret=secret), memory).code == "invalid_client"


def test_a_public_client_that_sends_a_secret_is_refused() -> None:
    assert refusal(PresentedCredentials(client_id="mittprezero", client_secret="x")).code == "invalid_client"
    assert refusal(basic("mittprezero", "")).code == "invalid_client"


@pytest.mark.parametrize("client_id", ["partner", "minasidor"])
def test_a_confidential_client_must_prove_itself(client_id: str) -> None:
    assert refusal(PresentedCredentials(client_id=client_id)).code == "invalid_client"


def test_a_method_that_is_not_registered_is_refused() -> None:
    memory = InMemory()
    memory.use(partner(token_endpoint_auth_methods=frozenset({AuthMethod.CLIENT_SECRET_BASIC})))
    assert refusal(PresentedCredentials(client_id="partner", client_secret=SECRET), memory).code == "invalid_client"
    assert authenticate(basic("partner", SECRET), memory).client_id


def test_nobody_is_refused() -> None:
    assert refusal(PresentedCredentials()).code == "invalid_client"


def test_every_reason_reads_the_same() -> None:
    cases = [
        PresentedCredentials(client_id="unknown"),
        PresentedCredentials(client_id="unknown", client_secret="x"),
        PresentedCredentials(client_id="partner", client_secret="x"),
        PresentedCredentials(client_id="mittprezero", client_secret="x"),
        by_assertion("x"),
        by_assertion(assertion(aud="https://other.example")),
    ]
    assert len({(error.code, error.description, error.status) for error in map(refusal, cases)}) == 1


@pytest.mark.parametrize(
    ("client", "presented"),
    [
        (portal(disabled=True), by_assertion(assertion())),
        (app(disabled=True), PresentedCredentials(client_id="mittprezero")),
        (partner(disabled=True), basic("partner", SECRET)),
    ],
)
def test_a_disabled_client_is_refused(client: Client, presented: PresentedCredentials) -> None:
    memory = InMemory()
    assert authenticate(presented, InMemory()).client_id == client.client_id
    memory.use(client)
    assert refusal(presented, memory).code == "invalid_client"


@pytest.mark.parametrize(
    "presented",
    [
        PresentedCredentials(authorization="Basic cGFydG5lcjp4", client_id="partner", client_secret=SECRET),
        PresentedCredentials(
            authorization="Basic cGFydG5lcjp4", client_assertion="x", client_assertion_type=JWT_BEARER
        ),
        PresentedCredentials(client_id="partner", client_secret=SECRET, client_assertion="x"),
        PresentedCredentials(client_id="partner", client_secret=SECRET, client_assertion_type=JWT_BEARER),
    ],
)
def test_two_methods_at_once_are_refused(presented: PresentedCredentials) -> None:
    assert refusal(presented).code == "invalid_request"


def test_client_id_may_stand_beside_basic_if_it_is_the_same() -> None:
    same = basic("partner", SECRET)
    assert authenticate(PresentedCredentials(authorization=same.authorization, client_id="partner")).client_id
    other = PresentedCredentials(authorization=same.authorization, client_id="minasidor")
    assert refusal(other).code == "invalid_client"


def test_credentials_are_read_from_header_and_form() -> None:
    form = Form.read([("client_id", "c"), ("client_secret", "s"), ("client_assertion", ""), ("other", "x")])
    presented = PresentedCredentials.of(None, form, "https://id.example/token")
    assert presented == PresentedCredentials(client_id="c", client_secret="s", endpoint="https://id.example/token")


def test_credentials_are_not_shown() -> None:
    presented = PresentedCredentials(authorization="Basic hush", client_secret="hush", client_assertion="hush")
    assert "hush" not in repr(presented)


# --- private_key_jwt -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA"])
def test_an_assertion_by_a_registered_key_and_algorithm_is_accepted(alg: str) -> None:
    assert authenticate(by_assertion(assertion(alg=alg))).client_id == "minasidor"


@pytest.mark.parametrize("alg", ["RS256", "EdDSA"])
def test_an_algorithm_that_is_not_registered_is_refused(alg: str) -> None:
    memory = InMemory()
    memory.use(portal(token_endpoint_auth_signing_algs=frozenset({"PS256", "ES256"})))
    assert refusal(by_assertion(assertion(alg=alg)), memory).code == "invalid_client"


@pytest.mark.parametrize(
    "typ", [None, "JWT", "jwt", "client-authentication+jwt", "application/client-authentication+jwt"]
)
def test_the_types_of_an_assertion_are_accepted(typ: str | None) -> None:
    assert authenticate(by_assertion(assertion(typ=typ))).client_id


@pytest.mark.parametrize("typ", ["at+jwt", "dpop+jwt", "logout+jwt", "oauth-authz-req+jwt", "x"])
def test_a_token_of_another_type_is_no_assertion(typ: str) -> None:
    assert refusal(by_assertion(assertion(typ=typ))).code == "invalid_client"


@pytest.mark.parametrize("aud", [ISSUER, f"{ISSUER}/token", [ISSUER], [ISSUER, f"{ISSUER}/token"]])
def test_an_audience_that_is_registered_is_accepted(aud: Any) -> None:
    assert authenticate(by_assertion(assertion(aud=aud))).client_id


@pytest.mark.parametrize(
    "aud",
    [
        None,
        "",
        [],
        "https://other.example",
        f"{ISSUER}/",
        f"{ISSUER}/par",
        ISSUER.upper(),
        [ISSUER, "https://other.example"],
        [[ISSUER]],
        {"aud": ISSUER},
        1,
        "minasidor",
    ],
)
def test_every_other_audience_is_refused(aud: Any) -> None:
    assert refusal(by_assertion(assertion(aud=aud))).code == "invalid_client"


def test_where_a_request_is_pushed_that_endpoint_may_be_the_audience() -> None:
    """RFC 9126 2; an assertion that names one endpoint opens no other."""

    def to(endpoint: str) -> PresentedCredentials:
        return replace(by_assertion(assertion(aud=f"{ISSUER}/par")), endpoint=endpoint)

    assert authenticate(to(f"{ISSUER}/par")).client_id
    assert refusal(to(f"{ISSUER}/token")).code == "invalid_client"
    strict = InMemory()
    strict.use(portal(assertion_audiences=frozenset({ISSUER})))
    assert refusal(to(f"{ISSUER}/par"), strict).code == "invalid_client"


def test_fapi2_takes_the_issuer_as_one_text_only() -> None:
    memory = InMemory()
    memory.use(portal(security_profile=SecurityProfile.FAPI2, assertion_audiences=frozenset({ISSUER})))
    assert authenticate(by_assertion(assertion(aud=ISSUER)), memory).client_id
    for aud in ([ISSUER], f"{ISSUER}/token", f"{ISSUER}/par"):
        assert refusal(by_assertion(assertion(aud=aud)), memory).code == "invalid_client"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "partner"},
        {"sub": "partner"},
        {"iss": None},
        {"sub": None},
        {"iss": "partner", "sub": "partner"},
        {"sub": ["minasidor"]},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"jti": "x" * 513},
        {"exp": None},
        {"exp": "2026"},
        {"exp": True},
        {"iat": "now"},
    ],
)
def test_an_assertion_with_a_wrong_member_is_refused(changes: dict[str, Any]) -> None:
    assert refusal(by_assertion(assertion(**changes))).code == "invalid_client"


def at(seconds: int) -> int:
    return int((NOW + timedelta(seconds=seconds)).timestamp())


@pytest.mark.parametrize(
    ("changes", "accepted"),
    [
        ({"exp": at(300)}, True),
        ({"exp": at(311)}, False),
        ({"exp": at(3600)}, False),
        ({"exp": at(10**9)}, False),
        ({"exp": at(-9)}, True),
        ({"exp": at(-10)}, False),
        ({"exp": at(-300)}, False),
        ({"nbf": at(8)}, True),
        ({"nbf": at(60)}, False),
        ({"iat": at(8)}, True),
        ({"iat": at(60)}, False),
        ({"iat": None}, True),
    ],
)
def test_an_assertion_is_accepted_in_its_time_only(changes: dict[str, Any], accepted: bool) -> None:
    presented = by_assertion(assertion(**changes))
    if accepted:
        assert authenticate(presented).client_id == "minasidor"
    else:
        assert refusal(presented).code == "invalid_client"


def test_an_assertion_is_used_once() -> None:
    memory, presented = InMemory(), by_assertion(assertion())
    assert authenticate(presented, memory).client_id
    assert refusal(presented, memory).code == "invalid_client"


def test_a_refused_assertion_uses_up_no_jti() -> None:
    memory = InMemory()
    refusal(by_assertion(assertion(jti="one", aud="https://other.example")), memory)
    assert authenticate(by_assertion(assertion(jti="one")), memory).client_id


def test_the_jti_is_remembered_until_the_assertion_is_over() -> None:
    memory = InMemory()
    authenticate(by_assertion(assertion(jti="one", exp=at(120))), memory)
    assert memory.seen_ids.seen["client_assertion", "minasidor", "one"] >= NOW + timedelta(seconds=120)


def test_client_id_beside_an_assertion_must_be_the_same() -> None:
    assert authenticate(by_assertion(assertion(), "minasidor")).client_id
    assert refusal(by_assertion(assertion(), "partner")).code == "invalid_client"


@pytest.mark.parametrize("kind", [None, "", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"])
def test_another_assertion_type_is_refused(kind: str | None) -> None:
    presented = PresentedCredentials(client_assertion=assertion(), client_assertion_type=kind)
    assert refusal(presented).code == "invalid_client"


def test_an_assertion_type_without_assertion_is_refused() -> None:
    assert refusal(PresentedCredentials(client_assertion_type=JWT_BEARER)).code == "invalid_client"


def test_a_foreign_key_is_refused() -> None:
    assert refusal(by_assertion(assertion(key=OTHER_KEY))).code == "invalid_client"


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "a.b.c.d.e", "å.b.c", "x" * 20_000, "{}", "..", "\x00.\x00.\x00"])
def test_garbage_is_refused_and_never_a_crash(text: str) -> None:
    assert refusal(by_assertion(text)).code == "invalid_client"


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "None"},
        {"alg": "HS256"},
        {"alg": "ES256", "crit": ["b64"], "b64": False},
        {"alg": "ES256", "jwk": OTHER_KEY.as_dict(private=False)},
        {"alg": "ES256", "jku": "https://evil.example/jwks"},
        {"alg": "ES256", "x5c": ["MII"]},
        {"alg": ["ES256"]},
        {},
    ],
)
def test_a_header_with_tricks_is_refused(header: dict[str, Any]) -> None:
    text = sign_raw(header, assertion_claims(), CLIENT_KEYS["ES256"], "ES256")
    assert refusal(by_assertion(text)).code == "invalid_client"


def test_an_assertion_without_signature_is_refused() -> None:
    head, body, _ = assertion().split(".")
    assert refusal(by_assertion(f"{head}.{body}.")).code == "invalid_client"


def test_an_unknown_client_with_an_assertion_is_refused() -> None:
    assert refusal(by_assertion(assertion(iss="nobody", sub="nobody"))).code == "invalid_client"


def test_a_client_with_a_broken_key_set_is_refused_and_never_a_crash() -> None:
    memory = InMemory()
    memory.use(portal(jwks={"keys": [{"kty": "EC"}, {"kty": "oct", "k": "AA"}, {}]}))
    assert refusal(by_assertion(assertion()), memory).code == "invalid_client"
