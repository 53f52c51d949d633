"""Static files: their addresses hold a hash of their content, so that a browser keeps them and yet never mixes two releases."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from flask import Blueprint, abort, redirect, send_from_directory
from werkzeug.wrappers import Response as BaseResponse

FOLDER: Final = Path(__file__).parent / "static"
_FOR_EVER: Final = 31_536_000


@dataclass(frozen=True)
class StaticFiles:
    """The folder as it is when it is first asked for."""

    folder: Path = FOLDER

    @cached_property
    def release(self) -> str:
        """What all addresses begin with: one hash over names and contents, because modules and pages belong together."""
        digest = hashlib.sha256()
        for path in sorted(self.folder.iterdir()):
            digest.update(f"{path.name}\n{path.stat().st_size}\n".encode() + path.read_bytes())
        return f"/static/{digest.hexdigest()[:12]}"

    def blueprint(self) -> Blueprint:
        routes = Blueprint("static_files", __name__)
        routes.get("/static/<release>/<name>")(self.of_release)
        routes.get("/static/<name>")(self.of_no_release)
        return routes

    def of_release(self, release: str, name: str) -> BaseResponse:
        """A page of another release is led to what is here: its script sees that by the address, and loads the page again."""
        if f"/static/{release}" != self.release:
            return self._lead_on(name)
        response = send_from_directory(self.folder, name, max_age=_FOR_EVER)
        response.cache_control.public = True
        response.cache_control.immutable = True
        return response

    def of_no_release(self, name: str) -> BaseResponse:
        return self._lead_on(name)

    def _lead_on(self, name: str) -> BaseResponse:
        if not (self.folder / name).is_file():
            abort(404)
        return redirect(f"{self.release}/{name}", code=302)
