"""The pages: choose or drop in a client, build a request, and read what went over the wire."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from flask import Flask, abort, jsonify, redirect, render_template, request, url_for
from joserfc.jwk import ECKey
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from idp_sandbox.playground import credentials as kept_credentials
from idp_sandbox.playground.client_file import OWN_CLIENT_ID, Client, NotAClientFile, read_client, trial_of
from idp_sandbox.playground.explanations import explain
from idp_sandbox.playground.id_token_checks import check_logout_token
from idp_sandbox.playground.provider import Provider
from idp_sandbox.playground.request_form import SEND_AS, fields_for, read_run, ways_to_send
from idp_sandbox.playground.runs import AUTHORIZATION_RESPONSE, Run, Runs
from idp_sandbox.playground.steps import Check, Message, Step, decode
from idp_sandbox.playground.trials import TrialRefused, Trials
from idp_sandbox.serving import ProgramOptions

OWN_CLIENT = Client(
    OWN_CLIENT_ID,
    {
        "client_name": "Playground",
        "security_profile": "third_party",
        "scope": "openid profile email phone customer offline_access",
        "token_endpoint_auth_methods": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        "request_object_signing_alg": "ES256",
        "resources": ["https://api.playground.example"],
    },
)
"""As config/sandbox/clients/playground.toml.template has it."""
TIMES = frozenset({"exp", "iat", "nbf", "auth_time", "updated_at"})
"""Members that count seconds since 1970."""


def create_playground(options: ProgramOptions) -> Flask:
    """Build the program."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 256 * 1024
    pages = _Pages(options)
    app.add_url_rule("/", "start", pages.start)
    app.add_url_rule("/clients", "drop_in", pages.drop_in, methods=["POST"])
    app.add_url_rule("/clients/<client_id>", "build", pages.build)
    app.add_url_rule("/clients/<client_id>/runs", "begin", pages.begin, methods=["POST"])
    app.add_url_rule("/runs/<run_id>", "run", pages.run)
    app.add_url_rule("/runs/<run_id>/<action>", "act", pages.act, methods=["POST"])
    app.add_url_rule("/callback", "callback", pages.callback, methods=["GET", "POST"])
    app.add_url_rule("/logged-out", "logged_out", pages.logged_out)
    app.add_url_rule("/backchannel-logout", "backchannel_logout", pages.backchannel_logout, methods=["POST"])
    app.add_url_rule("/health", "health", lambda: jsonify(status="ok"))
    app.before_request(pages.refuse_foreign_forms)
    app.after_request(_harden)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(requests.RequestException, _unreachable)
    app.add_template_filter(utc)
    app.context_processor(lambda: {"explain": explain, "decode": decode, "issuer": options.issuer, "TIMES": TIMES})
    return app


