"""The application: Flask over a provider."""

from collections.abc import Sequence
from pathlib import Path

from flask import Flask

from idp.assembly.provider import Provider
from idp.assembly.step_order import STEPS, StepWithPage
from idp.assembly.web import Views, make_views
from idp.web import form_token, headers, origin, paths, request_log, transaction
from idp.web.application import Application, FormSessions
from idp.web.cookies import BROWSER_LIFE
from idp.web.published import Published


def create_app(provider: Provider, steps: Sequence[StepWithPage] = STEPS) -> Flask:
    """Build the WSGI application; `steps` are those of the sign-in, in their order.

    Raises KeyProblem, CertificateProblem and ClientProblems; the command line turns them into exit code 2.
    """
    settings = provider.settings
    app = Application(settings.issuer, template_folder="web/templates", static_folder=None, root_path=_root())
    app.config.update(
        SECRET_KEY=_csrf_key(provider),
        SESSION_COOKIE_NAME="__Host-form" if settings.secure_cookies else "idp-form",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=BROWSER_LIFE,
        PREFERRED_URL_SCHEME=settings.issuer.partition(":")[0],
        MAX_CONTENT_LENGTH=64 * 1024,
        MAX_FORM_PARTS=100,
    )
    provider.database.attach(app)
    views = make_views(provider, steps)
    _install(app, provider, views)
    return app


def _install(app: Flask, provider: Provider, views: Views) -> None:
    paths.install(app)
    # before_request functions run in this order: the origin is checked before a form's token makes anybody read the body;
    # after_request functions run in reverse: the log sees the final answer, the commit comes before the headers.
    request_log.install(app)
    origin.install(app, provider.settings.issuer)
    form_token.install(app, exempt=[blueprint.name for blueprint in views.protocol])
    for blueprint in (*views.protocol, *views.for_people):
        app.register_blueprint(blueprint)
    headers.install(app)
    transaction.install(app, provider.database)
    views.error_handlers.install(app)
    app.session_interface = FormSessions()
    secure = headers.on_every_answer(secure=provider.settings.issuer.startswith("https:"))
    before_flask = Published(discovery=views.discovery, headers=secure, otherwise=app.wsgi_app)
    app.wsgi_app = before_flask  # type: ignore[method-assign]


def _csrf_key(provider: Provider) -> bytes:
    """Sign the form token and its cookie by what no rotation changes.

    The key is taken once: else a node that started before a rotation would refuse the forms of one that started after it,
    and the reverse.
    """
    return provider.keys.reference_tokens.lasting_digest("form token", b"")


def _root() -> str:
    return str(Path(__file__).parent)
