"""What tokens need from the outside: each method one business verb, each atomic by itself."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from idp.core.oidc.tokens.grant import Grant, LiveGrant


class Grants(Protocol):
    """Grants and everything that refers to them."""

    def open(self, grant: Grant) -> bool:
        """Store a new grant: one INSERT, committed by itself where nothing was written before it. False when its pushed request has been answered already."""

    def redeem_code(self, grant_id: str, client_id: str, now: datetime, *, dpop_jkt: str | None) -> LiveGrant | None:
        """Use the code up, by one conditional statement that stands by itself; what is given is read with it or after it.

        None when the code is unknown, expired, used, revoked, of another client, bound to another DPoP key, or when
        the person is blocked. A grant without a bound key takes `dpop_jkt`.
        """

    def revoke_replayed(self, grant_id: str, client_id: str, now: datetime) -> bool:
        """Revoke a grant whose code this very client presents a second time (RFC 6749 4.1.2). True when it did.

        Not a second time: a copy that arrived before the one that redeemed the code, and was held up on its way.
        """

    def rotate_refresh(self, grant_id: str, client_id: str, generation: int, now: datetime) -> LiveGrant | None:
        """Move to the next generation if `generation` is the present one, as `redeem_code` does."""

    def repeat_refresh(
        self, grant_id: str, client_id: str, generation: int, now: datetime, *, grace: timedelta, most: int
    ) -> LiveGrant | None:
        """Count one more idempotent retry of the immediate predecessor inside the grace time."""

    def reuse_refresh(self, grant_id: str, client_id: str, generation: int, now: datetime) -> LiveGrant | None:
        """Read a grant whose refresh token is not rotated (bound to a key or a confidential client)."""

    def revoke_reused(self, grant_id: str, client_id: str, generation: int, now: datetime) -> str | None:
        """Revoke a grant of which this very client presents a generation that is over. Gives the person's id when it did.

        Not reuse: a copy that arrived before the last rotation, and was held up on its way.
        """

    def find_live(self, grant_id: str, now: datetime) -> LiveGrant | None:
        """The grant when it is neither revoked nor its person blocked: one read, active customer included."""

    def find_live_with_more(self, grant_id: str, now: datetime, *, evidence: bool) -> LiveGrant | None:
        """The same with all of the person's customers in `person.links`, and BankID's evidence if wanted: one read, too."""

    def clients_of_session(self, session_id: str) -> Sequence[tuple[str, str, str]]:
        """(client_id, sid, person_id) of every client that got a grant in this session, revoked ones included, once."""

    def clients_still_acting_for(self, person_id: str, now: datetime) -> Sequence[tuple[str, str]]:
        """(client_id, sid) of every grant of the person that is neither over nor revoked, once."""

    def client_of(self, grant_id: str, now: datetime) -> str | None:
        """Whose grant it is; None when it is over or revoked. Reads nothing about anybody."""

    def give_back(self, grant_id: str, client_id: str, now: datetime, *, reason: str) -> str | None:
        """Revoke a grant for its own client: one conditional UPDATE. Gives the person's id when it did."""

    def revoke_for_session(self, session_id: str, now: datetime, *, reason: str) -> int:
        """Revoke what is not offline."""

    def revoke_for_client(self, client_id: str, now: datetime, *, reason: str) -> int: ...
