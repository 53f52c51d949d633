"""Mutants: how many small mistakes in the core the tests of the core notice; `python -m idp_tests.mutants`.

A mutant is a module of `idp/core` with one mistake in it. The tests of its name run first, then those of its room, then the
whole core's; with `--wide` also what is fast of the rooms that call it over HTTP. The first failure kills it. Nothing on the
disk changes: a forked process loads the mutant in the module's place. The same number and seed choose the same mutants of the
same tree.
"""

import argparse
import ast
import itertools
import os
import random
import signal
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from idp_tests.mutants.changes import Change, changes_of
from idp_tests.mutants.nursery import FAILED, prepare, run_tests

ROOT = Path(__file__).resolve().parents[2]
CORE = ROOT / "idp" / "core"
ENOUGH = 0.9
"""The share of mutants that has to be noticed."""
PATIENCE = 300
"""Seconds of one step of one mutant; what never ends is noticed, too."""
WIDE = ("idp_tests/protocol", "idp_tests/web", "idp_tests/attacks")
SLOW = ("test_races", "test_token_races", "test_stores", "test_validators", "test_randomness", "test_audit_events")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A mistake and where it is made."""

    module: Path
    change: Change

    @property
    def text(self) -> str:
        line = self.module.read_text(encoding="utf-8").splitlines()[self.change.line - 1].strip()
        return f"{self.module.relative_to(ROOT)}:{self.change.line}  {self.change.kind}:  {line}"


def choose(count: int, seed: int, only: str) -> list[Mutant]:
    """So many mutants, of every kind of mistake in turn, so that the rare kinds are not lost among the frequent."""
    chance = random.Random(seed)
    kinds: dict[str, list[Mutant]] = {}
    for module in sorted(CORE.rglob("*.py")):
        if only in module.relative_to(ROOT).as_posix():
            for change in changes_of(ast.parse(module.read_text(encoding="utf-8"))):
                kinds.setdefault(change.kind, []).append(Mutant(module, change))
    for of_a_kind in kinds.values():
        chance.shuffle(of_a_kind)
    in_turn = [mutant for row in itertools.zip_longest(*kinds.values()) for mutant in row if mutant is not None]
    return sorted(in_turn[:count], key=lambda mutant: (mutant.module, mutant.change.line, mutant.change.place))


def steps_of(module: Path, *, wide: bool) -> list[list[str]]:
    """Which tests are asked about a module, the nearest first."""
    room = ROOT / "idp_tests" / module.relative_to(ROOT / "idp").parent
    own = room / f"test_{module.name}"
    ignored = [f"--ignore-glob=*{name}.py" for name in SLOW]
    nearest = [[str(own)]] if own.is_file() else []
    rooms = [[str(place)] for place in (room, ROOT / "idp_tests" / "core") if place.is_dir()]
    over_http = [[*(str(ROOT / place) for place in WIDE), *ignored]] if wide else []
    return [*nearest, *rooms, *over_http]


def is_killed(mutant: Mutant, *, wide: bool) -> bool:
    steps = steps_of(mutant.module, wide=wide)
    return any(run_tests(tests, PATIENCE, mutant.module, mutant.change) == FAILED for tests in steps)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m idp_tests.mutants", description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", metavar="PATH", help="only modules with this in their path")
    parser.add_argument("--wide", action="store_true", help="ask the tests over HTTP, too")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args(arguments)
    began = time.monotonic()
    mutants = choose(chosen.count, chosen.seed, chosen.only)
    prepare()
    survivors = 0
    with ThreadPoolExecutor(chosen.jobs) as pool:
        for number, (mutant, killed) in enumerate(
            zip(mutants, pool.map(partial(is_killed, wide=chosen.wide), mutants), strict=True), 1
        ):
            print("." if killed else f"\n  survived  {mutant.text}\n", end="" if number % 100 else "\n", flush=True)
            survivors += not killed
    share = 1 - survivors / len(mutants)
    print(f"\n{len(mutants) - survivors} of {len(mutants)} mutants killed ({share:.1%}), seed {chosen.seed}, "
          f"{time.monotonic() - began:.0f} s")  # fmt: skip
    return 0 if share >= ENOUGH else 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))
    sys.exit(main(sys.argv[1:]))
