"""Random tampering with exports of evidence: by a stranger, and by an insider who has the key that seals.

    python -m idp_tests.evidence_tampering [--count 1000] [--seed 1]

tries so many on each of two exports and asks both verifiers, who must refuse every one.
"""

import argparse
import base64
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.x509 import ocsp

from idp.adapters.bankid.proof_verifier import BankIdProofVerifier
from idp.core.evidence.bundle import canonical_json, read_time, written_time
from idp.core.evidence.export_file import Whole, verify_export
from idp.core.evidence.seal import SealKey, content_of, digest_of
from idp.core.evidence.verify_evidence import Refused, VerifyEvidence
from idp.core.people.identity import SIGNATURE_EVIDENCE
from idp_sandbox.bankid.keystore import KeyStore
from idp_tests import evidence_verifier
from idp_tests.evidence_exports import Exported, published_pair, simulated

Members = dict[str, Any]
STRANGERS_KEY = SealKey.of(b"stranger" * 4)


def ours(file: bytes, exported: Exported) -> bool:
    """Whether the product's verifier believes every line and the file as a whole."""
    verify = VerifyEvidence({SIGNATURE_EVIDENCE: BankIdProofVerifier()}, exported.pins)
    found = None
    for found in verify_export(file.splitlines(keepends=True), verify):
        if isinstance(found, Refused):
            return False
    return isinstance(found, Whole)


def theirs(file: bytes, exported: Exported) -> bool:
    """Whether the second verifier does."""
    try:
        evidence_verifier.verify(file, exported.pins.seals, exported.pins.roots)
    except Exception:  # noqa: BLE001 - whatever it stumbles over
        return False
    return True


