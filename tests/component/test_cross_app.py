"""Grants of another server (ID-JAG) at `wasmtime serve`, brought by PyPI `mcp` as it is.

It has no store, so it cannot remember grants: the issuer has to allow that they come again.
"""

import jwt
from mcp.client.auth import OAuthTokenError

# `hosts` says where the parties of the client tests are.
from hosts import OUR_KEY, HostCase, WasmtimeServe

import cross_app
from support import Exchequer


class CrossAppCase(HostCase):
    def served(self, **issuer):
        """The host, and what makes a grant for it."""
        api = cross_app.ProtectedApi()
        self.addCleanup(api.stop)
        resource, companies = f"{api.url}/mcp", []

        def config(url):
            company = Exchequer(lambda own: cross_app.company(own, self.issuer, url, resource))
            self.addCleanup(company.stop)
            companies.append(company)
            return {"keys": [OUR_KEY], **cross_app.chat(url, company.url, resource, **issuer)}

        host = self.started(WasmtimeServe(config))

        def assertion(audience, of):
            return cross_app.grant(companies[0].url, self.issuer.token(cross_app.LOGIN_CLIENT), audience, of)

        return host, api, resource, assertion

    def test_an_access_token_for_a_grant(self):
        host, api, resource, assertion = self.served(replayProtection="off")
        for method in ["client_secret_post", "client_secret_basic"]:
            reply, tokens = cross_app.call(resource, host.url, assertion, method)
            self.assertEqual((reply.status_code, tokens.token_type, tokens.scope), (200, "Bearer", "chat.read"))
            claims = jwt.decode(api.tokens[-1], options={"verify_signature": False})
            self.assertEqual((claims["iss"], claims["aud"], claims["sub"]), (host.url, resource, "ada"))

    def test_a_grant_that_has_to_be_remembered_is_not_taken(self):
        host, _, resource, assertion = self.served()
        with self.assertRaisesRegex(OAuthTokenError, "temporarily_unavailable"):
            cross_app.call(resource, host.url, assertion)
