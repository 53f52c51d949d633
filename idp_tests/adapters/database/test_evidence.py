"""Sealed evidence lies encrypted, and is found by its reference and by its login."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.evidence import DatabaseEvidence
from idp.adapters.database.tables import evidence
from idp.core.evidence.bundle import ActKind, RestsOn
from idp.core.evidence.ports import Selection
from idp_tests.adapters.database.seeds import add_customer
from idp_tests.builders import NOW, a_bundle, an_act, kept
from idp_tests.cases import each
from idp_tests.databases import CIPHER

pytestmark = pytest.mark.usefixtures("database_context")

LATER = NOW + timedelta(days=3)
STORE = DatabaseEvidence(CIPHER)
LOGIN = kept(a_bundle())
LINK = kept(a_bundle(reference="e2", act=an_act(kind=ActKind.LINK, customer_id="c1"), identification=None))


def test_evidence_is_found_by_its_reference_and_by_its_login() -> None:
    with unit_of_work():
        STORE.keep(LOGIN)
        STORE.keep(LINK)
        assert STORE.find("e2") == [LINK]
        assert STORE.find("a1") == [LOGIN, LINK]
        assert STORE.find("e3") == []


def test_an_act_may_rest_on_the_login_alone() -> None:
    with unit_of_work():
        STORE.keep(LINK)
        assert STORE.login_of("a1") is None
        STORE.keep(LOGIN)
        assert STORE.login_of("a1") == RestsOn(reference="e1", sha256=LOGIN.sha256)


def test_a_row_says_whom_it_concerns_and_nothing_of_what_was_signed() -> None:
    with unit_of_work():
        STORE.keep(LINK)
        row = connection().execute(select(evidence)).one()
    assert (row.kind, row.person_id, row.customer_id, row.client_id) == ("link", "p1", "c1", "minasidor")
    assert LINK.sealed.split(".")[1].encode() not in row.sealed_encrypted


CONSENT = kept(
    a_bundle(reference="e3", act=an_act(kind=ActKind.CONSENT, at=LATER, person_id="p2"), identification=None), "a2"
)
SECOND = kept(a_bundle(reference="e4", act=an_act(at=NOW, person_id="p2")), "a2")
FREEZE = kept(a_bundle(reference="e5", act=an_act(kind=ActKind.FREEZE, customer_id="c2"), identification=None), None)


@each(
    "selection, expected",
    {
        "everything": (Selection(), ["e1", "e4", "e2", "e3", "e5"]),
        "a person": (Selection(person_id="p2"), ["e4", "e3"]),
        "a company, with the login that the link rests on": (Selection(customer_id="c1"), ["e1", "e2"]),
        "a company without a login": (Selection(customer_id="c2"), ["e5"]),
        "since a day, with the older login": (Selection(since=LATER), ["e4", "e3"]),
        "nobody": (Selection(person_id="p9"), []),
    },
)
def test_logins_come_before_what_rests_on_them(
    selection: Selection, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("idp.adapters.database.evidence.BATCH", 2)
    with unit_of_work():
        connection().execute(evidence.delete())
        for each_kept in (FREEZE, CONSENT, LINK, SECOND, LOGIN):
            STORE.keep(each_kept)
        assert [found.reference for found in STORE.select(selection)] == expected
        assert STORE.count(selection) == len(expected)


def test_what_no_key_opens_is_read_as_nothing() -> None:
    with unit_of_work():
        STORE.keep(LOGIN)
        connection().execute(evidence.update().values(sealed_encrypted=b"\x01nonsense"))
        assert [found.sealed for found in STORE.select(Selection())] == [""]


def test_a_number_leads_to_its_customer() -> None:
    with unit_of_work():
        customer_id = add_customer(number="123456")
        assert STORE.customer_of("123456") == customer_id
        assert STORE.customer_of("654321") is None
