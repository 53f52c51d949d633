"""The connection that a web thread keeps between two requests: a pool's way there and back costs as much as a read.

A pool always has one left that nobody keeps, so that more threads than it has connections wait for each other, and for nobody
who is idle.
"""

import threading

from sqlalchemy import Pool, PoolProxiedConnection, QueuePool

from idp.adapters.database.postgres_statements import PreparingConnection


class KeptConnection(threading.local):
    """Of the present thread, for its next request."""

    _connection: PoolProxiedConnection | None = None
    _pool: Pool | None = None

    def take(self, connection: PoolProxiedConnection, pool: Pool) -> None:
        """Keep a connection of this pool, on which no transaction is open, or give it back."""
        if isinstance(pool, QueuePool) and pool.checkedout() < pool.size():
            self.close()
            self._connection, self._pool = connection, pool
        else:
            connection.close()

    def give(self, pool: Pool) -> PoolProxiedConnection | None:
        """None when there is none of this very pool, or when its server has hung up."""
        connection = self._connection
        if connection is None:
            return None
        raw = connection.dbapi_connection
        if self._pool is not pool or (isinstance(raw, PreparingConnection) and raw.has_hung_up):
            self.close()
            return None
        self._connection = None
        return connection

    def close(self) -> None:
        """Keep none."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
