"""requests_oauth2client as it is, from Exchequer's own metadata: every grant,
every client authentication, introspection and revocation, and each refusal as
the class of error it has for it.
"""

import unittest

from jwskate import Jwk
from requests_oauth2client import (
    BearerToken, ClientSecretBasic, ClientSecretPost, DPoPToken, OAuth2Client, PrivateKeyJwt, PublicApp, exceptions,
)
from support import (
    ACCESS_TOKEN_TYPE, API, CLIENT_ID, CLIENT_SECRET, JWT_TYPE, OTHER_API, TOKEN_EXCHANGE, ClientCase, application,
    at_once,
)

class Grants(ClientCase):
    """All of it, each test from the metadata on."""

    @classmethod
    def applications(cls):
        cls.client_keys = {alg: Jwk.generate_for_alg(alg).with_kid_thumbprint() for alg in ["RS256", "ES256", "EdDSA"]}
        jwks = {"keys": [key.public_jwk().to_dict() for key in cls.client_keys.values()]}
        # Its assertions are for the token endpoint, if it is not told otherwise.
        keyed = application(clientId="keyed", jwks=jwks, clientAssertion={"allowTokenEndpointAudience": True})
        strict = application(clientId="strict", jwks=jwks)
        public = application(clientId="public", type="mobile")
        del keyed["clientSecret"], strict["clientSecret"], public["clientSecret"]
        opaque = application(clientId="opaque", accessToken={"type": "opaque", "lifetimeSeconds": 300})
        narrow = application(clientId="narrow", grantTypes=[TOKEN_EXCHANGE], audiences=["https://narrow.example.com"])
        bound = application(clientId="bound", grantTypes=["client_credentials"], dpop={"required": True, "nonce": "required"})
        return [application(resources=[API]), keyed, strict, public, opaque, narrow, bound]

    def client(self, auth=None):
        well_known = f"{self.sts.url}/.well-known/oauth-authorization-server"
        auth = auth or ClientSecretBasic(CLIENT_ID, CLIENT_SECRET)
        return OAuth2Client.from_discovery_endpoint(well_known, self.sts.url, auth=auth, testing=True)

    def exchanged(self, client, **more):
        return client.token_exchange(subject_token=self.subject_token(), subject_token_type=JWT_TYPE, **more)

    def test_every_client_authentication(self):
        for auth in [
            ClientSecretBasic(CLIENT_ID, CLIENT_SECRET),
            ClientSecretPost(CLIENT_ID, CLIENT_SECRET),
            PublicApp("public"),
            *(PrivateKeyJwt("keyed", key) for key in self.client_keys.values()),
            PrivateKeyJwt("keyed", self.client_keys["ES256"], aud=self.sts.url),
            PrivateKeyJwt("strict", self.client_keys["ES256"], aud=self.sts.url),
        ]:
            with self.subTest(auth):
                token = self.exchanged(self.client(auth), audience=API)
                self.assertEqual(self.api.verify(token.access_token)["client_id"], auth.client_id)

    def test_tokens_bound_by_dpop(self):
        """It keeps the key with the token, and asks for the next one with it."""
        client = self.client()
        token = client.token_exchange(
            subject_token=self.subject_token(), subject_token_type=JWT_TYPE, audience=API, dpop=True)
        self.assertIsInstance(token, DPoPToken)
        jkt = token.dpop_key.public_jwk.thumbprint()
        self.assertEqual(self.api.verify(token.access_token)["cnf"], {"jkt": jkt})
        renewed = client.refresh_token(token)
        self.assertEqual(self.api.verify(renewed.access_token)["cnf"], {"jkt": jkt})
        with self.assertRaises(exceptions.InvalidGrant):
            client.refresh_token(renewed.refresh_token)

    def test_an_application_that_demands_bound_tokens_and_nonces(self):
        client = self.client(ClientSecretBasic("bound", CLIENT_SECRET))
        with self.assertRaisesRegex(exceptions.UnknownTokenEndpointError, "has to send a DPoP proof"):
            client.client_credentials()
        token = client.client_credentials(dpop=True)
        self.assertIsInstance(token, DPoPToken)

    def test_the_token_endpoint_is_no_audience_unless_it_is_allowed(self):
        with self.assertRaisesRegex(exceptions.InvalidClient, "must be the issuer of this server"):
            self.exchanged(self.client(PrivateKeyJwt("strict", self.client_keys["ES256"])))

    def test_a_client_assertion_counts_once(self):
        auth = PrivateKeyJwt("keyed", self.client_keys["ES256"], jti_gen=lambda: "the same")
        self.exchanged(self.client(auth))
        with self.assertRaisesRegex(exceptions.InvalidClient, "used before"):
            self.exchanged(self.client(auth))
        assertion = PrivateKeyJwt("keyed", self.client_keys["EdDSA"], jti_gen=lambda: "the same, at once")
        client = self.client(assertion)
        results = at_once(8, lambda: self.exchanged(client))
        self.assertEqual(sum(isinstance(one, BearerToken) for one in results), 1, results)

    def test_audiences_and_scopes(self):
        token = self.exchanged(self.client(), audience=[API, OTHER_API], scope="write read")
        self.assertIsInstance(token, BearerToken)
        claims = self.api.verify(token.access_token)
        self.assertEqual((claims["aud"], set(claims["scope"].split())), ([API, OTHER_API], {"read", "write"}))

    def test_an_actor_and_a_token_of_ours(self):
        client = self.client()
        actor = self.subject_token(sub="build-server")
        first = self.exchanged(client, actor_token=actor, actor_token_type=JWT_TYPE, scope="read")
        second = client.token_exchange(subject_token=first, scope="read write", audience=API)
        claims = self.api.verify(second.access_token)
        self.assertEqual((claims["sub"], claims["aud"], claims["act"]["sub"]), ("ada", API, "build-server"))
        # No wider than the token it came from.
        self.assertEqual(claims["scope"], "read")

    def test_jwt_bearer(self):
        for client in [self.client(), self.client(PublicApp("public"))]:
            token = client.jwt_bearer(self.subject_token(), scope="read")
            self.assertEqual(self.api.verify(token.access_token)["scope"], "read")
            self.assertIsNotNone(token.refresh_token)

    def test_opaque_tokens_are_asked_about(self):
        client = self.client(ClientSecretBasic("opaque", CLIENT_SECRET))
        token = self.exchanged(client, scope="read")
        self.assertNotIn(".", token.access_token)
        said = client.introspect_token(token)
        self.assertEqual((said["active"], said["sub"], said["client_id"]), (True, "ada", "opaque"))
        self.assertEqual((said["token_type"], said["scope"], said["iss"]), ("Bearer", "read", self.sts.url))
        # The API that it is meant for may ask, another client may not.
        self.assertTrue(self.client().introspect_token(token)["active"])
        stranger = self.client(ClientSecretBasic("narrow", CLIENT_SECRET))
        self.assertEqual(stranger.introspect_token(token), {"active": False})
        # Exchanged for a narrower one.
        narrower = client.token_exchange(subject_token=token, audience=API)
        self.assertTrue(client.introspect_token(narrower)["active"])
        self.assertTrue(client.revoke_access_token(token.access_token))
        self.assertEqual(client.introspect_token(token), {"active": False})

    def test_introspection_and_revocation(self):
        client = self.client()
        token = self.exchanged(client, scope="read")
        self.assertTrue(client.introspect_token(token, "refresh_token")["active"])
        self.assertTrue(client.revoke_access_token(token.access_token))
        self.assertEqual(client.introspect_token(token), {"active": False})
        renewed = client.refresh_token(token)
        self.assertTrue(client.introspect_token(renewed)["active"])
        self.assertTrue(client.revoke_refresh_token(renewed))
        with self.assertRaises(exceptions.InvalidGrant):
            client.refresh_token(renewed)
        self.assertTrue(client.revoke_token("never heard of it"))

    def test_public_clients_may_not_introspect(self):
        client = self.client(PublicApp("public"))
        token = self.exchanged(client)
        with self.assertRaises(exceptions.InvalidClient):
            client.introspect_token(token)

    def test_refusals(self):
        client = self.client()
        for error, more in [
            (exceptions.InvalidTarget, {"audience": "https://elsewhere.example.com"}),
            (exceptions.InvalidScope, {"scope": "admin"}),
            (exceptions.InvalidRequest, {"requested_token_type": "urn:ietf:params:oauth:token-type:saml2"}),
            (exceptions.InvalidRequest, {"authorization_details": "[]"}),
        ]:
            with self.subTest(error.__name__), self.assertRaises(error):
                self.exchanged(client, **more)
        with self.assertRaises(exceptions.InvalidClient):
            self.exchanged(self.client(ClientSecretBasic(CLIENT_ID, "wrong")))
        with self.assertRaises(exceptions.InvalidClient):
            self.exchanged(self.client(PrivateKeyJwt("keyed", Jwk.generate_for_alg("ES256").with_kid_thumbprint())))
        with self.assertRaises(exceptions.UnauthorizedClient):
            self.client(ClientSecretPost("narrow", CLIENT_SECRET)).jwt_bearer(self.subject_token())
        with self.assertRaises(exceptions.InvalidRequest):
            client.token_exchange(subject_token="nonsense", subject_token_type=ACCESS_TOKEN_TYPE)


if __name__ == "__main__":
    unittest.main()
