"""The words of an extract: everything personal that a person is told of has its own."""

from idp.cli.extract_words import LABELS, SECTIONS
from idp.core.personal_data.inventory import INVENTORY


def test_every_personal_column_has_a_label() -> None:
    told = {column.name for column in INVENTORY.values() if column.table in SECTIONS and column.kind.is_personal}
    assert told - LABELS.keys() == set()
