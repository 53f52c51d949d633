"""The secrets beside the database that was filled with them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from idp.adapters.database.canaries import DatabaseCanaries
from idp.adapters.database.engine import Database
from idp.adapters.database.installation import Installation
from idp.adapters.keys.directory import secret_path
from idp.adapters.keys.files import KeyFiles
from idp.core.oidc.keys.canary import Canary, CompareSecrets, LostSecret, SecretVersions, WrongSecret
from idp.misconfiguration import Mistakes

REMEDY = "restore the backup of the keys that belongs to this database"


class SecretsProblem(Mistakes):
    """The secrets are not those with which the database was filled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSecrets:
    """Whether the secrets fit the database; a part of it works without keys and without a database."""

    directory: Path
    keys: Callable[[], KeyFiles]
    """Raises KeyProblem."""
    database: Database
    installation: Installation
    begin_audit: Callable[[], None]
    """Signs the ends of the empty audit log, once: where they are missing later, somebody took them."""

    def by_name(self) -> SecretVersions:
        """The port `SecretFiles`. Raises KeyProblem."""
        return self.keys().secrets.by_name()

    def differences(self) -> Sequence[WrongSecret | LostSecret]:
        """What is wrong; needs an open connection to a database with our schema. Raises KeyProblem."""
        return self._compare()

    def require(self) -> None:
        """Note secrets that are new. Raises SecretsProblem unless they are those with which the database was filled."""
        with self.database.unit_of_work():
            is_new = not any(canary.name == "audit" for canary in DatabaseCanaries().all())
            found = self._compare.and_note()
            if is_new and not found:
                self.begin_audit()
        if found:
            raise SecretsProblem([f"{seen}; {REMEDY}" for seen in self.said(found)])

    def noted(self) -> Sequence[Canary]:
        """Those in the database; none in one that is not made yet. Raises SchemaProblem."""
        with self.database.opened():
            if self.installation.schema().current is None:
                return ()
            self.installation.require_schema()
            return DatabaseCanaries().all()

    def noted_if_it_answers(self) -> Sequence[Canary] | None:
        """The same; None while the database is out of reach. Raises SchemaProblem."""
        try:
            return self.noted()
        except self.database.outages:
            return None

    def said(self, found: Sequence[WrongSecret | LostSecret]) -> Iterator[str]:
        """What is wrong, for an operator; the file is named, never what is in it."""
        for each in found:
            path = self.path(each.name)
            match each:
                case WrongSecret():
                    yield f"{path}: version {each.version} is not the one with which the database was filled"
                case LostSecret():
                    yield f"{path}: version {each.version} is missing, and the database was filled with it"
                case _:
                    assert_never(each)

    def path(self, name: str) -> Path:
        """The file of a secret."""
        return secret_path(self.directory, name)

    @property
    def _compare(self) -> CompareSecrets:
        return CompareSecrets(secrets=self, canaries=DatabaseCanaries())
