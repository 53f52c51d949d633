"""Load by wrk on its own core: requests per second, and the CPU that the server and its database spent on each."""

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

CONNECTIONS = 16
DRIVER_CORE, SERVER_CORE = "1", "0"

_SCRIPT = """
local prepared = %(prepared)s
local wanted = [[%(collect)s]]
local at, out = 0, nil
if wanted ~= "" then
  out = io.open("%(collected)s", "w")
  response = function(status, headers, body)
    local text = (headers["Location"] or headers["location"] or "") .. body
    local found = string.match(text, wanted)
    if found then out:write(found, "\\n") end
  end
end
request = function()
  at = at + 1
  if #prepared > 0 then
    if at > #prepared then wrk.thread:stop() return wrk.format() end
    wrk.body = prepared[at]
  end
  return wrk.format()
end
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One endpoint under load; with `bodies` each request sends the next one, once."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    form: str = ""
    bodies: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What one run gave."""

    per_second: float
    server_cpu: float
    """Microseconds per request, all processes of the server."""
    database_cpu: float
    collected: Sequence[str] = ()


class LoadFailedError(Exception):
    """Requests were refused, or there was nothing left to send: the figure would be about something else."""


def put_under_load(
    call: Call, *, seconds: int, server: Sequence[int], database: Sequence[int], collect: str = ""
) -> Figure:
    """Drive one endpoint; `collect` is a Lua pattern whose first group is kept of every answer. Raises LoadFailedError."""
    with tempfile.TemporaryDirectory() as folder:
        script, collected = Path(folder) / "load.lua", Path(folder) / "collected"
        prepared = "{" + ",".join(json.dumps(body) for body in call.bodies) + "}"
        script.write_text(
            _SCRIPT % {"prepared": prepared, "collect": collect, "collected": collected}, encoding="utf-8"
        )
        headers = dict(call.headers)
        if call.form or call.bodies:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            with script.open("a", encoding="utf-8") as text:
                text.write(f'wrk.method = "POST"\nwrk.body = {json.dumps(call.form)}\n')
        command = ["taskset", "-c", DRIVER_CORE, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script)]
        command += [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
        before = cpu_of(server), cpu_of(database)
        told = subprocess.run(
            [*command, call.url], capture_output=True, text=True, check=True, timeout=seconds + 30
        ).stdout
        after = cpu_of(server), cpu_of(database)
        kept = collected.read_text(encoding="utf-8").split() if collect else ()
    count = int(re.search(r"(\d+) requests in", told)[1])  # type: ignore[index]
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)", told)
    if refused or (call.bodies and count >= len(call.bodies)):
        raise LoadFailedError(f"{call.url}: {refused[0] if refused else 'nothing left to send'}")
    per_second = float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1])  # type: ignore[index]
    spent = [(later - earlier) / count * 1e6 for earlier, later in zip(before, after, strict=True)]
    return Figure(per_second=per_second, server_cpu=spent[0], database_cpu=spent[1], collected=kept)


def cpu_of(roots: Sequence[int]) -> float:
    """Seconds that these processes and all their children have spent."""
    return sum(_own_cpu(pid) for root in roots for pid in family_of(root))


def family_of(pid: int) -> list[int]:
    """A process and everything that it has started and that is alive."""
    children: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children += map(int, task.read_text(encoding="ascii").split())
        except OSError:
            continue
    return [pid, *(member for child in children for member in family_of(child))]


def _own_cpu(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    fields = text.rpartition(") ")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
