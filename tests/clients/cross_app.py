"""Cross-app access with PyPI `mcp`, as it is: the second leg. A company's Exchequer
issues the grants (ID-JAG); the server that takes them is that of the test.
"""

import asyncio
import json

import httpx2
import requests
from mcp.client.auth.extensions.identity_assertion import IdentityAssertionOAuthProvider

from support import CLIENT_ID, CLIENT_SECRET, JWT_BEARER, TOKEN_EXCHANGE, HttpServer

RESOURCE_SCOPE = "chat.read"
LOGIN_CLIENT = "wiki-at-login"


def company(url, login, chat, resource):
    """The configuration of the server that issues grants for `chat`."""
    audience = {"issuer": chat, "clientId": CLIENT_ID, "resources": [resource], "scopes": [RESOURCE_SCOPE]}
    return {
        "issuer": url,
        "trustedTokenIssuers": [login.trusted()],
        "applications": [{
            "clientId": "wiki", "clientSecret": CLIENT_SECRET, "grantTypes": [TOKEN_EXCHANGE],
            "trustedTokenIssuers": [{"name": "Issuer", "clientId": LOGIN_CLIENT}],
            "idJag": {"audiences": [audience]},
        }],
    }


def chat(url, company_url, resource, **issuer):
    """The configuration of the server that takes them."""
    trusted = {"name": "Company", "issuer": company_url, "certificate": {"jwksUri": f"{company_url}/oauth2/jwks"}}
    return {
        "issuer": url,
        "trustedTokenIssuers": [{**trusted, **issuer}],
        "applications": [{
            "clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET, "grantTypes": [JWT_BEARER],
            "trustedTokenIssuers": ["Company"], "audiences": [resource], "scopes": [RESOURCE_SCOPE],
        }],
    }


def grant(company_url, id_token, audience, resource):
    """What the company grants for an ID token."""
    reply = requests.post(f"{company_url}/oauth2/token", timeout=30, data={
        "grant_type": TOKEN_EXCHANGE, "requested_token_type": "urn:ietf:params:oauth:token-type:id-jag",
        "subject_token": id_token, "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
        "audience": audience, "resource": resource, "client_id": "wiki", "client_secret": CLIENT_SECRET,
    })
    reply.raise_for_status()
    return reply.json()["access_token"]


class ProtectedApi(HttpServer):
    """An API that keeps the tokens that it is sent, and asks for one where there is none."""

    def __init__(self):
        self.tokens = []
        super().__init__()

    def answer(self, path, headers):
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            return 401, "{}"
        self.tokens.append(token)
        return 200, json.dumps({"called": path})


class Storage:
    """The tokens of one client, in memory."""

    def __init__(self):
        self.tokens = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return None

    async def set_client_info(self, client_info):
        raise AssertionError("the client is registered already")


def call(server_url, issuer, assertion, method="client_secret_post", secret=CLIENT_SECRET):
    """Calls the API through the provider of `mcp`: the reply, and what it was given."""

    async def provided(audience, resource):
        return assertion(audience, resource)

    async def run():
        storage = Storage()
        provider = IdentityAssertionOAuthProvider(
            server_url=server_url, storage=storage, client_id=CLIENT_ID, client_secret=secret, issuer=issuer,
            assertion_provider=provided, scope=RESOURCE_SCOPE, token_endpoint_auth_method=method,
        )
        async with httpx2.AsyncClient(auth=provider, timeout=30) as client:
            return await client.get(server_url), storage.tokens

    return asyncio.run(run())
