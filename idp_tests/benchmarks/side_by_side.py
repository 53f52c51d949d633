"""This product and node-oidc-provider side by side: `python -m idp_tests.benchmarks.side_by_side [--rounds N] [--seconds N]`.

Each contender is one process on core 0; the load and PostgreSQL (durable: fsync, synchronous_commit and full_page_writes
on) are on core 1. Turns alternate, so that a slow minute of the machine falls on both. Read the ratios, not the figures.
Needs wrk, npm and PostgreSQL's server programs. Loopback only; it ends by itself.
"""

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from idp_tests.benchmarks.contenders import Contender, install_peer, peer, product
from idp_tests.benchmarks.load import DRIVER_CORE, Call, Figure, family_of, put_under_load
from idp_tests.journeys.world import running_world
from idp_tests.postgres import PostgresServer, running_postgres

LOCATION_CODE = "[?&]code=([^&]+)"
ACCESS_TOKEN = '"access_token":%s*"([^"]+)"'

Measure = Callable[[Contender, "Bench"], Figure]


@dataclass(frozen=True, kw_only=True)
class Bench:
    """How long a turn is, and whose CPU counts."""

    seconds: int
    database: Sequence[int]

    def load(self, contender: Contender, call: Call, *, seconds: int = 0, collect: str = "") -> Figure:
        return put_under_load(
            call,
            seconds=seconds or self.seconds,
            server=[contender.process.pid],
            database=self.database,
            collect=collect,
        )


def _get(name: str) -> Measure:
    return lambda contender, bench: bench.load(contender, Call(url=contender.endpoints[name]))


def _discovery(contender: Contender, bench: Bench) -> Figure:
    return bench.load(contender, Call(url=f"{contender.issuer}/.well-known/openid-configuration"))


def _authorize(contender: Contender, bench: Bench) -> Figure:
    return bench.load(contender, contender.authorize())


def _token(contender: Contender, bench: Bench) -> Figure:
    """Codes live a minute: they are collected right before."""
    codes = bench.load(contender, contender.authorize(), seconds=2 * bench.seconds, collect=LOCATION_CODE).collected
    bodies = [urlencode(contender.client.code_form(code)) for code in codes]
    return bench.load(
        contender, Call(url=contender.endpoints["token_endpoint"], headers=contender.credentials, bodies=bodies)
    )


def _refresh_call(contender: Contender) -> Call:
    form = urlencode({"grant_type": "refresh_token", "refresh_token": contender.tokens()["refresh_token"]})
    return Call(url=contender.endpoints["token_endpoint"], headers=contender.credentials, form=form)


def _refresh(contender: Contender, bench: Bench) -> Figure:
    return bench.load(contender, _refresh_call(contender))


def _userinfo(contender: Contender, bench: Bench) -> Figure:
    headers = {"Authorization": f"Bearer {contender.tokens()['access_token']}"}
    return bench.load(contender, Call(url=contender.endpoints["userinfo_endpoint"], headers=headers))


def _introspect(contender: Contender, bench: Bench) -> Figure:
    form = urlencode({"token": contender.tokens()["access_token"]})
    return bench.load(
        contender, Call(url=contender.endpoints["introspection_endpoint"], headers=contender.credentials, form=form)
    )


def _revoke(contender: Contender, bench: Bench) -> Figure:
    """Each token once, so that each is there to be revoked."""
    tokens = bench.load(contender, _refresh_call(contender), seconds=2 * bench.seconds, collect=ACCESS_TOKEN).collected
    bodies = [urlencode({"token": token}) for token in tokens]
    return bench.load(
        contender, Call(url=contender.endpoints["revocation_endpoint"], headers=contender.credentials, bodies=bodies)
    )


