"""The relying parties' files: that there are some, and what in them is weak."""

from collections.abc import Collection, Iterator

from idp.cli.doctor.finding import Finding, Grade
from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.sector_document import CheckSector
from idp.core.oidc.clients.weaknesses import weaknesses_of


def look_at_clients(clients: Collection[Client], check_sector: CheckSector) -> Iterator[Finding]:
    """Every file can be read, or the first that cannot is the finding."""
    grade = Grade.OK if clients else Grade.WARN
    yield Finding(grade, "clients", f"{len(clients)} files", remedy="" if clients else "run `idp clients new`")
    for client in clients:
        if problem := check_sector(client):
            yield Finding(Grade.WARN, f"client {client.client_id}", f"sector_identifier_uri: {problem}")
        for weakness in weaknesses_of(client):
            yield Finding(Grade.WARN, f"client {client.client_id}", weakness)
