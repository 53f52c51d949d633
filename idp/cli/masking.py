"""Names and addresses as a terminal may show them: enough to recognise somebody, too little to be worth copying."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from idp.core.people.person import Person


def initials(name: str) -> str:
    """Anna Maria Svensson as A. M. Svensson."""
    *given, surname = name.split() or [""]
    return " ".join([*(f"{word[0]}." for word in given), surname])


def masked_email(address: str) -> str:
    """anna@example.se as a…@example.se."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def masked_phone(number: str) -> str:
    """The last three digits."""
    return f"…{number[-3:]}"


def person_in_lines(person: "Person", *, full: bool = False) -> Iterator[str]:
    """A person as a terminal shows one; `full` is for who has noted it in the audit log."""
    state = "BLOCKED" if person.is_blocked else "registered" if person.registered_at else "not registered"
    since = person.blocked_at or person.registered_at
    yield f"{person.id}  {person.name if full else initials(person.name)}  {state}" + (
        f" {since:%Y-%m-%d %H:%M} UTC" if since else ""
    )
    if person.contact is not None:
        email, phone = person.contact.email.address, person.contact.phone.e164
        yield f"    {email if full else masked_email(email)}  {phone if full else masked_phone(phone)}"
    for link in person.links:
        yield f"    customer {link.number}  {link.name}, {link.city}  ({link.role}, {link.assurance})"