MEASURES: Mapping[str, Measure] = {
    "discovery": _discovery,
    "jwks": _get("jwks_uri"),
    "authorize": _authorize,
    "token": _token,
    "refresh": _refresh,
    "userinfo": _userinfo,
    "introspect": _introspect,
    "revoke": _revoke,
}


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two contenders on the same kind of database and signing with the same algorithm, and their figures by endpoint."""

    title: str
    ours: Contender
    theirs: Contender
    figures: dict[str, list[tuple[Figure, Figure]]] = field(default_factory=dict)

    def take_turns(self, endpoint: str, bench: Bench, *, ours_first: bool) -> None:
        measure = MEASURES[endpoint]
        if ours_first:
            mine, other = measure(self.ours, bench), measure(self.theirs, bench)
        else:
            other, mine = measure(self.theirs, bench), measure(self.ours, bench)
        self.figures.setdefault(endpoint, []).append((mine, other))

    def table(self) -> Iterator[str]:
        yield f"\n{self.title}"
        yield f"  {'':<12}{'ours r/s':>10}{'peer r/s':>10}   ratio [min-max]      ours µs (db)     peer µs (db)"
        for endpoint, rounds in self.figures.items():
            ratios = sorted(mine.per_second / other.per_second for mine, other in rounds)
            mine, other = (_middle([pair[side] for pair in rounds]) for side in (0, 1))
            yield (
                f"  {endpoint:<12}{mine.per_second:>10.0f}{other.per_second:>10.0f}"
                f"   {statistics.median(ratios):.2f} [{ratios[0]:.2f}-{ratios[-1]:.2f}]".ljust(56)
                + f"{mine.server_cpu:>7.0f} ({mine.database_cpu:.0f})".ljust(18)
                + f"{other.server_cpu:>7.0f} ({other.database_cpu:.0f})"
            )


def _middle(figures: Sequence[Figure]) -> Figure:
    return sorted(figures, key=lambda figure: figure.per_second)[len(figures) // 2]


@contextmanager
def _postgres_on_the_drivers_core() -> Iterator[PostgresServer]:
    with running_postgres(durable=True) as server:
        for pid in family_of(server.process.pid):
            os.sched_setaffinity(pid, {int(DRIVER_CORE)})
        yield server


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=list(MEASURES), default=list(MEASURES))
    parser.add_argument(
        "--databases", nargs="*", choices=["postgresql", "embedded"], default=["postgresql", "embedded"]
    )
    parser.add_argument("--algorithms", nargs="*", choices=["ES256", "RS256"], default=["ES256", "RS256"])
    parser.add_argument("--peer", type=Path, default=Path(tempfile.gettempdir()) / "idp-benchmark-peer", metavar="DIR")
    options = parser.parse_args()
    install_peer(options.peer)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="idp-benchmark-")))
        world = stack.enter_context(running_world(folder / "world", "--autopilot", "anna"))
        postgres = stack.enter_context(_postgres_on_the_drivers_core())
        bench = Bench(seconds=options.seconds, database=[postgres.process.pid])
        port = world.ports.idp + 20
        for database in options.databases:
            for alg in options.algorithms:
                only = (
                    options.only if alg == "ES256" else [name for name in options.only if name in ("token", "refresh")]
                )
                port += 2
                with ExitStack() as turn:
                    name = f"{database}_{alg}".lower()
                    ours, theirs = f"sqlite:///{folder / name / 'idp.db'}", ""
                    if database == "postgresql":
                        ours = postgres.create_database(f"ours_{alg}".lower())
                        theirs = postgres.create_database(f"theirs_{alg}".lower()).replace("+psycopg", "")
                    pair = Pair(
                        title=f"{alg} on {'PostgreSQL' if database == 'postgresql' else 'SQLite, peer in memory'}",
                        ours=turn.enter_context(product(world, folder / name, port=port, alg=alg, database=ours)),
                        theirs=turn.enter_context(peer(options.peer, port=port + 1, alg=alg, database=theirs)),
                    )
                    for turns in range(options.rounds):
                        for endpoint in only:
                            pair.take_turns(endpoint, bench, ours_first=turns % 2 == 0)
                            print(".", end="", file=sys.stderr, flush=True)
                    print("\n".join(pair.table()), flush=True)


if __name__ == "__main__":
    main()
