"""Licences and advisories of the packages that run: `python -m idp_tests.dependencies [--bill FILE]`.

Exit code 0: every package was looked up and nothing was found; 1: something was found; 2: something was not looked up.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from idp_tests.dependencies.advisories import ask_database, look_up
from idp_tests.dependencies.bill import bill_of
from idp_tests.dependencies.licences import read_licences
from idp_tests.dependencies.lock import Package, read_lock

FOUND, NOT_LOOKED = 1, 2


def main() -> int:
    """Print what was found and what was not looked up."""
    parser = argparse.ArgumentParser(prog="python -m idp_tests.dependencies", description=__doc__)
    parser.add_argument("--bill", type=Path, metavar="FILE", help="write the bill of materials (CycloneDX) there, too")
    options = parser.parse_args()
    packages = read_lock()
    licences, advisories = read_licences(packages), look_up(packages, ask_database)
    elsewhere = {package: why for package, why in licences.not_looked.items() if package.marker}
    unread = {package: why for package, why in licences.not_looked.items() if package not in elsewhere}
    print(f"licences: {len(licences.stated)} of {len(packages)} packages were read")
    _tell("licence that is not allowed", licences.refused)
    _tell("licence NOT LOOKED AT", licences.not_looked)
    print(f"advisories: {len(advisories.looked)} of {len(packages)} packages were looked up")
    _tell("advisory", {package: ", ".join(ids) for package, ids in advisories.known.items()})
    _tell("advisories NOT LOOKED UP", advisories.not_looked)
    if options.bill is not None:
        bill = json.dumps(bill_of(packages, licences), indent=2, ensure_ascii=False)
        options.bill.write_text(bill + "\n", encoding="utf-8")
        print(f"bill of materials: {options.bill}")
    if licences.refused or advisories.known:
        return FOUND
    return NOT_LOOKED if unread or advisories.not_looked else 0


def _tell(what: str, about: Mapping[Package, str]) -> None:
    """A line per reason, for what fails together has one."""
    for said in dict.fromkeys(about.values()):
        names = ", ".join(f"{package.name} {package.version}" for package, why in about.items() if why == said)
        print(f"  {what}: {names}: {said}")


if __name__ == "__main__":
    sys.exit(main())
