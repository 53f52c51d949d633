"""The request form: the fields of an authorization request, and the parameters that a filled-in form means."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from idp_sandbox.playground.client_file import Client
from idp_sandbox.playground.explanations import Explanation, explain
from idp_sandbox.playground.runs import Run

SEND_AS = {
    "plain": "In the browser's address",
    "pushed": "Pushed from server to server (PAR)",
    "signed": "Signed, as a request object",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One parameter that a developer may choose."""

    name: str
    choices: tuple[str, ...] = ()
    """Empty for free text."""
    long: bool = False

    @property
    def explanation(self) -> Explanation | None:
        return explain(self.name)


def fields_for(client: Client) -> tuple[Field, ...]:
    """The optional parameters, the most useful first."""
    resource = (Field(name="resource", choices=client.resources),) if client.resources else ()
    return (
        Field(name="prompt", choices=("none", "login", "consent", "select_account")),
        Field(name="max_age"),
        Field(name="response_mode", choices=("query", "form_post")),
        Field(name="ui_locales", choices=("sv", "en")),
        Field(name="login_hint"),
        Field(name="acr_values"),
        *resource,
        Field(name="claims", long=True),
    )


def ways_to_send(client: Client) -> tuple[str, ...]:
    """How the client may send its request, its usual way first."""
    if client.needs_pushed_requests:
        return ("pushed",)
    if client.needs_signed_requests:
        return ("signed",)
    return ("plain", "pushed", "signed") if client.signs_requests else ("plain", "pushed")


def read_run(form: MultiDict[str, str], client: Client, *, redirect_uri: str) -> Run:
    """The run that a filled-in form describes; what is not offered is taken as the client's usual way."""
    send_as, method = form.get("send_as", ""), form.get("auth_method", "")
    run = Run(
        client=client,
        auth_method=method if method in client.auth_methods else client.auth_methods[0],
        send_as=send_as if send_as in ways_to_send(client) else ways_to_send(client)[0],
        parameters={
            "response_type": "code",
            "client_id": client.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(form.getlist("scope")),
            "state": secrets.token_urlsafe(16),
            "nonce": secrets.token_urlsafe(16),
        },
    )
    run.parameters |= {"code_challenge": run.code_challenge, "code_challenge_method": "S256"}
    run.parameters |= {field.name: form[field.name] for field in fields_for(client) if form.get(field.name)}
    _apply_changes(run.parameters, form.get("changes", ""))
    return run


def _apply_changes(parameters: dict[str, str], text: str) -> None:
    """Set what the lines `name=value` say, and leave out what has no value."""
    for line in text.splitlines():
        name, _, value = line.strip().partition("=")
        if value:
            parameters[name] = value
        elif name:
            parameters.pop(name, None)


def repeat_of(run: Run) -> Mapping[str, str]:
    """What a form shows that was filled in before."""
    return run.parameters
