"""The relying parties: their files, and those that registered themselves."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from idp.adapters.client_files import load_client, load_clients
from idp.adapters.sector_documents import FetchedSectorDocuments
from idp.core.oidc.clients.client import AUTHORIZATION_CODE, Client, SecurityProfile
from idp.core.oidc.clients.profile import FIRST_PARTY_GROUP, PROFILES
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


def make_registry(files: Mapping[str, Client], registered: RecentClients | None, own_pages: Client) -> ClientRegistry:
    """Put them together; a file wins over a client that registered itself."""
    return ClientRegistry(files, registered, own_pages=own_pages)


def own_pages(settings: Settings) -> Client:
    """What our own pages outside of a login log people in as: a client without a key, which can redeem no code."""
    usual = PROFILES[SecurityProfile.WEB_CONFIDENTIAL].defaults
    return Client(
        client_id="own-pages",
        client_name=settings.brand.name,
        security_profile=SecurityProfile.WEB_CONFIDENTIAL,
        redirect_uris=frozenset({f"{settings.issuer}/account/back"}),
        token_endpoint_auth_methods=usual.token_endpoint_auth_methods,
        token_endpoint_auth_signing_algs=usual.token_endpoint_auth_signing_algs,
        assertion_audiences=frozenset({settings.issuer}),
        grant_types=frozenset({AUTHORIZATION_CODE}),
        scopes=frozenset({"openid"}),
        id_token_signed_response_alg=usual.id_token_signed_response_alg,
        first_party=True,
        select_customer=False,
        sso_group=FIRST_PARTY_GROUP,
    )
