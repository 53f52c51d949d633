"""E-mail: what people are told, in Swedish and then in English.

An e-mail repeats nothing that a stranger could have typed, because a person who registers chooses where it goes. No e-mail
has an address that logs anybody in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from idp.brand import Brand
from idp.core.languages import LANGUAGES, Language
from idp.core.messages import (
    ACCESS_ENDED_KIND,
    ACCOUNT_UNUSED_KIND,
    APPROVAL_ANSWERED_KIND,
    APPROVAL_ASKED_KIND,
    CONFIRM_EMAIL_KIND,
    CONTACT_CODE_KIND,
    INVITATION_KIND,
    LINK_FROZEN_KIND,
    LOGIN_KIND,
    NEW_USER_KIND,
    TRIES_GIVEN_BACK_KIND,
    USER_LEFT_KIND,
    EmailSender,
    Message,
    OutgoingEmail,
    Undelivered,
)
from idp.core.oidc.keys.reference_tokens import AddressProof, DeviceProof, ReferenceTokens
from idp.core.people.one_line import one_line
from idp.web.language import Catalogs

_Written = tuple[str, Mapping[str, str]]
"""The name of an e-mail's texts, and what they say."""
TRANSLATIONS: Final = Path(__file__).parent / "translations"
_BETWEEN_LANGUAGES = "\n\n" + "–" * 20 + "\n\n"
_LONGEST_NAME = 200
CONFIRM_WITHIN: Final = timedelta(days=2)
"""How long an e-mail's link can confirm the address it was sent to."""

