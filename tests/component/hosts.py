"""The hosts under test: the example host, and `wasmtime serve`, each as an
operator starts it, with the issuer of the client tests.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).parents[2]
for _folder in ["tests/clients", "examples/component-host"]:
    sys.path.append(str(ROOT / _folder))

import requests
import wasmtime_cli
from cryptography.hazmat.primitives.asymmetric import ec
from support import ADMIN_TOKEN, API, CLIENT_ID, CLIENT_SECRET, JWT_TYPE, TOKEN_EXCHANGE, Issuer, application, free_port

COMPONENT = ROOT / "pkg/dist/exchequer-component.wasm"
# One that is public: whoever trusts it trusts everybody.
OUR_KEY = json.loads((ROOT / "tests/vectors/keys/ours.json").read_text())


def document(url, issuer, **more):
    return {"issuer": url, "trustedTokenIssuers": [issuer.trusted()], "applications": [application()], **more}


class Process:
    """A server in a process of its own, on a free port. Its output is kept."""

    def __init__(self):
        self.directory = tempfile.TemporaryDirectory(prefix="exchequer-component-")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.lines = []
        self._process = None

    def start(self, arguments, environment=None):
        self._process = subprocess.Popen(
            arguments, cwd=self.directory.name, env={**os.environ, **(environment or {})},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True).start()
        self._wait_until_it_listens()

    def _read(self, output):
        with output:
            self.lines.extend(output)

    def _wait_until_it_listens(self):
        for _ in range(600):
            if self._process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"it does not listen: {''.join(self.lines)}")

    def end(self):
        if self._process is not None:
            self._process.terminate()
            self._process.wait(15)
            self._process = None

    def stop(self):
        self.end()
        self.directory.cleanup()

    def get(self, path, **more):
        return requests.get(f"{self.url}{path}", timeout=30, **more)

    def post(self, path, data, **more):
        return requests.post(f"{self.url}{path}", data, auth=(CLIENT_ID, CLIENT_SECRET), timeout=30, **more)

    def exchange(self, token, **more):
        form = {"grant_type": TOKEN_EXCHANGE, "subject_token": token, "subject_token_type": JWT_TYPE, "audience": API}
        return self.post("/oauth2/token", {**form, **more})

    def break_off(self):
        """Begins a request and goes away in the middle of its body."""
        head = "POST /oauth2/token HTTP/1.1\r\nHost: sts\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            connection.sendall(f"{head}Content-Length: 1000\r\n\r\ngrant_type=".encode())

    def output(self):
        """What it has said until now; it may say it a little later than it answers."""
        time.sleep(0.3)
        return "".join(self.lines)

    def said(self, text, times=1):
        """Its output, as soon as that contains this text so often."""
        late = time.monotonic() + 30
        while "".join(self.lines).count(text) < times and time.monotonic() < late:
            time.sleep(0.02)
        return "".join(self.lines)


class ExampleHost(Process):
    """`examples/component-host/host.py` with a SQLite store."""

    def __init__(self, config, **environment):
        super().__init__()
        self._environment = {"EXCHEQUER_ADMIN_TOKEN": ADMIN_TOKEN, **environment}
        (Path(self.directory.name) / "exchequer.json").write_text(json.dumps(config(self.url)))
        self.restart()

    def restart(self):
        self.end()
        host = ROOT / "examples/component-host/host.py"
        arguments = ["--config", "exchequer.json", "--store", "store.sqlite", "--port", str(self.port)]
        self.start([sys.executable, host, *arguments], self._environment)

    @property
    def store(self):
        return Path(self.directory.name) / "store.sqlite"


class WasmtimeServe(Process):
    """`wasmtime serve` with the component of `wasi:http`."""

    def __init__(self, config, *options, **environment):
        super().__init__()
        text = config if isinstance(config, str) else json.dumps(config(self.url))
        environment = {"EXCHEQUER_CONFIG": text, **environment}
        inherited = [word for name in environment for word in ("--env", name)]
        arguments = ["serve", "-S", "cli", "--addr", f"127.0.0.1:{self.port}", *inherited, *options, COMPONENT]
        self.start([wasmtime_command(), *arguments], environment)


def wasmtime_command():
    """The command that a wheel brought, which has lost its permission to be one."""
    folder = Path(wasmtime_cli.__file__).parent
    command = folder / ("wasmtime.exe" if os.name == "nt" else "wasmtime")
    command.chmod(command.stat().st_mode | 0o111)
    return command


class RotatingIssuer(Issuer):
    """The issuer of the client tests, which may also rotate a key, or fall silent."""

    def rotate(self, kind):
        """Another key of a kind, under another `kid`; answers what makes a token with it."""
        self.keys[kind] = ec.generate_private_key(ec.SECP256R1())
        public = {**self._public(kind), "kid": f"{kind}-rotated"}
        self.files["/jwks"] = json.dumps({"keys": [public]})
        return lambda audience: self.token(audience, headers={"kid": f"{kind}-rotated"})

    @contextlib.contextmanager
    def silent(self):
        """Takes connections and says nothing on them."""
        self.stop()
        with socket.create_server(("127.0.0.1", self._port)):
            yield
        self.start()

    @contextlib.contextmanager
    def stalling(self):
        """Begins to answer and does not go on."""
        self.stop()
        with socket.create_server(("127.0.0.1", self._port)) as server:
            taken = []
            threading.Thread(target=self._begin, args=(server, taken), daemon=True).start()
            yield
            # Wakes who accepts, and lets the address go.
            server.shutdown(socket.SHUT_RDWR)
        for connection in taken:
            connection.close()
        self.start()

    @staticmethod
    def _begin(server, taken):
        with contextlib.suppress(OSError):
            while True:
                taken.append(server.accept()[0])
                taken[-1].sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")


class HostCase(unittest.TestCase):
    """A host and an issuer, for one test."""

    def setUp(self):
        self.issuer = RotatingIssuer()
        self.addCleanup(self.issuer.stop)

    def started(self, host):
        self.addCleanup(host.stop)
        return host

    def token(self, host, **claims):
        return self.issuer.token(host.url, **claims)

    def assert_refused(self, response, status, error):
        self.assertEqual((response.status_code, response.json().get("error")), (status, error), response.text)
        return response.json()["error_description"]
