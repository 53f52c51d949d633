"""Runs versions on the connection that `upgrade` holds; its transaction is the caller's."""

from alembic import context

from idp.adapters.database.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=False)
context.run_migrations()
