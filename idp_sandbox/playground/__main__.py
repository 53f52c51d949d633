"""`python -m idp_sandbox.playground`: serve the playground."""

from idp_sandbox.playground.pages import create_playground
from idp_sandbox.serving import ProgramOptions, serve


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and serve until told to stop."""
    options = ProgramOptions.from_arguments(arguments, program="python -m idp_sandbox.playground")
    serve(create_playground(options), options)


if __name__ == "__main__":
    main()
