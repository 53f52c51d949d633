"""`idp clients token` and `idp clients remove`: who may register clients, and removing those that registered themselves."""

import getpass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from idp.cli.problems import Problem
from idp.cli.with_provider import given

if TYPE_CHECKING:
    from idp.assembly.own_database import OwnDatabase
    from idp.core.oidc.clients.client import SecurityProfile
    from idp.core.oidc.dynamic_registration.initial_token import IssueInitialToken, RevokeInitialToken
    from idp.core.oidc.dynamic_registration.ports import InitialTokens, RegisteredClients
    from idp.core.oidc.dynamic_registration.registered_client import InitialToken, RegisteredClient
    from idp.core.oidc.dynamic_registration.remove_client import RemoveClient
    from idp.settings import Settings


class _Profile(click.ParamType["SecurityProfile"]):
    """A profile by which clients may register; the table of profiles is loaded for those who ask, not for every command."""

    name = "profile"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        return _profiles().get_metavar(param, ctx)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> "SecurityProfile":
        from idp.core.oidc.clients.client import SecurityProfile

        return SecurityProfile(_profiles().convert(value, param, ctx))


def _profiles() -> "click.Choice[str]":
    from idp.core.oidc.clients.profile import PROFILES_TO_REGISTER

    return click.Choice([profile.value for profile in PROFILES_TO_REGISTER])


@click.group("token")
def token() -> None:
    """Initial access tokens: the permission to register clients (RFC 7591)."""


@token.command()
@click.argument("note")
@click.option("--days", type=int, default=7, show_default=True, help="How long it may be used.")
@click.option("--uses", type=int, default=1, show_default=True, help="How many clients it may register.")
@click.option("--unlimited", is_flag=True, help="As many as the settings allow, instead of --uses.")
@click.option("--profile", type=_Profile(), default="third_party", show_default=True)
@given(
    lambda provider: provider.settings,
    lambda provider: provider.own_database,
    lambda provider: provider.dynamic_registration.issue_initial_token,
    lambda provider: provider.clock(),
)
def new(
    settings: "Settings",
    database: "OwnDatabase",
    issue: "IssueInitialToken",
    now: datetime,
    note: str,
    *,
    days: int,
    uses: int,
    unlimited: bool,
    profile: "SecurityProfile",
) -> None:
    """Make a token for the partner that NOTE names; it is shown once and only its hash is kept."""
    if not settings.dynamic_registration.enabled:
        raise Problem("dynamic_registration.enabled: is false, so that nobody can register with a token")
    with database.unit_of_work():
        try:
            made, secret = issue(
                note,
                now,
                life=timedelta(days=days),
                uses=None if unlimited else uses,
                security_profile=profile,
                operator=getpass.getuser(),
            )
        except ValueError as refused:
            raise Problem(str(refused)) from None
    click.echo(
        f"made {made.id} for {made.note}: {_rest(made)}, {made.security_profile}, until {_when(made.expires_at)}"
    )
    click.echo(f"They register at {settings.issuer}/register with this token, shown this once:")
    click.echo(secret)


@token.command("list")
@given(
    lambda provider: provider.own_database,
    lambda provider: provider.store.initial_tokens,
    lambda provider: provider.store.registered_clients,
    lambda provider: provider.clock(),
)
def list_all(
    database: "OwnDatabase", initial_tokens: "InitialTokens", registered_clients: "RegisteredClients", now: datetime
) -> None:
    """Every token, the newest first, and under each the clients that registered with it."""
    with database.opened():
        tokens = initial_tokens.all()
        clients = registered_clients.all()
    for one in tokens:
        state = _state(one, now)
        click.echo(f"{one.id}  {state:8}  {_rest(one):14}  {one.security_profile:12}  {one.note}")
        _echo_clients([client for client in clients if client.initial_token_id == one.id])
    forgotten = {one.id for one in tokens}
    _echo_clients([client for client in clients if client.initial_token_id not in forgotten])
    if not tokens and not clients:
        click.echo("none; `idp clients token new` makes the first")


@token.command()
@click.argument("token_id")
@click.option("--clients", is_flag=True, help="Remove the clients that registered with it, too.")
@given(
    lambda provider: provider.own_database,
    lambda provider: provider.dynamic_registration.revoke_initial_token,
    lambda provider: provider.dynamic_registration.remove_client,
    lambda provider: provider.clock(),
)
def revoke(
    database: "OwnDatabase",
    revoke_token: "RevokeInitialToken",
    remove_client: "RemoveClient",
    now: datetime,
    token_id: str,
    *,
    clients: bool,
) -> None:
    """Let nobody register with the token TOKEN_ID any more; clients that it registered stay unless --clients."""
    removed = 0
    with database.unit_of_work():
        revoked = revoke_token(token_id, now, operator=getpass.getuser())
        if clients:
            removed = remove_client.all_of_token(token_id, now)
    if not revoked and not removed:
        raise Problem(f"{token_id} is no token that can be revoked; see `idp clients token list`")
    click.echo("revoked" + (f"; {removed} clients removed, known nowhere within 5 seconds" if clients else ""))


@click.command()
@click.argument("client_id")
@given(
    lambda provider: provider.own_database,
    lambda provider: provider.dynamic_registration.remove_client,
    lambda provider: provider.clock(),
)
def remove(database: "OwnDatabase", remove_client: "RemoveClient", now: datetime, client_id: str) -> None:
    """Remove a client that registered itself; people's tokens for it end. One with a file goes with its file."""
    from idp.core.oidc.dynamic_registration.remove_client import NotRegistered

    with database.unit_of_work():
        removed = remove_client(client_id, now)
    if isinstance(removed, NotRegistered):
        raise Problem(f"{client_id} has not registered itself; see `idp clients token list`")
    click.echo(f"{client_id} is removed, and known nowhere within 5 seconds")


def _echo_clients(clients: "list[RegisteredClient]") -> None:
    for client in clients:
        click.echo(f"    {client.client_id}  {client.metadata['client_name']}  since {_when(client.registered_at)}")


def _state(one: "InitialToken", moment: datetime) -> str:
    if one.revoked_at is not None:
        return "revoked"
    if one.expires_at <= moment:
        return "expired"
    return "usable" if one.is_usable(moment) else "used up"


def _rest(one: "InitialToken") -> str:
    return f"{one.used} of {one.uses} used" if one.uses is not None else f"{one.used} used"


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
