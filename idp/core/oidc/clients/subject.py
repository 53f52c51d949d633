"""Subject: by which name a client knows a person (OpenID Connect Core 8)."""

from base64 import urlsafe_b64encode

from idp.core.oidc.clients.client import Client, SubjectType
from idp.core.oidc.keys.reference_tokens import ReferenceTokens
from idp.core.people.person import Person


def subject_for(person: Person, client: Client, reference_tokens: ReferenceTokens) -> str:
    """The person's own random subject, or one that only clients of the same sector can connect (Core 8.1)."""
    if client.subject_type is SubjectType.PUBLIC:
        return person.sub
    sector = client.sector_identifier or client.client_id
    digest = reference_tokens.lasting_digest("pairwise subject", f"{sector}\n{person.sub}".encode())
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
