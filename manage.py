#!/usr/bin/env python3
"""Django's command line: `.venv/bin/python manage.py help` lists the commands."""

import os
import sys


def main() -> None:
    """Run the command named in sys.argv with the local settings unless others are set."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("Django is not installed here. Run script/setup, then .venv/bin/python manage.py …")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
