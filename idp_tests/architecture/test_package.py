"""The wheel has everything that the product reads when it runs, not its Python alone."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOR_READERS = {"EVIDENCE.md", "README.md", "CHANGELOG.md", "DECISIONS.md"}


def test_every_data_file_of_the_product_is_in_the_wheel() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]
    packed = {
        file
        for package, globs in patterns.items()
        for pattern in globs
        for file in (ROOT / package.replace(".", "/")).glob(pattern)
    }
    needed = {
        file
        for file in (ROOT / "idp").rglob("*")
        if file.is_file() and file.suffix not in {".py", ".pyc"} and file.name not in FOR_READERS
    }
    assert {str(file.relative_to(ROOT)) for file in needed - packed} == set()
