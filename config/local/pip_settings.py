"""Says pip's settings in uv's words: `pip config list | python pip_settings.py` prints lines for a shell.

uv reads none of pip's settings, yet where somebody has set pip up (a mirror, a folder of wheels, a
certificate) the same must hold for uv. Run as a file, before anything is installed: standard library only.
"""

import ast
import os
import shlex
import sys
from collections.abc import Iterable, Mapping

UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}
# uv parts the sources in UV_FIND_LINKS by commas; pip parts all of them by white space, as uv does UV_INDEX.
SEPARATORS = {"UV_FIND_LINKS": ","}
SECTIONS = ["global", "install", ":env:"]  # of pip's settings; a later one wins


def uv_environment(pip_config: Iterable[str], environ: Mapping[str, str]) -> dict[str, str]:
    """The variables to set, given the lines of `pip config list`. What was set for uv itself stands."""
    settings: dict[tuple[str, str], str] = {}
    for line in pip_config:
        key, _, value = line.strip().partition("=")
        section, _, option = key.rpartition(".")
        if section in SECTIONS and option in UV_NAMES:
            settings[section, option] = str(ast.literal_eval(value))

    found: dict[str, str] = {}
    for section in SECTIONS:
        for option, name in UV_NAMES.items():
            if (section, option) in settings and name not in environ:
                found[name] = SEPARATORS.get(name, " ").join(settings[section, option].split())
    if "UV_INDEX" in found and "UV_INDEX_STRATEGY" not in environ:
        # pip takes the best version of all its sources; uv would stop at the first that has the name.
        found["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return found


if __name__ == "__main__":
    for name, value in uv_environment(sys.stdin, os.environ).items():
        sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
