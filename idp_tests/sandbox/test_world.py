"""The world: its ports, files, certificates and programs, and how it says that something is wrong."""

import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from idp.adapters.client_files import load_clients
from idp.settings import Mode
from idp.settings_file import load_settings
from idp_sandbox.__main__ import read_plan
from idp_sandbox.local_authority import LocalAuthority
from idp_sandbox.minasidor import client_key
from idp_sandbox.plan import Plan
from idp_sandbox.playground import credentials
from idp_sandbox.ports import Ports, find_listener
from idp_sandbox.programs import Program, Running, answers
from idp_sandbox.provider_files import REPOSITORY, write_clients, write_settings
from idp_sandbox.world import ROOMS, World, WorldProblem

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def plan(tmp_path: Path, *, first_port: int = 8000, fresh: bool = False, tls: bool = False) -> Plan:
    return Plan(data=tmp_path / "data", ports=Ports.starting_at(first_port), fresh=fresh, tls=tls)


def script(code: str, name: str = "child", is_ready: Callable[[], bool] = lambda: True) -> Program:
    return Program(name=name, command=[sys.executable, "-c", code], is_ready=is_ready)


@pytest.fixture
def listener() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


# ---- the command line ----------------------------------------------------------------------------------------------


def test_without_options_the_world_takes_the_well_known_ports_and_the_default_directory() -> None:
    chosen = read_plan(["up"])
    assert chosen.ports.all() == (8000, 8001, 8002, 8003, 8004, 8005)
    assert chosen.data == REPOSITORY / ".var"
    assert (chosen.fresh, chosen.tls, chosen.autopilot) == (False, False, None)


def test_every_option_reaches_the_plan(tmp_path: Path) -> None:
    options = ["--fresh", "--ports-from", "9100", "--data", str(tmp_path), "--tls", "--autopilot", "anna"]
    chosen = read_plan(["up", *options])
    assert chosen.ports.all() == (9100, 9101, 9102, 9103, 9104, 9105)
    assert (chosen.data, chosen.fresh, chosen.tls, chosen.autopilot) == (tmp_path, True, True, "anna")


