"""Address probes: how a browser proves that it has a second address, so that BankID's view of it can be compared with ours.

The page asks a second host name of ours, which leads here by the other family of addresses, and carries the answer back:

1. the page has a question, signed for its interaction;
2. the other host answers it with the address that the question came from, signed; only a page of ours may read that;
3. the page sends the answer with the start of the order, and with it the cookie of the interaction.

Nobody can plant an address by it. An attacker may have a victim's browser send his question, but no page of his reads the
answer, and the start of his order needs it. Nothing is stored.
"""

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Final, TypeAlias

from idp.core.identification.caller_address import Ip

QUESTION_LIFE: Final = timedelta(hours=1)
"""As long as a page may stand open before its button is pressed."""
ANSWER_LIFE: Final = timedelta(minutes=2)
"""A browser may move to another network; what it was seen with counts for the order that starts now."""
Digests: TypeAlias = Callable[[str, bytes], Sequence[bytes]]
_LONGEST: Final = 400
_QUESTION: Final = "address question"
_ANSWER: Final = "address answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressProbe:
    """Signs questions and answers, and believes its own only."""

    digests: Digests
    """Keyed digests of a text for a purpose, under each key that may have signed it, the present one first."""

    def ask(self, interaction_id: str, now: datetime) -> str:
        """The question of one interaction's page."""
        return self._sign(_QUESTION, f"{interaction_id}~{_seconds(now + QUESTION_LIFE)}")

    def answer(self, question: str, address: Ip, now: datetime) -> str | None:
        """What the page may carry back; None for a question that is not ours or over."""
        asked = self._read(_QUESTION, question, now)
        if asked is None:
            return None
        return self._sign(_ANSWER, f"{address}~{asked[0]}~{_seconds(now + ANSWER_LIFE)}")

    def read(self, answer: str, interaction_id: str, now: datetime) -> Ip | None:
        """The address that the browser of this interaction has; None for anything else."""
        told = self._read(_ANSWER, answer, now)
        return ip_address(told[0]) if told is not None and told[1] == interaction_id else None

    def _sign(self, purpose: str, text: str) -> str:
        return f"{text}~{self.digests(purpose, text.encode())[0].hex()}"

    def _read(self, purpose: str, signed: str, now: datetime) -> list[str] | None:
        """The members of a text of ours whose time is not over."""
        text, _, mac = signed.rpartition("~")
        if len(signed) > _LONGEST or not signed.isascii():
            return None
        digests = self.digests(purpose, text.encode())
        if not any(hmac.compare_digest(digest.hex(), mac) for digest in digests):
            return None
        *members, until = text.split("~")
        return members if _seconds(now) <= int(until) else None


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
