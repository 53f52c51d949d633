"""Health: is the process alive, and may it be given traffic. BankID is no part of it: its outage must not remove all nodes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog
from flask import Blueprint, Response, jsonify, request

_log = structlog.get_logger("idp.health")


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What a load balancer asks."""

    checks: Mapping[str, Callable[[], bool]]
    """What `/readyz` asks, by name; a check that raises is a failed one."""

    def blueprint(self) -> Blueprint:
        routes = Blueprint("health", __name__)
        routes.get("/livez")(self.live)
        routes.get("/readyz")(self.ready)
        return routes

    def live(self) -> Response:
        """The process answers."""
        return jsonify({"status": "alive"})

    def ready(self) -> Response:
        """Everything this node needs for answering is there, and it is not about to end; 503 names what is not.

        `?exclude=NAME` leaves a check out, as often as it is there. A balancer leaves out what all nodes lack at once.
        """
        left_out = request.args.getlist("exclude")
        results = {name: self._holds(name) for name in self.checks if name not in left_out}
        results["staying"] = not request.environ.get("idp.draining", False)
        response = jsonify({"status": "ready" if all(results.values()) else "not ready", "checks": results})
        response.status_code = 200 if all(results.values()) else 503
        return response

    def _holds(self, name: str) -> bool:
        try:
            return self.checks[name]()
        except Exception:  # noqa: BLE001 - any failure means not ready, and the log says which
            _log.exception("check failed", check=name)
            return False
