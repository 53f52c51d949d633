"""The contenders of the side-by-side benchmark: this product and node-oidc-provider, each one process on one core.

Both serve one confidential client (client_secret_basic, PKCE, opaque access tokens, refresh tokens that stay) and one
person who is logged in.
"""

import hashlib
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import requests

from idp.core.oidc.clients.client import AuthMethod
from idp_tests.benchmarks.load import SERVER_CORE, Call
from idp_tests.client_side import ClientSide
from idp_tests.journeys.world import RunningWorld
from idp_tests.relying_parties.person import Person

CALLBACK = "https://rp.example/callback"
SCOPE = "openid profile email phone"
HERE = Path(__file__).parent


@dataclass(kw_only=True)
class Contender:
    """A running provider, and somebody's session with it."""

    name: str
    issuer: str
    secret: str
    log_in: Callable[[], str]
    """Logs the person in and returns the browser's cookies."""
    process: "subprocess.Popen[bytes]"
    cookies: str = ""

    @cached_property
    def endpoints(self) -> Mapping[str, str]:
        """By their names in the metadata."""
        answer = requests.get(f"{self.issuer}/.well-known/openid-configuration", timeout=10)
        return {name: value for name, value in answer.json().items() if isinstance(value, str)}

    @property
    def client(self) -> ClientSide:
        return bench_client(self.secret)

    @property
    def credentials(self) -> Mapping[str, str]:
        return self.client.headers

    def authorize(self) -> Call:
        """A request that is answered with a code; logs in again where the last session did not outlive its load."""
        call = self._authorize()
        if self._code(call) is None:
            self.cookies = self.log_in()
            call = self._authorize()
        return call

    def tokens(self) -> Mapping[str, str]:
        """The answer to one code, asked for by hand."""
        form = self.client.code_form(self._code(self.authorize()) or "")
        granted = requests.post(self.endpoints["token_endpoint"], data=form, headers=dict(self.credentials), timeout=10)
        granted.raise_for_status()
        found: dict[str, str] = granted.json()
        return found

    def _authorize(self) -> Call:
        query = urlencode(self.client.authorization_request(scope=SCOPE))
        return Call(url=f"{self.endpoints['authorization_endpoint']}?{query}", headers={"Cookie": self.cookies})

    def _code(self, call: Call) -> str | None:
        answer = requests.get(call.url, headers=dict(call.headers), allow_redirects=False, timeout=10)
        return parse_qs(urlsplit(answer.headers["Location"]).query).get("code", [None])[0]


def bench_client(secret: str, client_id: str = "bench") -> ClientSide:
    """The only client of a contender."""
    return ClientSide(client_id=client_id, redirect_uri=CALLBACK, method=AuthMethod.CLIENT_SECRET_BASIC, secret=secret)


def _wait_for(address: str, process: "subprocess.Popen[bytes]", log: Path | None = None) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(address, timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise RuntimeError(f"{address} never answered\n{log.read_text(encoding='utf-8')[-2000:] if log else ''}")


def pinned(command: list[str], **settings: object) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(["taskset", "-c", SERVER_CORE, *command], **settings)  # type: ignore[call-overload,no-any-return]


# ---- this product ----------------------------------------------------------------------------------------------------

CLIENT = """\
client_id = "{client_id}"
client_name = "Bench"
security_profile = "web_confidential"
first_party = true
require_customer_link = false
token_endpoint_auth_method = "client_secret_basic"
client_secret_hash = "{digest}"
redirect_uris = ["{callback}"]
grant_types = ["authorization_code", "refresh_token"]
refresh_lifetime = 86400
id_token_signed_response_alg = "{alg}"
scope = "{scope}"
"""


@contextmanager
def product(world: RunningWorld, folder: Path, *, port: int, alg: str, database: str) -> Iterator[Contender]:
    """`idp serve` with one worker on its own database; BankID is the world's simulator, on its autopilot."""
    secret = secrets.token_urlsafe(32)
    (folder / "clients").mkdir(parents=True)
    client = CLIENT.format(
        client_id="bench", digest=hashlib.sha256(secret.encode()).hexdigest(), callback=CALLBACK, alg=alg, scope=SCOPE
    )
    (folder / "clients" / "bench.toml").write_text(client, encoding="utf-8")
    (folder / "idp.toml").write_text(_settings(world, folder, port, database), encoding="utf-8")
    command = [sys.executable, "-m", "idp", "--config", str(folder / "idp.toml")]
    for preparation in (["keys", "init"], ["db", "upgrade"]):
        subprocess.run([*command, *preparation], check=True, stdout=subprocess.DEVNULL)
    with (folder / "log").open("wb") as log:
        process = pinned([*command, "serve"], stdout=log, stderr=log)
    issuer = f"http://localhost:{port}"
    try:
        _wait_for(f"{issuer}/readyz", process, folder / "log")

        def log_in() -> str:
            person = Person(replace(world, ports=replace(world.ports, idp=port)))
            person.ask(f"{issuer}/authorize", **bench_client(secret).authorization_request(scope=SCOPE))
            return "; ".join(f"{cookie.name}={cookie.value}" for cookie in person.http.cookies)

        yield Contender(name="product", issuer=issuer, secret=secret, log_in=log_in, process=process)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _settings(world: RunningWorld, folder: Path, port: int, database: str) -> str:
    """The world's settings with an address, a database, keys and clients of their own, and one worker."""
    replaced = {
        "issuer": f'"http://localhost:{port}"',
        "clients": f'["{folder}/clients"]',
        "port": str(port),
        "workers": "1",
        "url": f'"{database}"',
        "directory": f'"{folder}/keys"',
        "folder": f'"{folder}/mail"',
    }
    lines = (world.data / "idp" / "idp.toml").read_text(encoding="utf-8").splitlines()
    names = [line.partition(" = ")[0] for line in lines]
    return "\n".join(
        f"{name} = {replaced[name]}" if name in replaced else line for name, line in zip(names, lines, strict=True)
    )


# ---- node-oidc-provider ----------------------------------------------------------------------------------------------


def install_peer(folder: Path) -> None:
    """npm's packages for the peer, node itself among them, at the versions of its package.json."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in (HERE / "node_oidc_provider").iterdir():
        shutil.copy(file, folder)
    if not (folder / "node_modules" / "oidc-provider").is_dir():
        subprocess.run(["npm", "install", "--no-package-lock", "--no-fund", "--no-audit"], cwd=folder, check=True)


@contextmanager
def peer(folder: Path, *, port: int, alg: str, database: str) -> Iterator[Contender]:
    """node-oidc-provider, with everything in a Map when `database` is empty."""
    secret = secrets.token_urlsafe(32)
    command = [str(folder / "node_modules" / ".bin" / "node"), "server.mjs", str(port), alg]
    process = pinned(
        command + ([database] if database else []),
        cwd=folder,
        env={**os.environ, "CLIENT_SECRET": secret, "NODE_ENV": "production"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    issuer = f"http://localhost:{port}"
    try:
        _wait_for(f"{issuer}/jwks", process)

        def log_in() -> str:
            browser = requests.Session()
            address = f"{issuer}/auth?{urlencode(bench_client(secret).authorization_request(scope=SCOPE))}"
            while address.startswith(issuer):
                answer = browser.get(address, allow_redirects=False, timeout=10)
                address = urljoin(address, answer.headers["Location"])
            return "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies)

        yield Contender(name="node-oidc-provider", issuer=issuer, secret=secret, log_in=log_in, process=process)
    finally:
        process.terminate()
        process.wait(timeout=30)
