"""Health: is the process alive, and may it be given traffic. BankID is no part of it: its outage must not remove all nodes."""

import structlog
from flask import Blueprint, Response, jsonify

from idp.web.services import services

blueprint = Blueprint("health", __name__)

_log = structlog.get_logger("idp.health")


@blueprint.get("/livez")
def live() -> Response:
    """The process answers."""
    return jsonify({"status": "alive"})


@blueprint.get("/readyz")
def ready() -> Response:
    """Everything this node needs for answering is there; 503 names what is not."""
    results = {name: _holds(name) for name in services().checks}
    response = jsonify({"status": "ready" if all(results.values()) else "not ready", "checks": results})
    response.status_code = 200 if all(results.values()) else 503
    return response


def _holds(name: str) -> bool:
    try:
        return services().checks[name]()
    except Exception:  # noqa: BLE001 - any failure means not ready, and the log says which
        _log.exception("check failed", check=name)
        return False
