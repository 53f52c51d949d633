"""SIGKILL between any two steps: what has been acknowledged is still there, and the person goes on to the end."""

import subprocess
import sys
from collections.abc import Callable

from idp_tests.faults.processes import ProviderProcesses
from idp_tests.journeys.by_hand import ByHand
from idp_tests.journeys.world import CUSTOMER, RunningWorld
from idp_tests.patience import PATIENCE, soon


def test_jobs_killed_with_the_once_only_answer_in_hand_let_the_person_try_again(
    world: RunningWorld, provider: ProviderProcesses, known: str
) -> None:
    """BankID has told it and will not tell it again; what was not committed is lost, and the person is told kindly."""
    person = ByHand(world).log_in_at_minasidor().start()
    order = world.phone.order_behind(str(person.status_now()["qr"]))
    app = person.scan(known)
    with provider.jobs_paused():
        world.phone.approve(app)
        soon(lambda: world.phone.order(order)["status"] == "complete", "BankID has the answer")
        world.phone.direct(faults=[{"kind": "slow", "operation": "collect", "seconds": 10, "times": 50}])
    soon(lambda: world.phone.order(order)["collected"], "BankID has told it")
    provider.kill_jobs()
    told = person.wait_until("failed")
    assert told["start"]
    assert "svaret gick förlorat på vägen" in str(told["message"])
    world.phone.behave()
    assert person.get(person.url).heading == "Logga in på MinaSidor"
    assert person.identify(known).customer_number == CUSTOMER


def test_web_workers_killed_between_any_two_steps_of_the_leaflet_lose_nothing(
    world: RunningWorld, provider: ProviderProcesses
) -> None:
    anna = ByHand(world)
    app = answer = ""

    def end() -> None:
        nonlocal answer
        answer = _location_at_the_end(anna)

    def scan() -> None:
        nonlocal app
        app = anna.scan("anna")

    def approve() -> None:
        world.phone.approve(app)
        anna.wait_until("complete")

    steps: list[Callable[[], object]] = [
        anna.log_in_at_minasidor,
        lambda: anna.press("/bankid/start", launch="qr"),
        anna.wait_for_code,
        scan,
        approve,
        lambda: anna.get(anna.base),
        anna.link,
        anna.register,
        anna.start,
        scan,
        approve,
        end,
        lambda: anna.get(answer),
    ]
    headings = []
    for step in steps:
        step()
        headings.append(anna.heading)
        provider.kill_web()
    assert anna.customer_number == CUSTOMER, headings
    assert anna.log_in_at_mittprezero().customer_number == CUSTOMER, "and the session is alive"


def test_jobs_killed_before_the_start_and_before_the_collect_do_both_when_they_are_back(
    world: RunningWorld, provider: ProviderProcesses, known: str
) -> None:
    person = ByHand(world).log_in_at_minasidor()
    with provider.jobs_paused():
        person.press("/bankid/start", launch="qr")
        provider.kill_jobs()
    app = person.wait_for_code().scan(known)
    with provider.jobs_paused():
        world.phone.approve(app)
        provider.kill_jobs()
    assert person.go_on().customer_number == CUSTOMER


def test_everything_killed_after_the_collect_and_after_the_answer_gives_the_same_answer_again(
    world: RunningWorld, provider: ProviderProcesses, known: str
) -> None:
    person = ByHand(world).log_in_at_minasidor().start()
    world.phone.approve(person.scan(known))
    person.wait_until("complete")
    provider.kill_jobs()
    provider.kill_web()
    lost = _location_at_the_end(person)
    provider.kill_web()
    again = _location_at_the_end(person)
    assert again == lost
    assert person.get(again).customer_number == CUSTOMER


def test_whatever_was_killed_the_audit_log_is_as_it_was_written(
    world: RunningWorld, provider: ProviderProcesses, known: str
) -> None:
    """A killed process leaves no gap in its numbers that looks like a row that somebody deleted."""
    for _ in range(3):
        person = ByHand(world).log_in_at_minasidor().start()
        provider.kill_web()
        world.phone.approve(person.scan(known))
        person.wait_until("complete")
        provider.kill_jobs()
    settings = world.data / "idp" / "idp.toml"
    command = [sys.executable, "-m", "idp", "--config", str(settings), "audit"]
    for word in ("seal", "verify"):
        done = subprocess.run([*command, word], capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert (done.returncode, done.stderr) == (0, "")
    assert ", 0 not yet;" in done.stdout


def _location_at_the_end(person: ByHand) -> str:
    """Follow our own redirects to the first that leaves us, without leaving."""
    address = person.base
    for _ in range(5):
        response = person.http.get(address, allow_redirects=False, timeout=PATIENCE)
        location = response.headers["Location"]
        if location.startswith(person.world.minasidor):
            return location
        address = f"{person.world.idp}{location}"
    raise AssertionError("the sign-in leads nowhere")
