"""What is published: constant documents answered before Flask, as bytes that are ready."""

import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from idp import log
from idp.web.oidc.discovery import Discovery, Document
from idp.web.request_log import describe

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A WSGI application that answers GET and HEAD of a document, and hands everything else on."""

    discovery: Discovery
    headers: Sequence[tuple[str, str]]
    """Of every answer."""
    otherwise: Application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        document = self.discovery.find(environ["PATH_INFO"]) if method in {"GET", "HEAD"} else None
        if document is None:
            return self.otherwise(environ, start_response)
        began = time.perf_counter()
        log.begin_request(secrets.token_hex(8))
        body = self._answer(document, environ.get("HTTP_IF_NONE_MATCH", ""), start_response)
        status = 200 if body else 304
        took = round((time.perf_counter() - began) * 1000, 1)
        log.write_request_line(f'{describe(method, environ["PATH_INFO"], status)},"ms":{took}')
        return () if method == "HEAD" else body

    def _answer(self, document: Document, known: str, start_response: Callable[..., Any]) -> Sequence[bytes]:
        if known and _is_known(document.etag, known):
            start_response("304 NOT MODIFIED", [*document.headers, *self.headers])
            return ()
        length = ("Content-Length", str(len(document.body)))
        start_response("200 OK", [*document.headers, *self.headers, length])
        return (document.body,)


def _is_known(etag: str, known: str) -> bool:
    """The weak comparison of If-None-Match (RFC 9110 13.1.2)."""
    return any(each.strip().removeprefix("W/") in {etag, "*"} for each in known.split(","))
