"""The guide for developers of relying parties, read as the tests need it: its blocks of code are what the tests run."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATH = ROOT / "config" / "clients" / "GUIDE.md"
ISSUER = "https://id.prezero.example"
"""The provider's address in the guide."""
A_HASH = "<64 hexadecimal digits>"
"""Stands in the guide for the SHA-256 of a client secret."""

_BLOCK = re.compile(r"^```(?P<language>\w+) (?P<name>\S+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """One block of code: its language and the file it is, or is a part of."""

    language: str
    name: str
    text: str

    def at(self, *, issuer: str, **addresses: str) -> str:
        """The text for other addresses: `booking="http://localhost:1234"` is where booking.example is."""
        text = self.text.replace(ISSUER, issuer)
        for host, address in addresses.items():
            text = text.replace(f"https://{host}.example", address)
        return text


def blocks() -> list[Block]:
    """Every named block, in order."""
    text = PATH.read_text(encoding="utf-8")
    return [Block(found["language"], found["name"], found["text"]) for found in _BLOCK.finditer(text)]


def block(name: str) -> Block:
    """The block of this name. Raises KeyError."""
    return {one.name: one for one in blocks()}[name]


def client_files() -> dict[str, Block]:
    """The client files of the guide by client_id."""
    return {Path(one.name).stem: one for one in blocks() if one.language == "toml" and one.name.startswith("clients/")}
