"""`python -m idp_sandbox.mittprezero`: serve the app's stand-in."""

from idp_sandbox.mittprezero.phone_app import create_phone_app
from idp_sandbox.serving import ProgramOptions, serve


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and serve until told to stop."""
    options = ProgramOptions.from_arguments(arguments, program="python -m idp_sandbox.mittprezero")
    serve(create_phone_app(options), options)


if __name__ == "__main__":
    main()
