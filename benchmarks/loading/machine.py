"""How much of the processors each part takes, the generator and everybody else included."""

import os
import platform
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil

SELF, OTHERS, IDLE = "generator", "other programs", "idle"


class Processors:
    """Reads, for each part, the seconds of processor time since the last read."""

    def __init__(self, pid: Callable[[str], int | None], parts: tuple[str, ...]) -> None:
        self._pid = pid
        self._parts = parts
        self._seen: dict[tuple[int, float], float] = {}
        self._all, self._idle = _machine()
        self._own = _own()
        self._used()  # what they have used until now

    def read(self) -> dict[str, float]:
        """Return the share of one core that each part has taken since the last read, in percent; idle ones too."""
        used = self._used()
        everything, idle = _machine()
        own = _own()
        passed = everything - self._all
        seconds = {**used, SELF: own - self._own, IDLE: idle - self._idle}
        seconds[OTHERS] = max(0.0, passed - sum(seconds.values()))
        self._all, self._idle, self._own = everything, idle, own
        cores = os.cpu_count() or 1
        return {name: round(100 * cores * value / passed, 1) if passed else 0.0 for name, value in seconds.items()}

    def _used(self) -> Counter[str]:
        used: Counter[str] = Counter(dict.fromkeys(self._parts, 0))
        children = _children()
        for part in self._parts:
            tree = [pid for pid in (self._pid(part),) if pid]
            for pid in tree:  # grows while it is gone through
                tree += children.get(pid, [])
                used[part] += self._since(pid)
        return used

    def _since(self, pid: int) -> float:
        """Seconds of one process since it was last seen."""
        try:
            process = psutil.Process(pid)
            key, times = (pid, process.create_time()), process.cpu_times()
        except psutil.Error:
            return 0.0
        now = times.user + times.system
        before, self._seen[key] = self._seen.get(key, 0.0), now
        return now - before


def describe() -> dict[str, str | int | float]:
    """Say on what machine this runs, and how busy it is."""
    model = [line.split(":")[1].strip() for line in _cpuinfo() if line.startswith("model name")]
    return {
        "processor": model[0] if model else platform.processor(),
        "cores": os.cpu_count() or 1,
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []


def _machine() -> tuple[float, float]:
    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    guest = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)  # user and nice have them in them
    return sum(times) - guest, idle


def _own() -> float:
    times = psutil.Process().cpu_times()
    return times.user + times.system


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for process in psutil.process_iter(["ppid"]):
        found.setdefault(process.info["ppid"], []).append(process.pid)
    return found
