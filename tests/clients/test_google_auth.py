"""google-auth as it is: workload identity federation pointed at Exchequer, by
configuration alone. It sends HTTP Basic without form encoding, always an
`audience`, a JSON `options` parameter, and headers of its own.
"""

import json
import os
import unittest
from pathlib import Path
from unittest import mock

import google.auth
from google.auth import exceptions, external_account_authorized_user, identity_pool
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2 import sts
from google.oauth2.utils import ClientAuthentication, ClientAuthType
from support import (
    ACCESS_TOKEN_TYPE, API, CLIENT_ID, CLIENT_SECRET, JWT_TYPE, OTHER_API, TOKEN_EXCHANGE, ClientCase, application,
)

REFRESH_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:refresh_token"
POOL = "//iam.googleapis.com/locations/global/workforcePools/staff/providers/idp"


class ExternalAccount(ClientCase):
    """`identity_pool.Credentials`, from the configuration file that users have."""

    @classmethod
    def applications(cls):
        public = application(clientId="public", type="mobile", grantTypes=[TOKEN_EXCHANGE])
        del public["clientSecret"]
        return [application(), public]

    def account(self, source, **more):
        return {
            "type": "external_account",
            "audience": API,
            "subject_token_type": JWT_TYPE,
            "token_url": self.sts.token_endpoint,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "credential_source": source,
            **more,
        }

    def written(self, name, text):
        path = Path(self.sts.directory.name) / name
        path.write_text(text)
        return str(path)

    def test_token_in_a_file_and_a_call_to_an_api(self):
        source = {"file": self.written("token.txt", self.subject_token())}
        account = self.written("account.json", json.dumps(self.account(source)))
        environment = {"GOOGLE_APPLICATION_CREDENTIALS": account, "GOOGLE_CLOUD_PROJECT": "p-1"}
        with mock.patch.dict(os.environ, environment):
            credentials, _ = google.auth.default(scopes=["read"])
        self.assertIsInstance(credentials, identity_pool.Credentials)
        with AuthorizedSession(credentials) as session:
            response = session.get(self.api.url, timeout=30)
        self.assertEqual(response.status_code, 200, response.text)
        self.assertEqual((response.json()["sub"], response.json()["scope"]), ("ada", "read"))
        self.assertTrue(credentials.valid)

    def test_token_at_a_url(self):
        self.issuer.files["/token"] = json.dumps({"id_token": self.subject_token(alg="RS256")})
        form = {"type": "json", "subject_token_field_name": "id_token"}
        source = {"url": f"{self.issuer.url}/token", "headers": {"Metadata": "True"}, "format": form}
        credentials = identity_pool.Credentials.from_info(self.account(source, audience=OTHER_API))
        credentials.refresh(Request())
        self.assertEqual(self.api.verify(credentials.token, OTHER_API)["client_id"], CLIENT_ID)

    def test_public_client(self):
        # Sent as HTTP Basic with an empty password.
        source = {"file": self.written("public.txt", self.subject_token())}
        account = self.account(source, client_id="public")
        del account["client_secret"]
        credentials = identity_pool.Credentials.from_info(account)
        credentials.refresh(Request())
        self.assertEqual(self.api.verify(credentials.token)["client_id"], "public")

    def test_empty_password_is_no_password(self):
        source = {"file": self.written("empty.txt", self.subject_token())}
        account = self.account(source)
        del account["client_secret"]
        with self.assertRaisesRegex(exceptions.OAuthError, "invalid_client"):
            identity_pool.Credentials.from_info(account).refresh(Request())

    def test_refusals_reach_the_caller(self):
        wrong = {"file": self.written("wrong.txt", self.subject_token(exp=1_700_000_000))}
        with self.assertRaisesRegex(exceptions.OAuthError, "invalid_request.*expired"):
            identity_pool.Credentials.from_info(self.account(wrong)).refresh(Request())
        right = {"file": self.written("right.txt", self.subject_token())}
        with self.assertRaisesRegex(exceptions.OAuthError, "invalid_target"):
            identity_pool.Credentials.from_info(self.account(right, audience=POOL)).refresh(Request())
        with self.assertRaisesRegex(exceptions.OAuthError, "invalid_client"):
            identity_pool.Credentials.from_info(self.account(right, client_secret="wrong")).refresh(Request())


class SecurityTokenService(ClientCase):
    """`google.oauth2.sts.Client`, and credentials that keep a refresh token."""

    def client(self, kind, secret=CLIENT_SECRET):
        return sts.Client(self.sts.token_endpoint, ClientAuthentication(kind, CLIENT_ID, secret))

    def exchanged(self, client, **more):
        return client.exchange_token(Request(), TOKEN_EXCHANGE, self.subject_token(), JWT_TYPE, **more)

    def test_both_client_authentications_and_every_parameter(self):
        for kind in ClientAuthType:
            with self.subTest(kind):
                reply = self.exchanged(
                    self.client(kind),
                    audience=API,
                    resource=OTHER_API,
                    scopes=["read", "write", "admin"],
                    requested_token_type=ACCESS_TOKEN_TYPE,
                    actor_token=self.subject_token(sub="build-server"),
                    actor_token_type=JWT_TYPE,
                    additional_options={"userProject": "p-1"},
                    additional_headers={"x-goog-api-client": "gl-python/3 auth/2 google-byoid-sdk"},
                )
                claims = self.api.verify(reply["access_token"])
                self.assertEqual(claims["aud"], [API, OTHER_API])
                self.assertEqual(claims["act"]["sub"], "build-server")
                self.assertEqual(reply["scope"], "read write")
                self.assertEqual(reply["issued_token_type"], ACCESS_TOKEN_TYPE)

    def test_wrong_secret(self):
        for kind in ClientAuthType:
            with self.subTest(kind), self.assertRaisesRegex(exceptions.OAuthError, "invalid_client"):
                self.exchanged(self.client(kind, "wrong"))

    def test_a_refresh_token_alone(self):
        client = self.client(ClientAuthType.request_body)
        reply = self.exchanged(client, requested_token_type=REFRESH_TOKEN_TYPE)
        self.assertEqual((reply["issued_token_type"], reply["token_type"]), (REFRESH_TOKEN_TYPE, "N_A"))
        renewed = client.refresh_token(Request(), reply["access_token"])
        self.assertEqual(self.api.verify(renewed["access_token"])["sub"], "ada")

    def test_refresh_and_revocation(self):
        first = self.exchanged(self.client(ClientAuthType.basic))["refresh_token"]
        credentials = external_account_authorized_user.Credentials(
            audience=API,
            refresh_token=first,
            token_url=self.sts.token_endpoint,
            token_info_url=f"{self.sts.url}/oauth2/introspect",
            revoke_url=f"{self.sts.url}/oauth2/revoke",
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
        )
        credentials.refresh(Request())
        self.assertNotEqual(credentials.refresh_token, first)
        self.assertEqual(self.api.verify(credentials.token)["sub"], "ada")
        credentials.refresh(Request())
        newest = credentials.refresh_token
        credentials.revoke(Request())
        with self.assertRaisesRegex(exceptions.OAuthError, "invalid_grant"):
            self.client(ClientAuthType.basic).refresh_token(Request(), newest)


if __name__ == "__main__":
    unittest.main()
