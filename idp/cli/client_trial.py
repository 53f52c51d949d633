"""`idp clients try`: a login by hand, from a client file: the address to open, the answer, and the request for tokens."""

import base64
import hashlib
import json
import secrets
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, TextIO
from urllib.parse import parse_qsl, urlencode, urlsplit

import click

from idp.cli.problems import Problem
from idp.cli.with_provider import given

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.core.oidc.clients.client import Client

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_VARIABLES = ("$CLIENT_SECRET", "$CLIENT_ASSERTION", "$CODE")
"""Left in the printed lines for the client's owner to fill in."""
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True, slots=True)
class Trial:
    """One authorization request of a client, with what only the client may know."""

    client: "Client"
    issuer: str
    redirect_uri: str
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def parameters(self) -> dict[str, str]:
        """Of the authorization request (OpenID Connect Core 3.1.2.1; RFC 7636 4.3)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": " ".join(sorted(self.client.scopes, key=lambda scope: (scope != "openid", scope))),
            "state": secrets.token_urlsafe(12),
            "nonce": secrets.token_urlsafe(12),
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }

    def token_request(self, code: str, method: str) -> str:
        """The request for tokens as a curl line; what only the client knows is left for its owner to fill in."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri}
        form["code_verifier"] = self.verifier
        return self.curl("token", form, method)

    def curl(self, endpoint: str, form: Mapping[str, str], method: str) -> str:
        """A request of the client to an endpoint, with its authentication."""
        proof = {"client_id": self.client.client_id}
        user = ""
        match method:
            case "client_secret_basic":
                proof, user = {}, f' --user "{self.client.client_id}:$CLIENT_SECRET"'
            case "client_secret_post":
                proof |= {"client_secret": "$CLIENT_SECRET"}
            case "private_key_jwt":
                proof |= {"client_assertion_type": _ASSERTION, "client_assertion": "$CLIENT_ASSERTION"}
        fields = " ".join(f"--data-urlencode {_quoted(f'{name}={value}')}" for name, value in {**form, **proof}.items())
        return f"curl --silent{user} {fields} {self.issuer}/{endpoint}"


def _quoted(text: str) -> str:
    """For a shell; a variable of ours stays one."""
    return f'"{text}"' if any(name in text for name in _VARIABLES) else shlex.quote(text)


@click.command("try")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--answer", type=click.File(), help="Show the tokens in this answer of the token endpoint; - reads them.")
@given(lambda provider: provider.read_client_file, lambda provider: provider.settings.issuer)
def command(read_client_file: "Callable[[Path], Client]", issuer: str, file: Path, answer: TextIO | None) -> None:
    """Log in by hand as the client of FILE, which the provider must have read already.

    Prints the address to open in a browser and the request for tokens. If the client's address is of this computer,
    the answer is received there.
    """
    client = read_client_file(file)
    if answer is not None:
        _show_tokens(answer.read())
        return
    if client.require_signed_request_object or client.dpop_bound_access_tokens:
        raise Problem("This client signs its requests or proves a key (DPoP): try it in the playground of ./dev up.")
    server, redirect_uri = _listen(sorted(client.redirect_uris))
    trial = Trial(client, issuer, redirect_uri)
    for line in _opening(trial):
        click.echo(line)
    code = "$CODE"
    if server is not None:
        click.echo(f"\nWaiting for the answer at {redirect_uri} …")
        answered = _receive(server)
        click.echo("\n".join(f"  {name} = {value}" for name, value in answered.items()))
        if "code" not in answered:
            raise Problem("There is no code in the answer: error and error_description say why.")
        code = answered["code"]
    else:
        click.echo("\nThe browser ends at an address with code=… in it: put it into CODE, within a minute.")
    click.echo("\nThe request for tokens:")
    for method in sorted(client.token_endpoint_auth_methods):
        click.echo(f"  {trial.token_request(code, method)}")
    click.echo(f"\nWith `| idp clients try {file} --answer -` behind it the tokens are shown opened.")


def _opening(trial: Trial) -> Iterator[str]:
    parameters = trial.parameters
    if trial.client.require_pushed_authorization_requests:
        yield "Push the request first, and put the request_uri of the answer into the address:"
        for method in sorted(trial.client.token_endpoint_auth_methods):
            yield f"  {trial.curl('par', parameters, method)}"
        parameters = {"client_id": trial.client.client_id, "request_uri": "…"}
    yield "Open in a browser:"
    yield f"  {trial.issuer}/authorize?{urlencode(parameters)}"


def _listen(redirect_uris: list[str]) -> tuple[HTTPServer | None, str]:
    """A server at the first address of this computer, and the address; else None and the first address."""
    for address in redirect_uris:
        parts = urlsplit(address)
        if parts.scheme == "http" and parts.hostname in LOOPBACK:
            try:
                server = HTTPServer((parts.hostname, parts.port or 0), _Answer)
            except OSError as problem:
                click.echo(f"Cannot listen at {address} ({problem.strerror}): is your application running there?")
                continue
            port = server.server_port
            return server, address if parts.port else parts._replace(netloc=f"{parts.netloc}:{port}").geturl()
    return None, redirect_uris[0]


class _Answer(BaseHTTPRequestHandler):
    """Receives one authorization response, by query or by form."""

    received: dict[str, str]

    def do_GET(self) -> None:
        self._take(urlsplit(self.path).query)

    def do_POST(self) -> None:
        self._take(self.rfile.read(min(int(self.headers.get("Content-Length", "0")), 65_536)).decode())

    def _take(self, text: str) -> None:
        type(self).received = dict(parse_qsl(text))
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"Go back to the terminal.\n")

    def log_message(self, *_: object) -> None:
        """Say nothing: the address holds a code."""


def _receive(server: HTTPServer) -> dict[str, str]:
    """Wait for a request that is an answer; a browser also asks for a picture of the site."""
    _Answer.received = {}
    with server:
        while not {"code", "error"} & _Answer.received.keys():
            server.handle_request()
    return _Answer.received


def _show_tokens(text: str) -> None:
    """The members of a token response, JSON Web Tokens opened; their signatures are not checked here."""
    from idp.core.oidc.keys import jose

    try:
        members = json.loads(text)
    except ValueError:
        raise Problem("This is no JSON: the answer of the token endpoint is wanted.") from None
    for name, value in members.items():
        click.echo(f"{name} = {value}")
        try:
            opened = jose.peek(str(value))
        except jose.JoseRefused:
            continue
        click.echo("  " + json.dumps(opened.members, indent=2, ensure_ascii=False).replace("\n", "\n  "))
