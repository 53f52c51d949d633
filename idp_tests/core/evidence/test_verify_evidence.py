"""Evidence is verified from the text alone: the seal, the proof of a login, and which login an act rests on."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from idp.core.evidence.bundle import ActKind, Bundle, RestsOn
from idp.core.evidence.seal import SealKey, digest_of
from idp.core.evidence.verify_evidence import Pins, ProvedIdentification, Refused, Verified, VerifyEvidence
from idp_tests.builders import NOW, SEAL_KEY, a_bundle, an_act
from idp_tests.cases import each
from idp_tests.recorder import Recorder

PROVED = ProvedIdentification(
    person="191212121212",
    person_name="Tolvan Tolvansson",
    shown="Logga in",
    relying_party="cn=PreZero",
    issuer="Testbank",
    serial_number="1",
    valid_from=NOW,
    valid_to=NOW,
    root="r" * 64,
)
LOGIN = a_bundle()
LOGIN_TEXT = SEAL_KEY.seal(LOGIN.to_bytes())
LINK = a_bundle(
    reference="e2",
    act=an_act(kind=ActKind.LINK),
    identification=None,
    rests_on=RestsOn(reference="e1", sha256=digest_of(LOGIN_TEXT)),
)
FREEZE = replace(LINK, act=an_act(kind=ActKind.FREEZE), rests_on=None)


def verifier(answer: object = PROVED, **pins: Any) -> VerifyEvidence:
    ports = Recorder({"proof.verify": answer})
    return VerifyEvidence({"signature": ports.port("proof")}, Pins(**pins))


def reason(found: Verified | Refused) -> str:
    assert isinstance(found, Refused), found
    return found.reason


def sealed(bundle: Bundle) -> str:
    return SEAL_KEY.seal(bundle.to_bytes())


def test_a_login_is_proved_by_its_identification() -> None:
    found = verifier()(LOGIN_TEXT)
    assert found == Verified(bundle=LOGIN, sha256=digest_of(LOGIN_TEXT), seal=SEAL_KEY.thumbprint, proved=PROVED)
    assert "1912" not in repr(PROVED)


def test_an_act_is_proved_after_its_login() -> None:
    verify = verifier()
    verify(LOGIN_TEXT)
    found = verify(sealed(LINK))
    assert isinstance(found, Verified)
    assert (found.bundle, found.proved) == (LINK, None)


def test_a_freeze_by_an_e_mail_rests_on_our_word() -> None:
    assert isinstance(verifier()(sealed(FREEZE)), Verified)


@each(
    "bundle, why",
    {
        "an act without a login": (replace(LINK, rests_on=None), "it rests on no login"),
        "an act before its login": (
            replace(LINK, act=replace(LINK.act, at=NOW - timedelta(seconds=1))),
            "the act is another person's, or older than its login",
        ),
        "another person's act": (
            replace(LINK, act=replace(LINK.act, person_id="p2")),
            "the act is another person's, or older than its login",
        ),
        "an act after another login": (
            replace(LINK, rests_on=RestsOn(reference="e1", sha256="0" * 64)),
            "the login that it rests on is another one",
        ),
        "an act after an unknown login": (
            replace(LINK, rests_on=RestsOn(reference="e9", sha256="0" * 64)),
            "the login that it rests on did not come before it, or does not hold",
        ),
        "a reference twice": (replace(LINK, reference="e1"), "another one has the same reference"),
        "a login of another time": (
            replace(LOGIN, reference="e3", act=an_act(at=NOW + timedelta(seconds=1))),
            "the login is of another time than its identification",
        ),
    },
)
def test_what_does_not_fit_together_is_refused(bundle: Bundle, why: str) -> None:
    verify = verifier()
    verify(LOGIN_TEXT)
    assert reason(verify(sealed(bundle))) == why


def test_an_act_after_a_login_that_does_not_hold_is_refused() -> None:
    verify = verifier("a signature is wrong")
    assert verify(LOGIN_TEXT) == Refused(reference="e1", reason="a signature is wrong")
    assert "does not hold" in reason(verify(sealed(LINK)))


def test_a_kind_that_nobody_verifies_is_refused() -> None:
    assert reason(VerifyEvidence({}, Pins())(LOGIN_TEXT)) == "nobody here verifies this kind"


def test_what_an_auditor_knows_from_elsewhere_counts() -> None:
    right, wrong = frozenset({SEAL_KEY.thumbprint}), frozenset({SealKey.of(b"o" * 32).thumbprint})
    assert isinstance(verifier(seals=right)(LOGIN_TEXT), Verified)
    assert verifier(seals=wrong)(LOGIN_TEXT) == Refused(reference="?", reason="it is sealed by another key")
    assert isinstance(verifier(roots=frozenset({"r" * 64}))(LOGIN_TEXT), Verified)
    assert reason(verifier(roots=frozenset({"s" * 64}))(LOGIN_TEXT)) == "the chain leads to another root"
    assert reason(verifier(replace(PROVED, root=None), roots=frozenset({"s" * 64}))(LOGIN_TEXT))


def test_a_broken_seal_and_a_sealed_nonsense_are_refused() -> None:
    assert reason(verifier()(LOGIN_TEXT[:-1])) == "is nothing that we seal"
    assert reason(verifier()(SEAL_KEY.seal(b"{}"))) == "the format is unknown"
