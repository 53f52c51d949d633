"""Two hundred guesses at once, from threads of two processes on one database, never have more verified than the limit (T-C1)."""

import itertools
import multiprocessing
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from threading import Barrier
from typing import Any

import pytest

from idp.adapters.database.attempts import DatabaseAttempts
from idp.adapters.database.budgets import DatabaseBudgets
from idp.adapters.database.customer_register import DatabaseRegister
from idp.adapters.database.customers import DatabaseCustomers
from idp.adapters.database.engine import database, unit_of_work
from idp.core.linking.claim import Claim
from idp.core.linking.prove_claim import ProveClaim
from idp.core.people.digits import passes_luhn
from idp_tests.builders import a_claimant, an_identity, an_organisation_number, linking_limits
from idp_tests.customer_register import a_registered_customer, fill_register
from idp_tests.databases import CIPHER, NOW, PEPPER, bare_app, be_patient
from idp_tests.patience import PATIENCE

pytestmark = pytest.mark.each_database

GUESSES, PROCESSES, THREADS = 200, 2, 10
Guess = tuple[str, Mapping[str, str]]
"""Whose, and what was typed."""


class Counted(DatabaseCustomers):
    """Counts what was compared with the register."""

    def __init__(self) -> None:
        super().__init__(CIPHER, PEPPER)
        self.verified = itertools.count()

    def verify(self, claim: Claim) -> str | None:
        next(self.verified)
        return super().verify(claim)


def guess_all(url: str, guesses: list[Guess], gate: Any, end: "Connection[Any, Any]") -> None:
    """One process: all threads begin when the other process's do."""
    be_patient()
    app, customers = bare_app(url), Counted()
    prove = ProveClaim(
        customers=customers,
        budgets=DatabaseBudgets(PEPPER),
        attempts=DatabaseAttempts(CIPHER, PEPPER),
        pattern="[0-9]{4,10}",
        limits=linking_limits(),
    )
    together = Barrier(THREADS, action=gate.wait, timeout=PATIENCE)

    def work(mine: list[Guess]) -> None:
        together.wait()
        for who, form in mine:
            with app.app_context(), unit_of_work():
                prove(form, a_claimant(an_identity(who), networks=None), NOW)

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(work, [guesses[nth::THREADS] for nth in range(THREADS)]))
    with app.app_context():
        database.engine.dispose()
    end.send(next(customers.verified))


def verified(url: str, guess: Callable[[int], Guess]) -> int:
    """How many of the guesses were compared with the register."""
    with bare_app(url).app_context():
        with unit_of_work():
            company = a_registered_customer("10012345", states={})
            fill_register(DatabaseRegister(CIPHER, PEPPER), [company], NOW)
        database.engine.dispose()
    guesses = [guess(nth) for nth in range(GUESSES)]
    spawn = multiprocessing.get_context("spawn")
    gate, ends, processes = spawn.Barrier(PROCESSES, timeout=PATIENCE), [], []
    for nth in range(PROCESSES):
        ours, theirs = spawn.Pipe()
        process = spawn.Process(target=guess_all, args=(url, guesses[nth::PROCESSES], gate, theirs), daemon=True)
        process.start()
        ends.append(ours)
        processes.append(process)
    assert all(end.poll(PATIENCE) for end in ends), "a process does not answer"
    counts = [end.recv() for end in ends]
    for process in processes:
        process.join(PATIENCE)
    return sum(counts)


def a_stranger(nth: int) -> str:
    """The personal number of somebody else each time."""
    nine = f"800101{nth:03}"
    return next(f"19{nine}{check}" for check in range(10) if passes_luhn(f"{nine}{check}"))


def test_one_persons_four_digits(database_url: str) -> None:
    compared = verified(
        database_url, lambda nth: ("199001012385", {"customer_number": "10012345", "last_four": f"{nth:04}"})
    )
    assert compared == 3


def test_many_peoples_four_digits_at_one_company(database_url: str) -> None:
    compared = verified(
        database_url, lambda nth: (a_stranger(nth), {"customer_number": "10012345", "last_four": f"{nth:04}"})
    )
    assert compared == 5


def test_many_peoples_whole_numbers_at_one_company(database_url: str) -> None:
    compared = verified(
        database_url,
        lambda nth: (
            a_stranger(nth),
            {"customer_number": "10012345", "whole_number": an_organisation_number(nth)},
        ),
    )
    assert compared == 30


def test_one_persons_tries_everywhere(database_url: str) -> None:
    """Four digits first, then whole numbers: all of them together are a day's tries."""
    compared = verified(
        database_url,
        lambda nth: ("199001012385", {"customer_number": f"9000{nth:04}", "whole_number": an_organisation_number(nth)}),
    )
    assert compared == 5
