import json
import re
from pathlib import Path

import pytest

import idp_sandbox.bankid
from idp_sandbox.bankid.desk import Desk
from idp_sandbox.bankid.faults import Kind
from idp_sandbox.bankid.personas import PERSONAS

README = (Path(idp_sandbox.bankid.__file__).parent / "README.md").read_text()
EXAMPLES = re.findall(r"^\{.*\}$", README, re.MULTILINE)


def test_every_persona_and_fault_is_explained() -> None:
    for persona in PERSONAS:
        assert f"`{persona.id}`" in README
        assert persona.person_number in README
    for kind in Kind:
        assert f"| `{kind}` |" in README


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_scenario_is_accepted(example: str) -> None:
    desk = Desk()
    before = desk.describe()
    desk.direct(json.loads(example))
    assert desk.describe() != before
