"""HTTP calls of the playground: one request, its answer, and the step that shows both."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from idp_sandbox.playground.steps import Message, Step, curl_for
from idp_sandbox.serving import ProgramOptions

TIMEOUT = (3.05, 20)
SHOWN_HEADERS = ("Content-Type", "WWW-Authenticate", "DPoP-Nonce", "Location", "Retry-After")
"""Of an answer; the others say nothing about OpenID Connect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request to the provider, and why it is made."""

    title: str
    text: str
    reference: str
    method: str
    url: str
    headers: Mapping[str, str]
    form: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: Mapping[str, Any]
    """Of JSON; empty when it was something else."""
    text: str
    headers: Mapping[str, str]

    @property
    def wants_dpop_nonce(self) -> bool:
        """Whether the same request shall come again with the nonce of this answer (RFC 9449 8, 9)."""
        return "use_dpop_nonce" in (self.body.get("error"), *self.headers.get("WWW-Authenticate", "").split('"'))


def session(options: ProgramOptions) -> requests.Session:
    """A session that trusts what the command line says."""
    http = requests.Session()
    http.verify = options.verify
    http.trust_env = False  # otherwise the environment's certificates win over ours
    http.headers["Accept"] = "application/json"
    return http


def carry_out(call: Call, options: ProgramOptions) -> Answer:
    """Send the request."""
    with session(options) as http:
        response = http.request(
            call.method,
            call.url,
            headers=dict(call.headers),
            data=dict(call.form) or None,
            timeout=TIMEOUT,
            allow_redirects=False,
        )
    try:
        body = response.json()
    except ValueError:
        body = {}
    return Answer(response.status_code, body if isinstance(body, dict) else {}, response.text, response.headers)


def step_of(call: Call, answer: Answer) -> Step:
    """The request and its answer as a developer reads them."""
    headers = {name: answer.headers[name] for name in SHOWN_HEADERS if name in answer.headers}
    is_json = bool(answer.body) or answer.text.strip() == "{}"
    return Step(
        title=call.title,
        text=call.text,
        reference=call.reference,
        request=Message(line=f"{call.method} {call.url}", headers=call.headers, members=tuple(call.form.items())),
        answer=Message(
            line=str(answer.status),
            headers=headers,
            members=tuple(answer.body.items()),
            text="" if is_json else answer.text,
        ),
        curl=curl_for(call.method, call.url, call.headers, call.form.items()),
    )
