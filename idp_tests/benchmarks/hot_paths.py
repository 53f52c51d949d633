"""Requests of the hot paths, made before anybody's clock runs, and what sends them: no test client is in the way."""

import hashlib
import io
import itertools
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import cast
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Flask
from werkzeug.test import EnvironBuilder

from idp_tests.benchmarks.contenders import CALLBACK, CLIENT, SCOPE, bench_client
from idp_tests.provider import ISSUER, SETTINGS, Provider, run_provider

SECRET = "a-secret-of-256-bits-for-benchmarks-only-000"
Request = tuple[dict[str, object], bytes]


class Sender:
    """Sends requests to one application, as a server does."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self.status = ""
        self.headers: dict[str, str] = {}
        self.content = b""

    def send(self, request: Request) -> None:
        environ, body = request
        environ["wsgi.input"] = io.BytesIO(body)
        answer = self._app.wsgi_app(environ, self._start)
        self.content = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()

    def _start(self, status: str, headers: list[tuple[str, str]], _error: object = None) -> Callable[[bytes], object]:
        self.status, self.headers = status, dict(headers)
        return lambda _data: None


def ready(path: str, form: Mapping[str, str] | None = None, **headers: str) -> Request:
    """A request as a server hands it over."""
    body = urlencode(form).encode() if form is not None else b""
    builder = EnvironBuilder(path, ISSUER, method="GET" if form is None else "POST", headers=list(headers.items()))
    environ = builder.get_environ()
    if form is not None:
        environ |= {"CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": "application/x-www-form-urlencoded"}
    return environ, body


class Person:
    """Somebody with a session, and what their clients hold."""

    def __init__(self, provider: Provider, sender: Sender) -> None:
        self.sender = sender
        self.browser = provider.browser()
        self.browser.authorize("ES256", redirect_uri=CALLBACK).identify()
        jar = self.browser.client._cookies or {}
        self.headers = {
            "Cookie": "; ".join(f"{one.key}={one.value}" for one in jar.values()),
            "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/130",
        }

    def authorize(self, client_id: str) -> Request:
        asked = bench_client(SECRET, client_id).authorization_request(scope=SCOPE)
        return ready(f"/authorize?{urlencode(asked)}", None, **self.headers)

    def exchanges(self, client_id: str) -> Iterator[Request]:
        """Of new codes; getting them is not measured where a batch is made before its clock runs."""
        request = self.authorize(client_id)
        while True:
            self.sender.send((dict(request[0]), b""))
            code = parse_qs(urlsplit(self.sender.headers["Location"]).query)["code"][0]
            client = bench_client(SECRET, client_id)
            yield ready("/token", client.code_form(code), **client.headers)

    def tokens(self, client_id: str) -> Iterator[dict[str, str]]:
        for request in self.exchanges(client_id):
            self.sender.send(request)
            yield cast("dict[str, str]", json.loads(self.sender.content))


def serve(url: str, provider_files: Path, directory: Path) -> Iterator[Provider]:
    """A provider as for every test, with a client per algorithm."""
    shutil.copytree(provider_files, directory)
    digest = hashlib.sha256(SECRET.encode()).hexdigest()
    for client_id in ("ES256", "RS256"):
        text = CLIENT.format(client_id=client_id, digest=digest, callback=CALLBACK, alg=client_id, scope=SCOPE)
        (directory / "clients" / f"{client_id}.toml").write_text(text, encoding="utf-8")
    (directory / "idp.toml").write_text(SETTINGS.format(database_url=url), encoding="utf-8")
    yield from run_provider(directory)


def hot_paths(provider: Provider, sender: Sender) -> Mapping[str, Iterator[Request]]:
    """Endless requests, by the path's name."""
    person = Person(provider, sender)
    held = next(person.tokens("ES256"))
    token, basic = held["access_token"], bench_client(SECRET, "ES256").headers
    refresh = {"grant_type": "refresh_token", "refresh_token": held["refresh_token"]}
    return {
        "discovery": itertools.repeat(ready("/.well-known/openid-configuration")),
        "keys": itertools.repeat(ready("/jwks.json")),
        "authorize with a session": itertools.repeat(person.authorize("ES256")),
        "token, ES256": person.exchanges("ES256"),
        "token, RS256": person.exchanges("RS256"),
        "refresh": itertools.repeat(ready("/token", refresh, **basic)),
        "userinfo": itertools.repeat(ready("/userinfo", Authorization=f"Bearer {token}")),
        "introspection": itertools.repeat(ready("/introspect", {"token": token}, **basic)),
        "revocation": (ready("/revoke", {"token": one["access_token"]}, **basic) for one in person.tokens("ES256")),
        "BankID status": itertools.repeat(_status(provider)),
    }


def _status(provider: Provider) -> Request:
    waiting = provider.browser().authorize().start()
    cookies = "; ".join(f"{one.key}={one.value}" for one in (waiting.client._cookies or {}).values())
    return ready(f"{waiting.base}/bankid/status", None, Cookie=cookies, **waiting.headers)
