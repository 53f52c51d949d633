"""The application: Flask on a lean road.

What Flask does for every request and none of ours needs is left out: the caller's Host decides nothing, a session is read when somebody looks into it,
and an answer that is in memory is handed over as it is. Extensions, contexts, routes and handlers are Flask's.
"""

from collections.abc import Callable, Iterable, Iterator
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


class FormSession(SessionMixin):
    """A session whose cookie is read when somebody looks into it: polls and programs never do."""

    def __init__(self, read: Callable[[], SecureCookieSession]) -> None:
        self._read = read
        self.found: SecureCookieSession | None = None

    def _open(self) -> SecureCookieSession:
        if self.found is None:
            self.found = self._read()
            self.found.accessed = True
        return self.found

    def __getitem__(self, name: str) -> Any:
        return self._open()[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._open()[name] = value

    def __delitem__(self, name: str) -> None:
        del self._open()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._open())

    def __len__(self) -> int:
        return len(self._open())


class FormSessions(SecureCookieSessionInterface):
    """Signed cookies that carry a form's token; a request that asks for no token pays nothing for them.

    They outlive a closed browser, as the login does: a phone brings a tab back with all that was typed, and it can be sent.
    """

    def open_session(self, app: Flask, request: Request) -> FormSession:  # type: ignore[override]
        read = super().open_session
        return FormSession(lambda: read(app, request) or self.session_class())

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if isinstance(session, FormSession) and session.found is not None:
            if session.found:
                session.found.permanent = True
            super().save_session(app, session.found, response)


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
