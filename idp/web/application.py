"""The application: Flask on a lean road.

What Flask does for every request and none of ours needs is left out: the caller's Host decides nothing, a session is read when its cookie is there,
and an answer that is in memory is handed over as it is. Extensions, contexts, routes and handlers are Flask's.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from werkzeug.routing import MapAdapter

_F = TypeVar("_F", bound=Callable[..., Any])


class Answer(Response):
    """A response whose body is in memory, as nearly all are."""

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Hand over the headers as they were set, and the length; everything unusual takes werkzeug's way."""
        if self._is_unusual():
            return super().__call__(environ, start_response)
        body = self.get_data()
        self.headers["Content-Length"] = str(len(body))
        start_response(self.status, self.headers.to_wsgi_list())
        return () if environ["REQUEST_METHOD"] == "HEAD" else (body,)

    def _is_unusual(self) -> bool:
        """Files, streams, answers without a body, and addresses that are not written as they are sent."""
        status, location = self.status_code, self.headers.get("Location", "")
        bare = status < 200 or status in {204, 304}
        return bare or self.is_streamed or self.direct_passthrough or not location.isascii() or bool(self._on_close)


class FormSessions(SecureCookieSessionInterface):
    """Signed cookies that carry a form's token; a request without one, such as every program's, costs nothing."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if self.get_cookie_name(app) not in request.environ.get("HTTP_COOKIE", ""):
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if session.accessed or session.modified:
            super().save_session(app, session, response)


class Application(Flask):
    """Flask for one issuer."""

    response_class = Answer

    def __init__(self, issuer: str, **options: Any) -> None:
        super().__init__("idp", **options)
        # No address of ours has a doubled slash; the repair would be a permanent redirect.
        self.url_map.merge_slashes = False
        self._scheme, self._host = urlsplit(issuer)[:2]

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Match by path alone, and build addresses of the issuer, whatever the caller says our name is."""
        if request is None:
            return None
        environ = request.environ
        query = environ.get("QUERY_STRING", "")
        return MapAdapter(self.url_map, self._host, "/", "", self._scheme, request.path, request.method, query)

    def ensure_sync(self, func: _F) -> _F:
        """Every function of ours is an ordinary one."""
        return func
