"""R-34: secrets and the ways they come: exactly one method, the registered one, in the header or the form."""

import base64
import hmac
from functools import partial

import pytest

from idp_tests.attacks.target import Target
from idp_tests.cases import each
from idp_tests.relying_party import PARTNER_SECRET

ENDPOINTS = ("/token", "/par", "/introspect", "/revoke")


def basic(text: str | bytes) -> str:
    return "Basic " + base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


BAD_HEADERS: dict[str, str] = {
    "a wrong secret": basic("partner:wrong"),
    "an empty secret": basic("partner:"),
    "no colon": basic("partner"),
    "nothing": basic(""),
    "only a colon": basic(":"),
    "an unknown client": basic(f"nobody:{PARTNER_SECRET}"),
    "a client in capitals": basic(f"PARTNER:{PARTNER_SECRET}"),
    "a client with a space": basic(f"partner :{PARTNER_SECRET}"),
    "a secret with a space": basic(f"partner: {PARTNER_SECRET}"),
    "a secret with a line feed": basic(f"partner:{PARTNER_SECRET}\n"),
    "a secret with a NUL": basic(f"partner:{PARTNER_SECRET}\0"),
    "a secret with a letter more": basic(f"partner:{PARTNER_SECRET}x"),
    "a secret with a letter less": basic(f"partner:{PARTNER_SECRET[:-1]}"),
    "a secret in capitals": basic(f"partner:{PARTNER_SECRET.upper()}"),
    "a secret in Latin-1": basic(b"partner:\xe5\xe4\xf6"),
    "a secret that is no UTF-8": basic(b"partner:\xff\xfe"),
    "a broken escape": basic("partner:%zz"),
    "an escape that is no UTF-8": basic("partner:%ff"),
    "letters beyond ASCII": basic("partner:åäö"),
    "a very long secret": basic("partner:" + "s" * 50_000),
    "a very long name": basic("p" * 50_000 + ":s"),
    "no base64": "Basic !!!",
    "base64 without padding": "Basic " + base64.b64encode(b"partner:xx").decode().rstrip("="),
    "base64 with a space": "Basic " + base64.b64encode(b"partner:x").decode()[:4] + " " + "AAAA",
    "no credentials": "Basic",
    "another scheme": "Digest username=partner",
    "a bearer token": "Bearer at_x",
    "a scheme of our own": "Partner x",
    "an empty header": "",
    "a confidential client of keys": basic("minasidor:"),
    "a public client": basic("mittprezero:"),
    "a public client with a secret": basic("mittprezero:secret"),
    "a disabled client": basic("disabled:"),
    "the hash as the secret": basic("partner:" + __import__("hashlib").sha256(PARTNER_SECRET.encode()).hexdigest()),
    "the hash of nobody": basic("minasidor:nobody"),
}


@each("header", BAD_HEADERS)
def test_a_header_that_proves_nothing_is_refused_at_every_endpoint(target: Target, header: str) -> None:
    for path in ENDPOINTS:
        form = {"grant_type": "authorization_code", "token": "x", **target.question("partner", client_id=None)}
        response = target.strike(
            partial(target.post, path, form, {"Authorization": header}),
            status=401,
            error="invalid_client",
        )
        assert response.headers["WWW-Authenticate"].startswith("Basic realm=")
        assert response.get_json()["error_description"] == "Client authentication failed"


