"""The operator's and the support desk's entrance: serve, jobs, db, keys, clients, customers, people, consents, explain, doctor.

A command reads its arguments, asks the core, and prints; it decides nothing about people or protocol. Its signature says
which parts of the provider it uses (`with_provider.given`). Only what a command needs is imported, when it runs.
"""


def main() -> None:
    """Run the `idp` command."""
    import os

    from idp.cli.command import idp
    from idp.serving.process import forbid_core_dumps

    forbid_core_dumps()
    os.umask(0o077)  # database, e-mails and keys are for this account alone, whatever the shell that started us says
    idp(prog_name="idp")
