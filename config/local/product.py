"""The three processes of the product, and the commands that make a fresh Greenroom ready for them."""
# ruff: noqa: S603 (the project's own manage.py)

import subprocess
import sys

from .console import Problem, last_lines
from .programs import Program
from .state import ROOT, State

PACK = "questionbank/packs/generative-ai-engineer/pack.yaml"


def product_environment(servers: dict[str, str]) -> dict[str, str]:
    """What the product's processes get on top of the environment: where the servers are, and settings."""
    return {
        **servers,
        "DJANGO_SETTINGS_MODULE": "config.settings.local",
        "PYTHONUNBUFFERED": "1",
        "HF_HUB_OFFLINE": "1",  # the model comes in a wheel: nothing is asked of any hub
        "OMP_NUM_THREADS": "1",  # on busy cores a second thread makes a sentence 30 times slower
    }


def programs(state: State, host: str, port: int, env: dict[str, str]) -> dict[str, Program]:
    """Return web, worker and beat."""
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "-A", "config"]
    web = [
        *(*python, "gunicorn", "config.wsgi:application", "--bind", bind),
        *("--worker-class", "gthread", "--workers", "2", "--threads", "4"),
        *("--graceful-timeout", "5", "--no-control-socket"),
        *("--config", "python:config.gunicorn"),
    ]
    worker = [
        *(*celery, "worker", "--pool", "prefork", "--concurrency", "1", "--loglevel", "INFO"),
        *("--hostname", f"greenroom-{port}@%h", "--without-gossip", "--without-mingle"),
    ]
    beat = [*celery, "beat", "--loglevel", "INFO", "--schedule", str(state.run / "beat-schedule")]
    return {
        "web": Program(web, env),
        "worker": Program(worker, env),
        "beat": Program(beat, env),
    }


def manage(state: State, env: dict[str, str], *command: str) -> str:
    """Run one of manage.py's commands; return what it printed. The log has it too."""
    argv = [sys.executable, "manage.py", *command]
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    with state.start_log.open("a") as log:
        log.write(f"$ manage.py {' '.join(command)}\n{done.stdout}{done.stderr}")
    if done.returncode != 0:
        raise Problem(f"manage.py {command[0]} failed.", last_lines(state.start_log))
    return done.stdout
