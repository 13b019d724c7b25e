"""PyPI `mcp` against `exchequer serve`. What a row of the requirements asks for
stands in brackets.
"""

import unittest

import jwt
from mcp.client.auth import OAuthTokenError

import cross_app
from support import Exchequer, Issuer, free_port


class CrossAppCase(unittest.TestCase):
    """A login, a company, the domain of an API, and the API."""

    @classmethod
    def setUpClass(cls):
        cls.login = Issuer()
        cls.addClassCleanup(cls.login.stop)
        cls.api = cross_app.ProtectedApi()
        cls.addClassCleanup(cls.api.stop)
        cls.resource = f"{cls.api.url}/mcp"
        chat_url = f"http://127.0.0.1:{free_port()}"
        cls.company = Exchequer(lambda url: cross_app.company(url, cls.login, chat_url, cls.resource))
        cls.addClassCleanup(cls.company.stop)
        cls.chat = Exchequer(lambda url: cross_app.chat(url, cls.company.url, cls.resource), chat_url)
        cls.addClassCleanup(cls.chat.stop)

    def assertion(self, **claims):
        id_token = self.login.token(cross_app.LOGIN_CLIENT, **claims)
        return lambda audience, resource: cross_app.grant(self.company.url, id_token, audience, resource)

    def test_both_ways_of_authenticating(self):
        """The client id and the secret change when they are form-encoded (EMA-10, EMA-11)."""
        for method in ["client_secret_post", "client_secret_basic"]:
            with self.subTest(method):
                reply, tokens = cross_app.call(self.resource, self.chat.url, self.assertion(), method)
                self.assertEqual((reply.status_code, reply.json()), (200, {"called": "/mcp"}))
                self.assertEqual((tokens.token_type, tokens.scope, tokens.refresh_token), ("Bearer", "chat.read", None))
                claims = jwt.decode(self.api.tokens[-1], options={"verify_signature": False})
                self.assertEqual((claims["aud"], claims["sub"], claims["iss"]), (self.resource, "ada", self.chat.url))

    def test_a_grant_counts_once(self):
        """Each 401 brings a new one (EMA-12)."""
        made = self.assertion()(self.chat.url, self.resource)
        cross_app.call(self.resource, self.chat.url, lambda *_: made)
        with self.assertRaisesRegex(OAuthTokenError, "invalid_grant"):
            cross_app.call(self.resource, self.chat.url, lambda *_: made)

    def test_a_wrong_secret(self):
        with self.assertRaisesRegex(OAuthTokenError, "invalid_client"):
            cross_app.call(self.resource, self.chat.url, self.assertion(), secret="another-secret-of-the-client")
