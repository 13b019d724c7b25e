"""The typed operations of the engine's component in wasmtime, each once."""

import hosts  # noqa: F401  the path to what is imported below
import json
import time
import unittest

from support import API, CLIENT_ID, Issuer, application
from wasmtime.component import Variant

from cases import World
from steps import Engine, Steps, made

EMBEDDER = Variant("embedder", CLIENT_ID)


class TypedOperations(unittest.TestCase):
    def setUp(self):
        self.issuer = Issuer()
        self.addCleanup(self.issuer.stop)
        self.now = int(time.time())
        world = World()
        world.now = self.now
        url = "https://sts.example.com"
        config = {
            "issuer": url,
            "trustedTokenIssuers": [{**self.issuer.trusted(), "certificate": {"jwks": json.loads(self.issuer.files["/jwks"])}}],
            "applications": [application()],
        }
        self.engine = Engine(Steps(), json.dumps(config), world.answer, self.now)
        self.addCleanup(self.engine.close)
        self.subject = self.issuer.token(url)

    def request(self, token, audience=()):
        """A token exchange."""
        subject = made(token=token, token_type="jwt")
        target = made(audience=list(audience), scope=None)
        exchange = made(subject=subject, actor=None, requested=None, target=target)
        return made(client=EMBEDDER, grant=Variant("token-exchange", exchange), dpop=None)

    def operate(self, name, *arguments):
        return self.engine.operate(name, *arguments, now=self.now)

    def assert_good(self, result):
        """What is in a result that is no refusal."""
        result = getattr(result, "outcome", result)
        if isinstance(result, Variant) and result.tag in ("ok", "err"):
            self.assertEqual(result.tag, "ok", vars(result.payload) if result.payload else None)
            return result.payload
        return result

    def test_exchange_introspect_authenticate_and_revoke(self):
        exchanged = self.operate("exchange", self.request(self.subject, [API]))
        issued = self.assert_good(exchanged)
        token = getattr(issued, "access-token")
        self.assertEqual(getattr(issued, "issued-token-type"), "access-token")
        self.assertEqual(json.loads(exchanged.audit)["event"], "token")
        self.assertNotIn(token[-20:], exchanged.audit)

        of_client = made(client=EMBEDDER, token=token)
        known = self.assert_good(self.operate("introspect", of_client))
        # wasmtime gives the payload of a variant bare where no two of them are alike.
        members = json.loads(known)
        self.assertEqual((members["active"], members["sub"]), (True, "ada"))
        required = made(scopes=[], audiences=[API], origin=None)
        self.assertEqual(self.assert_good(self.operate("authenticate", token, None, required)).sub, "ada")
        self.assert_good(self.operate("revoke", of_client))
        self.assertIsNone(self.assert_good(self.operate("introspect", of_client)), "`inactive` has no payload")

    def test_a_refusal_has_its_members(self):
        token = self.issuer.token("https://somebody-else.example.com")
        for name in ["exchange", "explain"]:
            outcome = self.operate(name, self.request(token)).outcome
            refusal = outcome.payload if isinstance(outcome, Variant) else outcome
            self.assertEqual((refusal.error, refusal.claim, refusal.status), ("invalid_request", "aud", 400))

    def test_explain_shows_every_check(self):
        explained = self.operate("explain", self.request(self.subject))
        self.assertEqual(json.loads(self.assert_good(explained).claims)["sub"], "ada")
        self.assertIn(("subject_token.signature", "pass"), [(check.code, check.outcome) for check in explained.checks])
