"""The component of `wasi:http` under `wasmtime serve`: the whole HTTP surface,
keys by outgoing HTTP, and no store.
"""

import contextlib
import json
import ssl
import subprocess
import tempfile
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jwt
import requests

from hosts import ADMIN_TOKEN, HostCase, OUR_KEY, WasmtimeServe, document
from support import ACCESS_TOKEN_TYPE, ALGORITHMS, API, CLIENT_SECRET, JWT_TYPE, application

# What needs no store: the keys are in the configuration, and nothing is remembered.
STATELESS = {
    "keys": [OUR_KEY],
    "applications": [application(grantTypes=["urn:ietf:params:oauth:grant-type:token-exchange"])],
}


@contextlib.contextmanager
def secured(directory):
    """The port of a server whose certificate nobody trusts."""
    key, certificate = Path(directory) / "key.pem", Path(directory) / "certificate.pem"
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=127.0.0.1"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate]
    subprocess.run([*request, *names], check=True, capture_output=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


class ServeCase(HostCase):
    def serve(self, *options, config=None, **more):
        config = config or (lambda url: document(url, self.issuer, **{**STATELESS, **more}))
        return self.started(WasmtimeServe(config, *options, EXCHEQUER_ADMIN_TOKEN=ADMIN_TOKEN))

    def test_a_token_is_exchanged_with_keys_fetched_by_outgoing_http(self):
        host = self.serve()
        response = host.exchange(self.token(host))
        self.assertEqual(response.status_code, 200, response.text)
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        token = response.json()["access_token"]
        key = jwt.PyJWKClient(f"{host.url}/oauth2/jwks").get_signing_key_from_jwt(token)
        claims = jwt.decode(token, key, algorithms=[OUR_KEY["alg"]], audience=API, issuer=host.url)
        self.assertEqual(claims["sub"], "ada")
        self.assertIn('"event":"token","status":200', host.said('"event":"token","status":200'))

    def test_every_algorithm(self):
        host = self.serve("--max-instance-reuse-count", "100")
        for alg in ALGORITHMS:
            with self.subTest(alg):
                response = host.exchange(self.token(host, alg=alg))
                self.assertEqual(response.status_code, 200, response.text)

    def test_the_documents(self):
        host = self.serve()
        for path in ["oauth-authorization-server", "openid-configuration"]:
            self.assertEqual(host.get(f"/.well-known/{path}").json()["token_endpoint"], f"{host.url}/oauth2/token")
        self.assertEqual([key["kid"] for key in host.get("/oauth2/jwks").json()["keys"]], [OUR_KEY["kid"]])
        self.assertEqual(host.get("/healthz").json()["status"], "ok")
        self.assertEqual(host.get("/nowhere").status_code, 404)
        self.assertEqual(host.get("/oauth2/token").status_code, 405)

    def test_the_host_decides_between_resources_of_the_same_path(self):
        bot = application(grantTypes=["urn:ietf:params:oauth:grant-type:token-exchange"])
        bot["resources"] = [f"https://{name}.example/api" for name in ("orders", "pets")]
        host = self.serve(applications=[bot])
        for name in ["orders", "pets"]:
            path, headers = "/.well-known/oauth-protected-resource/api", {"Host": f"{name}.example"}
            response = host.get(path, headers=headers)
            self.assertEqual(response.status_code, 200, response.text)
            self.assertEqual(response.json()["resource"], f"https://{name}.example/api")

    def test_an_issuer_that_is_down_and_comes(self):
        host = self.serve()
        self.issuer.stop()
        self.assert_refused(host.exchange(self.token(host)), 503, "temporarily_unavailable")
        self.issuer.start()
        self.assertEqual(host.exchange(self.token(host)).status_code, 200)

    def test_an_issuer_that_says_too_much_or_nothing(self):
        host = self.serve()
        self.issuer.files["/jwks"] = " " * 600_000
        self.assert_refused(host.exchange(self.token(host)), 503, "temporarily_unavailable")
        for fault in [self.issuer.silent, self.issuer.stalling]:
            with self.subTest(fault.__name__), fault():
                self.assert_refused(host.exchange(self.token(host)), 503, "temporarily_unavailable")

    def test_the_cause_is_told_when_keys_cannot_be_fetched(self):
        with tempfile.TemporaryDirectory() as directory, secured(directory) as port:
            for url, said in [
                ("https://issuer.invalid/jwks", "the name of their server could not be resolved"),
                # wasmtime does not tell a certificate from another failure of TLS.
                (f"https://127.0.0.1:{port}/jwks", "their server could not be connected to"),
            ]:
                with self.subTest(url):
                    trusted = {**self.issuer.trusted(), "certificate": {"jwksUri": url}}
                    host = self.serve(trustedTokenIssuers=[trusted])
                    response = host.exchange(self.token(host))
                    self.assert_refused(response, 503, "temporarily_unavailable")
                    self.assertIn(said, response.json()["error_description"])

    def test_keys_are_kept_by_an_instance_that_is_used_again(self):
        def fetches(host, requests):
            self.issuer.asked.clear()
            for _ in range(requests):
                self.assertEqual(host.exchange(self.token(host)).status_code, 200)
            return len(self.issuer.asked)

        self.assertEqual(fetches(self.serve(), 3), 3)
        # There may be several such instances, each with keys of its own.
        again = self.serve("--max-instance-reuse-count", "100", "--idle-instance-timeout", "60s")
        self.assertLess(fetches(again, 20), 20)

    def test_a_key_that_was_rotated_is_fetched_by_an_instance_that_has_others(self):
        host = self.serve("--max-instance-reuse-count", "100", "--idle-instance-timeout", "60s")
        self.assertEqual(host.exchange(self.token(host)).status_code, 200)
        rotated = self.issuer.rotate("p256")
        self.assertEqual(host.exchange(rotated(host.url)).status_code, 200)

    def test_a_body_that_is_too_long(self):
        host = self.serve()
        self.assert_refused(host.post("/oauth2/token", "a" * 70_000), 413, "invalid_request")

    def test_a_configuration_document_may_be_longer(self):
        host = self.serve()
        for length, status in [(1024 * 1024, 400), (1024 * 1024 + 1, 413)]:
            response = requests.post(
                f"{host.url}/api/server/v1/configuration/diff",
                data=" " * length,
                headers={"Authorization": f"Bearer {ADMIN_TOKEN}", "Content-Type": "application/json"},
                timeout=60,
            )
            self.assertEqual(response.status_code, status, response.text)

    def test_a_body_that_breaks_off_is_no_request(self):
        host = self.serve()
        host.break_off()
        self.assertNotIn('"event":"token"', host.output())
        self.assertEqual(host.exchange(self.token(host)).status_code, 200)

    def test_replay_protection_needs_a_store_and_is_refused(self):
        host = self.serve(trustedTokenIssuers=[{**self.issuer.trusted(), "replayProtection": "jti"}])
        self.assert_needs_a_store(host, host.exchange(self.token(host, jti="1")))

    def test_a_refresh_token_needs_a_store_and_is_refused(self):
        host = self.serve(applications=[application()])
        self.assert_needs_a_store(host, host.exchange(self.token(host)))

    def test_a_token_of_ours_cannot_be_revoked_without_a_store(self):
        host = self.serve()
        token = host.exchange(self.token(host)).json()["access_token"]
        self.assert_needs_a_store(host, host.post("/oauth2/revoke", {"token": token}))

    def test_what_nobody_can_have_revoked_or_linked_here_counts(self):
        host = self.serve()
        token = host.exchange(self.token(host)).json()["access_token"]
        self.assertTrue(host.post("/oauth2/introspect", {"token": token}).json()["active"])
        for what, form in {
            "own": {"subject_token": token, "subject_token_type": ACCESS_TOKEN_TYPE},
            "actor": {"actor_token": self.token(host, sub="bot"), "actor_token_type": JWT_TYPE},
        }.items():
            with self.subTest(what):
                response = host.exchange(self.token(host), **form)
                self.assertEqual(response.status_code, 200, response.text)

    def test_administration_reads_the_document_and_writes_nothing(self):
        host = self.serve()
        path, headers = "/api/server/v1/trusted-token-issuers", {"Authorization": f"Bearer {ADMIN_TOKEN}"}
        listed = host.get(path, headers=headers).json()
        self.assertEqual([one["name"] for one in listed["identityProviders"]], ["Issuer"])
        issuer = {"name": "Other", "issuer": "https://other.example", "certificate": {"jwksUri": "https://other.example/jwks"}}
        made = requests.post(f"{host.url}{path}", json=issuer, headers=headers, timeout=30)
        self.assertEqual(made.status_code, 503, made.text)

    def assert_needs_a_store(self, host, response):
        self.assert_refused(response, 503, "temporarily_unavailable")
        self.assertIn("the store is not available on this host", host.said("the store is not available on this host"))
        host.lines.clear()

    def test_without_keys_in_the_configuration(self):
        host = self.serve(keys=[])
        health = host.get("/healthz")
        self.assertEqual(health.status_code, 503)
        self.assertIn("not available on this host", health.json()["store"])

    def test_secrets_of_the_environment_and_of_files(self):
        config = {"keys": [{"file": "secrets/key.json"}], "applications": [application(clientSecret={"env": "BOT"})]}
        config["applications"][0]["grantTypes"].remove("refresh_token")
        directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (directory / "key.json").write_text(json.dumps(OUR_KEY))
        host = self.started(WasmtimeServe(
            lambda url: document(url, self.issuer, **config), "--dir", f"{directory}::secrets", BOT=CLIENT_SECRET,
        ))
        self.assertEqual(host.exchange(self.token(host)).status_code, 200)

    def test_a_configuration_that_is_wrong_is_explained_in_the_log_only(self):
        host = self.serve(config='{ "isuer": "https://sts.example.com" }')
        response = host.get("/healthz")
        self.assertEqual(response.status_code, 500)
        self.assertNotIn("isuer", response.text)
        self.assertIn("did you mean `issuer`?", host.said("did you mean `issuer`?"))
