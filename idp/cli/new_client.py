"""New client: what a partner has, question by question, and the client file that follows from the answers."""

import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from idp.cli.problems import Problem
from idp.core.oidc.claims.scopes import SCOPES
from idp.core.oidc.clients.client import SECRET_METHODS, AuthMethod, SecurityProfile
from idp.core.oidc.clients.profile import PROFILES

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_SECRET_BYTES = 32
_PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
"""RFC 7518 6.2.2, 6.3.2 and 6.4."""

PROGRAMS = {
    "web": "a site with a server, which can keep a secret",
    "single-page": "a page that runs in the browser alone, which cannot",
    "native": "an app on a phone or a computer, which cannot",
}
"""What a partner's client may be."""
_OWN_SCOPES = "openid profile email phone customer"
_OTHERS_SCOPES = "openid profile email"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What was answered; `secret` is new and nowhere else."""

    client_id: str
    name: str
    profile: SecurityProfile
    redirect_uris: tuple[str, ...]
    program: str = "web"
    """One of PROGRAMS."""
    scope: str = "openid"
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str = ""
    initiate_login_uri: str = ""
    client_uri: str = ""
    jwks: Mapping[str, Any] | None = None
    """Its public keys, to be written into `jwks_file`."""
    secret: str | None = None

    @property
    def jwks_file(self) -> str:
        """Name of the file with its keys, beside the client file."""
        return f"{self.client_id}.jwks.json"

    def text(self) -> str:
        """The client file, with what a reader wants to know beside each member."""
        lines = [
            f"# {_comment(self.name)}. The file's name is the client_id; members are those of RFC 7591, and a few of ours.",
            f"client_name = {_toml(self.name)}",
            "",
            "# Everything about safety follows from this word.",
            f'security_profile = "{self.profile}"',
            "",
            *(["# An app on people's own devices.", 'application_type = "native"', ""] if self._is_unusual_app else []),
            "# Where people come back to; compared character by character, but for the port of a loopback address.",
            f"redirect_uris = {_toml(list(self.redirect_uris))}",
            "",
            "# What it may ask for.",
            f"scope = {_toml(self.scope)}",
        ]
        return "\n".join([*lines, *self._authentication(), *self._addresses(), ""])

    @property
    def _is_unusual_app(self) -> bool:
        """The profile of our app says so by itself."""
        return self.program == "native" and PROFILES[self.profile].defaults.application_type != "native"

    def _addresses(self) -> list[str]:
        lines = []
        if self.post_logout_redirect_uris:
            lines += ["", "# Where people go after they logged out."]
            lines.append(f"post_logout_redirect_uris = {_toml(list(self.post_logout_redirect_uris))}")
        if self.backchannel_logout_uri:
            lines += ["", "# Where its server is told of logouts."]
            lines.append(f"backchannel_logout_uri = {_toml(self.backchannel_logout_uri)}")
        if self.initiate_login_uri:
            lines += ["", "# Where our pages start a login of its, with ?iss=."]
            lines.append(f"initiate_login_uri = {_toml(self.initiate_login_uri)}")
        if self.client_uri:
            lines += [
                "",
                "# Its own page: the way on from every page of ours.",
                f"client_uri = {_toml(self.client_uri)}",
            ]
        return lines

    def _authentication(self) -> list[str]:
        if self.program != "web" and AuthMethod.NONE not in PROFILES[self.profile].defaults.token_endpoint_auth_methods:
            return [
                "",
                "# It can keep no secret; PKCE and its address prove it.",
                'token_endpoint_auth_method = "none"',
            ]
        if self.jwks is not None:
            return [
                "",
                "# Its public keys: a JWK or JWK Set in a file beside this one.",
                f"jwks_file = {_toml(self.jwks_file)}",
            ]
        if self.secret is not None:
            hashed = hashlib.sha256(self.secret.encode()).hexdigest()
            return [
                "",
                "# SHA-256 of its secret; the secret itself is kept by the client alone. Libraries differ in how they send it.",
                'token_endpoint_auth_methods = ["client_secret_basic", "client_secret_post"]',
                f'client_secret_hash = "{hashed}"',
            ]
        return []


def ask() -> Answers:
    """Ask at the terminal; the last ones may be left empty."""
    name = click.prompt("1. Name, as people see it", type=str).strip()
    client_id = click.prompt("   Id, which is the file's name", default=_slug(name), value_proc=_client_id)
    for each, row in PROFILES.items():
        click.echo(f"   {each:16} {row.purpose}")
    words = [profile.value for profile in PROFILES]
    profile = SecurityProfile(click.prompt("2. What is it", type=click.Choice(words), show_choices=False))
    program = _ask_for_program(profile)
    if program == "native":
        click.echo(
            "   An app on computers registers both http://127.0.0.1/PATH and http://[::1]/PATH; any port will do."
        )
    redirect_uris = tuple(click.prompt("3. Where people come back to (several: with spaces)", type=str).split())
    jwks, secret = _ask_for_proof(profile, program)
    own = PROFILES[profile].defaults.first_party
    return Answers(
        client_id=client_id,
        name=name,
        profile=profile,
        program=program,
        redirect_uris=redirect_uris,
        jwks=jwks,
        secret=secret,
        scope=click.prompt("5. What it may ask for", default=_OWN_SCOPES if own else _OTHERS_SCOPES, value_proc=_scope),
        post_logout_redirect_uris=tuple(
            _ask_or_not("6. Where people go after logging out (several: with spaces)").split()
        ),
        initiate_login_uri=_ask_or_not("7. Where a login is started, by https"),
        client_uri=_ask_or_not("8. Its own page"),
        backchannel_logout_uri=_ask_or_not("9. Where its server is told of logouts") if program == "web" else "",
    )


def _ask_or_not(question: str) -> str:
    return str(click.prompt(f"{question}; empty for none", default="", show_default=False, type=str)).strip()


def _ask_for_program(profile: SecurityProfile) -> str:
    row = PROFILES[profile]
    if len(row.auth_methods_allowed) == 1:  # one way to prove itself is one kind of program
        return row.defaults.application_type
    for word, meaning in PROGRAMS.items():
        click.echo(f"   {word:11} {meaning}")
    return str(click.prompt("   Which program", type=click.Choice(list(PROGRAMS)), default="web", show_choices=False))


def _scope(text: str) -> str:
    words = text.split()
    if unknown := [word for word in words if word not in SCOPES]:
        raise click.BadParameter(f"{', '.join(unknown)}: unknown; known are {', '.join(SCOPES)}")
    return " ".join(dict.fromkeys(["openid", *words]))


def _ask_for_proof(profile: SecurityProfile, program: str) -> tuple[dict[str, Any] | None, str | None]:
    """The client's public keys, or a new secret, or neither. Raises Problem for a file without public keys."""
    if program != "web":
        click.echo("4. How it proves itself: it cannot keep a secret, so it has none; PKCE and its address prove it.")
        return None, None
    if PROFILES[profile].auth_methods_allowed >= SECRET_METHODS:
        if click.prompt("4. How it proves itself", type=click.Choice(["key", "secret"]), default="key") == "secret":
            return None, secrets.token_urlsafe(_SECRET_BYTES)
        question = "   File with its public keys (JWK Set), as the client sent it"
    else:
        question = "4. It proves itself with a key. File with its public keys (JWK Set), as the client sent it"
    return public_keys(click.prompt(question, type=click.Path(exists=True, dir_okay=False, path_type=Path))), None


def public_keys(path: Path) -> dict[str, Any]:
    """Read a JWK Set, or one JWK. Raises Problem for a file that is neither, or that holds private keys."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        keys = list(found["keys"]) if "keys" in found else [found]
    except (ValueError, TypeError):
        raise Problem(f"{path}: is no JWK Set") from None
    if not all(isinstance(key, dict) and "kty" in key for key in keys):
        raise Problem(f"{path}: is no JWK Set")
    if any(_PRIVATE_MEMBERS & key.keys() for key in keys):
        raise Problem(f"{path}: holds PRIVATE keys; the client must make new ones and send the public half only")
    return {"keys": keys}


def _client_id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise click.BadParameter("small letters, digits, dots, hyphens and underscores")
    return text


def _slug(name: str) -> str:
    plain = name.lower().translate(str.maketrans("åäöéü", "aaoeu"))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "client"


def _comment(name: str) -> str:
    return "".join(char for char in name if char.isprintable())


def _toml(value: object) -> str:
    """A TOML string or array of strings; JSON escapes the same characters in the same way."""
    return json.dumps(value, ensure_ascii=False)
