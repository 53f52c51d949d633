"""Client files in the playground: what a file says about its client, and the file under which it is tried."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from idp_sandbox.playground.credentials import ALGORITHM, Credentials

OWN_CLIENT_ID = "playground"
TRIAL_PREFIX = "trial-"
"""Begins the client_id of every tried file, so that a trial never takes the place of a real client."""
SECRET_METHODS = ("client_secret_basic", "client_secret_post")
KEY_METHOD = "private_key_jwt"
_CLIENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}")
_NOT_FOR_A_TRIAL = frozenset(
    {
        "client_id", "jwks", "jwks_file", "client_secret_hash", "client_secret_hashes", "sector_identifier_uri",
        "token_endpoint_auth_signing_alg", "token_endpoint_auth_signing_algs", "assertion_audiences",
        "frontchannel_logout_uri", "frontchannel_logout_session_required", "initiate_login_uri", "bankid_return_uri",
    }
)  # fmt: skip
"""Members that belong to the partner's own installation."""
_REQUEST_ALG_MEMBERS = ("request_object_signing_alg", "request_object_signing_algs")


class NotAClientFile(Exception):
    """The text cannot be tried; the message says why."""


@dataclass(frozen=True, slots=True)
class Client:
    """One client that the playground can play."""

    client_id: str
    members: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.members.get("client_name", self.client_id))

    @property
    def profile(self) -> str:
        return str(self.members.get("security_profile", ""))

    @property
    def auth_methods(self) -> tuple[str, ...]:
        """How it may prove itself at the token endpoint, in the file's order (RFC 7591 2)."""
        several = self.members.get("token_endpoint_auth_methods")
        if isinstance(several, list) and several:
            return tuple(map(str, several))
        one = self.members.get("token_endpoint_auth_method")
        return (str(one or ("none" if self.profile == "native_public" else KEY_METHOD)),)

    @property
    def scopes(self) -> tuple[str, ...]:
        default = "openid profile email phone customer" if self.profile in {"web_confidential", "native_public"} else ""
        return tuple(str(self.members.get("scope") or default or "openid").split())

    @property
    def resources(self) -> tuple[str, ...]:
        return tuple(map(str, self.members.get("resources", ())))

    @property
    def needs_pushed_requests(self) -> bool:
        return self.profile == "fapi2" or self.members.get("require_pushed_authorization_requests") is True

    @property
    def signs_requests(self) -> bool:
        """Whether it may send a request object (RFC 9101)."""
        return self.profile == "sweden" or any(name in self.members for name in _REQUEST_ALG_MEMBERS)

    @property
    def needs_signed_requests(self) -> bool:
        return self.members.get("require_signed_request_object") is True

    @property
    def needs_dpop(self) -> bool:
        return self.profile == "fapi2" or self.members.get("dpop_bound_access_tokens") is True


def read_client(text: str, client_id: str) -> Client:
    """Read a client file. Raises NotAClientFile."""
    if not _CLIENT_ID.fullmatch(client_id):
        raise NotAClientFile("The client_id, which is the file's name, needs letters, digits, dots, - and _ only.")
    try:
        return Client(client_id, tomllib.loads(text))
    except tomllib.TOMLDecodeError as problem:
        raise NotAClientFile(f"This is not TOML: {problem}.") from None


def trial_of(client: Client, *, credentials: Credentials, base_url: str) -> tuple[Client, str]:
    """The client as it is tried, and its file: with the playground's addresses and credentials, else as it stands."""
    members = {name: value for name, value in client.members.items() if name not in _NOT_FOR_A_TRIAL}
    members["redirect_uris"] = [f"{base_url}/callback"]
    members["post_logout_redirect_uris"] = [f"{base_url}/logged-out"]
    members["backchannel_logout_uri"] = f"{base_url}/backchannel-logout"
    if set(client.auth_methods) & set(SECRET_METHODS):
        members["client_secret_hash"] = credentials.secret_hash
    if KEY_METHOD in client.auth_methods or client.signs_requests:
        members["jwks"] = {"keys": [credentials.public_jwk]}
    for name in _REQUEST_ALG_MEMBERS:
        if name in members:
            members[name] = [ALGORITHM] if name.endswith("s") else ALGORITHM
    trial = Client(TRIAL_PREFIX + client.client_id, members)
    return trial, "".join(f"{_key(name)} = {_value(value)}\n" for name, value in members.items())


def _key(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def _value(value: object) -> str:
    """A TOML value; JSON writes texts, numbers and booleans in the same way."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(str(name))} = {_value(each)}" for name, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, str | int | float):
        return json.dumps(value, ensure_ascii=False)
    return str(value)  # a date