def utc(seconds: int) -> str:
    """A time of a token as people read it."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return "no time that there is"


class _Pages:
    """The views, with what they share."""

    def __init__(self, options: ProgramOptions) -> None:
        self._options = options
        self._credentials = kept_credentials.load_or_make(options.data)
        self._provider = Provider(options, self._credentials)
        self._runs = Runs()
        self._trials = Trials(options.data)

    # ---- clients and requests --------------------------------------------------------------------------------------

    def start(self) -> str:
        """The clients to choose among, a place for a file, and the latest runs."""
        return render_template("start.html", own=OWN_CLIENT, trials=self._trials.all(), runs=self._runs.newest())

    def drop_in(self) -> Response | tuple[str, int]:
        """Try a client file; it must hold what the provider demands, or its mistakes are shown."""
        upload = request.files.get("file")
        text = upload.read().decode("utf-8", "replace") if upload and upload.filename else request.form.get("text", "")
        named = upload.filename if upload and upload.filename else request.form.get("name", "")
        name = str(named).removesuffix(".toml").strip()
        try:
            client = read_client(text, name)
            trial, trial_text = trial_of(client, credentials=self._credentials, base_url=self._options.base_url)
            probe = Run(client=trial, auth_method=trial.auth_methods[0], parameters={})
            self._trials.add(trial, trial_text, is_known=lambda: self._provider.knows(probe))
        except (NotAClientFile, TrialRefused) as problem:
            page = render_template(
                "start.html",
                own=OWN_CLIENT,
                trials=self._trials.all(),
                runs=self._runs.newest(),
                problem=problem,
                text=text,
                name=name,
            )
            return page, 400
        return redirect(url_for("build", client_id=trial.client_id), 303)

    def build(self, client_id: str) -> str:
        """The form of an authorization request, filled in like the run `again` if one is named."""
        client = self._client(client_id)
        again = self._runs.find(request.args.get("again", ""))
        return render_template(
            "build.html",
            client=client,
            trial=self._trials.find(client_id),
            fields=fields_for(client),
            ways=[(way, SEND_AS[way]) for way in ways_to_send(client)],
            chosen=again.parameters if again else {},
            redirect_uri=self._redirect_uri,
        )

    def begin(self, client_id: str) -> Response:
        """Build the request; what goes from server to server is sent now, the browser goes when the developer says so."""
        run = read_run(request.form, self._client(client_id), redirect_uri=self._redirect_uri)
        if run.client.needs_dpop or request.form.get("dpop"):
            run.dpop_key = ECKey.generate_key("P-256", private=True)
        self._runs.add(run)
        self._provider.discover(run)
        self._provider.begin(run)
        return _to(run)

    # ---- runs ------------------------------------------------------------------------------------------------------

    def run(self, run_id: str) -> str:
        """Everything that was sent and received, and what can be done next."""
        run = self._runs.find(run_id) or abort(404)
        return render_template("run.html", run=run, actions=self._actions(run))

    def act(self, run_id: str, action: str) -> Response:
        """Send one of the next requests."""
        run = self._runs.find(run_id) or abort(404)
        if action not in {name for name, _ in self._actions(run)}:
            abort(404)
        if action == "logout":
            return redirect(self._provider.logout_url(run), 303)
        calls: dict[str, Callable[[Run], None]] = {
            "userinfo": self._provider.userinfo,
            "introspect": self._provider.introspect,
            "refresh": self._provider.refresh,
            "revoke": self._provider.revoke,
        }
        calls[action](run)
        return _to(run)

    def _actions(self, run: Run) -> list[tuple[str, str]]:
        found = []
        if "access_token" in run.tokens:
            if not run.parameters.get("resource"):  # a token for an API opens nothing here
                found.append(("userinfo", "Ask UserInfo"))
            if run.auth_method != "none":
                found.append(("introspect", "Introspect the access token"))
        if "refresh_token" in run.tokens:
            found.append(("refresh", "Refresh the tokens"))
        if run.tokens:
            found += [("revoke", "Revoke the token"), ("logout", "Log out")]
        return found

    # ---- what the provider sends -----------------------------------------------------------------------------------

    def callback(self) -> Response | tuple[str, int]:
        """Receive the answer, check it, and exchange its code at once, because a code lives a minute."""
        answer = request.values.to_dict()
        run = self._runs.find_by_state(answer.get("state", ""))
        if run is None:
            return render_template("stray.html", answer=answer), 400
        if run.is_answered:
            return _to(run)  # a reload: the code is spent
        issuer = run.metadata.get("issuer")
        checks = [
            Check(True, "state is the one that was sent", "RFC 6749 10.12"),
            Check(answer.get("iss") == issuer, "iss is the provider that was asked", "RFC 9207 2.4"),
        ]
        if "error" in answer:
            checks.append(Check(False, "The provider refused: read error and error_description", "OIDC Core 3.1.2.6"))
        run.steps.append(
            Step(
                title=AUTHORIZATION_RESPONSE,
                text="The browser came back with this. The code is exchanged at once, because it lives a minute.",
                reference="OIDC Core 3.1.2.5",
                request=Message(line=f"{request.method} {self._redirect_uri}", members=tuple(answer.items())),
                checks=checks,
            )
        )
        if all(check.passed for check in checks):
            self._provider.redeem(run, answer.get("code", ""))
        return _to(run)

    def logged_out(self) -> Response:
        """The browser is back from the provider's logout."""
        run = self._runs.find(request.args.get("state", ""))
        if run is None:
            return redirect(url_for("start"), 303)
        run.steps.append(
            Step(
                title="Logout response",
                text="The browser came back. The back-channel logout token arrives by itself, within seconds.",
                reference="RP-Initiated Logout 3",
                request=Message(line=f"GET {self._options.base_url}/logged-out", members=tuple(request.args.items())),
            )
        )
        return _to(run)

    def backchannel_logout(self) -> tuple[Response, int]:
        """Receive a logout token, and show it in every run of its session (OIDC Back-Channel Logout 2.5)."""
        encoded = request.form.get("logout_token", "")
        metadata = next((run.metadata for run in self._runs.newest() if run.metadata), None)
        if metadata is None:
            return jsonify(), 200  # no login was made since this program started
        claims, checks = check_logout_token(encoded, self._provider.keys(metadata), issuer=self._options.issuer)
        if not all(check.passed for check in checks):
            return jsonify(error="invalid_request"), 400
        for run in self._runs.find_by_session(sid=claims.get("sid"), sub=claims.get("sub")):
            run.steps.append(
                Step(
                    title="Back-channel logout",
                    text="The provider says, from server to server, that the session is over. The client ends its own.",
                    reference="Back-Channel Logout 2.5",
                    request=Message(
                        line=f"POST {self._options.base_url}/backchannel-logout", members=(("logout_token", encoded),)
                    ),
                    answer=Message(line="200"),
                    checks=checks,
                )
            )
        return jsonify(), 200

    # ---- shared ----------------------------------------------------------------------------------------------------

    def refuse_foreign_forms(self) -> None:
        """Refuse a POST from another site's page (CSRF); the provider's answers are checked by themselves."""
        origin = request.headers.get("Origin")
        is_foreign = origin and urlsplit(origin).netloc != urlsplit(self._options.base_url).netloc
        if request.method == "POST" and is_foreign and request.endpoint not in {"callback", "backchannel_logout"}:
            abort(403)

    @property
    def _redirect_uri(self) -> str:
        return f"{self._options.base_url}/callback"

    def _client(self, client_id: str) -> Client:
        if client_id == OWN_CLIENT_ID:
            return OWN_CLIENT
        trial = self._trials.find(client_id) or abort(404)
        return trial.client


def _to(run: Run) -> Response:
    return redirect(url_for("run", run_id=run.id, _anchor="latest"), 303)


def _http_error(error: HTTPException) -> tuple[str, int]:
    return render_template("problem.html", heading=error.name, text=error.description), error.code or 500


def _unreachable(error: requests.RequestException) -> tuple[str, int]:
    text = f"The provider does not answer ({type(error).__name__}). Is the world of ./dev up running?"
    return render_template("problem.html", heading="No contact with the provider", text=text), 502


def _harden(response: Any) -> Any:
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Content-Security-Policy"] = "default-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    return response
