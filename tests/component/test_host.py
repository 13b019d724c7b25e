"""The world `authority` in the example host: its own store, fetches, clock and
randomness, and what happens when one of them fails.
"""

import sqlite3
import time

import jwt
import requests

from hosts import ADMIN_TOKEN, ExampleHost, HostCase, document
from support import API, CLIENT_SECRET, application, at_once


class AuthorityCase(HostCase):
    def host(self, **more):
        return self.started(ExampleHost(lambda url: document(url, self.issuer, **more)))

    def test_a_token_is_exchanged_and_verifies_under_the_published_keys(self):
        host = self.host()
        response = host.exchange(self.token(host))
        self.assertEqual(response.status_code, 200, response.text)
        token = response.json()["access_token"]
        key = jwt.PyJWKClient(f"{host.url}/oauth2/jwks").get_signing_key_from_jwt(token)
        claims = jwt.decode(token, key, algorithms=["ES256"], audience=API, issuer=host.url)
        self.assertEqual(claims["sub"], "ada")

    def test_the_signing_key_that_was_made_survives_a_restart(self):
        host = self.host()
        before = host.get("/oauth2/jwks").json()
        host.restart()
        self.assertEqual(host.get("/oauth2/jwks").json(), before)

    def test_an_issuer_that_is_down_and_comes(self):
        host = self.host()
        self.issuer.stop()
        down = host.exchange(self.token(host))
        self.assert_refused(down, 503, "temporarily_unavailable")
        self.issuer.start()
        time.sleep(int(down.headers["Retry-After"]))
        self.assertEqual(host.exchange(self.token(host)).status_code, 200)

    def test_an_issuer_that_says_too_much_or_nothing(self):
        host = self.host()
        self.issuer.files["/jwks"] = " " * 600_000
        self.assert_refused(host.exchange(self.token(host)), 503, "temporarily_unavailable")
        for fault in [self.issuer.silent, self.issuer.stalling]:
            with self.subTest(fault.__name__), fault():
                time.sleep(1)
                self.assert_refused(host.exchange(self.token(host)), 503, "temporarily_unavailable")

    def test_a_store_that_fails_and_comes_back(self):
        host = self.host(trustedTokenIssuers=[{**self.issuer.trusted(), "replayProtection": "jti"}])
        token = self.token(host, jti="1")
        self.assertEqual(host.get("/healthz").status_code, 200)
        other = sqlite3.connect(host.store, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        self.assert_refused(host.exchange(token), 503, "temporarily_unavailable")
        other.execute("ROLLBACK")
        other.close()
        self.assertEqual(host.exchange(token).status_code, 200)
        self.assert_refused(host.exchange(token), 400, "invalid_request")

    def test_of_many_uses_of_one_token_one_wins(self):
        host = self.host(trustedTokenIssuers=[{**self.issuer.trusted(), "replayProtection": "jti"}])
        token = self.token(host, jti="1")
        statuses = [response.status_code for response in at_once(8, lambda: host.exchange(token))]
        self.assertEqual(sorted(statuses), [200] + [400] * 7)

    def test_a_refresh_token_rotates_and_its_reuse_ends_the_family(self):
        host = self.host()
        first = host.exchange(self.token(host)).json()["refresh_token"]
        refresh = lambda token: host.post("/oauth2/token", {"grant_type": "refresh_token", "refresh_token": token})
        second = refresh(first).json()["refresh_token"]
        self.assert_refused(refresh(first), 400, "invalid_grant")
        self.assert_refused(refresh(second), 400, "invalid_grant")

    def test_a_body_that_is_too_long(self):
        host = self.host()
        self.assert_refused(host.post("/oauth2/token", "a" * 70_000), 413, "invalid_request")

    def test_a_body_that_breaks_off_is_no_request(self):
        host = self.host()
        host.break_off()
        self.assertNotIn('"event":"token"', host.output())
        self.assertEqual(host.exchange(self.token(host)).status_code, 200)

    def test_a_secret_of_the_environment(self):
        clients = [application(clientSecret={"env": "BOT"})]
        config = lambda url: document(url, self.issuer, applications=clients)
        host = self.started(ExampleHost(config, BOT=CLIENT_SECRET))
        self.assertEqual(host.exchange(self.token(host)).status_code, 200)
        with self.assertRaisesRegex(RuntimeError, "clientSecret"):
            ExampleHost(config)

    def test_a_key_that_was_rotated_is_fetched(self):
        host = self.host()
        self.assertEqual(host.exchange(self.token(host)).status_code, 200)
        rotated = self.issuer.rotate("p256")
        self.assertEqual(host.exchange(rotated(host.url)).status_code, 200)

    def test_an_issuer_that_the_administrator_registers(self):
        host = self.host(trustedTokenIssuers=[], applications=[])
        registered = requests.post(
            f"{host.url}/api/server/v1/trusted-token-issuers", timeout=30,
            headers={"Authorization": f"Bearer {ADMIN_TOKEN}"},
            json={"name": "Issuer", "issuer": self.issuer.url, "certificate": {"jwksUri": f"{self.issuer.url}/jwks"}},
        )
        self.assertEqual(registered.status_code, 201, registered.text)
        host.restart()
        again = requests.get(registered.headers["Location"], headers={"Authorization": f"Bearer {ADMIN_TOKEN}"}, timeout=30)
        self.assertEqual(again.json()["name"], "Issuer", again.text)
