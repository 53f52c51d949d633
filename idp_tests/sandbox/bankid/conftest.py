"""What the simulator's tests share: keys made once, a rig per test, and one simulator on real ports."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from idp_sandbox.bankid.keystore import KeyStore
from idp_sandbox.bankid.simulator import Settings, Simulator
from idp_tests.sandbox.bankid.rig import Rig


@pytest.fixture(scope="session")
def key_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("bankid")
    KeyStore(directory)
    return directory


@pytest.fixture(scope="session")
def keys(key_directory: Path) -> KeyStore:
    return KeyStore(key_directory)


@pytest.fixture
def rig(keys: KeyStore) -> Rig:
    return Rig(keys)


@pytest.fixture(scope="session")
def running(key_directory: Path) -> Iterator[Simulator]:
    """A simulator on real ports."""
    simulator = Simulator(Settings(data=key_directory, api_port=0, phone_port=0))
    simulator.start()
    yield simulator
    simulator.stop()
