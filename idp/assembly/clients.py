"""The relying parties: their files, and those that registered themselves."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from idp.adapters.client_files import load_client, load_clients
from idp.adapters.sector_documents import FetchedSectorDocuments
from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.registry import ClientRegistry
from idp.core.oidc.clients.sector_document import CheckSector
from idp.core.oidc.dynamic_registration.ports import RegisteredClients
from idp.core.oidc.dynamic_registration.recent_clients import RecentClients
from idp.settings import Settings


def read_files(settings: Settings) -> Mapping[str, Client]:
    """Read every client file. Raises ClientProblems."""
    return load_clients(settings.clients, issuer=settings.issuer, sandbox=settings.is_sandbox)


def read_file(path: Path, settings: Settings) -> Client:
    """Read one client file. Raises ClientProblems."""
    return load_client(path, issuer=settings.issuer, sandbox=settings.is_sandbox)


def make_sector_check() -> CheckSector:
    """For an operator's commands alone: it asks the client's server."""
    return CheckSector(documents=FetchedSectorDocuments())


def remember(registered: RegisteredClients, settings: Settings, clock: Callable[[], datetime]) -> RecentClients:
    """Put a memory of seconds before the clients in the database."""
    return RecentClients(registered, issuer=settings.issuer, sandbox=settings.is_sandbox, clock=clock)


def make_registry(files: Mapping[str, Client], registered: RecentClients | None) -> ClientRegistry:
    """Put both together; a file always wins."""
    return ClientRegistry(files, registered)
