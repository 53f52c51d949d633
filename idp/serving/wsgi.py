"""The application behind the server, called as WSGI says (PEP 3333)."""

import io
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType
from typing import Any, Final, NamedTuple
from urllib.parse import unquote_to_bytes

from idp.serving.http1 import Request

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
DRAINING: Final = "idp.draining"
"""In the environment, and True, once this process is about to end: no more traffic, please."""

_BODILESS: Final = ("1", "204", "304")
_OWN_NAMES: Final = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType]


class Answer(NamedTuple):
    """What the application said: a status line's text, fields, and the whole body."""

    status: str
    fields: list[tuple[str, str]]
    body: bytes


@dataclass(slots=True)
class _Start:
    """`start_response` of one call."""

    status: str = ""
    fields: list[tuple[str, str]] | None = None
    written: bytes = b""

    def __call__(
        self, status: str, headers: list[tuple[str, str]], _problem: _ExcInfo | None = None
    ) -> Callable[[bytes], None]:
        self.status, self.fields = status, headers
        return self._write

    def _write(self, data: bytes) -> None:
        self.written += data


def environment(request: Request, peer: str, base: Mapping[str, Any]) -> dict[str, Any]:
    """The WSGI environment of a request.

    Fields whose name has an underscore are left out: `X_Forwarded_For` would become the variable of `X-Forwarded-For`,
    past the proxy that overwrites only the latter.
    """
    environ = {
        **base,
        "REQUEST_METHOD": request.method,
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1") if "%" in request.path else request.path,
        "QUERY_STRING": request.query,
        "SERVER_PROTOCOL": request.version,
        "REMOTE_ADDR": peer,
        "wsgi.input": io.BytesIO(request.body),
    }
    for name, value in request.fields.items():
        if "_" not in name:
            environ[_variable(name)] = value
    if request.authority is not None:
        environ["HTTP_HOST"] = request.authority
    environ.pop("HTTP_TRANSFER_ENCODING", None)  # the body is whole, and its length is known
    if request.length is not None:
        environ["CONTENT_LENGTH"] = str(request.length)
    return environ


@lru_cache(maxsize=512)
def _variable(name: str) -> str:
    return _OWN_NAMES.get(name) or f"HTTP_{name.upper().replace('-', '_')}"


def base_environment(host: str, port: int, scheme: str) -> dict[str, Any]:
    """What is the same in every environment of one server."""
    return {
        "SCRIPT_NAME": "",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.input_terminated": True,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def call(application: Application, environ: dict[str, Any]) -> Answer:
    """The application's answer, as one piece. Raises what the application raises."""
    start = _Start()
    pieces = application(environ, start)
    try:
        body = start.written + b"".join(pieces)
    finally:
        close = getattr(pieces, "close", None)
        if close is not None:
            close()
    if start.fields is None:
        raise RuntimeError("the application answered without start_response")
    return _framed(start.status, start.fields, body, head_only=environ["REQUEST_METHOD"] == "HEAD")


def _framed(status: str, fields: list[tuple[str, str]], body: bytes, *, head_only: bool) -> Answer:
    """With exactly one length, so that client and server agree on where the answer ends."""
    if head_only:
        return Answer(status, fields, b"")
    own = [field for field in fields if field[0].lower() != "content-length"]
    if status.startswith(_BODILESS):
        return Answer(status, own, b"")
    own.append(("Content-Length", str(len(body))))
    return Answer(status, own, body)
