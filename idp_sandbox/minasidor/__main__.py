"""`python -m idp_sandbox.minasidor`: serve the portal."""

from idp_sandbox.minasidor.portal import create_portal
from idp_sandbox.serving import ProgramOptions, serve


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and serve until told to stop."""
    options = ProgramOptions.from_arguments(arguments, program="python -m idp_sandbox.minasidor")
    serve(create_portal(options), options)


if __name__ == "__main__":
    main()
