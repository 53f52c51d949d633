"""Opening: the settings, database and repositories that a command works with, without the web application around them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from idp.cli.command import config_path
from idp.cli.problems import Problem, name_files_by
from idp.settings import Settings
from idp.settings_file import key_of, load_settings

if TYPE_CHECKING:
    from idp.adapters.database.encryption import FieldCipher, Pepper
    from idp.adapters.keys.files import KeyFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A current database, and what reads its encrypted fields."""

    settings: Settings
    keys: "KeyFiles"
    cipher: "FieldCipher"
    pepper: "Pepper"


def now() -> datetime:
    """The command line's clock."""
    return datetime.now(UTC)


def open_settings() -> Settings:
    """Read the settings that the command was given. Raises SettingsProblem."""
    settings = load_settings(config_path())
    name_files_by(lambda path: f"{config_path()}: {key}: " if (key := key_of(path, settings)) else "")
    return settings


@contextmanager
def open_database(settings: Settings) -> Iterator[None]:
    """An application context with the database, whatever is in it."""
    from flask import Flask

    from idp.adapters.database.engine import configure, database

    app = Flask("idp")
    configure(app, settings.database)
    with app.app_context():
        try:
            yield
        finally:
            database.session.remove()
            database.engine.dispose()


@contextmanager
def open_store(settings: Settings) -> Iterator[Store]:
    """Keys and a migrated database; the block is one application context. Raises Problem and KeyProblem."""
    from idp.adapters.database.encryption import FieldCipher, Pepper
    from idp.adapters.keys.files import load_keys

    keys = load_keys(settings.keys.directory)
    fields, peppers = keys.secrets.fields, keys.secrets.pepper
    with open_database(settings):
        require_current_schema()
        yield Store(
            settings=settings,
            keys=keys,
            cipher=FieldCipher({key.version: key.value for key in fields}, fields[0].version),
            pepper=Pepper({key.version: key.value for key in peppers}, peppers[0].version),
        )


def require_current_schema() -> None:
    """Raise Problem unless the database has the schema that this program needs."""
    from idp.adapters.database import installation

    if installation.is_missing():
        raise Problem(f"database.url: {installation.address()} does not exist; run `idp db upgrade`")
    found = installation.schema()
    if not found.is_current:
        raise Problem(
            f"database.url: {installation.address()} has schema {found.current or 'none'} and {found.head} is needed; "
            "run `idp db upgrade`"
        )
