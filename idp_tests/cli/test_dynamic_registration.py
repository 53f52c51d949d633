"""`idp clients token` and `idp clients remove`: the permission to register, given, seen and taken back."""

import re
from dataclasses import replace

import pytest

from idp.core.oidc.dynamic_registration.registered_client import Admission
from idp.core.oidc.dynamic_registration.registration_tokens import token_hash
from idp_tests.adapters.database.seeds import a_registered_client
from idp_tests.cli.installation import Installation
from idp_tests.cli.seeds import assembled


@pytest.fixture
def open_door(installed: Installation) -> Installation:
    installed.change("[mail]", "[dynamic_registration]\nenabled = true\n[mail]")
    return installed


def make(installed: Installation, *words: str) -> tuple[str, str]:
    """A new token: its id and its secret."""
    lines = installed.done("clients", "token", "new", *words).splitlines()
    return lines[0].split()[1], lines[-1]


def register(installed: Installation, token_id: str, secret: str) -> str:
    client = replace(a_registered_client(), initial_token_id=token_id)
    with assembled(installed) as provider:
        now = provider.clock()
        admitted = provider.store.registered_clients.admit(client, token_hash(secret), per_hour=9, most=9, now=now)
    assert admitted is Admission.ADMITTED
    return client.client_id


def test_a_token_is_made_shown_once_and_listed(open_door: Installation) -> None:
    token_id, secret = make(open_door, "Partner AB", "--uses", "2", "--days", "3", "--profile", "fapi2")
    assert re.fullmatch(r"iat_[A-Za-z0-9_-]{43}", secret)
    listed = open_door.done("clients", "token", "list")
    assert re.search(rf"{token_id}  usable +0 of 2 used +fapi2 +Partner AB\n", listed)
    assert secret not in listed


def test_a_token_lists_the_clients_that_registered_with_it(open_door: Installation) -> None:
    token_id, secret = make(open_door, "Partner AB")
    client_id = register(open_door, token_id, secret)
    listed = open_door.done("clients", "token", "list")
    assert re.search(rf"{token_id}  used up .*\n    {client_id}  Partner  since", listed)


def test_a_revoked_token_leaves_its_clients_unless_told_otherwise(open_door: Installation) -> None:
    token_id, secret = make(open_door, "Partner AB", "--unlimited")
    client_id = register(open_door, token_id, secret)
    assert open_door.done("clients", "token", "revoke", token_id) == "revoked\n"
    listed = open_door.done("clients", "token", "list")
    assert f"{token_id}  revoked" in listed
    assert client_id in listed
    removed = open_door.done("clients", "token", "revoke", token_id, "--clients")
    assert removed.startswith("revoked; 1 clients removed")
    assert client_id not in open_door.done("clients", "token", "list")


def test_one_client_is_removed(open_door: Installation) -> None:
    client_id = register(open_door, *make(open_door, "Partner AB"))
    assert open_door.done("clients", "remove", client_id).startswith(f"{client_id} is removed")
    assert open_door.run("clients", "remove", client_id).exit_code == 2


def test_what_is_not_there_is_said(open_door: Installation) -> None:
    assert open_door.done("clients", "token", "list").startswith("none")
    for words in (("token", "revoke", "nobody"), ("remove", "minasidor")):
        result = open_door.run("clients", *words)
        assert result.exit_code == 2
        assert "idp clients token list" in result.stderr


@pytest.mark.parametrize(
    "words", [("--days", "0"), ("--days", "366"), ("--uses", "0"), ("--uses", "1001"), ("--profile", "native_public")]
)
def test_a_permission_that_nobody_is_given_is_refused(open_door: Installation, words: tuple[str, ...]) -> None:
    assert open_door.run("clients", "token", "new", "Partner", *words).exit_code == 2
    assert open_door.done("clients", "token", "list").startswith("none")


def test_no_token_is_made_for_a_closed_door(installed: Installation) -> None:
    result = installed.run("clients", "token", "new", "Partner")
    assert result.exit_code == 2
    assert "dynamic_registration.enabled" in result.stderr
