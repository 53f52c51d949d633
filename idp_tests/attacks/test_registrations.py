"""R-38 and T-L1 for clients that register themselves: no stranger does, and nothing dangerous is ever taken in.

Every address is looked at as text when it is registered; none is fetched, then or later.
"""

import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from idp.adapters.database.engine import unit_of_work
from idp.core.oidc.clients.client import SecurityProfile
from idp_tests.attacks.target import Target, running_target
from idp_tests.cases import each
from idp_tests.provider import ISSUER
from idp_tests.vectors import LOCAL_FILE

REGISTRATION = '\n[dynamic_registration]\nenabled = true\nper_hour = 60\nmost_clients = 60\nsecret_lifetime = "P30D"\n'
TOLD = frozenset({"audit"})
"""What somebody with an initial access token tried is written down; what a stranger tried costs no row."""
HONEST: dict[str, Any] = {"client_name": "Partner AB", "redirect_uris": ["https://rp.example/cb"]}


@pytest.fixture(scope="module")
def target(provider_files: Path, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A target that registers clients."""
    directory = tmp_path_factory.mktemp("registering") / "provider"
    with running_target(directory, provider_files, sqlite_template, REGISTRATION) as running:
        yield running


@pytest.fixture(scope="module")
def token(target: Target) -> str:
    """An initial access token for any number of registrations."""
    provider = target.provider
    with provider.app.app_context(), unit_of_work():
        _, issued = provider.parts.dynamic_registration.issue_initial_token(
            "Partner",
            provider.clock(),
            life=timedelta(days=7),
            uses=None,
            security_profile=SecurityProfile.THIRD_PARTY,
            operator="eva",
        )
    return issued


def register(target: Target, body: object, authorization: str | None, kind: str = "application/json") -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {} if authorization is None else {"Authorization": authorization}
    return target.post("/register", data, headers, content_type=kind)


TOKENS = (
    None, "", "Bearer", "Bearer ", "Bearer x", "Bearer iat_", "Bearer iat_AAAA", "Basic cDpw", "bearer null", "Bearer {}x",
    "Bearer x{}", "{}", "Bearer {} {}", "DPoP {}", "Bearer at_AAAA", "Bearer rt_AAAA", "Bearer ' OR 1=1 --", "Bearer å",
)  # fmt: skip


@each("authorization", TOKENS, name=ascii)
def test_a_stranger_registers_nothing(target: Target, token: str, authorization: str | None) -> None:
    value = None if authorization is None else authorization.replace("{}", token)
    target.strike(partial(register, target, HONEST, value), status={400, 401})


HOSTILE = (
    "http://rp.example/x", "https://", "https:///x", "https://@rp.example/x", "https://u:p@rp.example/x", "javascript:alert(1)",
    "data:text/html,x", LOCAL_FILE, "gopher://rp.example/", "ftp://rp.example/", "//rp.example/x", "rp.example/x",
    "https://rp.example/x\r\nX: y", "https://rp.example/ x", "https://rp.example/<script>", "https://rp.example/\\x", "", " ", "x",
    "https://[::1", "https://rp.example:99999/x", "https://rp.example:x/x", "HTTPS://rp.example/x#f", "https://rp.example/" + "a" * 3_000,
)  # fmt: skip
ADDRESSES = ("client_uri", "policy_uri", "tos_uri", "initiate_login_uri", "backchannel_logout_uri",
             "frontchannel_logout_uri")  # fmt: skip


@pytest.mark.parametrize("address", HOSTILE, ids=lambda text: ascii(text)[1:40])
def test_a_hostile_address_is_not_taken_in(
    target: Target, token: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In every member that holds one; and nothing is looked up or fetched to find out."""

    def refuse_network(*_: Any, **__: Any) -> Any:
        raise AssertionError("something was fetched")

    monkeypatch.setattr(socket.socket, "connect", refuse_network)
    monkeypatch.setattr(socket, "getaddrinfo", refuse_network)
    for member in ADDRESSES:
        target.strike(
            partial(register, target, {**HONEST, member: address}, f"Bearer {token}"),
            status=400,
            error={"invalid_client_metadata", "invalid_redirect_uri"},
            may_change=TOLD,
        )
    for member in ("redirect_uris", "post_logout_redirect_uris"):
        target.strike(
            partial(register, target, {**HONEST, member: [address]}, f"Bearer {token}"),
            status=400,
            error={"invalid_client_metadata", "invalid_redirect_uri"},
            may_change=TOLD,
        )


FETCHED = (
    "http://169.254.169.254/latest/meta-data/", "http://127.0.0.1:8004/", "http://[::ffff:127.0.0.1]/", "http://0x7f000001/",
    "https://metadata.google.internal/", LOCAL_FILE, "https://evil.example/jwks",
)  # fmt: skip


@each("address", FETCHED)
@each("member", ["jwks_uri", "sector_identifier_uri"])
def test_a_member_that_would_be_fetched_is_refused(target: Target, token: str, member: str, address: str) -> None:
    target.strike(
        partial(register, target, {**HONEST, member: address}, f"Bearer {token}"),
        status=400,
        error="invalid_client_metadata",
        may_change=TOLD,
    )


WRONG: tuple[dict[str, Any], ...] = (
    {"redirect_uris": []}, {"redirect_uris": "https://rp.example/cb"}, {"redirect_uris": [1]}, {"redirect_uris": None},
    {"redirect_uris": ["https://rp.example/cb#x"]}, {"redirect_uris": ["https://*.example/cb"]},
    {"redirect_uris": ["https://rp.example/cb"] * 60}, {"redirect_uris": ["https://rp.example/cb?code=x"]},
    {"redirect_uris": ["https://rp.example/../cb"]}, {"redirect_uris": ["http://localhost.evil.example/cb"]},
    {"response_types": ["token"]}, {"response_types": ["id_token"]}, {"response_types": "code"},
    {"grant_types": ["implicit"]}, {"grant_types": ["password"]}, {"grant_types": ["client_credentials"]},
    {"token_endpoint_auth_method": "client_secret_jwt"}, {"token_endpoint_auth_method": "tls_client_auth"},
    {"token_endpoint_auth_method": "x"}, {"id_token_signed_response_alg": "none"},
    {"id_token_signed_response_alg": "HS256"}, {"userinfo_signed_response_alg": "none"}, {"request_object_signing_alg": "none"},
    {"id_token_encrypted_response_alg": "RSA1_5"}, {"application_type": "evil"}, {"subject_type": "evil"},
    {"client_name": "BankID"}, {"client_name": "PreZero"}, {"client_name": "MinaSidor"}, {"client_name": ""},
    {"client_name": "x" * 200}, {"client_name": "a\nb"}, {"client_name": "\u202eabc"}, {"client_name": 1},     {"jwks": {"keys": "x"}}, {"jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]}}, {"jwks": {"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}},
    {"jwks": {"keys": [{"kty": "EC", "crv": "P-256", "x": "A", "y": "A", "d": "A"}]}}, {"scope": 1}, {"scope": "profile"},
    {"default_max_age": -1}, {"default_max_age": "x"}, {"default_max_age": 10**30}, {"require_auth_time": "yes"},
    {"backchannel_logout_session_required": "yes"}, {"require_pushed_authorization_requests": "no"},
    {"dpop_bound_access_tokens": 1}, {"default_acr_values": "x"}, {"contacts": "x"},
)  # fmt: skip


