"""Authlib as it is: `OAuth2Session` with the token exchange grant, and
`AssertionSession`, which sends a JWT without `kid` and no client
authentication, and fetches its tokens on its own when an API is called.
"""

import unittest

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import AssertionSession, OAuth2Session
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import ECKey, RSAKey
from jwt.algorithms import RSAAlgorithm
from support import API, CLIENT_ID, CLIENT_SECRET, JWT_BEARER, JWT_TYPE, TOKEN_EXCHANGE, ClientCase, application

CLIENT_CREDENTIALS = "client_credentials"


def pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


class TokenExchange(ClientCase):
    """`OAuth2Session`, whatever the client authentication."""

    @classmethod
    def applications(cls):
        cls.client_key = rsa.generate_private_key(65537, 2048)
        jwk = RSAAlgorithm.to_jwk(cls.client_key.public_key(), as_dict=True)
        jwk.pop("key_ops", None)
        # Authlib sends the token endpoint as the audience of its assertions.
        keyed = application(
            clientId="keyed", jwks={"keys": [jwk]}, clientAssertion={"allowTokenEndpointAudience": True},
        )
        public = application(clientId="public", type="mobile")
        del keyed["clientSecret"], public["clientSecret"]
        return [application(), keyed, public]

    def session(self, method, client_id=CLIENT_ID, secret=CLIENT_SECRET):
        session = OAuth2Session(
            client_id, secret, token_endpoint=self.sts.token_endpoint, token_endpoint_auth_method=method,
            revocation_endpoint_auth_method=method,
        )
        self.addCleanup(session.close)
        return session

    def exchanged(self, session, **more):
        return session.fetch_token(
            grant_type=TOKEN_EXCHANGE, subject_token=self.subject_token(), subject_token_type=JWT_TYPE,
            audience=API, scope="read", **more,
        )

    def test_secrets(self):
        for method in ["client_secret_basic", "client_secret_post"]:
            with self.subTest(method):
                session = self.session(method)
                token = self.exchanged(session)
                self.assertEqual((token["token_type"], token["scope"]), ("Bearer", "read"))
                claims = session.get(self.api.url, timeout=30).json()
                self.assertEqual((claims["sub"], claims["client_id"]), ("ada", CLIENT_ID))

    def test_private_key_jwt(self):
        session = self.session("private_key_jwt", "keyed", pem(self.client_key))
        session.register_client_auth_method(PrivateKeyJWT(self.sts.token_endpoint))
        self.assertEqual(self.api.verify(self.exchanged(session)["access_token"])["client_id"], "keyed")

    def test_public_client(self):
        session = self.session("none", "public", None)
        claims = self.api.verify(self.exchanged(session)["access_token"])
        self.assertEqual(claims["client_id"], "public")

    def test_refresh_introspection_and_revocation(self):
        session = self.session("client_secret_basic")
        first = dict(self.exchanged(session))
        second = dict(session.refresh_token())
        self.assertNotEqual(first["refresh_token"], second["refresh_token"])
        introspect, revoke = f"{self.sts.url}/oauth2/introspect", f"{self.sts.url}/oauth2/revoke"
        said = session.introspect_token(introspect, second["access_token"], "access_token").json()
        self.assertEqual((said["active"], said["sub"], said["scope"]), (True, "ada", "read"))
        for hint in ["access_token", "refresh_token"]:
            response = session.revoke_token(revoke, second[hint], hint)
            self.assertEqual(response.status_code, 200)
            said = session.introspect_token(introspect, second[hint], hint).json()
            self.assertEqual(said, {"active": False})
        with self.assertRaises(OAuthError) as caught:
            session.refresh_token(refresh_token=second["refresh_token"])
        self.assertEqual(caught.exception.error, "invalid_grant")

    def test_wrong_secret(self):
        for method in ["client_secret_basic", "client_secret_post"]:
            with self.subTest(method), self.assertRaises(OAuthError) as caught:
                self.exchanged(self.session(method, secret="wrong"))
            self.assertEqual(caught.exception.error, "invalid_client")


