"""What script/audit asks about is all there is: every package has one version, and so have the tools."""

import re
import subprocess
import tomllib
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)


def test_every_package_is_pinned_and_the_tools_too() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    packages = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    script = (ROOT / "script" / "audit").read_text()

    assert [package for package in packages if not re.fullmatch(r"[\w.-]+(\[\w+\])?==[\w.]+", package)] == []
    assert re.findall(r"^([A-Z_]+)=[\d.]+$", script, re.MULTILINE) == ["PIP_AUDIT", "CYCLONEDX"]


def test_it_says_how_it_is_used() -> None:
    said = subprocess.run(["script/audit", "nonsense"], cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S607

    assert said.returncode == 2
    assert "script/audit sbom" in said.stdout
