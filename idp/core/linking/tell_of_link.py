"""Tell of a link: the company's contact and everybody who is linked already hear of a new user, each with a way to freeze it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from idp.core.linking.freeze_secrets import FreezeSecrets, Held
from idp.core.linking.ports import Concerned, Links
from idp.core.linking.prove_claim import Proved
from idp.core.messages import NEW_USER_KIND, NEW_USER_SMS_KIND, Outbox


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who is told, by which kind of message, at which address."""

    id: str
    kind: str
    to: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TellOfLink:
    """Writes the notices of a link that was just made, in its transaction: never to the address alone that was typed in it."""

    links: Links
    freeze_secrets: FreezeSecrets
    outbox: Outbox
    freeze_within: timedelta
    """How long those who are told can freeze the link."""
    by_sms: bool
    """Whether text messages leave at all; those that never would are not written."""

    def __call__(self, person_id: str, proved: Proved, now: datetime) -> None:
        concerned = self.links.concerned(person_id, proved.customer_id)
        for reader in self._readers(concerned):
            self._write(reader, concerned, person_id, proved, now)

    def _readers(self, concerned: Concerned) -> Iterator[_Reader]:
        """The contact on file, and each colleague who is not that; nobody hears of it twice."""
        on_file, phone = concerned.contact_on_file, concerned.phone_on_file
        if on_file is not None:
            yield _Reader("contact", NEW_USER_KIND, on_file, "contact_on_file")
        elif phone is not None and self.by_sms:
            yield _Reader("contact", NEW_USER_SMS_KIND, phone, "contact_on_file")
        for colleague_id, address in concerned.colleagues.items():
            if address != on_file:
                yield _Reader(colleague_id, NEW_USER_KIND, address, "linked_user")

    def _write(self, reader: _Reader, concerned: Concerned, person_id: str, proved: Proved, now: datetime) -> None:
        held = Held(person_id=person_id, customer_id=proved.customer_id, linked_at=now, told=reader.told)
        until = now + self.freeze_within
        payload: dict[str, Any] = {
            "to": reader.to,
            "recipient": reader.told,
            "customer_name": concerned.customer_name,
            "customer_number": proved.number,
            "person_name": concerned.person_name,
            "linked_at": now.isoformat(),
            "freeze": self.freeze_secrets.give_out(held, now, until=until),
            "freeze_until": until.isoformat(),
        }
        key = f"{reader.kind}:{person_id}:{proved.customer_id}:{now.isoformat()}:{reader.id}"
        self.outbox.put(reader.kind, key, payload, now)
