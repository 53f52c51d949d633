"""Evidence is sealed, stored and noted in the audit log, and an act names the login that it is part of."""

from idp.core.events import EvidenceSealed
from idp.core.evidence.bundle import ActKind, Bundle, RestsOn
from idp.core.evidence.keep_evidence import KeepEvidence
from idp.core.evidence.ports import Kept
from idp.core.evidence.seal import digest_of, unseal
from idp_tests.builders import NOW, SEAL_KEY, a_bundle, an_act
from idp_tests.recorder import Recorder

LOGIN = RestsOn(reference="e0", sha256="0" * 64)
LINK = an_act(kind=ActKind.LINK, customer_id="c1")


def keeping(ports: Recorder) -> KeepEvidence:
    return KeepEvidence(
        kept=ports.port("kept"), seal_key=lambda: SEAL_KEY, audit=ports.port("audit"), issuer="https://id.example"
    )


def the_bundle(ports: Recorder) -> tuple[Kept, Bundle]:
    [kept] = ports.arguments("kept.keep")
    return kept, Bundle.from_bytes(unseal(kept.sealed).content)


def test_a_login_is_kept_with_its_identification() -> None:
    ports, found = Recorder(), a_bundle().identification
    assert found is not None
    keeping(ports).keep_login(an_act(), found, authentication_id="a1", now=NOW)
    kept, bundle = the_bundle(ports)
    assert (bundle.act, bundle.identification, bundle.issuer) == (an_act(), found, "https://id.example")
    assert (kept.reference, kept.act, kept.authentication_id) == (bundle.reference, an_act(), "a1")
    assert ports.names == ["kept.keep", "audit evidence.sealed"]


def test_an_act_rests_on_the_login_in_which_it_happened() -> None:
    ports = Recorder({"kept.login_of": LOGIN})
    keeping(ports).keep_act(LINK, authentication_id="a1", now=NOW)
    kept, bundle = the_bundle(ports)
    assert ports.arguments("kept.login_of") == ("a1",)
    assert (bundle.act, bundle.rests_on, bundle.identification) == (LINK, LOGIN, None)
    assert ports.event(EvidenceSealed) == EvidenceSealed(
        person_id="p1", reference=kept.reference, kind="link", sha256=digest_of(kept.sealed)
    )


def test_an_act_without_a_login_rests_on_nothing() -> None:
    ports = Recorder()
    keeping(ports).keep_act(an_act(kind=ActKind.FREEZE), authentication_id=None, now=NOW)
    assert the_bundle(ports)[1].rests_on is None
    assert ports.names == ["kept.keep", "audit evidence.sealed"]
