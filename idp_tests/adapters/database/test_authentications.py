"""Authentications: whom, how and by whom; claimed by the account that is made after it."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from idp.adapters.database.authentications import Authentications
from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.evidence import DatabaseEvidence
from idp.adapters.database.identities import Identities
from idp.adapters.database.tables import authentications, evidence, identities
from idp.core.identification.verdict import Verdict
from idp.core.ids import new_id
from idp.core.oidc.claims.authentication import Authentication
from idp_tests.adapters.database.seeds import add_person
from idp_tests.builders import a_bundle, an_act, an_assertion, an_authentication, an_identity, kept
from idp_tests.databases import CIPHER, NOW, PEPPER

pytestmark = pytest.mark.usefixtures("database_context")

AUTHENTICATIONS = Authentications(CIPHER, Identities(CIPHER, PEPPER))
ANNA = an_identity("199001010017")
VOUCHED = an_assertion(identity=ANNA, verdict=Verdict.STEP_UP)


def event(person_id: str = "") -> Authentication:
    return an_authentication(id=new_id(NOW), person_id=person_id, at=NOW)


def test_an_authentication_names_its_identity_method_and_provider() -> None:
    with unit_of_work():
        anna = add_person(ANNA.key).id
        AUTHENTICATIONS.record(event(anna), VOUCHED)
        row = connection().execute(select(authentications)).one()
        identity = connection().execute(select(identities.c.id)).scalar_one()
    assert (row.person_id, row.identity_id) == (anna, identity)
    assert (row.method, row.provider) == ("bankid", "https://www.bankid.com")
    assert row.verdict == "step_up"


def test_before_there_is_an_account_there_is_neither_person_nor_identity() -> None:
    with unit_of_work():
        AUTHENTICATIONS.record(event(), VOUCHED)
        row = connection().execute(select(authentications)).one()
    assert (row.person_id, row.identity_id) == (None, None)


def test_an_account_claims_the_authentication_before_it_and_its_evidence_is_found_by_the_person() -> None:
    before = event()
    with unit_of_work():
        AUTHENTICATIONS.record(before, VOUCHED)
        DatabaseEvidence(CIPHER).keep(kept(a_bundle(act=an_act(person_id=None)), before.id))
        anna = add_person(ANNA.key).id
        AUTHENTICATIONS.claim(before.id, anna, ANNA)
        row = connection().execute(select(authentications)).one()
        identity = connection().execute(select(identities.c.id)).scalar_one()
        assert connection().execute(select(evidence.c.person_id)).scalar_one() == anna
    assert (row.person_id, row.identity_id) == (anna, identity)


def test_nobody_claims_what_is_anothers() -> None:
    with unit_of_work():
        anna, bo = add_person(ANNA.key).id, add_person("197001010018").id
        of_anna = replace(event(anna))
        AUTHENTICATIONS.record(of_anna, VOUCHED)
        AUTHENTICATIONS.claim(of_anna.id, bo, None)
        assert connection().execute(select(authentications.c.person_id)).scalar_one() == anna