@each("change", WRONG, name=lambda change: str(change)[:60])
def test_a_registration_that_would_be_unsafe_or_useless_is_refused(
    target: Target, token: str, change: dict[str, Any]
) -> None:
    target.strike(
        partial(register, target, {**HONEST, **change}, f"Bearer {token}"),
        status=400,
        error={"invalid_client_metadata", "invalid_redirect_uri"},
        may_change=TOLD,
    )


OURS = ("first_party", "personal_number_allowed", "evidence_claims_allowed", "user_message_allowed", "sso_group", "resources",
        "introspection_audiences", "security_profile", "require_pkce", "bankid_return_uri", "client_id", "client_secret",
        "client_secret_hash", "disabled", "refresh_lifetime", "access_token_lifetime", "intention", "require_customer_link")  # fmt: skip


@each("member", OURS)
def test_nobody_gives_itself_a_permission(target: Target, token: str, member: str) -> None:
    """Members that only an operator writes are ignored or refused, never in force."""
    value: Any = {"resources": ["https://api.example/"], "intention": {"sv": "evil"}}.get(member, "evil")
    if member.endswith(("_allowed", "_party", "_pkce", "_link")) or member == "disabled":
        value = member == "first_party" or member.endswith("_allowed")
    known = {client.client_id for client in target.provider.parts.clients.all()}
    response = register(target, {**HONEST, member: value}, f"Bearer {token}")
    target.check_answer(response)
    if response.status_code == 400:
        return
    told = response.get_json()
    assert told.get(member) != value
    client = target.provider.parts.clients.find(told["client_id"])
    assert client is not None
    assert client.client_id not in known
    assert not (client.first_party)
    assert not (client.personal_number_allowed)
    assert not (client.evidence_claims_allowed)
    assert not (client.user_message_allowed)
    assert not (client.resources)
    assert not (client.introspection_audiences)
    assert not (client.intention)
    assert client.require_pkce
    assert client.sso_group not in {"evil", "prezero"}


BODIES = (
    b"", b"{", b"[]", b"null", b"1", b'"x"', b"\xff", b"{}", b'{"redirect_uris":["https://rp.example/cb"],"redirect_uris":[]}',
    b'{"client_name":"\\ud800"}', b'{"client_name":"\\u0000"}', b'{"x":NaN}', b"[" * 10_000, b"{" + b" " * 70_000 + b"}",
    b"client_name=x", b'{"redirect_uris":["https://rp.example/cb"]}x',
)  # fmt: skip


@each("body", BODIES, name=lambda body: ascii(body)[2:40])
def test_a_body_that_is_no_metadata_is_refused(target: Target, token: str, body: bytes) -> None:
    target.strike(partial(register, target, body, f"Bearer {token}"), status={400, 413}, may_change=TOLD)


@each("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""])
def test_a_registration_is_json(target: Target, token: str, kind: str) -> None:
    target.strike(partial(register, target, HONEST, f"Bearer {token}", kind), status=400, may_change=TOLD)


def test_one_client_cannot_read_change_or_remove_another(target: Target, token: str) -> None:
    mine, other = (register(target, HONEST, f"Bearer {token}").get_json() for _ in range(2))
    for method in ("GET", "PUT", "DELETE"):
        for path in (other["client_id"], "minasidor", "nobody", "x" * 100):
            for bearer in (mine["registration_access_token"], token, "x"):
                if bearer == "x" or path != mine["client_id"]:
                    target.strike(
                        partial(
                            target.http.open,
                            f"/register/{path}",
                            method=method,
                            data=json.dumps(HONEST).encode() if method == "PUT" else None,
                            content_type="application/json",
                            headers={"Authorization": f"Bearer {bearer}"},
                            base_url=ISSUER,
                        ),
                        status=401,
                    )


def test_the_honest_registration_is_taken_in(target: Target, token: str) -> None:
    """The control."""
    response = register(target, HONEST, f"Bearer {token}")
    assert response.status_code == 201
    assert response.get_json()["redirect_uris"] == HONEST["redirect_uris"]
