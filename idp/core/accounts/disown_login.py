"""Disown a login: a person who was told of one says that it was somebody else."""

from dataclasses import dataclass
from datetime import datetime

from idp.core.accounts.end_logins import EndLogins
from idp.core.accounts.ports import Cases, Grants, KnownDevices, People
from idp.core.audit_log import Audit
from idp.core.events import LoginDisowned
from idp.core.oidc.keys.ports import Keys
from idp.core.oidc.keys.reference_tokens import DeviceProof

PAGE = "disowned"
"""What the case is called for `idp explain`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The link can be used, once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disowned:
    """All logins and tokens of the person are over, and a case is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """The link was used, or its device was forgotten for another reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """The proof is not ours, or late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisownLogin:
    """Reads the link's proof. The device is forgotten first, which happens once: so the link works once, and nobody logs in by it.

    A login with that device is told of again, because it is a new one from then on.
    """

    devices: KnownDevices
    people: People
    grants: Grants
    end_logins: EndLogins
    cases: Cases
    audit: Audit
    keys: Keys

    def __call__(self, proof: str, now: datetime, *, case_id: str) -> Disowned | Used | Over:
        read = self._read(proof, now)
        if read is None:
            return Over()
        person_id = self.devices.forget(read.device_id)
        person = self.people.find(person_id) if person_id is not None else None
        if person is None:
            return Used()
        ended = self.end_logins(person, now, reason="disowned")
        revoked = self.grants.revoke_for_person(person.id, now, reason="disowned")
        disowned = LoginDisowned(person_id=person.id, case_id=case_id, sessions_ended=ended, grants_revoked=revoked)
        self.audit.record(disowned, now)
        self.cases.note(case_id, now, {"page": PAGE, "person_id": person.id})
        return Disowned()

    def ask(self, proof: str, now: datetime) -> Asked | Used | Over:
        """Whether it can be used; nothing changes, because scanners open links."""
        read = self._read(proof, now)
        if read is None:
            return Over()
        return Asked() if self.devices.exists(read.device_id) else Used()

    def _read(self, proof: str, now: datetime) -> DeviceProof | None:
        """What a proof says while it holds."""
        read = self.keys.reference_tokens.read_device_proof(proof)
        return read if read is not None and now < read.expires_at else None
