"""The database: its schema, whether it can be written, its connections, and its clock beside ours."""

from collections.abc import Callable, Iterator
from datetime import datetime

from idp.assembly.own_database import Database, Installation
from idp.cli.doctor.clock import compare
from idp.cli.doctor.finding import Finding, Grade
from idp.core.accounts.ports import Keyless
from idp.core.heartbeat import CollectorWatch
from idp.settings import Settings


def look_at_database(
    settings: Settings, installation: Installation, database: Database, clock: Callable[[], datetime]
) -> Iterator[Finding]:
    """Nothing else about it is asked while its schema is another program's."""
    found = installation.schema()
    if not found.serves_this_program:
        seen = f"{installation.address} has schema {found.current or 'none'}, {found.head} is needed"
        newer = "a newer program made it: install that, or restore the backup from before its upgrade"
        yield Finding(Grade.FAIL, "database", seen, remedy=newer if found.is_newer else "run `idp db upgrade`")
        return
    if found.is_newer:
        seen = f"{installation.address} at {found.current} is newer than this program, which can still work on it"
        yield Finding(Grade.WARN, "schema", seen, remedy="install the newer program on this node too")
    with database.opened():
        writable = database.is_writable()
    seen = f"{installation.address} at {found.current}, {'writable' if writable else 'READ-ONLY'}"
    yield Finding(Grade.OK if writable else Grade.FAIL, "database", seen)
    yield from _pool(settings, installation.connection_limit())
    before, there, after = clock(), installation.clock(), clock()
    if there is not None:
        yield from compare("the database's", before, there, after)


def look_at_collector(
    installation: Installation, database: Database, watch: CollectorWatch, now: datetime
) -> Iterator[Finding]:
    """A warning alone: before a start nobody is at work, and a start that waits for the doctor would never come."""
    if not installation.schema().serves_this_program:
        return
    with database.opened():
        silence, at_work = watch.silence(now), watch.is_at_work(now)
    seen = "none was ever seen" if silence is None else f"last seen {silence.total_seconds():.0f} s ago"
    if at_work:
        yield Finding(Grade.OK, "BankID collector", seen)
    else:
        seen += "; until one works nobody can log in, and /readyz says no"
        yield Finding(Grade.WARN, "BankID collector", seen, remedy="run `idp serve`, or `idp jobs` on any node")


def look_at_erasures(installation: Installation, database: Database, keyless: Keyless) -> Iterator[Finding]:
    """After a backup was restored, nobody is left in between."""
    if not installation.schema().serves_this_program:
        return
    with database.opened():
        count = keyless.count()
    if not count:
        yield Finding(Grade.OK, "erasures", "everybody who has an account has a key")
        return
    remedy = "restore the newest dump of person_keys; who is left was erased: `idp people finish-erasures`"
    yield Finding(Grade.FAIL, "erasures", f"{count} people have no key and cannot log in", remedy=remedy)


def _pool(settings: Settings, limit: int | None) -> Iterator[Finding]:
    """Two extra connections of overflow per process; the jobs are one process more."""
    if limit is None:
        yield Finding(Grade.OK, "connections", "a file: one node only")
        return
    most = (settings.database.pool_size + 2) * (settings.server.workers + 1)
    grade = Grade.OK if most * 2 <= limit else Grade.WARN
    yield Finding(
        grade,
        "connections",
        f"at most {most} from this node, the server grants {limit} to all",
        remedy="" if grade is Grade.OK else "two nodes do not fit: lower database.pool_size or raise max_connections",
    )
