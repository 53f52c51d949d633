"""Brand files: the company's own colours, logo and icon, at addresses that change when they do."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from flask import Blueprint, Response, abort

from idp.brand import Brand
from idp.misconfiguration import Misconfiguration
from idp.web.theme import Theme

_TYPES: Final = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".ico": "image/vnd.microsoft.icon",
}
_LARGEST: Final = 256 * 1024
"""Bytes: every page loads a logo, on telephones too."""


@dataclass(frozen=True, slots=True)
class BrandFile:
    """What stands at one address."""

    content: bytes
    media_type: str

    @property
    def version(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:12]


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandFiles:
    """Serves what the company has in place of ours."""

    files: Mapping[str, BrandFile]
    """By name: `theme.css`, `logo`, `dark_logo`, `icon`; those that there are."""

    @classmethod
    def of(cls, brand: Brand) -> Self:
        """Read them. Raises Misconfiguration for a picture that cannot be shown, and a colour that no page has."""
        pictures = {"logo": brand.logo, "dark_logo": brand.dark_logo, "icon": brand.icon}
        files = {name: _read(f"brand.{name}", path) for name, path in pictures.items() if path is not None}
        style = Theme.of(brand).style_sheet()
        if style:
            files["theme.css"] = BrandFile(style.encode(), "text/css")
        return cls(files=files)

    def address(self, name: str) -> str | None:
        """Where the file is; None when the company has none."""
        file = self.files.get(name)
        return f"/brand/{file.version}/{name}" if file else None

    def blueprint(self) -> Blueprint:
        routes = Blueprint("brand", __name__)
        routes.get("/brand/<version>/<name>")(self.show)
        return routes

    def show(self, version: str, name: str) -> Response:
        """A file in the version that the page named, for good; another version is none."""
        file = self.files.get(name)
        if file is None or file.version != version:
            abort(404)
        response = Response(file.content, mimetype=file.media_type)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        # A drawing that is opened by itself is a document: it may run and load nothing.
        response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        return response


def _read(key: str, path: Path) -> BrandFile:
    media_type = _TYPES.get(path.suffix.lower())
    if media_type is None:
        raise Misconfiguration(f"{key}: {path} must end with {', '.join(_TYPES)}")
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise Misconfiguration(f"{key}: {path} cannot be read: {problem.strerror}") from None
    if len(content) > _LARGEST:
        raise Misconfiguration(f"{key}: {path} has {len(content)} bytes, more than {_LARGEST}")
    return BrandFile(content, media_type)
