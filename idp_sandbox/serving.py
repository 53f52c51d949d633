"""Serving one web program of the sandbox: where it listens, its certificate, its log lines, and an orderly stop."""

import argparse
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Self

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramOptions:
    """The command line of a relying party: its addresses, its identity provider, and the authority it trusts."""

    data: Path
    issuer: str
    host: str = "127.0.0.1"
    port: int
    base_url: str
    trusted_ca: Path | None
    certificate: Path | None
    certificate_key: Path | None

    @classmethod
    def from_arguments(cls, arguments: list[str] | None, *, program: str) -> Self:
        """Read the command line that every relying party of the sandbox understands."""
        parser = argparse.ArgumentParser(prog=program)
        parser.add_argument("--data", type=Path, required=True, help="directory for this program's own files")
        parser.add_argument("--issuer", required=True, help="the identity provider's issuer")
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on; inside a container all of them")
        parser.add_argument("--port", type=int, required=True)
        parser.add_argument("--base-url", required=True, help="this program's own address, as browsers see it")
        parser.add_argument("--ca", type=Path, help="the only authority trusted when calling the identity provider")
        parser.add_argument("--tls-cert", type=Path)
        parser.add_argument("--tls-key", type=Path)
        found = parser.parse_args(arguments)
        if (found.tls_cert is None) != (found.tls_key is None):
            parser.error("--tls-cert and --tls-key belong together")
        return cls(
            data=found.data,
            issuer=found.issuer,
            host=found.host,
            port=found.port,
            base_url=found.base_url.rstrip("/"),
            trusted_ca=found.ca,
            certificate=found.tls_cert,
            certificate_key=found.tls_key,
        )

    @property
    def discovery_url(self) -> str:
        """The only address of the provider that a relying party is told (OIDC Discovery 4)."""
        return self.issuer.rstrip("/") + "/.well-known/openid-configuration"

    @property
    def verify(self) -> str | bool:
        """What `requests` is to trust: only the given authority, or the system's."""
        return str(self.trusted_ca) if self.trusted_ca else True


class _QuietHandler(WSGIRequestHandler):
    """Logs the path alone: a query holds codes and states."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        path = getattr(self, "path", "?").partition("?")[0]
        sys.stderr.write(f"{self.log_date_time_string()} {getattr(self, 'command', '-')} {path} {code} {size}\n")


def serve(app: Flask, options: ProgramOptions) -> None:
    """Serve the app until SIGTERM or Ctrl-C."""
    tls = None
    if options.certificate and options.certificate_key:
        tls = (str(options.certificate), str(options.certificate_key))
    server = make_server(options.host, options.port, app, threaded=True, request_handler=_QuietHandler, ssl_context=tls)
    signal.signal(signal.SIGTERM, _stop)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
