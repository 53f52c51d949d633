"""The database for jobs and commands: opened only where its schema is ours and our secrets are those that filled it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from idp.adapters.database.engine import Database
from idp.adapters.database.installation import Installation
from idp.assembly.secrets import OwnSecrets

__all__ = ["Database", "Installation", "OwnDatabase"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDatabase:
    """A database that another program or another installation filled is refused before the first statement."""

    database: Database
    installation: Installation
    own_secrets: OwnSecrets
    seal_audit: Callable[[], object]
    """Gives events their place in the audit log's chain."""

    def require(self) -> None:
        """See that it is ours. Raises KeyProblem, SchemaProblem and SecretsProblem."""
        self.installation.require_schema()
        self.own_secrets.require()

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Have a connection in the block. Raises what `require` raises."""
        with self.database.opened():
            self.require()
            yield

    @contextmanager
    def unit_of_work(self) -> Iterator[None]:
        """Commit what the block wrote, with its events sealed, or nothing of it when it raises.

        A command may wait for the chain, and its process writes no later row that would miss one of these.
        Raises what `require` raises.
        """
        with self.opened(), self.database.unit_of_work():
            yield
            self.seal_audit()
