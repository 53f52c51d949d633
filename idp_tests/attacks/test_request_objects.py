"""R-13, R-17, R-19 to R-21 for request objects: what the client did not sign is not asked, and nothing is ever fetched."""

import secrets
import socket
from functools import partial
from typing import Any

import pytest

from idp_tests.attacks.forgeries import ATTACKER, FORGERIES, WRONG_TIMES, Forgery, Honest, b64, dump
from idp_tests.attacks.target import Target
from idp_tests.cases import each
from idp_tests.provider import ISSUER
from idp_tests.relying_party import CLIENT_KEY
from idp_tests.vectors import LOCAL_FILE


def honest(target: Target, **changes: Any) -> Honest:
    claims = {
        "iss": "signer",
        "aud": ISSUER,
        "exp": target.now + 60,
        "iat": target.now,
        "jti": secrets.token_hex(8),
        **target.question("signer", prompt="none"),
        **changes,
    }
    published = next(iter(target.provider.parts.keys.keyring.verification_keys()))
    members = {name: value for name, value in claims.items() if value is not ...}
    return Honest(
        header={"alg": "ES256", "typ": "oauth-authz-req+jwt"}, claims=members, key=CLIENT_KEY, published=published
    )


def ask(target: Target, request_object: str, **beside: str) -> Any:
    """The object alone with the client's name and the registered address, as OpenID Connect Core 6.1 has it."""
    query = {
        "client_id": "signer",
        "response_type": "code",
        "scope": "openid",
        "redirect_uri": "https://signer.example/cb",
        "request": request_object,
        **beside,
    }
    return target.get("/authorize", query)


def push(target: Target, request_object: str) -> Any:
    return target.post("/par", {**target.credentials("signer"), "request": request_object})


def refuse(target: Target, request_object: str) -> None:
    """In front of a browser it is told to the registered address beside it, or on a page when it is too long to read."""
    response = target.strike(lambda: ask(target, request_object), status={303, 400})
    if "Location" in response.headers:
        assert "error=invalid_request" in response.headers["Location"]
        assert response.headers["Location"].startswith("https://signer.example/cb?")
    target.strike(
        lambda: push(target, request_object),
        status=400,
        error={"invalid_request_object", "invalid_request"},
        may_change=frozenset({"seen_ids"}),
    )


@each("forge", FORGERIES)
def test_a_forged_request_object_is_refused(target: Target, forge: Forgery) -> None:
    refuse(target, forge(honest(target)))


TIMES = {name for name in WRONG_TIMES if name != "expires in ten minutes"} | {"expires in ten minutes"}


@each("name", sorted(TIMES))
def test_a_request_object_of_another_time_is_refused(target: Target, name: str) -> None:
    late = {"expired": lambda one, now: one.claiming(exp=now - 16)}
    refuse(target, late.get(name, WRONG_TIMES[name])(honest(target), target.now))


WRONG_MEMBERS: dict[str, dict[str, Any]] = {
    "aud of another provider": {"aud": "https://evil.example"},
    "aud with a slash": {"aud": f"{ISSUER}/"},
    "no aud": {"aud": ...},
    "aud an object": {"aud": {}},
    "iss another client": {"iss": "partner"},
    "iss a list": {"iss": ["signer"]},
    "client_id another client": {"client_id": "partner"},
    "client_id a list": {"client_id": ["signer"]},
    "a request within": {"request": "a.b.c"},
    "a request_uri within": {"request_uri": "https://evil.example/r"},
    "a secret within": {"client_secret": "x"},
    "an assertion within": {"client_assertion": "x"},
    "scope a number": {"scope": 1},
    "scope a list": {"scope": ["openid"]},
    "scope an object": {"scope": {}},
    "scope null": {"scope": None},
    "prompt a number": {"prompt": 1},
    "prompt a truth value": {"prompt": True},
    "state an object": {"state": {}},
    "nonce a number": {"nonce": 1},
    "response_type a list": {"response_type": ["code"]},
    "another response_type": {"response_type": "token"},
    "redirect_uri a list": {"redirect_uri": ["https://signer.example/cb"]},
    "redirect_uri elsewhere": {"redirect_uri": "https://evil.example/cb"},
    "redirect_uri with a fragment": {"redirect_uri": "https://signer.example/cb#x"},
    "max_age a fraction": {"max_age": 1.5},
    "max_age below zero": {"max_age": -1},
    "max_age a truth value": {"max_age": True},
    "claims a text that is no JSON": {"claims": "x"},
    "claims a list": {"claims": []},
    "claims with a list within": {"claims": {"userinfo": []}},
    "code_challenge_method plain": {"code_challenge_method": "plain"},
    "code_challenge too short": {"code_challenge": "x"},
    "jti a number": {"jti": 1},
    "jti too long": {"jti": "j" * 300},
    "nbf long ago": {"nbf": 1},
}


