"""Faults around the components in wasmtime that `test_serve` and `test_host`
leave out: instances that are used again, clients that go away while their
request waits for an issuer, and traps.
"""

import contextlib
import io
import json
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from http.server import ThreadingHTTPServer
from pathlib import Path
from unittest.mock import patch

import hosts
import requests
import wasmtime
from hosts import OUR_KEY, ROOT, ExampleHost, HostCase, WasmtimeServe, document
from steps import DIST, Engine, Steps, made
from support import API, CLIENT_ID, CLIENT_SECRET, JWT_TYPE, TOKEN_EXCHANGE, application

from authority import Authority
from host import Handler

STATELESS = {"keys": [OUR_KEY], "applications": [application(grantTypes=[TOKEN_EXCHANGE])]}
AGAIN = ["--max-instance-reuse-count", "1000", "--idle-instance-timeout", "60s"]
# What `trap.mjs` makes a component trap at.
TRAP = 7777


def trapping(component, directory):
    """A component of ours that traps when it is given so many bytes at once."""
    trapping = Path(directory) / component
    subprocess.run(["node", ROOT / "tests/component/trap.mjs", DIST / component, trapping], check=True)
    return trapping


class LeavingCase(HostCase):
    """An issuer that can be held back, and clients that do not wait for it."""

    def setUp(self):
        super().setUp()
        self.going_on = threading.Event()
        self.going_on.set()
        answer = self.issuer.answer

        def held(path, headers):
            status, text = answer(path, headers)
            self.going_on.wait(10)
            return status, text

        self.issuer.answer = held

    def leave(self, host, clients):
        """Clients that bring a token each, and go away before they are answered."""
        self.going_on.clear()
        self.issuer.asked.clear()
        connections = []
        for _ in range(clients):
            form = {"grant_type": TOKEN_EXCHANGE, "subject_token": self.token(host), "subject_token_type": JWT_TYPE}
            request = requests.Request("POST", f"{host.url}/oauth2/token", data=form, auth=(CLIENT_ID, CLIENT_SECRET)).prepare()
            head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
            connection = socket.create_connection(("127.0.0.1", host.port), 5)
            connection.sendall(f"POST /oauth2/token HTTP/1.1\r\nHost: sts\r\n{head}\r\n{request.body}".encode())
            connections.append(connection)
        late = time.monotonic() + 20
        while not self.issuer.asked and time.monotonic() < late:
            time.sleep(0.02)
        self.assertTrue(self.issuer.asked, f"nobody waits for the issuer: {''.join(host.lines)}")
        for connection in connections:
            connection.close()
        self.going_on.set()

    def serve(self, *options):
        return self.started(WasmtimeServe(lambda url: self.document(url, **STATELESS), *options))

    def document(self, url, **more):
        # Nobody who waits here waits in vain.
        issuer = {**self.issuer.trusted(), "readTimeoutMs": 10_000}
        return {**document(url, self.issuer, **more), "trustedTokenIssuers": [issuer]}

    def test_clients_that_go_away_from_wasmtime_serve(self):
        host = self.serve()
        self.leave(host, 8)
        for _ in range(8):
            self.assertEqual(host.exchange(self.token(host)).status_code, 200)

    def test_instances_of_wasmtime_serve_that_remember(self):
        host = self.serve(*AGAIN)
        with self.subTest("an issuer that is down and comes, for clients that go away and for others"):
            self.issuer.stop()
            for _ in range(3):
                self.assert_refused(host.exchange(self.token(host)), 503, "temporarily_unavailable")
            self.issuer.start()
            # As long as `Retry-After` says.
            time.sleep(1)
            self.leave(host, 8)
            for _ in range(8):
                self.assertEqual(host.exchange(self.token(host)).status_code, 200)
        with self.subTest("a body that is too long, and one that breaks off"):
            self.assert_refused(host.post("/oauth2/token", "a" * 70_000), 413, "invalid_request")
            decided = host.output().count('"event":"token"')
            host.break_off()
            self.assertEqual(host.output().count('"event":"token"'), decided)
            self.assertEqual(host.exchange(self.token(host)).status_code, 200)

    def test_clients_that_go_away_from_the_example_host(self):
        host = self.started(ExampleHost(self.document))
        # More than it has instances: none of them may be lost.
        self.leave(host, 8)
        for _ in range(8):
            self.assertEqual(host.exchange(self.token(host)).status_code, 200)
        # What was begun was finished, and every instance was given back.
        answered = '"event":"token","status":200'
        self.assertEqual(host.said(answered, 16).count(answered), 16, "".join(host.lines))


class TrapCase(HostCase):
    def setUp(self):
        super().setUp()
        self.directory = self.enterContext(tempfile.TemporaryDirectory(prefix="exchequer-trap-"))

    def test_wasmtime_serve_answers_500_and_the_next_request_works(self):
        component = trapping("exchequer-component.wasm", self.directory)
        for options in [[], AGAIN]:
            with self.subTest(options), patch.object(hosts, "COMPONENT", component):
                host = self.started(WasmtimeServe(lambda url: document(url, self.issuer, **STATELESS), *options))
                self.assertEqual(host.exchange(self.token(host)).status_code, 200)
                for _ in range(3):
                    self.assertEqual(host.get("/healthz", headers={"X-Long": "a" * TRAP}).status_code, 500)
                    self.assertEqual(host.exchange(self.token(host)).status_code, 200)
                self.assertIn("unreachable", host.said("unreachable"))

    def test_the_example_host_answers_500_and_goes_on_with_another_instance(self):
        component = trapping("exchequer-authority.component.wasm", self.directory)
        config = {"keys": [OUR_KEY], "applications": [application()]}
        store = Path(self.directory) / "store.sqlite"
        instances = 2
        authority = Authority(component, json.dumps(document("https://sts.example", self.issuer, **config)), store, instances=instances)
        handler = type("Handler", (Handler,), {"authority": authority})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            self.addCleanup(server.server_close)
            self.addCleanup(server.shutdown)
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
            post = lambda data: requests.post(
                f"http://127.0.0.1:{server.server_port}/oauth2/token", data, auth=(CLIENT_ID, CLIENT_SECRET), timeout=30,
            )
            form = {"grant_type": TOKEN_EXCHANGE, "subject_token": self.issuer.token("https://sts.example"), "subject_token_type": JWT_TYPE}
            refresh_token = post(form).json()["refresh_token"]
            for _ in range(2 * instances):
                self.assertEqual(post("a" * TRAP).status_code, 500)
            for _ in range(2 * instances):
                self.assertEqual(post(form).status_code, 200)
            # What was stored is there.
            self.assertEqual(post({"grant_type": "refresh_token", "refresh_token": refresh_token}).status_code, 200)

    def test_of_an_engine_that_trapped_nothing_is_left_and_another_one_works(self):
        component = trapping("exchequer-engine.component.wasm", self.directory)
        config = json.dumps({"issuer": "https://sts.example", "keys": [OUR_KEY]})
        get = lambda body: made(method="GET", target="/oauth2/jwks", headers=[], body=body, caller="network", peer=None)
        now = int(time.time())

        def engine():
            return Engine(Steps(component), config, None, now)

        trapped = engine()
        self.assertEqual(trapped.handle(get(b""), now).status, 200)
        with self.assertRaises(wasmtime.WasmtimeError):
            trapped.handle(get(b"a" * TRAP), now)
        self.assertEqual(engine().handle(get(b""), now).status, 200)


if __name__ == "__main__":
    unittest.main()
