"""PyJWT on both sides: Exchequer accepts what PyJWT signs, with every
algorithm, and PyJWT accepts what Exchequer signs, with every algorithm.
"""

import json
import subprocess
import unittest

import jwt
import requests
from jwt.algorithms import get_default_algorithms
from support import (
    ALGORITHMS, API, CLIENT_ID, CLIENT_SECRET, COMMAND, JWT_TYPE, OTHER_API, TOKEN_EXCHANGE,
    Api, ClientCase, Exchequer, Issuer, application,
)


def exchange(sts, token, **more):
    """One exchange with nothing but `requests`."""
    form = {"grant_type": TOKEN_EXCHANGE, "subject_token": token, "subject_token_type": JWT_TYPE, **more}
    return requests.post(sts.token_endpoint, data=form, auth=(CLIENT_ID, CLIENT_SECRET), timeout=30)


class SubjectTokens(ClientCase):
    """Signed by PyJWT, accepted by Exchequer."""

    def accepted(self, response):
        self.assertEqual(response.status_code, 200, response.text)
        return self.api.verify(response.json()["access_token"])

    def refused(self, response, pattern):
        self.assertEqual((response.status_code, response.json()["error"]), (400, "invalid_request"))
        self.assertRegex(response.json()["error_description"], pattern)

    def test_every_algorithm(self):
        for alg in ALGORITHMS:
            with self.subTest(alg):
                claims = self.accepted(exchange(self.sts, self.subject_token(alg=alg), audience=API, scope="read"))
                self.assertEqual((claims["sub"], claims["aud"], claims["scope"]), ("ada", API, "read"))
                self.assertEqual((claims["client_id"], claims["idp"]), (CLIENT_ID, self.issuer.url))

    def test_no_kid_when_one_key_fits(self):
        for alg in ALGORITHMS:
            with self.subTest(alg):
                token = self.subject_token(alg=alg, headers={})
                self.assertNotIn("kid", jwt.get_unverified_header(token))
                self.accepted(exchange(self.sts, token))

    def test_audiences(self):
        token = self.issuer.token(["https://elsewhere.example.com", self.sts.token_endpoint])
        claims = self.accepted(exchange(self.sts, token, audience=[API, OTHER_API]))
        self.assertEqual(claims["aud"], [API, OTHER_API])

    def test_whole_seconds_are_not_needed(self):
        now = jwt.decode(self.subject_token(), options={"verify_signature": False})["iat"]
        self.accepted(exchange(self.sts, self.subject_token(iat=now - 0.25, exp=now + 60.75)))

    def test_refusals(self):
        token = self.subject_token()
        self.refused(exchange(self.sts, token[:-4] + "AAAA"), "signature")
        self.refused(exchange(self.sts, self.subject_token(exp=1_700_000_000)), "expired")
        self.refused(exchange(self.sts, self.issuer.token("https://elsewhere.example.com")), "audience")
        self.refused(exchange(self.sts, self.subject_token(iss="https://nobody.example.com")), "issuer")
        claims = jwt.decode(token, options={"verify_signature": False})
        self.refused(exchange(self.sts, jwt.encode(claims, key=None, algorithm="none")), "alg|algorithm")
        mac = jwt.encode(claims, key="0123456789abcdef0123456789abcdef", algorithm="HS256", headers={"kid": "rsa"})
        self.refused(exchange(self.sts, mac), "alg|algorithm")


class IssuedTokens(unittest.TestCase):
    """Signed by Exchequer, accepted by PyJWT from Exchequer's JWK set."""

    def issued(self, keys):
        issuer = Issuer()
        self.addCleanup(issuer.stop)
        sts = Exchequer(lambda url: {
            "issuer": url, "keys": keys, "trustedTokenIssuers": [issuer.trusted()], "applications": [application()],
        })
        self.addCleanup(sts.stop)
        token = exchange(sts, issuer.token(sts.url)).json()["access_token"]
        api = Api(sts)
        self.addCleanup(api.stop)
        self.assertEqual(api.verify(token)["sub"], "ada")
        return jwt.get_unverified_header(token), requests.get(sts.jwks_uri, timeout=30).json()["keys"]

    def test_keys_made_by_the_command(self):
        made = subprocess.run(
            ["node", str(COMMAND), "keys", "new", "--alg", "ES384"], check=True, capture_output=True, timeout=30
        )
        key = json.loads(made.stdout)
        header, _ = self.issued([key])
        self.assertEqual((header["alg"], header["kid"]), ("ES384", key["kid"]))

    def test_every_kind_of_key_of_others(self):
        signers = Issuer()
        self.addCleanup(signers.stop)
        for alg in ["RS256", "PS384", "ES256", "ES512", "EdDSA"]:
            kind = Issuer.KINDS.get(alg) or Issuer.KINDS[alg[:2]]
            key = get_default_algorithms()[alg].to_jwk(signers.keys[kind], as_dict=True)
            key.pop("key_ops", None)
            with self.subTest(alg):
                header, published = self.issued([{**key, "kid": "k", "alg": alg}])
                self.assertEqual(header, {"alg": alg, "kid": "k", "typ": "at+jwt"})
                self.assertEqual(published[0]["alg"], alg)
                self.assertFalse({"d", "p", "q"} & set(published[0]))


if __name__ == "__main__":
    unittest.main()
