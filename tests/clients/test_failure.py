"""What clients see when something is down or goes wrong: an issuer that cannot
be reached, many who ask at once, and one refresh token that is used twice.
"""

import time
import unittest

import requests
from requests_oauth2client import BearerToken, ClientSecretBasic, OAuth2Client, exceptions
from support import (
    CLIENT_ID, CLIENT_SECRET, JWT_TYPE, TOKEN_EXCHANGE, ClientCase, Exchequer, Issuer, application, at_once,
)


class IssuerDown(unittest.TestCase):
    """An issuer that comes and goes, with a fresh Exchequer that has no keys of it yet."""

    def setUp(self):
        self.issuer = Issuer()
        self.addCleanup(self.issuer.stop)
        self.sts = Exchequer(lambda url: {
            "issuer": url, "trustedTokenIssuers": [self.issuer.trusted()], "applications": [application()],
        })
        self.addCleanup(self.sts.stop)

    def exchange(self, token=None, **claims):
        form = {
            "grant_type": TOKEN_EXCHANGE,
            "subject_token": token or self.issuer.token(self.sts.url, **claims),
            "subject_token_type": JWT_TYPE,
        }
        return requests.post(self.sts.token_endpoint, form, auth=(CLIENT_ID, CLIENT_SECRET), timeout=30)

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

    def test_asked_once_however_many_wait(self):
        token = self.issuer.token(self.sts.url)
        results = at_once(16, lambda: self.exchange(token))
        self.assertEqual([one.status_code for one in results], [200] * 16)
        self.assertEqual(self.issuer.asked, ["/jwks"])

    def test_a_flood_of_unknown_keys_asks_once_more(self):
        self.assertEqual(self.exchange().status_code, 200)
        for number in range(20):
            self.assertEqual(self.exchange(headers={"kid": f"k{number}"}).status_code, 400)
        self.assertLessEqual(len(self.issuer.asked), 2)

    def test_no_keys_at_all(self):
        self.issuer.files["/jwks"] = "<html>down for maintenance</html>"
        self.assert_unavailable(self.exchange())

    def test_health_says_so(self):
        def keys():
            return requests.get(f"{self.sts.url}/healthz", timeout=30).json()["issuerKeys"]

        self.issuer.stop()
        wait = self.assert_unavailable(self.exchange())
        self.assertEqual((keys()["ready"], keys()["unavailable"]), (0, 1))
        self.issuer.start()
        time.sleep(wait)
        self.assertEqual(self.exchange().status_code, 200)
        self.assertEqual((keys()["ready"], keys()["unavailable"]), (1, 0))


class RefreshTokens(ClientCase):
    """Rotation, over HTTP and the store of a real deployment."""

    @classmethod
    def applications(cls):
        opaque = application(clientId="opaque", accessToken={"type": "opaque"})
        return [application(), opaque, application(clientId="other")]

    def client(self, client_id=CLIENT_ID):
        return OAuth2Client(
            self.sts.token_endpoint,
            auth=ClientSecretBasic(client_id, CLIENT_SECRET),
            introspection_endpoint=f"{self.sts.url}/oauth2/introspect",
            testing=True,
        )

    def exchanged(self, client):
        token = self.subject_token()
        return client.token_exchange(subject_token=token, subject_token_type=JWT_TYPE, scope="read write")

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
        for _ in range(5):
            token = self.exchanged(self.client())
            results = at_once(8, lambda: self.client().refresh_token(token))
            lost = [one for one in results if isinstance(one, exceptions.InvalidGrant)]
            won = [one for one in results if isinstance(one, BearerToken)]
            self.assertEqual((len(won), len(lost)), (1, 7), results)

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