@dataclass(frozen=True)
class Tamper:
    """Changes of one export, with what can be taken from another that also holds."""

    honest: Exported
    other: Exported
    chance: random.Random

    def by_stranger(self) -> dict[str, Callable[[], bytes]]:
        return {
            "a byte is another": self._change_byte,
            "a byte is gone": lambda: self._cut(1),
            "a byte is more": self._insert_byte,
            "some bytes are gone": lambda: self._cut(self.chance.randint(2, 2000)),
            "two bytes change places": self._swap_bytes,
            "the end is cut off": lambda: self._file[: self.chance.randrange(len(self._file))],
            "a line is gone": lambda: self._lines(lambda lines, at: lines.pop(at)),
            "a line is double": lambda: self._lines(lambda lines, at: lines.insert(at, lines[at])),
            "two lines change places": lambda: self._lines(self._swap_lines),
            "a line is another export's": lambda: self._lines(self._foreign_line),
            "a part is another bundle's": lambda: self._lines(self._mix_parts),
            "a word is changed and sealed by a stranger": self._seal_as_stranger,
        }

    def by_insider(self) -> dict[str, Callable[[], bytes]]:
        """With seals that hold: what BankID signed does not fit any more, or one bundle not the other."""
        changes: dict[str, Callable[[Members], None]] = {
            "another's OCSP answer": lambda parts: parts.update(ocsp=self._others()["ocsp"]),
            "another's signature": lambda parts: parts.update(signature=self._others()["signature"]),
            "another's signature and answer": lambda parts: parts.update(
                signature=self._others()["signature"], ocsp=self._others()["ocsp"]
            ),
            "another text": lambda parts: parts.update(visible="Du har köpt en bil."),
            "other hidden data": lambda parts: parts.update(hidden=base64.b64encode(b"of another order").decode()),
            "another person": lambda parts: parts.update(personal_number="191212121212"),
            "another person was asked for": lambda parts: parts.update(required_number="191212121212"),
            "another device": lambda parts: parts.update(device_uhi="another"),
            "another kind of BankID": lambda parts: parts.update(policies="1.2.3.4.99"),
            "the chain is cut": lambda parts: parts.update(signature=self._cut_chain(parts["signature"])),
            "a byte of the signed XML": lambda parts: parts.update(signature=self._touch(parts["signature"])),
            "a byte of the OCSP answer": lambda parts: parts.update(ocsp=self._touch_answer(parts["ocsp"])),
            "a part is gone": lambda parts: parts.pop(self.chance.choice(["signature", "ocsp", "device_uhi"])),
            "a part is more": lambda parts: parts.update(more="x"),
        }
        if self.honest.pins.roots:
            changes["the root is cut off"] = lambda parts: parts.pop("root")
            changes["a byte of the root"] = lambda parts: parts.update(root=self._touch(parts["root"]))
        of_parts = {name: self._in_login(lambda bundle, do=do: do(bundle["identification"]["parts"])) for name, do in changes.items()}  # type: ignore[misc] # fmt: skip
        return of_parts | {
            "another time": self._in_login(self._shift_time),
            "the act is of another time": self._in_login(
                lambda bundle: bundle["act"].update(at="2030-01-01T00:00:00.000000Z")
            ),
            "another format": self._in_any(lambda bundle: bundle.update(format="idp-evidence/2")),
            "an act before its login": self._in_act(
                lambda bundle: bundle["act"].update(at="2001-01-01T00:00:00.000000Z")
            ),
            "an act of another person": self._in_act(lambda bundle: bundle["act"].update(person_id="p9")),
            "an act after another login": self._in_act(lambda bundle: bundle["rests_on"].update(reference="0" * 32)),
            "an act after a replaced login": self._in_act(lambda bundle: bundle["rests_on"].update(sha256="0" * 64)),
            "an act after no login": self._in_act(lambda bundle: bundle.pop("rests_on")),
        }

    # --- bytes and lines

    @property
    def _file(self) -> bytes:
        return self.honest.file()

    def _place(self) -> int:
        return self.chance.randrange(len(self._file))

    def _change_byte(self) -> bytes:
        at, file = self._place(), bytearray(self._file)
        file[at] = self.chance.choice([value for value in range(256) if value != file[at]])
        return bytes(file)

    def _insert_byte(self) -> bytes:
        at = self._place()
        return self._file[:at] + bytes((self.chance.randrange(256),)) + self._file[at:]

    def _cut(self, length: int) -> bytes:
        at = self._place()
        return self._file[:at] + self._file[at + length :]

    def _swap_bytes(self) -> bytes:
        file = bytearray(self._file)
        while True:
            one, other = self._place(), self._place()
            if file[one] != file[other]:
                file[one], file[other] = file[other], file[one]
                return bytes(file)

    def _lines(self, change: Callable[[list[bytes], int], object]) -> bytes:
        lines = self._file.splitlines(keepends=True)
        change(lines, self.chance.randrange(len(lines)))
        return b"".join(lines)

    def _swap_lines(self, lines: list[bytes], at: int) -> None:
        other = self.chance.choice([each for each in range(len(lines)) if each != at])
        lines[at], lines[other] = lines[other], lines[at]

    def _foreign_line(self, lines: list[bytes], at: int) -> None:
        lines[at] = self.chance.choice(self.other.file().splitlines(keepends=True))

    def _mix_parts(self, lines: list[bytes], at: int) -> None:
        """The same header is in all lines of an export, so another's is taken for it."""
        part = self.chance.randrange(3)
        source = self.other.file().splitlines(keepends=True) if part == 0 else lines[:at] + lines[at + 1 :]
        mixed, foreign = lines[at].rstrip(b"\n").split(b"."), self.chance.choice(source).rstrip(b"\n").split(b".")
        mixed[part] = foreign[part]
        lines[at] = b".".join(mixed) + b"\n"

    def _seal_as_stranger(self) -> bytes:
        bundles = self._bundles()
        self.chance.choice(bundles)["act"]["facts"]["more"] = "x"
        return self._sealed(bundles, STRANGERS_KEY)

    # --- members, sealed again

    def _bundles(self) -> list[Members]:
        return [json.loads(content_of(sealed)) for sealed in self.honest.sealed]

    def _sealed(self, bundles: Sequence[Members], key: SealKey | None = None) -> bytes:
        """Acts follow their login to its new digest."""
        sealed: list[str] = []
        digests: dict[str, str] = {}
        old: dict[str, str] = {}
        for before, bundle in zip(self.honest.sealed, bundles, strict=True):
            rests_on = bundle.get("rests_on")
            if rests_on is not None and rests_on["sha256"] == old.get(rests_on["reference"]):
                rests_on["sha256"] = digests[rests_on["reference"]]
            text = (key or self.honest.key).seal(canonical_json(bundle))
            digests[bundle["reference"]], old[bundle["reference"]] = digest_of(text), digest_of(before)
            sealed.append(text)
        return self.honest.file(sealed, key)

    def _in_any(
        self, change: Callable[[Members], object], which: Callable[[Members], object] = bool
    ) -> Callable[[], bytes]:
        def tampered() -> bytes:
            bundles = self._bundles()
            change(self.chance.choice([bundle for bundle in bundles if which(bundle)]))
            return self._sealed(bundles)

        return tampered

    def _in_login(self, change: Callable[[Members], object]) -> Callable[[], bytes]:
        return self._in_any(change, lambda bundle: "identification" in bundle)

    def _in_act(self, change: Callable[[Members], object]) -> Callable[[], bytes]:
        return self._in_any(change, lambda bundle: "rests_on" in bundle)

    def _shift_time(self, bundle: Members) -> None:
        """Further than the clocks of BankID and ours may differ."""
        by = timedelta(minutes=self.chance.randint(11, 5_000_000)) * self.chance.choice((1, -1))
        at = written_time(read_time(bundle["act"]["at"]) + by)
        bundle["act"]["at"] = bundle["identification"]["at"] = at

    def _others(self) -> Members:
        bundles = [json.loads(content_of(sealed)) for sealed in self.other.sealed]
        login = self.chance.choice([bundle for bundle in bundles if "identification" in bundle])
        return dict(login["identification"]["parts"])

    def _cut_chain(self, signature: str) -> str:
        xml = base64.b64decode(signature)
        begin, end = b"<X509Certificate>", b"</X509Certificate>"
        certificates = xml.count(begin)
        at = -1
        for _ in range(self.chance.randint(1, certificates)):
            at = xml.index(begin, at + 1)
        return base64.b64encode(xml[:at] + xml[xml.index(end, at) + len(end) :]).decode()

    def _touch(self, text: str) -> str:
        raw = bytearray(base64.b64decode(text))
        raw[self.chance.randrange(len(raw))] ^= 1 << self.chance.randrange(8)
        return base64.b64encode(bytes(raw)).decode()

    def _touch_answer(self, text: str) -> str:
        """In what the responder signed; around it one value can be written in two ways."""
        whole = base64.b64decode(text)
        signed = ocsp.load_der_ocsp_response(whole).tbs_response_bytes
        raw, begin = bytearray(whole), whole.index(signed)
        raw[begin + self.chance.randrange(len(signed))] ^= 1 << self.chance.randrange(8)
        return base64.b64encode(bytes(raw)).decode()


