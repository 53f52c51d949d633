"""The WSGI application for another server than ours: `idp.cli.wsgi:application()` with IDP_CONFIG set."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def application() -> "Flask":
    """Build the application. Raises what a mistaken configuration raises, and a database that is not ours."""
    from idp import log
    from idp.app import create_app
    from idp.assembly.provider import assemble
    from idp.serving.process import forbid_core_dumps
    from idp.settings_file import load_settings

    forbid_core_dumps()
    settings = load_settings(Path(os.environ["IDP_CONFIG"]))
    log.configure(settings.logging.level)
    provider = assemble(settings)
    provider.own_database.require()
    provider.database.close()  # the server may fork its workers from here on
    return create_app(provider)
