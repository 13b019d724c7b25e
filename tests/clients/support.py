"""The parties of the client tests: an issuer nobody here wrote the keys or the
signatures of, Exchequer as a user starts it, and an API that trusts it.

The issuer signs with PyJWT and cryptography. Exchequer is the command `serve`
in a process of its own, with a SQLite store in a temporary directory. The API
verifies with PyJWT what it is sent. All listen on 127.0.0.1, on free ports.
"""

import itertools
import json
import os
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import get_default_algorithms

COMMAND = Path(__file__).parents[2] / "pkg/dist/cli.js"

TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
JWT_TYPE = "urn:ietf:params:oauth:token-type:jwt"
ACCESS_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:access_token"

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
API = "https://api.example.com"
OTHER_API = "https://other.example.com"
# Both change when they are form-encoded, and `%41` reads as `A` when it is
# decoded once too often.
CLIENT_ID = "worker+1@example.com"
CLIENT_SECRET = "odd:+/=%41&chars-0123456789-abcdef"
ADMIN_TOKEN = "whoever-bears-this-administers"


_given = itertools.count()


def free_port():
    """A free port outside the range from which the system assigns ports; see
    tests/node/support/ports.mjs.
    """
    first, last, each = 10_240, 32_000, 64
    begin = os.getpid() % ((last - first) // each) * each
    for _ in range(last - first):
        port = first + (begin + next(_given)) % (last - first)
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
    raise RuntimeError("this machine has no free port")


class HttpServer:
    """A server on a free port whose answers are a method; can come and go."""

    def __init__(self):
        self._port = 0
        self._server = None
        self.start()

    def answer(self, path, headers):
        """The status and the JSON text for a GET."""
        raise NotImplementedError

    @property
    def url(self):
        return f"http://127.0.0.1:{self._port}"

    def start(self):
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                status, text = outer.answer(self.path, self.headers)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class Issuer(HttpServer):
    """A trusted token issuer with one key of each kind."""

    KINDS = {"RS": "rsa", "PS": "rsa", "ES256": "p256", "ES384": "p384", "ES512": "p521", "EdDSA": "ed25519"}

    def __init__(self):
        self.keys = {
            "rsa": rsa.generate_private_key(65537, 2048),
            "p256": ec.generate_private_key(ec.SECP256R1()),
            "p384": ec.generate_private_key(ec.SECP384R1()),
            "p521": ec.generate_private_key(ec.SECP521R1()),
            "ed25519": ed25519.Ed25519PrivateKey.generate(),
        }
        self.asked = []
        self.traceparents = []
        self.files = {"/jwks": json.dumps({"keys": [self._public(kind) for kind in self.keys]})}
        super().__init__()

    def _public(self, kind):
        alg = {"rsa": "RS256", "p256": "ES256", "p384": "ES384", "p521": "ES512", "ed25519": "EdDSA"}[kind]
        jwk = get_default_algorithms()[alg].to_jwk(self.keys[kind].public_key(), as_dict=True)
        jwk.pop("key_ops", None)
        return {**jwk, "kid": kind, "use": "sig"}

    def answer(self, path, headers):
        self.asked.append(path)
        self.traceparents.append(headers.get("traceparent"))
        text = self.files.get(path)
        return (404, "{}") if text is None else (200, text)

    def token(self, audience, alg="ES256", headers=None, **claims):
        """A token as PyJWT signs it; with a `kid`, unless other headers are given."""
        now = int(time.time())
        kind = self.KINDS.get(alg) or self.KINDS[alg[:2]]
        claims = {"iss": self.url, "sub": "ada", "aud": audience, "iat": now, "exp": now + 600, **claims}
        return jwt.encode(claims, self.keys[kind], algorithm=alg, headers={"kid": kind} if headers is None else headers)

    def trusted(self):
        """The issuer as Exchequer's configuration has it."""
        certificate = {"jwksUri": f"{self.url}/jwks"}
        return {"name": "Issuer", "issuer": self.url, "certificate": certificate, "algorithms": ALGORITHMS}


class Exchequer:
    """`exchequer serve`, with the configuration that `document` makes for its URL, which
    is one of this machine.
    """

    def __init__(self, document, url=None):
        self.directory = tempfile.TemporaryDirectory(prefix="exchequer-clients-")
        self.url = url or f"http://127.0.0.1:{free_port()}"
        self.token_endpoint = f"{self.url}/oauth2/token"
        self.jwks_uri = f"{self.url}/oauth2/jwks"
        # What it has written to standard output.
        self.lines = []
        (Path(self.directory.name) / "exchequer.json").write_text(json.dumps(document(self.url)))
        self._start()

    def _start(self):
        port = self.url.rsplit(":", 1)[1]
        arguments = ["--config", "exchequer.json", "--store", "sqlite:store.sqlite", "--port", port, "--json"]
        errors = Path(self.directory.name) / "stderr.txt"
        with errors.open("w") as stderr:
            self._process = subprocess.Popen(
                ["node", str(COMMAND), "serve", *arguments],
                cwd=self.directory.name, stdout=subprocess.PIPE, stderr=stderr, text=True,
                env={**os.environ, "EXCHEQUER_ADMIN_TOKEN": ADMIN_TOKEN},
            )
        listening = threading.Event()
        threading.Thread(target=self._read, args=(self._process.stdout, listening), daemon=True).start()
        if not listening.wait(60) or self._process.poll() is not None:
            self._end()
            raise RuntimeError(f"exchequer does not listen: {errors.read_text()}")

    def _read(self, lines, listening):
        """Reads on, or the process would wait for somebody who does."""
        with lines:
            for line in lines:
                self.lines.append(line)
                if json.loads(line)["event"] == "listening":
                    listening.set()
        listening.set()

    def _end(self):
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def restart(self):
        """The same store and address, another process."""
        self._end()
        self._start()

    def stop(self):
        self._end()
        self.directory.cleanup()


class Api(HttpServer):
    """An API that knows nothing of Exchequer but where its keys are."""

    def __init__(self, sts):
        self._sts = sts
        self._keys = jwt.PyJWKClient(sts.jwks_uri)
        super().__init__()

    def answer(self, path, headers):
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        try:
            claims = self.verify(token) if scheme == "Bearer" else {"refused": "no token"}
        except jwt.PyJWTError as error:
            claims = {"refused": str(error)}
        return (401 if "refused" in claims else 200), json.dumps(claims)

    def verify(self, token, audience=API):
        """The claims of an access token (RFC 9068 section 4), as PyJWT accepts it."""
        if jwt.get_unverified_header(token)["typ"] != "at+jwt":
            raise jwt.InvalidTokenError("not an access token")
        key = self._keys.get_signing_key_from_jwt(token)
        required = ["iss", "sub", "aud", "exp", "iat", "jti", "client_id"]
        return jwt.decode(
            token, key, audience=audience, issuer=self._sts.url,
            algorithms=[key.algorithm_name], options={"require": required},
        )


def application(**more):
    """An application with a secret and every grant there is."""
    return {
        "clientId": CLIENT_ID,
        "clientSecret": CLIENT_SECRET,
        "type": "machine",
        "grantTypes": [TOKEN_EXCHANGE, JWT_BEARER, "refresh_token"],
        "trustedTokenIssuers": ["Issuer"],
        "audiences": [API, OTHER_API],
        "scopes": ["read", "write"],
        **more,
    }


def at_once(many, use):
    """What `use` returns, or the error it raises, in each of many threads that start together."""
    gate, results = threading.Barrier(many), []

    def run():
        gate.wait(10)
        try:
            results.append(use())
        except Exception as error:
            results.append(error)

    threads = [threading.Thread(target=run) for _ in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(results) == many, "a request hangs"
    return results


class ClientCase(unittest.TestCase):
    """Starts the parties for a class of tests, and ends them."""

    @classmethod
    def applications(cls):
        return [application()]

    @classmethod
    def setUpClass(cls):
        cls.issuer = Issuer()
        cls.addClassCleanup(cls.issuer.stop)
        cls.sts = Exchequer(lambda url: {
            "issuer": url, "trustedTokenIssuers": [cls.issuer.trusted()], "applications": cls.applications(),
        })
        cls.addClassCleanup(cls.sts.stop)
        cls.api = Api(cls.sts)
        cls.addClassCleanup(cls.api.stop)

    def subject_token(self, **claims):
        return self.issuer.token(self.sts.url, **claims)
