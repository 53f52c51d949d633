"""The customer register: its files, and what carries an import out."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from idp.adapters.customer_files.headers import accepted_headers
from idp.adapters.customer_files.register_file import read_register
from idp.adapters.database.people import DatabasePeople
from idp.assembly.accounts import Accounts
from idp.assembly.store import Store
from idp.core.customer_register.import_register import ImportRegister
from idp.core.customer_register.ports import RegisterFile
from idp.settings import Settings

__all__ = ["CustomerRegister", "accepted_headers", "make_customer_register"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRegister:
    """What an import reads and writes."""

    import_register: ImportRegister
    people: DatabasePeople
    close_at_most_percent: int
    number_pattern: str

    def open_file(self, path: Path, today: date, *, encoding: str | None, sheet: str | None) -> RegisterFile:
        """Understand the headers of a register file. Raises UnreadableFileError."""
        return read_register(path, self.number_pattern, today=today, encoding=encoding, sheet=sheet)


def make_customer_register(settings: Settings, store: Store, accounts: Accounts) -> CustomerRegister:
    """Make what carries a plan out, and what is shown before."""
    return CustomerRegister(
        import_register=ImportRegister(
            register=store.register,
            links=store.links,
            outbox=store.outbox,
            access=accounts.end_access,
            audit=store.audit,
        ),
        people=store.people,
        close_at_most_percent=settings.customer_register.close_at_most_percent,
        number_pattern=settings.linking.customer_number_pattern,
    )
