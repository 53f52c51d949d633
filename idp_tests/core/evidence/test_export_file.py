"""An export is whole or refused: no line missing, double, moved or from elsewhere."""

import json

import pytest

from idp.core.evidence.bundle import ActKind
from idp.core.evidence.export_file import LAST_LINE, Whole, export_lines, verify_export
from idp.core.evidence.seal import EXPORT_TYPE, SealKey, content_of, unseal
from idp.core.evidence.verify_evidence import Pins, Refused, Verified, VerifyEvidence
from idp_tests.builders import NOW, SEAL_KEY, a_bundle, an_act

SEALED = [
    SEAL_KEY.seal(a_bundle(reference=name, act=an_act(kind=ActKind.FREEZE), identification=None).to_bytes())
    for name in ("e1", "e2", "e3")
]
LINES = list(export_lines(SEALED, SEAL_KEY, "https://id.example", NOW))


def verified(lines: list[bytes], pins: Pins | None = None) -> list[Verified | Refused | Whole]:
    return list(verify_export(lines, VerifyEvidence({}, pins or Pins())))


def test_a_whole_export_holds_with_every_line() -> None:
    *bundles, end = verified(LINES)
    assert all(isinstance(found, Verified) for found in bundles)
    assert end == Whole(bundles=3)


def test_an_export_of_nothing_holds() -> None:
    assert verified(list(export_lines([], SEAL_KEY, "https://id.example", NOW))) == [Whole(bundles=0)]


def test_the_last_line_says_what_the_description_says() -> None:
    members = json.loads(unseal(LINES[-1].decode().strip(), EXPORT_TYPE).content)
    assert members.keys() == {"format", "issuer", "made_at", "bundles", "sha256"}
    assert (members["format"], members["bundles"]) == ("idp-evidence-export/1", "3")


@pytest.mark.parametrize(
    "lines",
    [
        LINES[1:],
        [LINES[1], LINES[0], *LINES[2:]],
        [*LINES[:2], *LINES[3:]],
        [LINES[0], *LINES],
        [*LINES[:-1], SEAL_KEY.seal(content_of(LINES[-1].decode().strip())).encode() + b"\n"],
        LINES[:-1],
        [*LINES[:-1], LINES[-1].rstrip(b"\n")],
        [*LINES[:-1], "ö\n".encode()],
        [*LINES, b"\n"],
        [],
    ],
)
def test_anything_else_is_refused_at_the_last_line(lines: list[bytes]) -> None:
    end = verified(lines)[-1]
    assert isinstance(end, Refused)
    assert end.reference == LAST_LINE


def test_the_last_line_is_sealed_by_the_same_keys() -> None:
    others = list(export_lines(SEALED, SealKey.of(b"o" * 32), "https://id.example", NOW))
    pins = Pins(seals=frozenset({SEAL_KEY.thumbprint}))
    assert isinstance(verified(LINES, pins)[-1], Whole)
    assert verified(others, pins)[-1] == Refused(reference=LAST_LINE, reason="it is sealed by another key")


def test_a_line_without_end_is_refused_as_it_is_read() -> None:
    assert verified([b"a" * 10, LINES[-1]])[0] == Refused(reference="?", reason="a line is too long")
