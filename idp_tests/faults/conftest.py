"""A separate world, because its processes are killed and its BankID is made to fail."""

import sys
from collections.abc import Iterator

import pytest

from idp_tests.faults.processes import ProviderProcesses
from idp_tests.journeys.by_hand import ByHand
from idp_tests.journeys.world import RunningWorld, running_world


@pytest.fixture(scope="session")
def whole_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWorld]:
    if sys.platform != "linux":
        pytest.skip("the children of a process are read from /proc, which only Linux has")
    with running_world(tmp_path_factory.mktemp("faults")) as world:
        yield world


@pytest.fixture
def world(whole_world: RunningWorld) -> Iterator[RunningWorld]:
    """Whatever a test set up in the simulator ends with it."""
    yield whole_world
    whole_world.phone.behave()


@pytest.fixture(scope="session")
def known(whole_world: RunningWorld) -> str:
    """A persona who has an account."""
    ByHand(whole_world).first_login("johan")
    return "johan"


@pytest.fixture
def provider(world: RunningWorld) -> ProviderProcesses:
    return ProviderProcesses(world)
