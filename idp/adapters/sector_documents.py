"""Sector documents, fetched for an operator who checks a file (OpenID Connect Core 8.1)."""

import requests

from idp.core.oidc.clients.sector_document import Unfetched

_TIMEOUT_SECONDS = 5.0
_MOST_BYTES = 65_536


class FetchedSectorDocuments:
    """The port `SectorDocuments`."""

    def fetch(self, uri: str) -> bytes:
        """Follow nothing, read little. Raises Unfetched."""
        try:
            with requests.get(uri, timeout=_TIMEOUT_SECONDS, allow_redirects=False, stream=True) as answer:
                if answer.status_code != requests.codes.ok:
                    raise Unfetched(f"it answered {answer.status_code}")
                body = answer.raw.read(_MOST_BYTES + 1, decode_content=True)
        except (requests.RequestException, OSError) as problem:
            raise Unfetched(type(problem).__name__) from None
        if len(body) > _MOST_BYTES:
            raise Unfetched(f"it is longer than {_MOST_BYTES} bytes")
        return bytes(body)
