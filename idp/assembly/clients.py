"""The relying parties: their files, and those that registered themselves."""

from collections.abc import Callable
from datetime import datetime

from idp.adapters.client_files import load_clients
from idp.core.oidc.clients.registry import ClientRegistry
from idp.core.oidc.dynamic_registration.ports import RegisteredClients
from idp.core.oidc.dynamic_registration.recent_clients import RecentClients
from idp.settings import Settings


def remember_clients(registered: RegisteredClients, settings: Settings, clock: Callable[[], datetime]) -> RecentClients:
    """Put a memory of seconds before the clients in the database."""
    return RecentClients(registered, issuer=settings.issuer, sandbox=settings.is_sandbox, clock=clock)


def read_clients(settings: Settings, registered: RecentClients | None) -> ClientRegistry:
    """Read every client file. Raises ClientProblems."""
    files = load_clients(settings.clients, issuer=settings.issuer, sandbox=settings.is_sandbox)
    return ClientRegistry(files, registered)
