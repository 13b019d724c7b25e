"""What clients see when something is down or goes wrong: an issuer that cannot
be reached, and one refresh token that is used twice.
"""

import threading
import time
import unittest

import requests
from requests_oauth2client import ClientSecretBasic, OAuth2Client, exceptions
from support import CLIENT_ID, CLIENT_SECRET, JWT_TYPE, TOKEN_EXCHANGE, ClientCase, Exchequer, Issuer, application


class IssuerDown(unittest.TestCase):
    """An issuer that comes and goes, with a fresh Exchequer that has no keys of it yet."""

    def setUp(self):
        self.issuer = Issuer()
        self.addCleanup(self.issuer.stop)
        self.sts = Exchequer(lambda url: {
            "issuer": url, "trustedTokenIssuers": [self.issuer.trusted()], "applications": [application()],
        })
        self.addCleanup(self.sts.stop)

    def exchange(self, **claims):
        form = {
            "grant_type": TOKEN_EXCHANGE,
            "subject_token": self.issuer.token(self.sts.url, **claims),
            "subject_token_type": JWT_TYPE,
        }
        return requests.post(self.sts.token_endpoint, form, auth=(CLIENT_ID, CLIENT_SECRET), timeout=10)

    def assert_unavailable(self, response):
        self.assertEqual(response.status_code, 503, response.text)
        self.assertEqual(response.json()["error"], "temporarily_unavailable")
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        return int(response.headers["Retry-After"])

    def test_down_then_up(self):
        self.issuer.stop()
        wait = self.assert_unavailable(self.exchange())
        self.assertLessEqual(wait, 5)
        self.issuer.start()
        # As long as the reply said, and no longer.
        time.sleep(wait)
        self.assertEqual(self.exchange().status_code, 200)

    def test_down_does_not_concern_what_is_known(self):
        self.assertEqual(self.exchange().status_code, 200)
        self.issuer.stop()
        self.assertEqual(self.exchange(alg="EdDSA").status_code, 200)

    def test_no_keys_at_all(self):
        self.issuer.files["/jwks"] = "<html>down for maintenance</html>"
        self.assert_unavailable(self.exchange())

    def test_health_says_so(self):
        health = f"{self.sts.url}/healthz"
        self.assertEqual(requests.get(health, timeout=10).status_code, 200)
        self.issuer.stop()
        self.assert_unavailable(self.exchange())
        said = requests.get(health, timeout=10)
        self.assertIn(self.issuer.trusted()["name"], said.text)


class RefreshTokens(ClientCase):
    """Rotation, over HTTP and the store of a real deployment."""

    @classmethod
    def applications(cls):
        return [application(), application(clientId="opaque", accessToken={"type": "opaque"}), application(clientId="other")]

    def client(self, client_id=CLIENT_ID):
        return OAuth2Client(
            self.sts.token_endpoint,
            auth=ClientSecretBasic(client_id, CLIENT_SECRET),
            introspection_endpoint=f"{self.sts.url}/oauth2/introspect",
            testing=True,
        )

    def exchanged(self, client):
        return client.token_exchange(subject_token=self.subject_token(), subject_token_type=JWT_TYPE, scope="read write")

    def test_rotation(self):
        client = self.client()
        token, seen = self.exchanged(client), set()
        for _ in range(5):
            seen.add(token.refresh_token)
            token = client.refresh_token(token)
        self.assertNotIn(token.refresh_token, seen)
        self.assertEqual(len(seen), 5)

    def test_narrower_for_once(self):
        client = self.client()
        narrow = client.refresh_token(self.exchanged(client), scope="read")
        self.assertEqual(self.api.verify(narrow.access_token)["scope"], "read")
        wide = client.refresh_token(narrow)
        self.assertEqual(set(self.api.verify(wide.access_token)["scope"].split()), {"read", "write"})

    def test_used_at_once_by_many(self):
        many = 8
        for _ in range(5):
            token = self.exchanged(self.client())
            gate, results = threading.Barrier(many), []

            def use():
                client = self.client()
                gate.wait(10)
                try:
                    results.append(client.refresh_token(token))
                except exceptions.InvalidGrant as refusal:
                    results.append(refusal)

            threads = [threading.Thread(target=use) for _ in range(many)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(20)
            self.assertEqual(len(results), many)
            won = [one for one in results if not isinstance(one, Exception)]
            self.assertEqual(len(won), 1, results)

    def test_reuse_revokes_the_family(self):
        client = self.client("opaque")
        first = self.exchanged(client)
        second = client.refresh_token(first)
        self.assertTrue(client.introspect_token(second)["active"])
        with self.assertRaises(exceptions.InvalidGrant):
            client.refresh_token(first)
        with self.assertRaises(exceptions.InvalidGrant):
            client.refresh_token(second)
        # The opaque access tokens go with it.
        for token in [first, second]:
            self.assertEqual(client.introspect_token(token), {"active": False})

    def test_of_another_client(self):
        token = self.exchanged(self.client())
        with self.assertRaises(exceptions.InvalidGrant):
            self.client("other").refresh_token(token)
        # Trying did not spend it.
        self.client().refresh_token(token)

    def test_survives_a_restart(self):
        token = self.exchanged(self.client())
        self.sts.restart()
        renewed = self.client().refresh_token(token)
        # The same key signs: an API that keeps the JWK set needs no new one.
        self.assertEqual(self.api.verify(token.access_token)["sub"], self.api.verify(renewed.access_token)["sub"])


if __name__ == "__main__":
    unittest.main()
