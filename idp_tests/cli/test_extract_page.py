"""The page of an extract: every label and value, nothing as HTML that a person typed."""

from datetime import UTC, datetime

from idp.brand import Brand
from idp.cli.extract_page import extract_page
from idp.core.accounts.export_person import Extract

AT = datetime(2026, 5, 5, 12, 0, tzinfo=UTC)


def page(**tables: list[dict[str, object]]) -> str:
    return extract_page(
        Extract(person_id="p1", made_at=AT, tables=tables), organisation="Bolaget", local=Brand(name="Bolaget").local
    )


def test_values_stand_under_their_labels_in_the_persons_time() -> None:
    shown = page(
        people=[
            {
                "id": "hidden-id",
                "profile_encrypted": {"name": "Åsa", "birthdate": None},
                "registered_at": AT.isoformat(),
                "blocked_at": None,
            }
        ],
        grants=[{"scope": ["openid", "email"], "offline": True}],
    )
    assert "Uttaget 2026-05-05 14:00" in shown
    assert "<dt>Namn enligt BankID: Namn</dt><dd>Åsa</dd>" in shown
    assert "<dt>Registrerad</dt><dd>2026-05-05 14:00</dd>" in shown
    assert "<dt>Omfattning</dt><dd>openid, email</dd>" in shown
    assert "<dt>Gäller utan webbläsare</dt><dd>ja</dd>" in shown
    assert "Spärrad" not in shown
    assert "hidden-id" not in shown


def test_an_empty_section_says_so() -> None:
    assert "Inget sparat." in page(consents=[])


def test_what_a_person_typed_is_text() -> None:
    shown = page(people=[{"contact_encrypted": {"name": "<script>", "<b>": "x"}}])
    assert "<script>" not in shown
    assert "<b>" not in shown
