"""A field that no page has sets nothing: what is stored comes from BankID, the register and the fields that are asked for."""

import pytest

from idp.adapters.database.tables import metadata
from idp_tests.attacks.stages import Stages, stranger
from idp_tests.attacks.target import Target
from idp_tests.browser import Browser
from idp_tests.cases import each
from idp_tests.relying_party import RelyingParty

EVIL = "evil-7c1d"
COLUMNS = sorted({column.name for table in metadata.sorted_tables for column in table.columns})
ROLES = ("role", "roles", "admin", "is_admin", "customer", "customer_number[]", "person[blocked_at]", "__class__")
FORMS = ("start", "cancel", "leave", "stay", "identify_again", "again", "consent", "logout", "confirm")
"""Those with fields of their own are sent by hand below."""


@pytest.fixture(scope="module")
def stages(target: Target) -> Stages:
    made = Stages(target)
    assert target.anna.client is not None
    for name in FORMS:
        made.named(name)
    return made


def _with_everything(**fields: str) -> dict[str, str]:
    """Each column of each table, and what an attacker would try beside it; the honest fields as they are."""
    return dict.fromkeys((*COLUMNS, *ROLES), EVIL) | fields


def _stored(target: Target) -> str:
    return str(target.rows())


@each("name", FORMS)
def test_no_column_of_ours_is_set_by_its_name_in_a_form(target: Target, stages: Stages, name: str) -> None:
    stage = stages.named(name)
    before = target.rows()
    fields = _with_everything(**stage.fields)
    if name == "logout":  # reads these two, and refuses a client that does not exist
        del fields["client_id"], fields["state"]
    response = stage.send(fields=fields)
    target.check_answer(response)
    assert response.status_code in {200, 303}
    assert target.rows() != before
    assert EVIL not in _stored(target)
    target.provider.collect()


def test_nobody_gets_a_company_a_name_or_a_role_by_naming_it(target: Target) -> None:
    """The leaflet with every column in every form: the person is who BankID says, of the company that was proved."""
    browser, user = target.provider.browser().authorize(scope="openid profile email customer"), stranger()
    browser.identify(user)
    _submit(browser, "/link", customer_number="10012346", last_four="7569")
    _submit(browser, "/register", name="Test Testsson", phone="070-174 06 05", email="test@example.se")
    target.provider.clock.advance(seconds=5)
    browser.identify(user)
    rp = RelyingParty(target.provider)
    tokens = browser.redeem().get_json()
    told = {**rp.read(tokens["id_token"]).members, **rp.userinfo(tokens["access_token"]).get_json()}
    assert EVIL not in str(told) + _stored(target)
    assert told["name"] == user.name
    assert told["customer_number"] == "10012346"


def _submit(browser: Browser, to: str, **fields: str) -> None:
    browser.submit(to, **_with_everything(**fields))
    assert browser.status == 200, browser.page
