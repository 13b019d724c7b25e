"""Issuers known by certificate, as OpenSSL writes them: PEM, DER in base64, and
several of which one has expired. Tokens are signed with the key that OpenSSL
made for the certificate.
"""

import base64
import datetime
import shutil
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import jwt
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from support import CLIENT_ID, CLIENT_SECRET, JWT_TYPE, TOKEN_EXCHANGE, Api, Exchequer, application

NEW_KEY = {
    "RS256": ["-newkey", "rsa:2048"],
    "PS384": ["-newkey", "rsa:3072"],
    "ES256": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "ES384": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "EdDSA": ["-newkey", "ed25519"],
}


def openssl(*arguments):
    done = subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=60)
    return done.stdout


def expired_certificate():
    """A certificate that was good for a day, a year ago."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "expired")])
    then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=365)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(then).not_valid_after(then + datetime.timedelta(days=1))
    return key, builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


@unittest.skipUnless(shutil.which("openssl"), "there is no openssl on this machine")
class Certificates(unittest.TestCase):
    """One issuer for each certificate, all trusted by one Exchequer."""

    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory(prefix="exchequer-certificates-")
        cls.addClassCleanup(directory.cleanup)
        cls.keys, issuers = {}, []
        expired_key, expired = expired_certificate()

        def trust(name, key, *certificates):
            cls.keys[name] = key
            issuers.append({
                "name": name,
                "issuer": f"https://{name.lower()}.example.com",
                "certificate": {"certificates": list(certificates)},
                "algorithms": [name.split("-")[0]],
            })

        for alg, how in NEW_KEY.items():
            key, crt = Path(directory.name) / f"{alg}.key", Path(directory.name) / f"{alg}.crt"
            openssl("req", "-x509", *how, "-nodes", "-days", "2", "-subj", f"/CN={alg}",
                    "-keyout", str(key), "-out", str(crt))
            der = base64.b64encode(openssl("x509", "-in", str(crt), "-outform", "DER")).decode()
            text = openssl("x509", "-in", str(crt), "-text").decode()
            trust(f"{alg}-pem", key.read_text(), crt.read_text())
            trust(f"{alg}-der", key.read_text(), der)
            # As `openssl x509 -text` prints it, with words around the PEM.
            trust(f"{alg}-text", key.read_text(), text)
        current = (Path(directory.name) / "RS256.crt").read_text()
        trust("RS256-overlap", cls.keys["RS256-pem"], expired, current)
        trust("RS256-expired", expired_key, expired, current)
        cls.sts = Exchequer(lambda url: {
            "issuer": url,
            "trustedTokenIssuers": issuers,
            "applications": [application(trustedTokenIssuers=list(cls.keys))],
        })
        cls.addClassCleanup(cls.sts.stop)
        cls.api = Api(cls.sts)
        cls.addClassCleanup(cls.api.stop)

    def exchange(self, name):
        alg, now = name.split("-")[0], int(time.time())
        claims = {"iss": f"https://{name.lower()}.example.com", "sub": "ada", "aud": self.sts.url, "exp": now + 60}
        form = {
            "grant_type": TOKEN_EXCHANGE,
            "subject_token": jwt.encode(claims, self.keys[name], algorithm=alg),
            "subject_token_type": JWT_TYPE,
        }
        return requests.post(self.sts.token_endpoint, form, auth=(CLIENT_ID, CLIENT_SECRET), timeout=30)

    def test_accepted(self):
        for name in self.keys:
            if name == "RS256-expired":
                continue
            with self.subTest(name):
                response = self.exchange(name)
                self.assertEqual(response.status_code, 200, response.text)
                self.assertEqual(self.api.verify(response.json()["access_token"])["sub"], "ada")

    def test_expired(self):
        response = self.exchange("RS256-expired")
        self.assertEqual((response.status_code, response.json()["error"]), (400, "invalid_request"), response.text)


if __name__ == "__main__":
    unittest.main()
