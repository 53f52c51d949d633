"""A command says in its signature what it uses: nobody in `cli` takes the whole provider but who runs or examines the whole."""

import re
from pathlib import Path

COMMANDS = Path(__file__).resolve().parents[2] / "idp" / "cli"
TAKES_THE_WHOLE = {
    "with_provider.py": "opens it, and gives out the parts",
    "serve.py": "runs it",
    "jobs.py": "runs its jobs",
    "doctor/command.py": "examines all of it",
    "doctor/checks.py": "gives each check what it looks at",
}
NAMED = re.compile(r"\bProvider\b|lambda provider: provider\b(?!\.)")


def test_only_those_who_run_or_examine_the_whole_provider_take_it() -> None:
    modules = {
        path.relative_to(COMMANDS).as_posix(): path.read_text(encoding="utf-8") for path in COMMANDS.rglob("*.py")
    }
    assert {name for name, text in modules.items() if NAMED.search(text)} == TAKES_THE_WHOLE.keys()
