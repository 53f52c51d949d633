"""Tell of a login: a person hears of one with a new device, or of one that the method of identification doubts a little."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from idp.core.audit_log import Audit
from idp.core.budgets import Budget, Budgets, Exhausted
from idp.core.events import LoginTold
from idp.core.identification.caller_address import Networks
from idp.core.identification.verdict import Verdict
from idp.core.messages import LOGIN_KIND, Outbox
from idp.core.people.person import Person
from idp.core.signin.device import Device
from idp.core.signin.ports import KnownDevices

DEVICES_KEPT: Final = timedelta(days=399)
"""From the last login; as long as browsers keep a cookie."""
ONCE_A_DAY: Final = Budget(limit=1, window=timedelta(days=1))


class ReasonToTell(StrEnum):
    """Why a person hears of a login; which e-mail it is."""

    NEW_DEVICE = "new_device"
    UNUSUAL = "unusual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """How somebody came: what the e-mail says, and what keeps it from being sent too often."""

    cookie_hash: str
    """Of the cookie that is there for this alone; of a fresh one where the browser had none."""
    device: Device
    networks: Networks | None
    """None: of an unknown address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Who logged in, and what it was worth."""

    person: Person
    session_id: str
    verdict: Verdict
    is_first: bool
    """Of the account: there is nothing that it could be compared with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TellOfLogin:
    """Notes the device, and writes to the address that the person has confirmed; to nobody else, for anybody may type one.

    A browser without cookies is new each time, so one e-mail per person, network and day is enough.
    """

    devices: KnownDevices
    budgets: Budgets
    outbox: Outbox
    audit: Audit

    def __call__(self, login: Login, visit: Visit, now: datetime) -> None:
        person = login.person
        noted = self.devices.note(person.id, visit.cookie_hash, now, now + DEVICES_KEPT)
        reason = _reason(login, is_new=noted.is_new)
        if reason is None or person.contact is None or not person.email_confirmed:
            return
        if isinstance(self.budgets.charge({_scope(person, reason, visit): ONCE_A_DAY}, now), Exhausted):
            return
        payload = {
            "to": person.contact.email.address,
            "reason": reason.value,
            "device_id": noted.id,
            "browser": visit.device.in_words,
            "logged_in_at": now.isoformat(),
        }
        self.outbox.put(LOGIN_KIND, f"{LOGIN_KIND}:{login.session_id}:{now.isoformat()}", payload, now)
        self.audit.record(LoginTold(person_id=person.id, session_id=login.session_id, reason=reason), now)


def _reason(login: Login, *, is_new: bool) -> ReasonToTell | None:
    if login.is_first:
        return None
    if login.verdict.is_at_least(Verdict.WARN):
        return ReasonToTell.UNUSUAL
    return ReasonToTell.NEW_DEVICE if is_new else None


def _scope(person: Person, reason: ReasonToTell, visit: Visit) -> str:
    """The wider network: an address more costs nobody anything. All unknown addresses are one."""
    around = visit.networks[1] if visit.networks is not None else "unknown"
    return f"login.told {reason} {person.id} {around}"
