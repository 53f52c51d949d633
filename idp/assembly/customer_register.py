"""The customer register: its files, and what carries an import out."""

from pathlib import Path

from idp.adapters.customer_files.headers import accepted_headers
from idp.adapters.customer_files.register_file import read_register
from idp.assembly.provider import Provider
from idp.core.customer_register.import_register import ImportRegister
from idp.core.customer_register.ports import RegisterFile

__all__ = ["accepted_headers", "make_import", "open_file"]


def open_file(provider: Provider, path: Path, *, encoding: str | None, sheet: str | None) -> RegisterFile:
    """Understand the headers of a register file. Raises UnreadableFileError."""
    pattern, today = provider.settings.linking.customer_number_pattern, provider.clock().date()
    return read_register(path, pattern, today=today, encoding=encoding, sheet=sheet)


def make_import(provider: Provider) -> ImportRegister:
    """What carries a plan out."""
    store = provider.store
    return ImportRegister(
        register=store.register, links=store.links, access=provider.accounts.end_access, audit=store.audit
    )
