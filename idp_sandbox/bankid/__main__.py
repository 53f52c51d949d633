"""The program: `python -m idp_sandbox.bankid` starts the API and the phone, says `ready`, and stops on a signal."""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from idp_sandbox.bankid.order import Pace
from idp_sandbox.bankid.personas import PERSONAS, find_persona
from idp_sandbox.bankid.simulator import Settings, Simulator


def read_arguments(arguments: Sequence[str] | None) -> Settings:
    """Read the command line; exits with a message when it is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m idp_sandbox.bankid", description="BankID simulator, for tests only."
    )
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="where keys and certificates are kept")
    parser.add_argument("--host", default="localhost", help="address to listen on")
    parser.add_argument("--api-port", type=int, default=8004, help="Relying Party API over mutual TLS (0 = any)")
    parser.add_argument("--phone-port", type=int, default=8003, help="virtual phone (0 = any)")
    parser.add_argument(
        "--autopilot", choices=[each.id for each in PERSONAS], help="approve every order as this persona"
    )
    parser.add_argument("--phone-tls-cert", type=Path, metavar="FILE", help="serve the phone over https")
    parser.add_argument("--phone-tls-key", type=Path, metavar="FILE")
    parser.add_argument("--qr-slack", type=int, default=5, metavar="SECONDS", help="how stale a QR frame may be")
    parser.add_argument("--collect-rate", choices=("count", "limit"), default="count", help="collects faster than 1/s")
    parser.add_argument(
        "--relying-party", default="PreZero", metavar="NAME", help="name in a newly made RP certificate"
    )
    parser.add_argument("--public-phone-url", metavar="URL", help="where people reach the phone, if not as started")
    parser.add_argument(
        "--processing", type=float, default=0.5, metavar="SECONDS", help="time from approval to complete"
    )
    given = parser.parse_args(arguments)
    if (given.phone_tls_cert is None) != (given.phone_tls_key is None):
        parser.error("--phone-tls-cert and --phone-tls-key belong together")
    return Settings(
        data=given.data,
        host=given.host,
        api_port=given.api_port,
        phone_port=given.phone_port,
        autopilot=find_persona(given.autopilot) if given.autopilot else None,
        phone_tls=(given.phone_tls_cert, given.phone_tls_key) if given.phone_tls_cert else None,
        qr_slack=given.qr_slack,
        collect_rate=given.collect_rate,
        relying_party=given.relying_party,
        public_phone_url=given.public_phone_url,
        pace=Pace(processing=timedelta(seconds=given.processing)),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; 0 after a clean stop, 1 when it could not start."""
    settings = read_arguments(arguments)
    stopping = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stopping.set())
    try:
        simulator = Simulator(settings)
    except OSError as error:
        print(f"bankid-simulator: {error}", file=sys.stderr, flush=True)
        return 1
    simulator.start()
    print(f"phone {simulator.phone_url}, API {simulator.api_url}", file=sys.stderr, flush=True)
    print("ready", flush=True)
    stopping.wait()
    simulator.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
