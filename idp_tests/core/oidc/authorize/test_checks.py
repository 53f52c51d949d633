"""The ordered checks: each stands in the list once, and nothing is answered anywhere before an address is trusted."""

import ast
import inspect

import pytest

from idp.core.oidc.authorize import request_essentials, request_options
from idp.core.oidc.authorize.checks import CHECKS, ReadRequest
from idp.core.oidc.authorize.request_object import PARAMETERS
from idp.core.oidc.authorize.validation_context import RequestProblem, ValidationContext
from idp.core.oidc.clients.client import Client
from idp.core.oidc.errors import Displayed, Redirected
from idp.core.oidc.parameters import RawParameters
from idp_tests.authorization_requests import VALID, World, pairs
from idp_tests.builders import NOW

NAMES = [check.__name__ for check in CHECKS]
NOT_KEPT = {"request", "request_uri", "registration"}
"""Parameters that lead to others, and are not kept with a pushed request."""


def test_every_check_of_the_two_files_is_run_once() -> None:
    written = [
        name
        for module in (request_essentials, request_options)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    ]
    assert sorted(NAMES) == sorted(written)


def test_the_address_is_trusted_before_anything_that_is_told_to_the_client() -> None:
    trusted = NAMES.index("redirect_uri_is_registered")
    assert set(NAMES[:trusted]) == {
        "client_is_known", "pushed_request_is_found", "address_is_noted", "parameters_stand_once",
        "foreign_references_are_not_followed", "request_object_is_read", "request_is_short",
    }  # fmt: skip
    assert NAMES.index("client_is_known") == 0
    assert NAMES.index("request_object_is_read") < NAMES.index("request_is_short") < trusted


def test_a_pushed_request_keeps_every_parameter_that_a_check_reads() -> None:
    """One that is not kept would count when it comes by the browser, and not when it is pushed."""
    read = {
        argument.value
        for module in (request_essentials, request_options)
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr in {"find", "words", "all"}
        for argument in node.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }
    assert read - NOT_KEPT <= PARAMETERS


def test_a_problem_goes_where_the_checks_before_it_trust(monkeypatch: pytest.MonkeyPatch) -> None:
    for index, check in enumerate(CHECKS):

        def stop(_: ValidationContext, name: str = check.__name__) -> None:
            raise RequestProblem("invalid_request", name)

        monkeypatch.setattr("idp.core.oidc.authorize.checks.CHECKS", (*CHECKS[:index], stop, *CHECKS[index + 1 :]))
        expected = Displayed if index <= NAMES.index("address_is_noted") else Redirected
        with pytest.raises(expected) as refused:
            World.of().ask()
        assert refused.value.description == check.__name__


def test_the_client_is_looked_up_once_and_given_with_the_request() -> None:
    world = World.of()
    looked_up: list[str] = []

    class Counting:
        """The port `Clients`."""

        def find(self, client_id: str) -> Client | None:
            looked_up.append(client_id)
            return world.clients.find(client_id)

        def all(self) -> list[Client]:
            raise AssertionError("no request needs all clients")

    environment = world.environment
    object.__setattr__(environment, "clients", Counting())
    validated = ReadRequest(environment)(RawParameters.of(pairs()), NOW)
    assert looked_up == ["rp"]
    assert validated.client is world.clients.find("rp")
    assert validated.request.redirect_uri == VALID["redirect_uri"]
