"""What an operator does with kept evidence: shown, verified and taken out, and each look written down."""

from dataclasses import replace
from typing import Any

from idp.core.evidence.archive import ExportEvidence, ShowEvidence, VerifyArchive, examine
from idp.core.evidence.bundle import ActKind, RestsOn
from idp.core.evidence.export_file import Whole, verify_export
from idp.core.evidence.ports import Kept, Selection
from idp.core.evidence.verify_evidence import Pins, Refused, Verified, VerifyEvidence
from idp.core.operator_events import EvidenceExported, EvidenceShown, EvidenceVerified
from idp_tests.builders import NOW, SEAL_KEY, a_bundle, an_act, kept
from idp_tests.cases import each
from idp_tests.core.evidence.test_verify_evidence import PROVED
from idp_tests.recorder import Recorder

LOGIN = kept(a_bundle())
LINK = kept(
    a_bundle(
        reference="e2",
        act=an_act(kind=ActKind.LINK, customer_id="c1"),
        identification=None,
        rests_on=RestsOn(reference="e1", sha256=LOGIN.sha256),
    )
)
WRONG = replace(LINK, reference="e3")


def verifier() -> VerifyEvidence:
    return VerifyEvidence({"signature": Recorder({"proof.verify": PROVED}).port("proof")}, Pins())


def show(ports: Recorder) -> Any:
    use_case = ShowEvidence(archive=ports.port("archive"), verifier=verifier, audit=ports.port("audit"))
    return use_case("e2", NOW, operator="olle", unmasked=True)


def test_an_act_is_shown_with_the_login_that_it_rests_on_in_mind() -> None:
    ports = Recorder({"archive.find": lambda name: [LINK] if name == "e2" else [LOGIN, LINK]})
    [found] = show(ports)
    assert isinstance(found, Verified)
    assert found.bundle.reference == "e2"
    assert ports.event(EvidenceShown) == EvidenceShown(person_id="p1", reference="e2", operator="olle", unmasked=True)


def test_a_login_is_shown_with_all_that_rests_on_it() -> None:
    ports = Recorder({"archive.find": [LOGIN, LINK]})
    assert [each.bundle.reference for each in show(ports)] == ["e1", "e2"]
    assert ports.names == ["archive.find", "audit evidence.shown", "audit evidence.shown"]


def test_nothing_found_is_nothing_shown() -> None:
    ports = Recorder({"archive.find": []})
    assert show(ports) == []
    assert ports.names == ["archive.find"]


def test_everything_kept_is_verified_and_what_does_not_hold_is_named() -> None:
    ports = Recorder({"archive.count": 3, "archive.select": lambda _: iter([LOGIN, LINK, WRONG])})
    told: list[tuple[int, int]] = []
    verify = VerifyArchive(archive=ports.port("archive"), verifier=verifier, audit=ports.port("audit"))
    done, refused = verify(NOW, operator="olle", progress=lambda done, in_all: told.append((done, in_all)))
    assert (done, [each.reference for each in refused]) == (3, ["e3"])
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert ports.event(EvidenceVerified) == EvidenceVerified(operator="olle", bundles=3, refused=1)


@each(
    "row",
    {
        "another's digest": replace(LINK, sha256=LOGIN.sha256),
        "another reference": replace(LINK, reference="e9"),
        "another kind": replace(LINK, act=replace(LINK.act, kind=ActKind.CONSENT)),
        "another company": replace(LINK, act=replace(LINK.act, customer_id="c2")),
        "another person": replace(LINK, act=replace(LINK.act, person_id="p2")),
        "another time": replace(LINK, act=replace(LINK.act, at=NOW.replace(year=2036))),
        "a text that no key opens": replace(LINK, sealed=""),
    },
)
def test_a_row_that_is_about_something_else_is_refused(row: Kept) -> None:
    verify = verifier()
    assert isinstance(examine(LOGIN, verify), Verified)
    assert isinstance(examine(row, verify), Refused)


def test_a_login_before_the_account_is_found_by_the_person_later() -> None:
    before = kept(a_bundle(act=an_act(person_id=None)))
    assert isinstance(examine(replace(before, act=an_act()), verifier()), Verified)


def test_an_export_is_noted_before_the_first_line_and_verifies_as_a_whole() -> None:
    selection = Selection(person_id="p1", since=NOW)
    ports = Recorder({"archive.count": 2, "archive.select": lambda _: iter([LOGIN, LINK])})
    export = ExportEvidence(
        archive=ports.port("archive"), seal_key=lambda: SEAL_KEY, audit=ports.port("audit"), issuer="https://id.example"
    )
    assert export.note(selection, NOW, operator="olle") == 2
    assert ports.names == ["archive.count", "audit evidence.exported"]
    assert ports.event(EvidenceExported) == EvidenceExported(
        operator="olle", bundles=2, person_id="p1", since="2026-05-05T12:00:00.000000Z"
    )
    *bundles, end = verify_export(list(export.lines(selection, NOW)), verifier())
    assert all(isinstance(found, Verified) for found in bundles)
    assert end == Whole(bundles=2)
