"""The first schema."""

from idp.adapters.database.migrations.first import journey, people, protocol

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    people.create()
    journey.create()
    protocol.create()
