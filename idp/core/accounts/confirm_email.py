"""Confirm an e-mail address: an e-mail to it holds a proof, which its reader brings back."""

from dataclasses import dataclass
from datetime import datetime

from idp.core.accounts.ports import People
from idp.core.audit_log import Audit
from idp.core.events import EmailConfirmed
from idp.core.oidc.keys.ports import Keys
from idp.core.oidc.keys.reference_tokens import AddressProof


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """The address is confirmed, now or before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """The proof is not ours, late, or of an address that the person has no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the reader of the e-mail decides about."""

    address: str
    name: str
    """Of the account's person, as BankID says it: somebody else may have typed the reader's address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmEmail:
    """Reads proofs, and notes that a person reads the address; bringing a proof twice changes nothing."""

    people: People
    audit: Audit
    keys: Keys

    def __call__(self, proof: str, now: datetime) -> Confirmed | Over:
        read = self._read(proof, now)
        if read is None:
            return Over()
        if self.people.confirm_email(read.person_id, read.address, now):
            self.audit.record(EmailConfirmed(person_id=read.person_id), now)
        return Confirmed()

    def ask(self, proof: str, now: datetime) -> Asked | Over:
        """What is to be confirmed; nothing changes."""
        read = self._read(proof, now)
        person = self.people.find(read.person_id) if read is not None else None
        return Asked(address=read.address, name=person.name) if read is not None and person is not None else Over()

    def _read(self, proof: str, now: datetime) -> AddressProof | None:
        """What a proof says while it holds."""
        read = self.keys.reference_tokens.read_address_proof(proof, self._address_of)
        return read if read is not None and now < read.expires_at else None

    def _address_of(self, person_id: str) -> str | None:
        person = self.people.find(person_id)
        return person.contact.email.address if person is not None and person.contact is not None else None
