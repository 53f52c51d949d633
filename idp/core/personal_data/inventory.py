"""Inventory: every column of the database and what it means to people; the record of processing (GDPR 30) of what is stored.

A test compares it with the tables, so that a new column is described before it is filled. Export, erasure and the page on
personal data are made from it or are tested against it.
"""

from collections.abc import Mapping
from typing import Final

from idp.core.personal_data.classification import Column, by_place
from idp.core.personal_data.of_accounts import OF_ACCOUNTS
from idp.core.personal_data.of_logins import OF_LOGINS
from idp.core.personal_data.of_operation import OF_CUSTOMERS, OF_OPERATION

TABLES: Final = (*OF_ACCOUNTS, *OF_LOGINS, *OF_CUSTOMERS, *OF_OPERATION)
INVENTORY: Final[Mapping[tuple[str, str], Column]] = by_place(TABLES)
"""Every column, by table and name."""