class ClientCredentials(ClientCase):
    """`OAuth2Session` as a machine, with a key in the place of a secret. Authlib has no DPoP."""

    @classmethod
    def applications(cls):
        cls.client_key = rsa.generate_private_key(65537, 2048)
        jwk = RSAKey.import_key(pem(cls.client_key)).as_dict(private=False)
        machine = application(clientId="machine", type="machine", jwks={"keys": [jwk]}, grantTypes=[CLIENT_CREDENTIALS])
        del machine["clientSecret"]
        return [machine]

    def session(self, audience, key):
        session = OAuth2Session("machine", pem(key), token_endpoint=self.sts.token_endpoint, token_endpoint_auth_method="private_key_jwt")
        session.register_client_auth_method(PrivateKeyJWT(audience))
        self.addCleanup(session.close)
        return session

    def test_a_token_about_itself(self):
        session = self.session(self.sts.url, self.client_key)
        for _ in range(2):
            token = session.fetch_token(grant_type=CLIENT_CREDENTIALS, scope="read", resource=API)
            self.assertEqual((token["token_type"], token["scope"]), ("Bearer", "read"))
            self.assertNotIn("refresh_token", token)
        claims = session.get(self.api.url, timeout=30).json()
        self.assertEqual((claims["sub"], claims["client_id"]), ("machine", "machine"))

    def test_the_token_endpoint_is_no_audience_and_another_key_is_no_key(self):
        for session in [
            self.session(self.sts.token_endpoint, self.client_key),
            self.session(self.sts.url, rsa.generate_private_key(65537, 2048)),
        ]:
            with self.assertRaises(OAuthError) as caught:
                session.fetch_token(grant_type=CLIENT_CREDENTIALS, scope="read")
            self.assertEqual(caught.exception.error, "invalid_client")


class JwtBearer(ClientCase):
    """`AssertionSession`: the assertion says which public client it comes from."""

    @classmethod
    def applications(cls):
        public = application(clientId="public", type="mobile", grantTypes=[JWT_BEARER], defaultScopes=["read"])
        del public["clientSecret"]
        return [application(), public]

    def session(self, **more):
        session = AssertionSession(**{
            "token_endpoint": self.sts.token_endpoint,
            "issuer": self.issuer.url,
            "subject": "ada",
            "key": RSAKey.import_key(pem(self.issuer.keys["rsa"])),
            "alg": "RS256",
            "default_timeout": 10,
            **more,
        })
        self.addCleanup(session.close)
        return session

    def test_named_by_the_assertion(self):
        for claim in ["client_id", "azp"]:
            with self.subTest(claim), self.session(claims={claim: "public"}, scope="write") as session:
                response = session.get(self.api.url)
                self.assertEqual(response.status_code, 200, response.text)
                claims = response.json()
                self.assertEqual((claims["client_id"], claims["sub"], claims["scope"]), ("public", "ada", "write"))

    def test_named_by_the_form(self):
        with self.session(client_id="public") as session:
            self.assertEqual(session.get(self.api.url).json()["scope"], "read")
            self.assertNotIn("issued_token_type", session.token)

    def test_named_by_nobody(self):
        self.refused("invalid_client", "client_id", self.session())

    def test_a_confidential_client_has_to_authenticate(self):
        self.refused("invalid_client", "authenticate", self.session(claims={"client_id": CLIENT_ID}))

    def test_refusals(self):
        elsewhere = self.session(client_id="public", audience="https://elsewhere.example.com")
        self.refused("invalid_grant", "audience", elsewhere)
        self.refused("invalid_grant", "expired", self.session(client_id="public", expires_at=1_700_000_000))
        other_key = ECKey.import_key(pem(ec.generate_private_key(ec.SECP256R1())))
        self.refused("invalid_grant", "signature", self.session(client_id="public", key=other_key, alg="ES256"))

    def refused(self, error, pattern, session):
        with self.assertRaises(OAuth2Error) as caught:
            session.get(self.api.url)
        self.assertEqual(caught.exception.error, error)
        self.assertRegex(caught.exception.description, pattern)


if __name__ == "__main__":
    unittest.main()
