"""Text messages: what people are told who have a telephone only, in Swedish and English, with one address for both."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from idp.brand import Brand
from idp.core.languages import LANGUAGES
from idp.core.messages import NEW_USER_SMS_KIND, Message, OutgoingSms, SmsSender, Undelivered
from idp.jobs.email_texts import shown
from idp.web.language import Catalogs


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMessages:
    """Writes and sends the text message of a message."""

    catalogs: Catalogs
    sender: SmsSender
    brand: Brand
    issuer: str

    def deliver(self, message: Message, now: datetime) -> None:  # noqa: ARG002
        """Raises Undelivered."""
        self.sender.send(self.sms(message))

    def sms(self, message: Message) -> OutgoingSms:
        """The text message of a message. Raises Undelivered for a kind that has none."""
        if message.kind != NEW_USER_SMS_KIND:
            raise Undelivered("unknown_kind")
        payload: Mapping[str, Any] = message.payload
        facts = {
            "brand": self.brand.name,
            "person": shown(payload["person_name"]),
            "customer": shown(payload["customer_name"]),
            "at": self.brand.local(datetime.fromisoformat(str(payload["linked_at"]))),
        }
        told = [self.catalogs.translate(language, "sms.new_user", **facts) for language in LANGUAGES]
        link = f"{self.issuer}/freeze?proof={payload['freeze']}"
        return OutgoingSms(id=message.id, to=str(payload["to"]), text="\n".join([*told, link]))
