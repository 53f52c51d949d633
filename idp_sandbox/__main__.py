"""`python -m idp_sandbox up`: the whole world in one terminal."""

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

from idp_sandbox.plan import Plan
from idp_sandbox.ports import FIRST_PORT, Ports
from idp_sandbox.provider_files import REPOSITORY
from idp_sandbox.world import World, WorldProblem

_HIGHEST_FIRST_PORT = 65530


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, run the world until told to stop, and return the exit code."""
    plan = read_plan(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    world = World(plan)
    try:
        world.start()
        for line in world.announcement():
            print(line, flush=True)
        for line in world.watch():
            print(line, flush=True)
    except WorldProblem as problem:
        print(problem, file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        print("\nStopping …", flush=True)
        return 0
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        world.stop()
    return 0


def read_plan(arguments: list[str] | None) -> Plan:
    """Turn the command line into a plan; argparse ends the program on a mistake."""
    parser = argparse.ArgumentParser(prog="./dev", description="The whole world on this computer.")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start everything and print the addresses")
    up.add_argument("--fresh", action="store_true", help="begin with empty databases and new keys")
    up.add_argument(
        "--ports-from", type=_first_port, default=FIRST_PORT, metavar="N", help="use ports N to N+5 (default 8000)"
    )
    up.add_argument("--data", type=Path, default=REPOSITORY / ".var", metavar="DIR", help="where everything is kept")
    up.add_argument("--tls", action="store_true", help="serve all over https with a local authority")
    up.add_argument("--autopilot", metavar="PERSONA", help="let the virtual phone approve every order as this person")
    up.add_argument(
        "--trust",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="believe the certificates of this PEM file when the provider calls relying parties (logout over the back "
        "channel), beside the sandbox's own authority and the system's usual roots; may be given more than once",
    )
    found = parser.parse_args(arguments)
    return Plan(
        data=found.data.expanduser().resolve(),
        ports=Ports.starting_at(found.ports_from),
        fresh=found.fresh,
        tls=found.tls,
        autopilot=found.autopilot,
        trust=tuple(path.expanduser().resolve() for path in found.trust),
    )


def _first_port(text: str) -> int:
    if not text.isdecimal() or not 1024 <= int(text) <= _HIGHEST_FIRST_PORT:
        raise argparse.ArgumentTypeError(f"must be a whole number between 1024 and {_HIGHEST_FIRST_PORT}, not {text!r}")
    return int(text)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