BAD_FORMS: dict[str, dict[str, str]] = {
    "a wrong secret": {"client_id": "partner", "client_secret": "wrong"},
    "no secret": {"client_id": "partner"},
    "an empty secret": {"client_id": "partner", "client_secret": ""},
    "a secret without a client": {"client_secret": PARTNER_SECRET},
    "an unknown client": {"client_id": "nobody", "client_secret": PARTNER_SECRET},
    "another client": {"client_id": "minasidor", "client_secret": PARTNER_SECRET},
    "a public client with a secret": {"client_id": "mittprezero", "client_secret": "x"},
    "a client of keys without": {"client_id": "minasidor"},
    "a FAPI client without": {"client_id": "fapi"},
    "a disabled client": {"client_id": "disabled"},
    "nobody at all": {},
    "a secret beyond ASCII": {"client_id": "partner", "client_secret": "åäö"},
    "a secret of emoji": {"client_id": "partner", "client_secret": "💧" * 100},
    "a very long secret": {"client_id": "partner", "client_secret": "s" * 20_000},
    "SQL": {"client_id": "partner' OR '1'='1", "client_secret": "' OR '1'='1"},
    "a path": {"client_id": "../partner", "client_secret": PARTNER_SECRET},
    "a file": {"client_id": "partner.toml", "client_secret": PARTNER_SECRET},
    "an assertion without type": {"client_assertion": "a.b.c"},
    "a type without assertion": {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
}


@each("form", BAD_FORMS)
def test_a_form_that_proves_nothing_is_refused_at_every_endpoint(target: Target, form: dict[str, str]) -> None:
    for path in ENDPOINTS:
        sent = {"grant_type": "authorization_code", "token": "x", **form}
        response = target.strike(partial(target.post, path, sent), status=401, error="invalid_client")
        assert response.get_json()["error_description"] == "Client authentication failed"


@each("path", ENDPOINTS)
def test_two_methods_at_once_are_refused_even_when_both_are_right(target: Target, path: str) -> None:
    """RFC 6749 2.3."""
    right = {"Authorization": basic(f"partner:{PARTNER_SECRET}")}
    assertion = target.credentials()
    for form, headers in (
        ({"client_id": "partner", "client_secret": PARTNER_SECRET}, right),
        (assertion, right),
        ({**assertion, "client_secret": PARTNER_SECRET}, {}),
        ({"client_assertion_type": "x"}, right),
        ({"client_secret": "wrong"}, right),
    ):
        target.strike(
            partial(target.post, path, {**form, "token": "x"}, headers),
            status=400,
            error="invalid_request",
        )


@each("path", ENDPOINTS)
def test_the_name_in_the_form_is_the_name_in_the_header(target: Target, path: str) -> None:
    headers = {"Authorization": basic(f"partner:{PARTNER_SECRET}")}
    for name in ("minasidor", "PARTNER", "partner ", "nobody"):
        target.strike(partial(target.post, path, {"client_id": name, "token": "x"}, headers), status={400, 401})


def test_a_public_client_is_believed_only_where_it_may_be(target: Target) -> None:
    form = {"client_id": "mittprezero", "token": "x"}
    target.strike(lambda: target.post("/introspect", form), status=401, error="invalid_client")


@each("path", ["/introspect", "/revoke"])
def test_the_right_secret_is_believed(target: Target, path: str) -> None:
    """The control, with both ways of a secret."""
    headers = {"Authorization": basic(f"partner:{PARTNER_SECRET}")}
    form = {"client_id": "partner", "client_secret": PARTNER_SECRET, "token": "x"}
    assert target.post(path, {"token": "x"}, headers).status_code == 200
    assert target.post(path, form).status_code == 200


NEARLY = {
    "the first letter wrong": "X" + PARTNER_SECRET[1:],
    "the last letter wrong": PARTNER_SECRET[:-1] + "X",
    "another secret": "x" * len(PARTNER_SECRET),
    "a short one": "x",
}


@each("method", ["header", "form"])
def test_nearly_right_wrong_and_unknown_cost_the_same_work(
    target: Target, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-33: the comparisons are counted, which no busy machine blurs: one of two digests, however the secret is wrong."""
    compared: list[tuple[int, int]] = []
    honest = hmac.compare_digest

    def count(one: str, other: str) -> bool:
        compared.append((len(one), len(other)))
        return honest(one, other)

    monkeypatch.setattr("idp.core.oidc.clients.authentication.hmac.compare_digest", count)
    for client_id in ("partner", "nobody"):
        for secret in NEARLY.values():
            compared.clear()
            form = {"token": "x"} | ({"client_id": client_id, "client_secret": secret} if method == "form" else {})
            headers = {"Authorization": basic(f"{client_id}:{secret}")} if method == "header" else {}
            target.strike(partial(target.post, "/introspect", form, headers), status=401, error="invalid_client")
            assert compared == [(64, 64)]
