"""The world: prepares one directory, starts the programs, waits until they answer, and stops them together."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from idp_sandbox.client_files import Checked, ClientFiles
from idp_sandbox.data_lock import DataLock, DirectoryInUseError
from idp_sandbox.local_authority import LocalAuthority
from idp_sandbox.minasidor import client_key
from idp_sandbox.plan import Plan
from idp_sandbox.playground import credentials
from idp_sandbox.playground.trials import DROPPED
from idp_sandbox.ports import Ports, find_listener
from idp_sandbox.programs import Program, Running, answers
from idp_sandbox.provider_files import REPOSITORY, client_directories, write_clients, write_settings
from idp_sandbox.trusted_roots import NotCertificatesError, read_certificates, write_bundle

ROOMS = ("idp", "bankid", "minasidor", "mittprezero", "playground", "tls", "logs")
"""Directories of the world inside its data directory; `--fresh` removes these and nothing else."""
RELYING_PARTIES = ("minasidor", "mittprezero", "playground")
CUSTOMERS = Path(__file__).with_name("customers.csv")
READY_CUSTOMER, READY_DIGITS = "10012345", "0680"
READY_WITHIN = 60.0
STOP_WITHIN = 10.0
_STEP = 0.1


class WorldProblem(Exception):
    """The world cannot go on; the text is for the person at the terminal."""


class World:
    """One running world."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._running: list[Running] = []
        self._authority: LocalAuthority | None = None
        self._lock = DataLock(plan.data)
        self._given_certificates: list[str] = []

    def start(self) -> None:
        """Prepare and start everything; return when all programs answer.

        The BankID simulator comes first, because it makes the certificates that the provider's settings name.
        Raises WorldProblem.
        """
        self._read_given_certificates()
        if self._lock.was_ever_taken:
            self._take_directory()  # before the ports: a world on this directory is why they are taken
        self._refuse_taken_ports()
        self._take_directory()
        if self.plan.fresh:
            self._wipe()
        if self.plan.tls:
            self._authority = LocalAuthority.load_or_make(self.plan.data / "tls", now=datetime.now(UTC))
        self._start(self._bankid())
        self._prepare_provider()
        for program in (self._provider(), *map(self._relying_party, RELYING_PARTIES)):
            self._start(program, wait=False)
        self._wait_until_ready()

    def announcement(self) -> Iterator[str]:
        """The lines for the terminal, `Ready` last."""
        addresses = self.plan.addresses
        yield f"MinaSidor        {addresses.minasidor}"
        yield f"MittPreZero      {addresses.mittprezero}"
        yield f"Virtual phone    {addresses.phone}  (the BankID app: choose a person, scan or paste the QR code)"
        yield f"Playground       {addresses.playground}  (for developers: every request of a login, shown and explained)"
        yield f"Provider         {addresses.idp}/.well-known/openid-configuration"
        yield f"First login      customer number {READY_CUSTOMER}, last four digits {READY_DIGITS}"
        yield f"Client files     {self._idp / 'clients'}  (a file that is put there counts at once)"
        yield f"E-mail           {self._idp / 'mail'}  (every message is a file there; none is sent)"
        yield f"Text messages    {self._idp / 'sms'}  (the same)"
        yield f"Data and logs    {self.plan.data}"
        if self._authority:
            yield f"Certificates     trust this authority in your browser: {self._authority.ca}"
        yield "Ready"

    def watch(self) -> Iterator[str]:
        """Yield lines for the terminal; ends only by an exception: WorldProblem when one program ends, or an interrupt."""
        files = ClientFiles(
            directories=client_directories(self._idp),
            dropped=self.plan.data / "playground" / DROPPED,
            trials=self._trials,
            check=self._check_client_file,
            read_again=self._read_clients_again,
        )
        while True:
            self._refuse_ended_programs()
            yield from files.look()
            time.sleep(_STEP * 2)

    def stop(self) -> None:
        """Stop every program, the last started first."""
        for running in reversed(self._running):
            running.ask_to_stop()
        deadline = time.monotonic() + STOP_WITHIN
        for running in reversed(self._running):
            running.wait_until_stopped(max(0.1, deadline - time.monotonic()))
        self._running.clear()
        self._lock.release()

    @property
    def _idp(self) -> Path:
        return self.plan.data / "idp"

    @property
    def _trials(self) -> Path:
        """The client files that are tried in the playground; they are forgotten at each start."""
        return self.plan.data / "playground" / "clients"

    # ---- preparing ------------------------------------------------------------------------------------------------

    def _read_given_certificates(self) -> None:
        try:
            self._given_certificates = [read_certificates(path) for path in self.plan.trust]
        except NotCertificatesError as problem:
            raise WorldProblem(f"--trust: {problem}") from None

    def _take_directory(self) -> None:
        try:
            self._lock.take()
        except DirectoryInUseError as problem:
            holder = f"pid {problem.pid}" if problem.pid else "a world that is just starting"
            raise WorldProblem(
                f"The directory {self.plan.data} is used by another running world ({holder}).\n"
                "Stop that one, or take another: ./dev up --data DIR"
            ) from None
        except OSError as problem:
            raise WorldProblem(f"The directory {self.plan.data} cannot be used: {problem.strerror}.") from None

    def _refuse_taken_ports(self) -> None:
        lines = []
        for port in self.plan.ports.taken():
            listener = find_listener(port)
            lines.append(f"Port {port} is taken" + (f" by {listener}." if listener else " by another program."))
        if lines:
            free = next(first for first in range(9000, 60000, 10) if not Ports.starting_at(first).taken())
            lines.append(f"Stop that program, or take other ports: ./dev up --ports-from {free}")
            raise WorldProblem("\n".join(lines))

    def _wipe(self) -> None:
        for room in ROOMS:
            shutil.rmtree(self.plan.data / room, ignore_errors=True)

    def _prepare_provider(self) -> None:
        data, addresses = self.plan.data, self.plan.addresses
        key = client_key.load_or_make(data / "minasidor")
        write_clients(
            self._idp / "clients",
            addresses=addresses,
            minasidor_jwk=key.as_dict(private=False),
            playground=credentials.load_or_make(data / "playground"),
        )
        for directory in (self._trials, data / "playground" / DROPPED):
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir(parents=True)
        settings = write_settings(
            self._idp,
            addresses=addresses,
            port=self.plan.ports.idp,
            simulator=data / "bankid",
            tls=(self._authority.certificate, self._authority.key) if self._authority else None,
            trials=self._trials,
            relying_party_roots=self._relying_party_roots(),
        )
        for command in (("keys", "init"), ("db", "upgrade"), ("customers", "import", str(CUSTOMERS))):
            self._run_provider_command(settings, command)

    def _run_provider_command(self, settings: Path, command: tuple[str, ...]) -> None:
        done = self._ask_provider(settings, command)
        if not done.accepted:
            raise WorldProblem(f"`idp {' '.join(command)}` failed:\n{done.text}")

    def _ask_provider(self, settings: Path, command: tuple[str, ...]) -> Checked:
        whole = [sys.executable, "-m", "idp", "--config", str(settings), *command]
        done = subprocess.run(
            whole, capture_output=True, text=True, env=self._environment(), cwd=REPOSITORY, check=False
        )
        return Checked(done.returncode == 0, (done.stdout + done.stderr).strip())

    def _check_client_file(self, file: Path) -> Checked:
        return self._ask_provider(self._idp / "idp.toml", ("clients", "check", str(file)))

    def _read_clients_again(self) -> None:
        next(running for running in self._running if running.program.name == "idp").ask_to_read_again()

    def _environment(self) -> dict[str, str]:
        """The environment of the programs: the repository is importable and, with --tls, the local authority is trusted."""
        environment = dict(os.environ, PYTHONPATH=str(REPOSITORY), PYTHONUNBUFFERED="1")
        if self._authority:
            environment["REQUESTS_CA_BUNDLE"] = environment["SSL_CERT_FILE"] = str(self._authority.ca)
        return environment

    # ---- the programs ----------------------------------------------------------------------------------------

    def _bankid(self) -> Program:
        ports, data = self.plan.ports, self.plan.data / "bankid"
        command = [sys.executable, "-m", "idp_sandbox.bankid", "--data", str(data)]
        command += ["--phone-port", str(ports.phone), "--api-port", str(ports.bankid)]
        if self._authority:
            command += ["--phone-tls-cert", str(self._authority.certificate)]
            command += ["--phone-tls-key", str(self._authority.key)]
        if self.plan.autopilot:
            command += ["--autopilot", self.plan.autopilot]
        return Program(name="bankid", command=command, is_ready=partial(self._simulator_answers, data))

    def _simulator_answers(self, data: Path) -> bool:
        """Whether both ports answer: the phone's page, and the API, which refuses GET with 405 when mutual TLS works."""
        certificate = (data / "rp-cert.pem", data / "rp-key.pem")
        api_ca = data / "server-ca.pem"
        if not (api_ca.exists() and all(path.exists() for path in certificate)):
            return False
        addresses = self.plan.addresses
        return answers(addresses.phone + "/health", trusted_ca=self._trusted()) and answers(
            addresses.bankid + "/rp/v6.0/auth", trusted_ca=api_ca, certificate=certificate, expected=405
        )

    def _provider(self) -> Program:
        command = [sys.executable, "-m", "idp", "--config", str(self._idp / "idp.toml"), "serve"]
        ready = partial(answers, self.plan.addresses.idp + "/readyz", trusted_ca=self._trusted())
        return Program(name="idp", command=command, is_ready=ready)

    def _relying_party(self, name: str) -> Program:
        addresses = self.plan.addresses
        base_url: str = getattr(addresses, name)
        command = [sys.executable, "-m", f"idp_sandbox.{name}", "--data", str(self.plan.data / name)]
        command += ["--issuer", addresses.idp, "--port", str(getattr(self.plan.ports, name)), "--base-url", base_url]
        if self._authority:
            command += ["--ca", str(self._authority.ca), "--tls-cert", str(self._authority.certificate)]
            command += ["--tls-key", str(self._authority.key)]
        ready = partial(answers, base_url + "/health", trusted_ca=self._trusted())
        return Program(name=name, command=command, is_ready=ready)

    def _trusted(self) -> Path | None:
        return self._authority.ca if self._authority else None

    def _relying_party_roots(self) -> Path | None:
        """What the provider trusts when it calls relying parties; None leaves it with the usual roots alone."""
        if self._authority is None and not self._given_certificates:
            return None
        own = [read_certificates(self._authority.ca)] if self._authority else []
        return write_bundle(self._idp, [*own, *self._given_certificates])

    # ---- starting and watching ------------------------------------------------------------------------------------

    def _start(self, program: Program, *, wait: bool = True) -> None:
        running = Running(program, logs=self.plan.data / "logs", environment=self._environment(), directory=REPOSITORY)
        self._running.append(running)
        if wait:
            self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        waiting = [running.program for running in self._running]
        while waiting:
            self._refuse_ended_programs()
            waiting = [program for program in waiting if not program.is_ready()]
            if waiting and time.monotonic() > deadline:
                names = ", ".join(program.name for program in waiting)
                raise WorldProblem(f"No answer within {READY_WITHIN:.0f} s from: {names}. {self._logs_hint()}")
            time.sleep(_STEP if waiting else 0)

    def _refuse_ended_programs(self) -> None:
        for running in self._running:
            if running.exit_code is not None:
                shown = "\n".join("  " + line for line in running.last_log_lines()) or "  (its log is empty)"
                raise WorldProblem(
                    f"{running.program.name} ended (exit code {running.exit_code}):\n{shown}\n{self._logs_hint()}"
                )

    def _logs_hint(self) -> str:
        return f"Logs: {self.plan.data / 'logs'}"
