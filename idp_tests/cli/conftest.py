"""What every test of the command line may ask for."""

from idp_tests.cli.installation import fresh, installation_files, installed, new_installation_files

__all__ = ["fresh", "installation_files", "installed", "new_installation_files"]
