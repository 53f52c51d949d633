"""Dynamic registration over HTTP, on both databases: from the initial access token to a login and to the end."""

import json
import secrets
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from idp.adapters.database.engine import unit_of_work
from idp.adapters.database.registered_clients import DatabaseRegisteredClients
from idp.app import create_app
from idp.assembly.provider import assemble
from idp.core.oidc.clients.client import SecurityProfile
from idp_tests.cases import each
from idp_tests.provider import ISSUER, SETTINGS, Provider, run_provider
from idp_tests.registrations import jwks, members
from idp_tests.relying_party import RelyingParty, basic, error_of

REGISTRATION = """
[dynamic_registration]
enabled = true
per_hour = 60
most_clients = 60
secret_lifetime = "P30D"
"""
JSON = "application/json"


@pytest.fixture
def open_provider(database_url: str, provider_files: Path, tmp_path: Path) -> Iterator[Provider]:
    """A provider that registers clients."""
    directory = tmp_path / "provider"
    shutil.copytree(provider_files, directory)
    (directory / "idp.toml").write_text(SETTINGS.format(database_url=database_url) + REGISTRATION)
    yield from run_provider(directory)


class Developer:
    """Somebody at a partner who was given an initial access token."""

    def __init__(self, provider: Provider, *, uses: int | None = 1) -> None:
        self.provider = provider
        self.http = provider.app.test_client(use_cookies=False)
        with provider.app.app_context(), unit_of_work():
            _, self.token = provider.parts.dynamic_registration.issue_initial_token(
                "Partner",
                provider.clock(),
                life=timedelta(days=7),
                uses=uses,
                security_profile=SecurityProfile.THIRD_PARTY,
                operator="eva",
            )

    def send(
        self,
        method: str,
        path: str,
        body: bytes | Mapping[str, Any] | None = None,
        *,
        token: str | None = None,
        content_type: str = JSON,
        headers: Mapping[str, str] | None = None,
    ) -> TestResponse:
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        authorization = {"Authorization": f"Bearer {token}"} if token is not None else {}
        return self.http.open(
            path,
            method=method,
            data=data,
            content_type=content_type if data is not None else None,
            headers={**authorization, **(headers or {})},
            base_url=ISSUER,
        )

    def post(self, **changes: Any) -> TestResponse:
        return self.send("POST", "/register", members(**changes), token=self.token)

    def register(self, **changes: Any) -> dict[str, Any]:
        response = self.post(**changes)
        assert response.status_code == 201, response.get_data(as_text=True)
        return dict(response.get_json())

    def manage(self, method: str, told: Mapping[str, Any], body: Mapping[str, Any] | None = None) -> TestResponse:
        path = str(told["registration_client_uri"]).removeprefix(ISSUER)
        return self.send(method, path, body, token=str(told["registration_access_token"]))


@pytest.fixture
def developer(open_provider: Provider) -> Developer:
    return Developer(open_provider, uses=None)


def count(provider: Provider) -> int:
    return int(provider.scalar("SELECT count(*) FROM registered_clients"))


def audited(provider: Provider, event: str) -> int:
    return int(provider.scalar(f"SELECT count(*) FROM audit WHERE event = '{event}'"))


@pytest.mark.each_database
def test_a_registered_client_logs_people_in(open_provider: Provider, developer: Developer) -> None:
    told = developer.register(scope="openid profile email")
    browser = open_provider.browser()
    browser.authorize(told["client_id"], redirect_uri="https://rp.example/cb", scope="openid email").identify()
    assert browser.step == "consent", browser.path
    browser.submit("/consent", answer="allow")
    party = RelyingParty(open_provider)
    response = party.post("/token", browser.code_form(), basic(told["client_id"], told["client_secret"]))
    assert response.status_code == 200, response.get_data(as_text=True)
    access_token = response.get_json()["access_token"]
    assert party.userinfo(access_token).status_code == 200

    assert developer.manage("DELETE", told).status_code == 204
    assert party.userinfo(access_token).status_code == 401
    assert open_provider.scalar("SELECT revoke_reason FROM grants") == "client_deleted"
    again = open_provider.browser().authorize(told["client_id"], redirect_uri="https://rp.example/cb")
    assert (again.left_to, again.status) == (None, 400)