DISOWN_WITHIN: Final = timedelta(days=14)
"""How long the link in an e-mail about a login can disown it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Emails:
    """Writes and sends the e-mail of a message."""

    catalogs: Catalogs
    sender: EmailSender
    brand: Brand
    issuer: str
    reference_tokens: Callable[[], ReferenceTokens]

    def deliver(self, message: Message, now: datetime) -> None:
        """Send it, if it is to anybody: some are written for nobody, so that who asked for them learns nothing.

        Raises Undelivered.
        """
        if message.payload["to"] is not None:
            self.sender.send(self.email(message, now))

    def email(self, message: Message, now: datetime) -> OutgoingEmail:
        """The e-mail of a message. Raises Undelivered for a kind that has none."""
        written = self._to_a_person(message, now) or self._about_a_company(message)
        if written is None:
            raise Undelivered("unknown_kind")
        name, facts = written
        return OutgoingEmail(
            id=message.id,
            to=str(message.payload["to"]),
            subject=self._say("sv", f"mail.{name}.subject", facts),
            text=_BETWEEN_LANGUAGES.join(self._text(language, name, facts) for language in LANGUAGES) + "\n",
            written_at=now,
        )

    def _to_a_person(self, message: Message, now: datetime) -> _Written | None:
        """About the reader's own account or access."""
        payload = message.payload
        match message.kind:
            case kind if kind == CONFIRM_EMAIL_KIND:
                return "registered", self._registered(payload, now)
            case kind if kind == ACCOUNT_UNUSED_KIND:
                return "account_unused", self._account_unused(payload)
            case kind if kind == LOGIN_KIND:
                return str(payload["reason"]), self._login(payload, now)
            case kind if kind == INVITATION_KIND:
                name = "invitation" if payload["inviter_name"] else "invitation_by_support"
                return name, self._invitation(payload)
            case kind if kind == APPROVAL_ANSWERED_KIND:
                name = "approval_given" if payload["approved"] else "approval_refused"
                return name, {"customer": shown(payload["customer_name"])}
            case kind if kind == LINK_FROZEN_KIND:
                return "link_frozen", self._link_frozen(payload)
            case _:
                return None

    def _about_a_company(self, message: Message) -> _Written | None:
        """To its contact on file, or to those who are linked."""
        payload = message.payload
        match message.kind:
            case kind if kind == NEW_USER_KIND:
                return "new_user", self._new_user(payload)
            case kind if kind == CONTACT_CODE_KIND:
                return "contact_code", self._contact_code(payload)
            case kind if kind == APPROVAL_ASKED_KIND:
                return "approval_asked", self._approval_asked(payload)
            case kind if kind == ACCESS_ENDED_KIND:
                name = "number_moved" if payload["recipient"] == "contact_on_file" else "access_ended"
                return name, self._access_ended(payload)
            case kind if kind == USER_LEFT_KIND:
                return "user_left", self._user_left(payload)
            case kind if kind == TRIES_GIVEN_BACK_KIND:
                return "tries_given_back", self._tries_given_back(payload)
            case _:
                return None

    def _registered(self, payload: Mapping[str, Any], now: datetime) -> dict[str, str]:
        proof = AddressProof(
            person_id=str(payload["person_id"]), address=str(payload["to"]), expires_at=now + CONFIRM_WITHIN
        )
        link = f"{self.issuer}/confirm-email?proof={self.reference_tokens().address_proof_for(proof)}"
        return {"at": self._moment(payload["registered_at"]), "link": link}

    def _new_user(self, payload: Mapping[str, Any]) -> dict[str, str]:
        return {
            "person": shown(payload["person_name"]),
            "customer": shown(payload["customer_name"]),
            "number": str(payload["customer_number"]),
            "at": self._moment(payload["linked_at"]),
            "link": f"{self.issuer}/freeze?proof={payload['freeze']}",
            "until": self._moment(payload["freeze_until"]),
        }

    def _user_left(self, payload: Mapping[str, Any]) -> dict[str, str]:
        return {
            "person": shown(payload["person_name"]),
            "customer": shown(payload["customer_name"]),
            "number": str(payload["customer_number"]),
            "at": self._moment(payload["left_at"]),
        }

    def _contact_code(self, payload: Mapping[str, Any]) -> dict[str, str]:
        return {
            "person": shown(payload["person_name"]),
            "customer": shown(payload["customer_name"]),
            "number": str(payload["customer_number"]),
            "code": str(payload["code"]),
            "until": self._moment(payload["expires_at"]),
        }

    def _invitation(self, payload: Mapping[str, Any]) -> dict[str, str]:
        return {
            "person": shown(payload["inviter_name"] or ""),
            "customer": shown(payload["customer_name"]),
            "until": self._moment(payload["expires_at"]),
            "link": f"{self.issuer}/invitation?proof={payload['secret']}",
        }

    def _approval_asked(self, payload: Mapping[str, Any]) -> dict[str, str]:
        return {
            "person": shown(payload["person_name"]),
            "customer": shown(payload["customer_name"]),
            "number": str(payload["customer_number"]),
            "at": self._moment(payload["asked_at"]),
            "link": f"{self.issuer}/approvals/{payload['approval_id']}",
        }

    def _access_ended(self, payload: Mapping[str, Any]) -> dict[str, str]:
        return {
            "customer": shown(payload["customer_name"]),
            "number": str(payload["customer_number"]),
            "at": self._moment(payload["ended_at"]),
        }

    def _login(self, payload: Mapping[str, Any], now: datetime) -> dict[str, str]:
        proof = DeviceProof(device_id=str(payload["device_id"]), expires_at=now + DISOWN_WITHIN)
        link = f"{self.issuer}/not-me?proof={self.reference_tokens().device_proof_for(proof)}"
        return {"at": self._moment(payload["logged_in_at"]), "browser": str(payload["browser"]), "link": link}

    def _link_frozen(self, payload: Mapping[str, Any]) -> dict[str, str]:
        return {
            "customer": shown(payload["customer_name"]),
            "at": self._moment(payload["frozen_at"]),
            "reference": str(payload["reference"]),
        }

    def _tries_given_back(self, payload: Mapping[str, Any]) -> dict[str, str]:
        return {"customer": shown(payload["customer_name"]), "at": self._moment(payload["at"])}

    def _account_unused(self, payload: Mapping[str, Any]) -> dict[str, str]:
        return {"used_at": self._moment(payload["used_at"]), "erased_at": self._moment(payload["erased_at"])}

    def _moment(self, text: Any) -> str:
        return self.brand.local(datetime.fromisoformat(str(text)))

    def _text(self, language: Language, name: str, facts: Mapping[str, str]) -> str:
        if not facts.get("browser", "known"):
            facts = {**facts, "browser": self._say(language, "mail.unknown_browser", {})}
        support = "mail.support.phone" if self.brand.support_phone else "mail.support"
        parts = [self._say(language, f"mail.{name}.{part}", facts) for part in ("text", "not_you")]
        return "\n\n".join([*parts, self._say(language, support, facts), self._say(language, "mail.sign_off", facts)])

    def _say(self, language: Language, key: str, facts: Mapping[str, str]) -> str:
        brand = {"brand": self.brand.name, "support_phone": self.brand.support_phone}
        return self.catalogs.translate(language, key, **brand, **facts)


def shown(name: Any) -> str:
    """A name as one line; what may not be shown is left out, for the notice itself must arrive."""
    try:
        return one_line(str(name), longest=_LONGEST_NAME)
    except ValueError:
        return "".join(char for char in str(name) if char.isprintable() and char not in "<>")[:_LONGEST_NAME]
