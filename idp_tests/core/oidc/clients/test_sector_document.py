"""The document of a sector is compared when a file is checked; what cannot be compared is said, never believed."""

from dataclasses import dataclass

from idp.core.oidc.clients.sector_document import CheckSector, Unfetched
from idp_tests.authorization_requests import an_rp
from idp_tests.cases import each

URI = "https://rp.example/sector.json"
CLIENT = an_rp(sector_identifier_uri=URI, redirect_uris=frozenset({"https://a.example/cb", "https://b.example/cb"}))


@dataclass
class Documents:
    """One document, or none."""

    body: bytes | None
    asked: int = 0

    def fetch(self, uri: str) -> bytes:
        assert uri == URI
        self.asked += 1
        if self.body is None:
            raise Unfetched("ConnectionError")
        return self.body


def test_a_document_that_lists_every_address_is_good() -> None:
    documents = Documents(b'["https://b.example/cb", "https://a.example/cb", "https://c.example/cb"]')
    assert CheckSector(documents=documents)(CLIENT) is None


@each(
    "body, said",
    {
        "one is missing": (b'["https://a.example/cb"]', "does not list https://b.example/cb"),
        "another spelling": (
            b'["https://a.example/cb", "https://b.example/cb/"]',
            "does not list https://b.example/cb",
        ),
        "no array": (b'{"redirect_uris": []}', "no JSON array of addresses"),
        "numbers": (b"[1]", "no JSON array of addresses"),
        "no JSON": (b"<html>", "is no JSON"),
        "no UTF-8": (b"\xff", "is no JSON"),
        "nothing came": (None, "could not be compared: ConnectionError"),
    },
)
def test_every_other_document_is_told_of(body: bytes | None, said: str) -> None:
    found = CheckSector(documents=Documents(body))(CLIENT)
    assert found is not None
    assert said in found


def test_nothing_is_fetched_for_a_client_that_names_no_document() -> None:
    documents = Documents(None)
    assert CheckSector(documents=documents)(an_rp()) is None
    assert documents.asked == 0