def tamperings(honest: Exported, other: Exported, *, seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """So many tampered exports with what was done, each way in its turn, half of them with seals that hold."""
    tamper = Tamper(honest, other, random.Random(seed))
    stranger, insider = list(tamper.by_stranger().items()), list(tamper.by_insider().items())
    for number in range(count):
        ways = insider if number % 2 else stranger
        name, way = ways[number // 2 % len(ways)]
        file = way()
        while file == honest.file():
            file = way()
        yield name, file


def believed(honest: Exported, other: Exported, *, seed: int, count: int) -> Iterator[tuple[str, bool, bool]]:
    """What was done, and which of the verifiers believes it all the same: ours, the second one."""
    for name, file in tamperings(honest, other, seed=seed, count=count):
        yield name, ours(file, honest), theirs(file, honest)


def main() -> int:
    """Print a table; the exit code is 1 when anything was believed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        exports = {"the published pair": published_pair(), "the simulator": simulated(KeyStore(Path(folder)))}
    fooled = 0
    for (name, honest), other in zip(exports.items(), reversed(exports.values()), strict=True):
        if not ours(honest.file(), honest) or not theirs(honest.file(), honest):
            print(f"{name}: the honest export is refused")
            return 1
        results = list(believed(honest, other, seed=asked.seed, count=asked.count))
        mistakes = Counter(way for way, one, second in results if one or second)
        fooled += mistakes.total()
        refused = [sum(not result[index] for result in results) for index in (1, 2)]
        print(f"{name}: {len(results)} tamperings, refused {refused[0]} and {refused[1]}", dict(mistakes) or "")
    return 1 if fooled else 0


if __name__ == "__main__":
    sys.exit(main())
