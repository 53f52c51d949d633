"""The export: an auditor's reader takes it as it was written and in no other way."""

import json
from collections.abc import Callable

import pytest
from cryptography.exceptions import InvalidSignature

from idp.core.audit_chain.export import Export
from idp.core.audit_chain.inspection import Damage, Finding, Inspected, Seal
from idp.core.audit_chain.marks import Entry, MarkKeys
from idp.core.audit_chain.signature import Signer, key_id
from idp_tests.audit_reader import read_export
from idp_tests.builders import NOW

SIGNER = Signer(MarkKeys({1: b"1" * 32}))


def a_seal(position: int, facts: str = '{"reason":"å"}') -> Seal:
    entry = Entry(f"{position:032}", 1, "session.ended", None, facts, "w" * 32, position, None)
    return Seal(position, entry.id, b"", b"", entry)


def exported(*findings: Finding, seals: list[Seal] | None = None) -> bytes:
    parts: list[bytes] = []
    export = Export(SIGNER, parts.append, str)
    export.begin("https://id.example", NOW)
    export.rows(seals or [a_seal(3), a_seal(4)])
    export.end(Inspected(checked=2, unsealed=0, anchors=0, head=b"", findings=findings, untold=0))
    return b"".join(parts)


def test_an_auditor_reads_and_verifies_it() -> None:
    rows = read_export(exported(), key_id(SIGNER.jwk))
    assert [(row["position"], row["facts"]) for row in rows] == [(3, {"reason": "å"}), (4, {"reason": "å"})]


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "a row": lambda content: content.replace(b'"position":4', b'"position":5'),
    "a row less": lambda content: b"".join(
        line for line in content.splitlines(keepends=True) if b'position":4' not in line
    ),
    "the count": lambda content: content.replace(b'"rows":2', b'"rows":1'),
    "the issuer": lambda content: content.replace(b"id.example", b"id.exampl3"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_was_changed_is_refused(change: Callable[[bytes], bytes]) -> None:
    changed = change(exported())
    assert changed != exported()
    with pytest.raises((ValueError, InvalidSignature)):
        read_export(changed, key_id(SIGNER.jwk))


def test_one_that_somebody_else_signed_is_refused() -> None:
    with pytest.raises(ValueError, match="another key"):
        read_export(exported(), key_id(Signer(MarkKeys({1: b"2" * 32})).jwk))


def test_what_the_verification_found_is_told_and_signed() -> None:
    content = exported(Finding(Damage.CHANGED, 4, "x"), seals=[a_seal(3), a_seal(4, "{")])
    assert json.loads(content.splitlines()[-1])["findings"][0]["position"] == 4
    with pytest.raises(ValueError, match="not as it was written"):
        read_export(content, key_id(SIGNER.jwk))


def test_a_row_that_is_gone_is_left_out() -> None:
    gone = a_seal(4)._replace(entry=None, mark=None)
    with pytest.raises(ValueError, match="rows are missing"):
        read_export(exported(seals=[a_seal(3), gone, a_seal(5)]), key_id(SIGNER.jwk))
