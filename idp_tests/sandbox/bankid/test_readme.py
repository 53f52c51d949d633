import json
import re
from pathlib import Path

import idp_sandbox.bankid
from idp_sandbox.bankid.faults import Kind
from idp_sandbox.bankid.personas import PERSONAS
from idp_sandbox.bankid.scenario import Scenario
from idp_tests.cases import each

README = (Path(idp_sandbox.bankid.__file__).parent / "README.md").read_text()
EXAMPLES = re.findall(r"^\{.*\}$", README, re.MULTILINE)


def test_every_persona_and_fault_is_explained() -> None:
    for persona in PERSONAS:
        assert f"`{persona.id}`" in README
        assert persona.person_number in README
    for kind in Kind:
        assert f"| `{kind}` |" in README


@each("example", EXAMPLES)
def test_an_example_scenario_is_accepted(example: str) -> None:
    scenario = Scenario()
    before = scenario.describe()
    scenario.set_up(json.loads(example))
    assert scenario.describe() != before
