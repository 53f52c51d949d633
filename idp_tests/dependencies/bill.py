"""The bill of materials of what runs, made from the lock: CycloneDX 1.6, the same for the same lock."""

import tomllib
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from idp_tests.dependencies.licences import Licences
from idp_tests.dependencies.lock import ROOT, Package


def bill_of(packages: Sequence[Package], licences: Licences) -> Mapping[str, Any]:
    """Every component with its digests and licence, and which wants which."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ourselves = f"pkg:generic/{project['name']}@{project['version']}"
    wants = {
        name: sorted(package.purl for package in packages if name in package.wanted_by)
        for name in (project["name"], *(package.name for package in packages))
    }
    refs = {project["name"]: ourselves, **{package.name: package.purl for package in packages}}
    described = "\n".join([ourselves, *(package.purl for package in packages)])
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, described)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": ourselves,
                "name": project["name"],
                "version": project["version"],
            }
        },
        "components": [_component(package, licences) for package in packages],
        "dependencies": [{"ref": refs[name], "dependsOn": wanted} for name, wanted in wants.items()],
    }


def _component(package: Package, licences: Licences) -> Mapping[str, Any]:
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": package.purl,
        "name": package.name,
        "version": package.version,
        "purl": package.purl,
        "properties": [{"name": "lock:sha256", "value": digest} for digest in package.digests],
    }
    if package in licences.stated:
        component["licenses"] = [{"license": {"name": licences.stated[package]}}]
    if package.marker:
        component["properties"].append({"name": "lock:marker", "value": package.marker})
    return component