def test_a_registered_client_that_cannot_pkce_logs_people_in_by_its_nonce(
    open_provider: Provider, developer: Developer
) -> None:
    told = developer.register(scope="openid")
    plain = {"redirect_uri": "https://rp.example/cb", "code_challenge": "", "code_challenge_method": ""}
    browser = open_provider.browser().authorize(told["client_id"], **plain)
    browser.identify().submit("/consent", answer="allow")
    form = browser.code_form(code_verifier="")
    response = RelyingParty(open_provider).post("/token", form, basic(told["client_id"], told["client_secret"]))
    assert response.status_code == 200, response.get_data(as_text=True)
    assert browser.authorize(told["client_id"], **plain, nonce="").answer["error"] == "invalid_request"


def test_the_answer_is_for_the_client_alone(developer: Developer) -> None:
    response = developer.post()
    assert response.status_code == 201
    assert response.mimetype == JSON
    assert response.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in response.headers
    assert "Access-Control-Allow-Origin" not in response.headers
    told = response.get_json()
    assert told["client_secret_expires_at"] == told["client_id_issued_at"] + 30 * 86_400


@pytest.mark.each_database
def test_a_client_lives_from_registration_to_removal(open_provider: Provider, developer: Developer) -> None:
    told = developer.register(token_endpoint_auth_method="private_key_jwt", jwks=jwks())
    read = developer.manage("GET", told)
    assert (read.status_code, read.get_json()) == (200, told)
    changed = developer.manage("PUT", told, members(client_id=told["client_id"], jwks=jwks(), client_name="Nytt namn"))
    assert changed.status_code == 200
    assert changed.get_json()["client_name"] == "Nytt namn"
    assert "client_secret" in changed.get_json()
    removed = developer.manage("DELETE", told)
    assert (removed.status_code, removed.data, removed.headers["Cache-Control"]) == (204, b"", "no-store")
    for method in ("GET", "PUT", "DELETE"):
        assert developer.manage(method, told, {}).status_code == 401
    for event in ("client.registered", "client.changed", "client.deleted"):
        assert audited(open_provider, event) == 1