@each("changes", WRONG_MEMBERS)
def test_a_request_object_with_wrong_members_is_refused(target: Target, changes: dict[str, Any]) -> None:
    """Nothing is answered to an address that only stood inside, and JSON's own types mean nothing."""
    one = honest(target, **changes)
    response = target.strike(lambda: ask(target, one.sign()), status={303, 400}, may_change=frozenset({"seen_ids"}))
    assert "code=" not in response.headers.get("Location", "")
    assert "error=" in response.headers.get("Location", "error=")
    assert "login_required" not in response.headers.get("Location", "")
    other = honest(target, **changes)
    target.strike(
        lambda: push(target, other.sign()),
        status=400,
        may_change=frozenset({"seen_ids"}),
    )


def test_a_used_request_object_is_refused(target: Target) -> None:
    used = honest(target).sign()
    assert "login_required" in ask(target, used).headers["Location"]
    refuse(target, used)


@each("client_id", ["minasidor", "partner", "mittprezero"])
def test_a_client_that_did_not_register_keys_sends_no_request_objects(target: Target, client_id: str) -> None:
    query = {**target.question(client_id), "request": honest(target, iss=client_id, client_id=client_id).sign()}
    target.strike(lambda: target.get("/authorize", query), status=303, error="request_not_supported")


SMUGGLED: tuple[tuple[str, str], ...] = (
    ("redirect_uri", "https://signer.example/other"), ("scope", "openid email profile"), ("state", "smuggled"),
    ("nonce", "smuggled"), ("code_challenge", "A" * 43), ("prompt", "consent"), ("max_age", "0"),
    ("response_mode", "form_post"),
)  # fmt: skip


@each("name, value", SMUGGLED)
def test_what_was_signed_counts_more_than_what_stands_beside_it(target: Target, name: str, value: str) -> None:
    """RFC 9101 6: the signed member supersedes; the answer shows whose was used."""
    inside = {"response_mode": "query"} if name == "response_mode" else {}
    response = ask(target, honest(target, **inside).sign(), **{name: value})
    location = response.headers["Location"]
    assert location.startswith("https://signer.example/cb?error=login_required")
    assert "smuggled" not in location


def test_a_required_signature_leaves_no_room_beside_it(target: Target) -> None:
    """RFC 9101 6.3 for a client whose requests must be signed."""
    from idp_tests.relying_party import change

    client = target.provider.parts.clients.find("signer")
    assert client is not None
    change(target.provider, "signer", require_signed_request_object=True)
    try:
        unsigned = target.question("signer", prompt="none")
        target.strike(lambda: target.get("/authorize", unsigned), status=303, error="invalid_request")
        without_challenge = honest(target, code_challenge=..., code_challenge_method=...).sign()
        query = {**target.question("signer"), "request": without_challenge}
        target.strike(
            lambda: target.get("/authorize", query),
            status=303,
            error="invalid_request",
            may_change=frozenset({"seen_ids"}),
        )
    finally:
        change(target.provider, "signer", require_signed_request_object=False)


@pytest.mark.parametrize(
    "reference",
    [
        "https://evil.example/request.jwt", "http://169.254.169.254/latest/meta-data/", "http://localhost:8004/",
        LOCAL_FILE, "gopher://127.0.0.1:6379/", "ftp://evil.example/x", "//evil.example/x", "http://[::1]/",
        "http://0x7f000001/", "data:application/jwt,a.b.c", "https://id.example/jwks.json", "urn:example:x",
        "URN:IETF:PARAMS:OAUTH:REQUEST_URI:x", "urn:ietf:params:oauth:request_uri", "https://signer.example/r.jwt#x",
    ],
)  # fmt: skip
def test_a_request_is_never_fetched(target: Target, reference: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-19: no name is looked up and no socket opened, whatever the address."""

    def refuse_network(*_args: Any, **_more: Any) -> Any:
        raise AssertionError("something was fetched")

    monkeypatch.setattr(socket.socket, "connect", refuse_network)
    monkeypatch.setattr(socket, "getaddrinfo", refuse_network)
    for client_id in ("signer", "minasidor"):
        query = target.question(client_id, request_uri=reference)
        response = target.strike(partial(target.get, "/authorize", query), status=303)
        assert "error=request_uri_not_supported" in response.headers["Location"]


def test_a_request_object_of_another_clients_key_is_refused(target: Target) -> None:
    refuse(target, honest(target).sign(key=ATTACKER))


def test_an_unsigned_request_object_is_refused(target: Target) -> None:
    one = honest(target)
    refuse(target, f"{b64(dump({'alg': 'none'}))}.{b64(dump(one.claims))}.")


def test_the_honest_request_object_is_read(target: Target) -> None:
    """The control: nobody is logged in at this client, so silence is answered with login_required."""
    assert "error=login_required" in ask(target, honest(target).sign()).headers["Location"]
    assert push(target, honest(target).sign()).status_code == 201
