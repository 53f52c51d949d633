"""Sector document: the list at `sector_identifier_uri` in which a sector says whose subjects it shares (OIDC Core 8.1).

An operator's file may name one. It is fetched and compared when the file is checked, never for a request.
"""

import json
from dataclasses import dataclass
from typing import Protocol

from idp.core.oidc.clients.client import Client


class Unfetched(Exception):
    """No document came; the reason is for the operator."""


class SectorDocuments(Protocol):
    """Where the documents lie."""

    def fetch(self, uri: str) -> bytes:
        """Raises Unfetched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSector:
    """Compare a client with the document of its sector."""

    documents: SectorDocuments

    def __call__(self, client: Client) -> str | None:
        """What is wrong, or None, also for a client that names no document."""
        uri = client.sector_identifier_uri
        if uri is None:
            return None
        try:
            listed = json.loads(self.documents.fetch(uri))
        except Unfetched as unfetched:
            return f"{uri} could not be compared: {unfetched}"
        except ValueError:
            return f"{uri} is no JSON"
        if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
            return f"{uri} is no JSON array of addresses"
        missing = sorted(client.redirect_uris - set(listed))
        return f"{uri} does not list {', '.join(missing)}" if missing else None
