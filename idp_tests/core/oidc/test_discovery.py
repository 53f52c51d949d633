"""The metadata: valid by an independent judge, true, and the same bytes every time."""

import json
import subprocess
import sys
from typing import Any

import pytest

from idp.core.oidc.authorize.authorization_request import Prompt
from idp.core.oidc.claims.scopes import SCOPES
from idp.core.oidc.claims.table import may_ask
from idp.core.oidc.clients.client import AuthMethod
from idp.core.oidc.discovery import check_metadata, metadata
from idp.core.oidc.keys.algorithms import SIGNING_ALGS
from idp_tests.authorization_requests import ACR, ISSUER, World, an_rp

ALGS = ("RS256", "ES256", "PS256")
DOCUMENT = metadata(issuer=ISSUER, acrs=(ACR,), signing_algs=ALGS)


@pytest.mark.parametrize(
    "document",
    [DOCUMENT, metadata(issuer=ISSUER, acrs=(ACR,), signing_algs=ALGS, registration=True, policy_uri=f"{ISSUER}/p")],
)
def test_an_independent_validator_accepts_it(document: Any) -> None:
    check_metadata(json.loads(json.dumps(document)))


@pytest.mark.parametrize("issuer", ["http://localhost:8000", "http://127.0.0.1:8000"])
def test_an_independent_validator_accepts_a_sandbox_on_this_machine(issuer: str) -> None:
    check_metadata(metadata(issuer=issuer, acrs=(ACR,), signing_algs=ALGS))


MISTAKES: dict[str, Any] = {
    "issuer": "http://id.example",
    "jwks_uri": "http://id.example/keys",
    "subject_types_supported": ["everybody"],
    "id_token_signing_alg_values_supported": ["ES256"],
    "require_signed_request_object": "no",
    "authorization_response_iss_parameter_supported": "yes",
    "end_session_endpoint": "http://id.example/logout",
    "revocation_endpoint": "http://id.example/revoke",
    "ui_locales_supported": "sv",
}
"""One per specification that judges the document, and some more."""


def test_an_independent_validator_finds_mistakes() -> None:
    for member, mistake in MISTAKES.items():
        with pytest.raises(ValueError, match=member):
            check_metadata({**DOCUMENT, member: mistake})


def test_every_address_is_the_issuers() -> None:
    addresses = [value for name, value in DOCUMENT.items() if name.endswith(("_endpoint", "_uri"))]
    assert len(addresses) == 8
    assert all(value.startswith(f"{ISSUER}/") for value in addresses)


def test_nothing_weak_is_offered() -> None:
    text = json.dumps(DOCUMENT)
    for weak in ("HS256", "implicit", "password", "plain", '"token"', "id_token token", "RSA1_5", "fragment"):
        assert weak not in text
    signing = [value for name, values in DOCUMENT.items() if "signing_alg" in name for value in values]
    assert "none" not in signing


def test_what_defaults_to_true_is_said() -> None:
    assert DOCUMENT["request_uri_parameter_supported"] is False


def test_registration_is_named_only_when_it_is_open() -> None:
    assert "registration_endpoint" not in DOCUMENT
    assert metadata(issuer=ISSUER, acrs=(ACR,), signing_algs=ALGS, registration=True)["registration_endpoint"]


def test_every_listed_scope_prompt_and_claim_is_understood() -> None:
    everything = an_rp(scopes=frozenset(SCOPES), personal_number_allowed=True, evidence_claims_allowed=True)
    world = World.of(everything)
    assert set(world.ask(scope=" ".join(DOCUMENT["scopes_supported"])).scope) == set(SCOPES)
    for prompt in DOCUMENT["prompt_values_supported"]:
        assert world.ask(prompt=prompt).prompt == {Prompt(prompt)}
    for mode in DOCUMENT["response_modes_supported"]:
        assert world.ask(response_mode=mode).response_mode == mode
    assert all(may_ask(claim, everything) for claim in DOCUMENT["claims_supported"] if claim != "iss")


def test_every_listed_algorithm_is_read_and_none_beyond() -> None:
    assert DOCUMENT["token_endpoint_auth_signing_alg_values_supported"] == list(SIGNING_ALGS)
    assert DOCUMENT["id_token_signing_alg_values_supported"] == list(ALGS)


def test_introspection_is_for_clients_that_prove_themselves() -> None:
    assert "none" not in DOCUMENT["introspection_endpoint_auth_methods_supported"]
    assert set(DOCUMENT["token_endpoint_auth_methods_supported"]) == set(AuthMethod)


def test_every_process_gives_the_same_bytes() -> None:
    program = (
        "import json; from idp.core.oidc.discovery import check_metadata, metadata;"
        f"print(json.dumps(metadata(issuer={ISSUER!r}, acrs=({ACR!r},), signing_algs={ALGS!r})))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert outputs == {json.dumps(DOCUMENT)}
