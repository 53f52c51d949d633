"""Signatures: verified by a library that nobody here wrote, and bound to every member."""

import json
from base64 import urlsafe_b64encode

import pytest
from joserfc import jws
from joserfc.jwk import OKPKey

from idp.core.audit_chain.marks import MarkKeys
from idp.core.audit_chain.signature import Signer, canonical, key_id

SIGNER = Signer(MarkKeys({1: b"1" * 32}))
NEWER = Signer(MarkKeys({2: b"2" * 32, 1: b"1" * 32}))
MEMBERS = {"position": 7, "åäö": ["ü", None]}


def test_it_is_a_detached_jws_over_the_other_members() -> None:
    signed = SIGNER.signed(MEMBERS)
    header, _, signature = signed["signature"].split(".")
    payload = urlsafe_b64encode(canonical(MEMBERS)).rstrip(b"=").decode()
    key = OKPKey.import_key(dict(SIGNER.jwk))
    read = jws.deserialize_compact(f"{header}.{payload}.{signature}", key, algorithms=["Ed25519"])
    assert json.loads(read.payload) == MEMBERS
    assert read.headers()["kid"] == key.thumbprint() == key_id(SIGNER.jwk)


def test_what_an_older_version_signed_is_still_ours() -> None:
    assert NEWER.is_ours(SIGNER.signed(MEMBERS))
    assert NEWER.jwk != SIGNER.jwk
    assert not SIGNER.is_ours(NEWER.signed(MEMBERS))


@pytest.mark.parametrize(
    "changes",
    [
        {"position": 8},
        {"more": 1},
        {"signature": "x"},
        {"signature": "e30..AA"},
        {"signature": None},
        {"signature": "å.b.c"},
    ],
)
def test_what_was_changed_is_not_ours(changes: dict[str, object]) -> None:
    assert not SIGNER.is_ours({**SIGNER.signed(MEMBERS), **changes})


def test_another_algorithm_is_not_believed() -> None:
    header = urlsafe_b64encode(canonical({"alg": "none", "kid": key_id(SIGNER.jwk)})).rstrip(b"=").decode()
    assert not SIGNER.is_ours({**MEMBERS, "signature": f"{header}.."})
