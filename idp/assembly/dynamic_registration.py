"""The use cases of clients that register themselves, and of the operator who lets them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from idp.assembly.store import Store
from idp.core.oidc.clients.ports import Clients
from idp.core.oidc.discovery import metadata
from idp.core.oidc.dynamic_registration.configure_client import ConfigureClient
from idp.core.oidc.dynamic_registration.initial_token import IssueInitialToken, RevokeInitialToken
from idp.core.oidc.dynamic_registration.metadata import Terms
from idp.core.oidc.dynamic_registration.names import ReservedNames
from idp.core.oidc.dynamic_registration.ports import RegisteredClients
from idp.core.oidc.dynamic_registration.register_client import RegisterClient
from idp.core.oidc.dynamic_registration.remove_client import RemoveClient
from idp.core.oidc.keys.ports import Keys
from idp.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicRegistration:
    """What may be done about dynamic registration, by whichever entrance."""

    issue_initial_token: IssueInitialToken
    revoke_initial_token: RevokeInitialToken
    register_client: RegisterClient
    configure_client: ConfigureClient
    remove_client: RemoveClient


def make_dynamic_registration(
    settings: Settings,
    store: Store,
    registered: RegisteredClients,
    clients: Callable[[], Clients],
    acrs: Callable[[], Sequence[str]],
    keys: Keys,
    clock: Callable[[], datetime],
) -> DynamicRegistration:
    """Make every use case; the other clients are asked for only when one registers or changes."""
    issuer, audit = settings.issuer, store.audit

    def terms() -> Terms:
        return _terms(settings, clients(), acrs(), keys, clock())

    return DynamicRegistration(
        issue_initial_token=IssueInitialToken(initial_tokens=store.initial_tokens, audit=audit),
        revoke_initial_token=RevokeInitialToken(initial_tokens=store.initial_tokens, audit=audit),
        register_client=RegisterClient(
            issuer=issuer, terms=terms, initial_tokens=store.initial_tokens, registered=registered, audit=audit
        ),
        configure_client=ConfigureClient(issuer=issuer, terms=terms, registered=registered, audit=audit),
        remove_client=RemoveClient(registered=registered, grants=store.grants, consents=store.consents, audit=audit),
    )


def _terms(settings: Settings, clients: Clients, acrs: Sequence[str], keys: Keys, now: datetime) -> Terms:
    """What a registration is checked against now: keys change, and so do the names that are taken."""
    chosen = settings.dynamic_registration
    return Terms(
        issuer=settings.issuer,
        sandbox=settings.is_sandbox,
        offered=metadata(issuer=settings.issuer, acrs=acrs, signing_algs=keys.keyring.algs(now)),
        scopes=chosen.scopes,
        reserved_names=ReservedNames.of(settings.brand.name, clients.all()),
        secret_lifetime=chosen.secret_lifetime,
        per_hour=chosen.per_hour,
        most_clients=chosen.most_clients,
    )
