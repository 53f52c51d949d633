"""openid-client for Node.js, told nothing but the issuer and its own key or secret: login, UserInfo, refresh, logout."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests

from idp_tests.patience import PATIENCE
from idp_tests.relying_parties.conftest import Parties
from idp_tests.relying_parties.person import Person
from idp_tests.relying_parties.programs import install_packages, need_node, running

HERE = Path(__file__).parent

Start = Callable[[str], str]
"""Start a relying party by its client_id and return its address."""


@pytest.fixture(scope="module")
def start(parties: Parties, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    node = need_node()
    place = tmp_path_factory.mktemp("openid-client")
    (place / "node_modules").symlink_to(install_packages() / "node_modules")
    for script in HERE.glob("*.mjs"):
        shutil.copy(script, place)
    running_now: set[str] = set()
    with ExitStack() as stack:

        def started(client_id: str) -> str:
            address = parties.addresses[client_id]
            if client_id not in running_now:
                stack.enter_context(
                    running(
                        [node, f"{client_id}.mjs"],
                        address=address,
                        log=place / f"{client_id}.log",
                        environment=environment(parties, client_id),
                        directory=place,
                    )
                )
                running_now.add(client_id)
            return address

        yield started


def environment(parties: Parties, client_id: str) -> dict[str, str]:
    known = {"ISSUER": parties.issuer, "ADDRESS": parties.addresses[client_id]}
    known["NODE_EXTRA_CA_CERTS"] = str(parties.world.trusted)
    known["PATH"] = os.environ["PATH"]
    if client_id in parties.secrets:
        known["CLIENT_SECRET"] = parties.secrets[client_id]
    if client_id in parties.keys:
        known["CLIENT_KEY"] = json.dumps(parties.keys[client_id].as_dict(private=True))
    return known


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What a relying party said after the login, after a refresh and after the logout."""

    pages: list[str]
    logged_in: dict[str, Any]
    renewed: dict[str, Any] | None
    logged_out: dict[str, Any]
    came_back_to: str


@pytest.fixture(scope="module")
def visits(parties: Parties, start: Start) -> Callable[[str], Visit]:
    """One visit per relying party, made when a test first asks for it."""

    @cache
    def visit(client_id: str) -> Visit:
        person, address = Person(parties.world), start(client_id)
        logged_in = person.ask(f"{address}/login").told()
        assert "problem" not in logged_in, logged_in
        return Visit(
            pages=person.walked,
            logged_in=logged_in,
            renewed=person.ask(f"{address}/renewed").told() if "refresh_token" in logged_in["tokens"] else None,
            logged_out=person.ask(f"{address}/logout").told(),
            came_back_to=person.url.partition("?")[0],
        )

    return visit


ALL = ("booking", "reports", "payroll")
Visits = Callable[[str], Visit]


@pytest.mark.parametrize("client_id", ALL)
def test_a_person_logs_in_and_the_library_believes_every_token(
    parties: Parties, visits: Visits, client_id: str
) -> None:
    visit = visits(client_id)
    assert visit.pages == ["bankid", "consent"]
    claims = visit.logged_in["claims"]
    assert claims["iss"] == parties.issuer
    assert claims["aud"] == client_id
    assert "mfa" in claims["amr"]


@pytest.mark.parametrize("client_id", ALL)
def test_userinfo_is_about_the_same_person(visits: Visits, client_id: str) -> None:
    told = visits(client_id).logged_in
    assert told["userinfo"]["sub"] == told["claims"]["sub"]
    assert told["userinfo"]["name"] == "Anna Andersson"


@pytest.mark.parametrize("client_id", ["booking", "payroll"])
def test_a_refresh_token_brings_new_tokens_for_the_same_person(visits: Visits, client_id: str) -> None:
    visit = visits(client_id)
    assert visit.renewed is not None, visit.logged_in["tokens"]
    assert visit.renewed["tokens"]["access_token"] != visit.logged_in["tokens"]["access_token"]
    assert visit.renewed["userinfo"] == visit.logged_in["userinfo"]


def test_no_refresh_token_is_given_to_a_third_party_that_did_not_ask(visits: Visits) -> None:
    assert "refresh_token" not in visits("reports").logged_in["tokens"]


@pytest.mark.parametrize(("client_id", "kind"), [("booking", "bearer"), ("reports", "bearer"), ("payroll", "dpop")])
def test_tokens_of_a_fapi_client_are_bound_to_its_key(visits: Visits, client_id: str, kind: str) -> None:
    assert visits(client_id).logged_in["tokens"]["token_type"] == kind


@pytest.mark.parametrize("client_id", ALL)
def test_logging_out_ends_at_the_relying_party_with_nobody_logged_in(
    parties: Parties, visits: Visits, client_id: str
) -> None:
    visit = visits(client_id)
    assert visit.came_back_to == f"{parties.addresses[client_id]}/"
    assert visit.logged_out["claims"] is None


@pytest.mark.parametrize("client_id", ["booking", "reports"])
def test_no_access_token_outlives_the_logout(parties: Parties, visits: Visits, client_id: str) -> None:
    visit = visits(client_id)
    bearer = {"Authorization": f"Bearer {(visit.renewed or visit.logged_in)['tokens']['access_token']}"}
    answer = requests.get(f"{parties.issuer}/userinfo", headers=bearer, verify=parties.world.trusted, timeout=PATIENCE)
    assert answer.status_code == requests.codes.unauthorized
    assert "invalid_token" in answer.headers["WWW-Authenticate"]
