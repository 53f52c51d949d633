from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest

from idp.core.budgets import Budget, Charged, Exhausted
from idp.core.events import LoginTold
from idp.core.identification.verdict import Verdict
from idp.core.messages import LOGIN_KIND
from idp.core.signin.device import Device
from idp.core.signin.ports import NotedDevice
from idp.core.signin.tell_of_login import DEVICES_KEPT, Login, TellOfLogin, Visit
from idp_tests.builders import NOW, a_person
from idp_tests.cases import each
from idp_tests.recorder import Recorder

VISIT = Visit(
    cookie_hash="known",
    device=Device(program="Chrome", system="Windows"),
    networks=(ip_network("192.0.2.7/32"), ip_network("192.0.2.0/24")),
)
NOTHING_TOLD = Charged({})
CONFIRMED = a_person(email_confirmed=True)


def a_login(**changes: Any) -> Login:
    members: dict[str, Any] = {"person": CONFIRMED, "session_id": "s1", "verdict": Verdict.ALLOW, "is_first": False}
    return Login(**members | changes)


def tell(
    login: Login, visit: Visit = VISIT, *, is_new: bool = True, charged: Charged | Exhausted = NOTHING_TOLD
) -> Recorder:
    ports = Recorder({"devices.note": NotedDevice(id="d1", is_new=is_new), "budgets.charge": charged})
    use_case = TellOfLogin(
        devices=ports.port("devices"),
        budgets=ports.port("budgets"),
        outbox=ports.port("outbox"),
        audit=ports.port("audit"),
    )
    use_case(login, visit, NOW)
    return ports


def test_a_new_device_is_told_to_the_address_that_is_confirmed() -> None:
    ports = tell(a_login())
    assert ports.names == ["devices.note", "budgets.charge", "outbox.put", "audit login.told"]
    assert ports.arguments("devices.note") == ("p1", "known", NOW, NOW + DEVICES_KEPT)
    kind, _, payload, _ = ports.arguments("outbox.put")
    assert (kind, payload) == (
        LOGIN_KIND,
        {
            "to": "anna@example.se",
            "reason": "new_device",
            "device_id": "d1",
            "browser": "Chrome, Windows",
            "logged_in_at": NOW.isoformat(),
        },
    )
    assert ports.event(LoginTold) == LoginTold(person_id="p1", session_id="s1", reason="new_device")


def test_a_device_that_is_known_costs_one_statement_and_tells_nothing() -> None:
    assert tell(a_login(), is_new=False).names == ["devices.note"]


@pytest.mark.parametrize("verdict", Verdict)
def test_the_accounts_first_login_is_remembered_and_not_told_of(verdict: Verdict) -> None:
    assert tell(a_login(is_first=True, verdict=verdict)).names == ["devices.note"]


@pytest.mark.parametrize("is_new", [True, False])
@pytest.mark.parametrize("verdict", [Verdict.WARN, Verdict.STEP_UP])
def test_a_login_in_doubt_is_told_of_whatever_the_device(verdict: Verdict, is_new: bool) -> None:
    assert tell(a_login(verdict=verdict), is_new=is_new).event(LoginTold).reason == "unusual"


@each("person", {"unconfirmed": a_person(), "without an address": a_person(contact=None, email_confirmed=True)})
def test_an_address_that_somebody_merely_typed_is_told_nothing(person: Any) -> None:
    assert tell(a_login(person=person)).names == ["devices.note"]


def test_once_a_day_is_enough_for_one_person_in_one_network() -> None:
    ports = tell(a_login(), charged=Exhausted({"login.told": NOW}))
    assert ports.names == ["devices.note", "budgets.charge"]
    scopes, _ = ports.arguments("budgets.charge")
    assert scopes == {"login.told new_device p1 192.0.2.0/24": Budget(limit=1, window=timedelta(days=1))}


def test_unknown_addresses_are_one_network() -> None:
    ports = tell(a_login(), Visit(cookie_hash="known", device=VISIT.device, networks=None))
    assert list(ports.arguments("budgets.charge")[0]) == ["login.told new_device p1 unknown"]