@pytest.mark.parametrize("first", ["80", "65531", "many"])
def test_ports_outside_the_range_are_refused(first: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_plan(["up", "--ports-from", first])
    said = capsys.readouterr().err
    assert "argument --ports-from: must be a whole number between 1024 and 65530" in said
    assert "_first_port" not in said


def test_certificates_to_trust_may_be_given_more_than_once(tmp_path: Path) -> None:
    chosen = read_plan(["up", "--trust", str(tmp_path / "a.pem"), "--trust", str(tmp_path / "b.pem")])
    assert chosen.trust == (tmp_path / "a.pem", tmp_path / "b.pem")


def test_with_tls_every_address_is_https(tmp_path: Path) -> None:
    addresses = plan(tmp_path, tls=True).addresses
    assert set(asdict(addresses).values()) == {f"https://localhost:{port}" for port in range(8000, 8006)}


# ---- ports ---------------------------------------------------------------------------------------------------------


def test_a_taken_port_is_named_with_its_process_and_a_way_out(tmp_path: Path, listener: int) -> None:
    first = listener - 2
    world = World(plan(tmp_path, first_port=first))
    with pytest.raises(WorldProblem) as problem:
        world.start()
    assert f"Port {listener} is taken" in str(problem.value)
    assert "./dev up --ports-from" in str(problem.value)
    assert not (tmp_path / "data").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the process behind a port is read from /proc")
def test_the_process_behind_a_port_is_found(listener: int) -> None:
    import os

    assert f"(pid {os.getpid()})" in (find_listener(listener) or "")


def test_nobody_sits_on_a_free_port() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert find_listener(port) is None
    assert port not in Ports.starting_at(port).taken()


# ---- files ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tls", [False, True])
def test_the_written_settings_are_understood_by_the_provider(tmp_path: Path, tls: bool) -> None:
    chosen = plan(tmp_path, tls=tls)
    (tmp_path / "idp" / "clients").mkdir(parents=True)
    files = (tmp_path / "cert.pem", tmp_path / "key.pem") if tls else None
    path = write_settings(
        tmp_path / "idp",
        addresses=chosen.addresses,
        port=8000,
        simulator=tmp_path / "bankid",
        tls=files,
        trials=tmp_path / "trials",
    )
    settings = load_settings(path)
    assert settings.mode is Mode.SANDBOX
    assert settings.issuer == chosen.addresses.idp
    assert settings.bankid.client_certificate == tmp_path / "bankid" / "rp.p12"
    assert settings.database.url == f"sqlite:///{tmp_path / 'idp' / 'idp.db'}"
    assert settings.bankid.launch_url == chosen.addresses.phone + "/"
    assert settings.server.tls_certificate == (files[0] if files else None)
    assert settings.clients[-2:] == (tmp_path / "idp" / "clients", tmp_path / "trials")


def test_a_directory_with_quotes_and_letters_beyond_ascii_is_written_rightly(tmp_path: Path) -> None:
    odd = tmp_path / 'Åsa "kontor" \\ 1'
    path = write_settings(
        odd, addresses=plan(tmp_path).addresses, port=8000, simulator=odd / "bankid", tls=None, trials=odd / "trials"
    )
    assert load_settings(path).bankid.client_certificate == odd / "bankid" / "rp.p12"


@pytest.mark.parametrize("tls", [False, True])
def test_the_written_relying_parties_are_accepted_by_the_provider(tmp_path: Path, tls: bool) -> None:
    chosen = plan(tmp_path, tls=tls)
    key = client_key.load_or_make(tmp_path)
    write_clients(
        tmp_path / "clients",
        addresses=chosen.addresses,
        minasidor_jwk=key.as_dict(private=False),
        playground=credentials.load_or_make(tmp_path),
    )
    clients = load_clients([tmp_path / "clients"], issuer=chosen.addresses.idp, sandbox=True)
    portal, app = clients["minasidor"], clients["mittprezero"]
    assert portal.redirect_uris == {chosen.addresses.minasidor + "/callback"}
    assert portal.jwks["keys"][0]["kid"] == key.kid
    assert app.redirect_uris == {chosen.addresses.mittprezero + "/oauth2redirect"}
    assert app.post_logout_redirect_uris == {chosen.addresses.mittprezero + "/logged-out"}
    assert app.is_public
    assert app.is_native
    assert portal.sso_group == app.sso_group


def test_the_relying_parties_file_holds_no_private_key(tmp_path: Path) -> None:
    key = client_key.load_or_make(tmp_path)
    jwk = key.as_dict(private=False)
    write_clients(
        tmp_path / "clients",
        addresses=plan(tmp_path).addresses,
        minasidor_jwk=jwk,
        playground=credentials.load_or_make(tmp_path),
    )
    assert "\nd = " not in (tmp_path / "clients" / "minasidor.toml").read_text(encoding="utf-8")


def test_files_of_other_relying_parties_stay(tmp_path: Path) -> None:
    (tmp_path / "clients").mkdir()
    other = tmp_path / "clients" / "other.toml"
    other.write_text("kept = true", encoding="utf-8")
    write_clients(
        tmp_path / "clients",
        addresses=plan(tmp_path).addresses,
        minasidor_jwk={"kty": "EC"},
        playground=credentials.load_or_make(tmp_path / "playground"),
    )
    assert other.read_text(encoding="utf-8") == "kept = true"


def test_fresh_removes_the_worlds_rooms_and_nothing_else(tmp_path: Path) -> None:
    chosen = plan(tmp_path, fresh=True)
    for room in (*ROOMS, "photos"):
        (chosen.data / room).mkdir(parents=True)
        (chosen.data / room / "file").touch()
    World(chosen)._wipe()
    assert [path.name for path in chosen.data.iterdir()] == ["photos"]


# ---- certificates --------------------------------------------------------------------------------------------------


def test_the_localhost_certificate_is_accepted_by_programs_that_trust_the_local_authority(tmp_path: Path) -> None:
    made = LocalAuthority.load_or_make(tmp_path, now=datetime.now(UTC))
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(made.certificate, made.key)
    client_side = ssl.create_default_context(cafile=str(made.ca))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        def shake_hands() -> None:
            connection, _ = listening.accept()
            with server_side.wrap_socket(connection, server_side=True) as secured:
                secured.recv(1)

        thread = threading.Thread(target=shake_hands)
        thread.start()
        with (
            socket.create_connection(("127.0.0.1", port)) as raw,
            client_side.wrap_socket(raw, server_hostname="localhost") as secured,
        ):
            secured.send(b"x")
            assert secured.version() in {"TLSv1.2", "TLSv1.3"}
        thread.join()


def test_the_local_authority_may_only_speak_for_this_computer(tmp_path: Path) -> None:
    made = LocalAuthority.load_or_make(tmp_path, now=NOW)
    ca = x509.load_pem_x509_certificate(made.ca.read_bytes())
    permitted = ca.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    assert x509.DNSName("localhost") in permitted
    assert made.key.stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ca.pem", "localhost-key.pem", "localhost.pem"]


def test_a_valid_certificate_is_kept_and_one_near_its_end_is_replaced(tmp_path: Path) -> None:
    first = LocalAuthority.load_or_make(tmp_path, now=NOW).certificate.read_bytes()
    assert LocalAuthority.load_or_make(tmp_path, now=NOW + timedelta(days=200)).certificate.read_bytes() == first
    assert LocalAuthority.load_or_make(tmp_path, now=NOW + timedelta(days=380)).certificate.read_bytes() != first


# ---- programs ------------------------------------------------------------------------------------------------------


def start(world: World, program: Program) -> None:
    world.plan.data.mkdir(parents=True, exist_ok=True)
    world._start(program)


def test_a_program_that_ends_stops_the_world_with_its_last_words(tmp_path: Path) -> None:
    world = World(plan(tmp_path))
    start(world, script("import time; time.sleep(600)", name="lasting"))
    lasting = world._running[0]
    with pytest.raises(WorldProblem) as problem:
        start(world, script("print('no key today'); raise SystemExit(2)", name="idp", is_ready=lambda: False))
    world.stop()
    assert "idp ended (exit code 2)" in str(problem.value)
    assert "no key today" in str(problem.value)
    assert lasting.exit_code is not None


def test_watching_notices_a_program_that_ends_later(tmp_path: Path) -> None:
    world = World(plan(tmp_path))
    until = tmp_path / "until"
    waiting = f"import pathlib, time\nwhile not pathlib.Path({str(until)!r}).exists(): time.sleep(0.01)"
    start(world, script(waiting, name="short"))
    until.touch()
    with pytest.raises(WorldProblem, match="short ended"):
        list(world.watch())
    world.stop()


def test_a_program_that_ignores_the_request_to_stop_is_stopped_for_good(tmp_path: Path) -> None:
    stubborn = script(
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here', flush=True); time.sleep(600)"
    )
    running = Running(stubborn, logs=tmp_path, environment={}, directory=tmp_path)
    while "here" not in running.log.read_text(encoding="utf-8"):
        assert running.exit_code is None
    running.ask_to_stop()
    running.wait_until_stopped(0.2)
    assert running.exit_code == -9


def test_a_command_of_the_provider_that_fails_is_shown_with_its_words(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere.toml"
    with pytest.raises(WorldProblem, match=r"`idp db upgrade` failed:\n.+"):
        World(plan(tmp_path))._run_provider_command(missing, ("db", "upgrade"))


def test_an_address_nobody_serves_does_not_answer() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert not answers(f"http://127.0.0.1:{port}/health")


def test_the_announcement_ends_with_ready_and_names_what_a_person_needs(tmp_path: Path) -> None:
    lines = list(World(plan(tmp_path)).announcement())
    assert lines[-1] == "Ready"
    text = "\n".join(lines)
    for wanted in ("http://localhost:8001", "http://localhost:8002", "http://localhost:8003", "10012345", "0680"):
        assert wanted in text
    assert str(tmp_path / "data" / "idp" / "mail") in text