def test_of_two_removals_at_once_the_second_meets_a_client_that_is_gone(
    open_provider: Provider, developer: Developer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one's statement comes between the second one's look at the client and its own statement."""
    told = developer.register()
    removal = DatabaseRegisteredClients.remove

    def overtaken(clients: DatabaseRegisteredClients, client_id: str) -> bool:
        assert removal(clients, client_id)
        return removal(clients, client_id)

    monkeypatch.setattr(DatabaseRegisteredClients, "remove", overtaken)
    response = developer.manage("DELETE", told)
    assert (response.status_code, error_of(response)) == (401, "invalid_token")
    assert audited(open_provider, "client.deleted") == 0


def test_a_stranger_registers_nothing_and_touches_nothing(open_provider: Provider, developer: Developer) -> None:
    told, other = developer.register(), developer.register()
    path = told["registration_client_uri"].removeprefix(ISSUER)
    attempts = [
        developer.send("POST", "/register", members(), token=None),
        developer.send("POST", "/register", members(), token="wrong"),
        developer.send("POST", "/register", members(), token=told["registration_access_token"]),
        developer.send("POST", f"/register?access_token={developer.token}", members(), token=None),
        developer.send("POST", "/register", {**members(), "access_token": developer.token}, token=None),
        *(
            developer.send(method, path, members(client_id=told["client_id"]), token=token)
            for method in ("GET", "PUT", "DELETE")
            for token in (None, "wrong", developer.token, other["registration_access_token"], told["client_secret"])
        ),
        *(developer.send("GET", f"/register/{name}", token=developer.token) for name in ("minasidor", "dcr-x")),
    ]
    for response in attempts:
        assert (response.status_code, error_of(response)) == (401, "invalid_token")
        assert response.headers["WWW-Authenticate"].startswith(f'Bearer realm="{ISSUER}"')
    assert count(open_provider) == 2
    assert developer.manage("GET", told).status_code == 200


UNREADABLE = (
    (b"", JSON, 400),
    (b"{", JSON, 400),
    (b"[]", JSON, 400),
    (b"null", JSON, 400),
    (b"\xff\xfe", JSON, 400),
    (b"{}", JSON, 400),
    (b'{"redirect_uris": ["https://rp.example/cb"], "redirect_uris": ["https://evil.example/cb"]}', JSON, 400),
    (b'{"redirect_uris": ["https://rp.example/cb"], "client_name": "\\ud800"}', JSON, 400),
    (b'{"redirect_uris": ["https://rp.example/cb"], "client_name": "\\u0000"}', JSON, 400),
    (b'{"redirect_uris": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", JSON, 400),
    (b'{"default_max_age": ' + b"9" * 5_000 + b"}", JSON, 400),
    (b'{"a": "' + b"x" * 32_768 + b'"}', JSON, 413),
    (b'{"a": "' + b"x" * 70_000 + b'"}', JSON, 413),
    (b'{"a": "' + b"x" * 5_000_000 + b'"}', JSON, 413),
    (json.dumps(members()).encode(), "application/x-www-form-urlencoded", 400),
    (json.dumps(members()).encode(), "text/plain", 400),
    (json.dumps(members()).encode(), "multipart/form-data; boundary=x", 400),
    (json.dumps(members()).encode(), "application/jwt", 400),
    (json.dumps(members()).encode(), "", 400),
    (json.dumps(members()).encode("utf-16"), "application/json; charset=utf-16", 400),
)


@each("body, content_type, status", UNREADABLE)
def test_a_body_that_cannot_be_read_registers_nothing(
    open_provider: Provider, developer: Developer, body: bytes, content_type: str, status: int
) -> None:
    response = developer.send("POST", "/register", body, token=developer.token, content_type=content_type)
    assert response.status_code == status
    assert error_of(response) in {"invalid_client_metadata", "invalid_redirect_uri"}
    assert count(open_provider) == 0


@pytest.fixture
def registered(developer: Developer) -> dict[str, Any]:
    return developer.register()


@each("body, content_type, status", UNREADABLE)
def test_a_body_that_cannot_be_read_changes_nothing(
    developer: Developer, registered: dict[str, Any], body: bytes, content_type: str, status: int
) -> None:
    path = registered["registration_client_uri"].removeprefix(ISSUER)
    token = registered["registration_access_token"]
    assert developer.send("PUT", path, body, token=token, content_type=content_type).status_code == status
    assert developer.manage("GET", registered).get_json()["redirect_uris"] == ["https://rp.example/cb"]


@each(
    "changes, error",
    [
        ({"redirect_uris": ["http://rp.example/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://169.254.169.254/cb"]}, "invalid_redirect_uri"),
        ({"application_type": "native", "redirect_uris": ["app:/cb"]}, "invalid_redirect_uri"),
        ({"jwks_uri": "https://rp.example/jwks.json"}, "invalid_client_metadata"),
        ({"sector_identifier_uri": "https://other.example/s.json"}, "invalid_client_metadata"),
        ({"grant_types": ["password"]}, "invalid_client_metadata"),
        ({"client_name": "BankID"}, "invalid_client_metadata"),
        ({"client_name": "PreZero"}, "invalid_client_metadata"),
        ({"client_name": "Mina Sidor"}, "invalid_client_metadata"),
        ({"id_token_signed_response_alg": "none"}, "invalid_client_metadata"),
    ],
)
def test_bad_metadata_is_refused_and_written_down(
    open_provider: Provider, developer: Developer, changes: dict[str, Any], error: str
) -> None:
    before = audited(open_provider, "client.registration_refused")
    response = developer.post(**changes)
    assert (response.status_code, error_of(response)) == (400, error)
    assert count(open_provider) == 0
    assert audited(open_provider, "client.registration_refused") == before + 1
    assert open_provider.scalar("SELECT used FROM initial_tokens") == 0


def test_no_privilege_comes_from_metadata(open_provider: Provider, developer: Developer) -> None:
    told = developer.register(first_party=True, personal_number_allowed=True, security_profile="web_confidential")
    with open_provider.app.app_context():
        client = open_provider.parts.clients.find(told["client_id"])
    assert client is not None
    assert not client.first_party
    assert not client.personal_number_allowed
    assert client.security_profile is SecurityProfile.THIRD_PARTY
    assert not {"first_party", "personal_number_allowed", "security_profile"} & told.keys()


@pytest.mark.each_database
def test_one_use_makes_one_client_of_fifty(open_provider: Provider) -> None:
    """Two processes of one provider, each with half of the attempts."""
    developer = Developer(open_provider)
    second = assemble(open_provider.settings, open_provider.clock)
    apps = (open_provider.app, create_app(second))

    def attempt(number: int) -> int:
        response = (
            apps[number % 2]
            .test_client(use_cookies=False)
            .post(
                "/register",
                data=json.dumps(members()),
                content_type=JSON,
                headers={"Authorization": f"Bearer {developer.token}"},
                base_url=ISSUER,
            )
        )
        return response.status_code

    with ThreadPoolExecutor(16) as threads:
        statuses = Counter(threads.map(attempt, range(50)))
    second.close()
    assert statuses == {201: 1, 401: 49}
    assert count(open_provider) == 1
    assert audited(open_provider, "client.registered") == 1


def test_registrations_of_one_token_are_counted_by_the_hour(open_provider: Provider, developer: Developer) -> None:
    statuses = [developer.post().status_code for _ in range(61)]
    assert statuses == [201] * 60 + [429]
    told_away = developer.post()
    assert (told_away.status_code, error_of(told_away)) == (429, "temporarily_unavailable")
    assert int(told_away.headers["Retry-After"]) > 0
    assert count(open_provider) == 60


def test_every_process_sees_a_client_come_change_and_go_within_five_seconds(
    open_provider: Provider, developer: Developer
) -> None:
    second = assemble(open_provider.settings, open_provider.clock)

    def seen_there(client_id: str) -> str | None:
        client = second.clients.find(client_id)
        return client.client_name if client else None

    told = developer.register()
    client_id = told["client_id"]
    assert seen_there(client_id) == "Partner AB"
    developer.manage("PUT", told, members(client_id=client_id, client_name="Nytt namn"))
    open_provider.clock.advance(seconds=5)
    assert seen_there(client_id) == "Nytt namn"
    developer.manage("DELETE", told)
    open_provider.clock.advance(seconds=5)
    assert seen_there(client_id) is None
    second.close()


def test_jobs_find_a_registered_client_without_a_request(open_provider: Provider, developer: Developer) -> None:
    told = developer.register()
    open_provider.clock.advance(seconds=5)
    client = open_provider.parts.clients.find(told["client_id"])
    assert client is not None
    assert told["client_id"] in {known.client_id for known in open_provider.parts.clients.all()}


def test_a_secret_opens_nothing_after_its_end(open_provider: Provider, developer: Developer) -> None:
    told = developer.register()
    party = RelyingParty(open_provider)

    def ask() -> TestResponse:
        form = {"grant_type": "authorization_code", "code": "x", "redirect_uri": "https://rp.example/cb"}
        return party.post("/token", form, basic(told["client_id"], told["client_secret"]))

    assert error_of(ask()) != "invalid_client"
    open_provider.clock.advance(days=30)
    assert error_of(ask()) == "invalid_client"
    renewed = developer.manage("PUT", told, members(client_id=told["client_id"])).get_json()
    told["client_secret"] = renewed["client_secret"]
    assert error_of(ask()) != "invalid_client"


def test_secrets_are_in_no_row(open_provider: Provider, developer: Developer) -> None:
    told = developer.register()
    rows = "".join(
        str(open_provider.scalar(f"SELECT {column} FROM {table}"))
        for table, column in (
            ("registered_clients", "access_token_hash"),
            ("registered_clients", "client_secret_hash"),
            ("registered_clients", "metadata_encrypted"),
            ("initial_tokens", "token_hash"),
        )
    )
    for secret in (developer.token, told["client_secret"], told["registration_access_token"], "rp.example"):
        assert secret not in rows


@each("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_the_endpoint_takes_post_only(developer: Developer, method: str) -> None:
    response = developer.send(method, "/register", token=developer.token)
    assert response.status_code == (200 if method == "OPTIONS" else 405)
    assert "Access-Control-Allow-Origin" not in response.headers


def test_discovery_names_the_endpoint_that_exists(open_provider: Provider, developer: Developer) -> None:
    document = developer.send("GET", "/.well-known/openid-configuration").get_json()
    assert document["registration_endpoint"] == f"{ISSUER}/register"


def test_a_closed_provider_has_no_endpoint_and_knows_no_registered_client(provider: Provider) -> None:
    http = provider.app.test_client(use_cookies=False)
    assert http.post("/register", json=members(), base_url=ISSUER).status_code == 404
    assert http.get(f"/register/dcr-{secrets.token_hex(16)}", base_url=ISSUER).status_code == 404
    document = http.get("/.well-known/openid-configuration", base_url=ISSUER).get_json()
    assert "registration_endpoint" not in document


def test_closing_the_door_shuts_registered_clients_out(open_provider: Provider, developer: Developer) -> None:
    told = developer.register()
    shut = open_provider.settings.dynamic_registration.model_copy(update={"enabled": False})
    closed = assemble(open_provider.settings.model_copy(update={"dynamic_registration": shut}), open_provider.clock)
    assert closed.clients.find(told["client_id"]) is None
    closed.close()
