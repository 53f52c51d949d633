"""A request to ourselves by the way that browsers take: it shows what the proxy writes about whom it serves."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import requests

_TIMEOUT: Final = (3, 5)


def ask_own_address(host: str, *, issuer: str, question: str, ca: Path | None) -> Mapping[str, Any]:
    """What the address probe under this host name answers; `ca` replaces the roots of the public web.

    Raises OSError when nobody answers, and ValueError when it is not ours that answers.
    """
    with requests.Session() as session:
        session.trust_env = False
        response = session.post(
            f"{host}/address-probe",
            data={"question": question},
            headers={"Origin": issuer, "Sec-Fetch-Mode": "cors"},
            timeout=_TIMEOUT,
            allow_redirects=False,
            verify=str(ca) if ca else True,
        )
    told = json.loads(response.content) if response.status_code == requests.codes.ok else None
    if not isinstance(told, dict) or "address" not in told:
        raise ValueError(f"HTTP {response.status_code}, and no answer of ours")
    return told
