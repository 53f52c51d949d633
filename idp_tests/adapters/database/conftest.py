"""What every test of the database room may ask for."""

from idp_tests.databases import (
    database_app,
    database_context,
    database_url,
    postgres_app,
    postgres_database,
    postgres_server,
    postgres_url,
    sqlite_app,
    sqlite_template,
    sqlite_url,
    statements,
)

__all__ = [
    "database_app",
    "database_context",
    "database_url",
    "postgres_app",
    "postgres_database",
    "postgres_server",
    "postgres_url",
    "sqlite_app",
    "sqlite_template",
    "sqlite_url",
    "statements",
]
