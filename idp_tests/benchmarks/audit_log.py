"""How long `idp audit verify` takes over a long log, and how much memory: `python -m idp_tests.benchmarks.audit_log [ROWS]`."""

import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from idp.adapters.database import migrations
from idp.adapters.database.audit_chain import DatabaseAuditChain
from idp.adapters.database.columns import microseconds
from idp.adapters.database.engine import connection, database, unit_of_work
from idp.adapters.database.tables import audit
from idp.core.audit_chain.marks import Entry
from idp.core.audit_chain.numbering import Writer
from idp.core.ids import new_id
from idp_tests.databases import AUDIT_KEYS, NOW, bare_app

ROWS, WRITERS, BATCH = 1_000_000, 40, 20_000
FACTS = '{"client_id":"minasidor","interaction_id":"01a224ea01b0d5262820b5eca8542942","scope":["openid","profile"]}'


def rows(count: int) -> Iterator[dict[str, Any]]:
    """A year of events by some processes."""
    keys, writers = AUDIT_KEYS(), [Writer() for _ in range(WRITERS)]
    for number in range(count):
        now = NOW + timedelta(days=365) * (number / count)
        writer = writers[number % WRITERS]
        numbered = writer.next(0, now)
        writer.ended(0, committed=True)
        entry = Entry(new_id(now), microseconds(now), "grant.opened", new_id(now), FACTS, *numbered)
        yield entry._asdict() | {"at": now, "mark_hash": keys.of_row(entry)}


def main() -> None:
    """Fill a database, seal it, and verify it."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    chain, end = DatabaseAuditChain(AUDIT_KEYS), NOW + timedelta(days=365)
    with tempfile.TemporaryDirectory() as folder:
        app = bare_app(f"sqlite:///{Path(folder) / 'idp.db'}", pool_size=4)
        with app.app_context():
            migrations.upgrade(database.engine)
            with unit_of_work():
                chain.begin()
            made = rows(count)
            while batch := list(islice(made, BATCH)):
                with unit_of_work():
                    connection().execute(insert(audit), batch)
                    chain.seal(end, limit=BATCH)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            began, processor = time.perf_counter(), time.process_time()
            found = chain.inspect(end)
            took, worked = time.perf_counter() - began, time.process_time() - processor
            more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
            database.engine.dispose()
    print(
        f"{found.checked} rows, {len(found.findings)} findings: {took:.1f} s, {worked:.1f} s of processor time, {more:.0f} MiB more"
    )


if __name__ == "__main__":
    main()
