"""What the authorization endpoint needs from the outside."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol


class PushedRequests(Protocol):
    """Authorization requests pushed ahead (RFC 9126), and log-out requests that a form brought, until their GET."""

    def push(
        self, reference_hash: str, client_id: str, parameters: Mapping[str, Any], expires_at: datetime
    ) -> None: ...
    def find(self, reference_hash: str, client_id: str, now: datetime) -> Mapping[str, Any] | None:
        """The parameters while the reference has neither expired nor been answered with a grant.

        Answered, not visited: a reload before the login must work (FAPI 2.0 Security Profile 5.3.2.2).
        """

    def visit(self, reference_hash: str, client_id: str, now: datetime, until: datetime) -> None:
        """From the first visit on the reference lives as long as the login that began; later visits change nothing."""
