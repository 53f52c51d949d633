"""One world for all relying parties: `./dev up --tls --autopilot anna` with the client files of the guide dropped in."""

import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from idp.core.oidc.clients.client import AuthMethod
from idp_tests.client_side import ClientSide
from idp_tests.journeys.world import RunningWorld, running_world
from idp_tests.relying_parties import guide
from idp_tests.relying_parties.person import Person
from idp_tests.relying_parties.programs import free_port
from idp_tests.relying_party import OverNetwork, RelyingParty

RUNNING_HERE = ("booking", "reports", "payroll", "planner", "intranet")
"""Relying parties that are real programs in these tests, so that their addresses must be of this machine."""


@dataclass(frozen=True, kw_only=True)
class Parties:
    """The world, and what its relying parties know of themselves."""

    world: RunningWorld
    addresses: dict[str, str]
    secrets: dict[str, str] = field(repr=False)
    keys: dict[str, ECKey] = field(repr=False)

    @property
    def issuer(self) -> str:
        return self.world.idp

    def relying_party(
        self, client_id: str, redirect_uri: str, method: AuthMethod = AuthMethod.CLIENT_SECRET_BASIC, **headers: str
    ) -> RelyingParty:
        """A client of the guide's, with the headers that its library sends."""
        side = ClientSide(
            client_id=client_id,
            redirect_uri=redirect_uri,
            method=method,
            secret=self.secrets.get(client_id, ""),
            issuer=self.issuer,
        )
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return RelyingParty(OverNetwork(issuer=self.issuer, verify=self.world.trusted, headers=sent), side)

    def text(self, name: str) -> str:
        """A block of the guide for this world."""
        return guide.block(name).at(issuer=self.issuer, **self.addresses)


@pytest.fixture(scope="session")
def parties(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parties]:
    with running_parties(tmp_path_factory.mktemp("relying-parties"), RUNNING_HERE) as found:
        yield found


@contextmanager
def running_parties(data: Path, running_here: tuple[str, ...]) -> Iterator[Parties]:
    """The running world; Anna has done the whole leaflet at MinaSidor and has a customer."""
    addresses = {host: f"http://localhost:{free_port()}" for host in running_here}
    shared, keys = drop_client_files(data / "idp" / "clients", addresses)
    with running_world(data, "--tls", "--autopilot", "anna") as world:
        anna = Person(world).ask(f"{world.minasidor}/login")
        assert anna.walked == ["bankid", "link", "register", "again"], anna.heading
        yield Parties(world=world, addresses=addresses, secrets=shared, keys=keys)


def drop_client_files(directory: Path, addresses: dict[str, str]) -> tuple[dict[str, str], dict[str, ECKey]]:
    """Write the guide's client files, with a secret or a key for each that wants one."""
    directory.mkdir(parents=True)
    shared: dict[str, str] = {}
    keys: dict[str, ECKey] = {}
    for client_id, block in guide.client_files().items():
        text = block.at(issuer=guide.ISSUER, **addresses)
        if guide.A_HASH in text:
            shared[client_id] = secrets.token_urlsafe(32)
            text = text.replace(guide.A_HASH, hashlib.sha256(shared[client_id].encode()).hexdigest())
        if "jwks_file" in text:
            keys[client_id] = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
            public = json.dumps({"keys": [keys[client_id].as_dict(private=False)]})
            (directory / f"{client_id}.jwks.json").write_text(public, encoding="utf-8")
        (directory / f"{client_id}.toml").write_text(text, encoding="utf-8")
    return shared, keys


@pytest.fixture
def person(parties: Parties) -> Person:
    """Somebody with a fresh browser."""
    return Person(parties.world)
