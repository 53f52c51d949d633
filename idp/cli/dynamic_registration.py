"""`idp clients token` and `idp clients remove`: who may register clients, and removing those that registered themselves."""

import getpass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from idp.cli.opening import now, open_settings, open_store
from idp.cli.problems import Problem

if TYPE_CHECKING:
    from idp.core.oidc.dynamic_registration.registered_client import InitialToken, RegisteredClient
    from idp.settings import Settings

PROFILES = ("third_party", "fapi2", "sweden")


@click.group("token")
def token() -> None:
    """Initial access tokens: the permission to register clients (RFC 7591)."""


@token.command()
@click.argument("note")
@click.option("--days", type=int, default=7, show_default=True, help="How long it may be used.")
@click.option("--uses", type=int, default=1, show_default=True, help="How many clients it may register.")
@click.option("--unlimited", is_flag=True, help="As many as the settings allow, instead of --uses.")
@click.option("--profile", type=click.Choice(PROFILES), default="third_party", show_default=True)
def new(note: str, *, days: int, uses: int, unlimited: bool, profile: str) -> None:
    """Make a token for the partner that NOTE names; it is shown once and only its hash is kept."""
    from idp.adapters.database.audit import DatabaseAudit
    from idp.adapters.database.engine import unit_of_work
    from idp.adapters.database.registered_clients import DatabaseInitialTokens
    from idp.core.oidc.clients.client import SecurityProfile
    from idp.core.oidc.dynamic_registration.initial_token import issue_initial_token

    settings = _open_settings()
    with open_store(settings), unit_of_work():
        try:
            made, secret = issue_initial_token(
                note,
                life=timedelta(days=days),
                uses=None if unlimited else uses,
                security_profile=SecurityProfile(profile),
                operator=getpass.getuser(),
                initial_tokens=DatabaseInitialTokens(),
                audit=DatabaseAudit(),
                now=now(),
            )
        except ValueError as refused:
            raise Problem(str(refused)) from None
    click.echo(
        f"made {made.id} for {made.note}: {_rest(made)}, {made.security_profile}, until {_when(made.expires_at)}"
    )
    click.echo(f"They register at {settings.issuer}/register with this token, shown this once:")
    click.echo(secret)


@token.command("list")
def list_all() -> None:
    """Every token, the newest first, and under each the clients that registered with it."""
    from idp.adapters.database.registered_clients import DatabaseInitialTokens, DatabaseRegisteredClients

    moment = now()
    with open_store(open_settings()) as store:
        tokens = DatabaseInitialTokens().all()
        clients = DatabaseRegisteredClients(store.cipher).all()
    for one in tokens:
        click.echo(f"{one.id}  {_state(one, moment):8}  {_rest(one):14}  {one.security_profile:12}  {one.note}")
        _echo_clients([client for client in clients if client.initial_token_id == one.id])
    forgotten = {one.id for one in tokens}
    _echo_clients([client for client in clients if client.initial_token_id not in forgotten])
    if not tokens and not clients:
        click.echo("none; `idp clients token new` makes the first")


@token.command()
@click.argument("token_id")
@click.option("--clients", is_flag=True, help="Remove the clients that registered with it, too.")
def revoke(token_id: str, *, clients: bool) -> None:
    """Let nobody register with the token TOKEN_ID any more; clients that it registered stay unless --clients."""
    from idp.adapters.database.audit import DatabaseAudit
    from idp.adapters.database.consents import DatabaseConsents
    from idp.adapters.database.engine import unit_of_work
    from idp.adapters.database.grants import DatabaseGrants
    from idp.adapters.database.registered_clients import DatabaseInitialTokens, DatabaseRegisteredClients
    from idp.core.oidc.dynamic_registration.initial_token import remove_clients_of, revoke_initial_token

    moment, audit = now(), DatabaseAudit()
    with open_store(open_settings()) as store, unit_of_work():
        revoked = revoke_initial_token(
            token_id,
            operator=getpass.getuser(),
            initial_tokens=DatabaseInitialTokens(),
            audit=audit,
            now=moment,
        )
        registered, grants = DatabaseRegisteredClients(store.cipher), DatabaseGrants(store.cipher)
        removed = 0
        if clients:
            removed = remove_clients_of(
                token_id, registered=registered, grants=grants, consents=DatabaseConsents(), audit=audit, now=moment
            )
    if not revoked and not removed:
        raise Problem(f"{token_id} is no token that can be revoked; see `idp clients token list`")
    click.echo("revoked" + (f"; {removed} clients removed, known nowhere within 5 seconds" if clients else ""))


@click.command()
@click.argument("client_id")
def remove(client_id: str) -> None:
    """Remove a client that registered itself; people's tokens for it end. One with a file goes with its file."""
    from idp.adapters.database.audit import DatabaseAudit
    from idp.adapters.database.consents import DatabaseConsents
    from idp.adapters.database.engine import unit_of_work
    from idp.adapters.database.grants import DatabaseGrants
    from idp.adapters.database.registered_clients import DatabaseRegisteredClients
    from idp.core.oidc.dynamic_registration.registration import remove_registered

    with open_store(open_settings()) as store, unit_of_work():
        registered = DatabaseRegisteredClients(store.cipher)
        client = registered.find(client_id)
        if client is None:
            raise Problem(f"{client_id} has not registered itself; see `idp clients token list`")
        grants = DatabaseGrants(store.cipher)
        remove_registered(
            client,
            registered=registered,
            grants=grants,
            consents=DatabaseConsents(),
            audit=DatabaseAudit(),
            now=now(),
        )
    click.echo(f"{client_id} is removed, and known nowhere within 5 seconds")


def _open_settings() -> "Settings":
    settings = open_settings()
    if not settings.registration.enabled:
        raise Problem("registration.enabled: is false, so that nobody can register with a token")
    return settings


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
