import socket

import pytest

from .conftest import Home


def test_a_taken_port_is_explained_and_a_free_one_offered(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        done = home.call("serve", "--port", str(port))
    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stderr
    assert "script/server --port " in done.stderr
    assert "Traceback" not in done.stderr
    assert home.is_stopped(str(port))


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_a_port_is_a_number_that_ports_have(home: Home, port: str) -> None:
    done = home.call("serve", f"--port={port}")
    assert done.returncode == 2
    assert "a port is a number from 1 to 65535" in done.stderr
