"""Measures one exchange through the engine's component in wasmtime, embedded in
Python, beside its peers.

Standard input has the job as JSON (`rows/wasmtime.mjs` writes it); standard
output gets the samples, with a token that each party has issued.
"""

import json
import sys
import time
import uuid

from component_requests import exchange, issued

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from steps import Engine, Steps
from wasmtime.component import Variant

KEPT = 10_000
# As long as the signed part of an issued token.
MESSAGE = bytes([7]) * 420
SHA256, RSA, ECDSA = hashes.SHA256(), padding.PKCS1v15(), ec.ECDSA(hashes.SHA256())


def jose_form(signature):
    return b"".join(number.to_bytes(32, "big") for number in decode_dss_signature(signature))


def own(job, steps, host_signs):
    """The engine; it computes signatures itself, or has `cryptography` compute them."""
    ours = ECAlgorithm.from_jwk(job["ours"])
    keys = {}

    def answer(kind, ask):
        if kind == "sign":
            return Variant("signature", jose_form(ours.sign(ask.message, ECDSA)))
        if kind != "verify":
            return Variant("failed", "unreachable")
        key = keys.get(ask.thumbprint)
        if key is None:
            key = keys[ask.thumbprint] = load_der_public_key(bytes(ask.key))
        try:
            key.verify(bytes(ask.signature), bytes(ask.message), RSA, SHA256)
        except ValueError:
            return Variant("verdict", False)
        return Variant("verdict", True)

    crypto = {"verifies": ["rs256"], "signs": ["es256"]} if host_signs else {}
    engine = Engine(steps, json.dumps(job["document"]), answer, int(time.time()), **crypto)
    return lambda token: issued(engine.operate("exchange", exchange(job, token), now=int(time.time())))


def by_hand(job, kept=None):
    """The same checks and the same token with PyJWT; `kept` are verified tokens."""
    theirs, ours = RSAAlgorithm.from_jwk(job["theirs"]), ECAlgorithm.from_jwk(job["ours"])

    def verified(token):
        options = {"require": ["sub", "exp", "iat"]}
        return jwt.decode(
            token, theirs, algorithms=["RS256"], issuer=job["issuer"], audience=job["sts"],
            leeway=job["leeway"], options=options,
        )

    def run(token):
        claims = kept.get(token) if kept is not None else None
        now = int(time.time())
        if claims is None:
            claims = verified(token)
            if kept is not None:
                if len(kept) >= KEPT:
                    kept.clear()
                kept[token] = claims
        if claims["exp"] + job["leeway"] <= now or claims["iat"] + job["max_age"] + job["leeway"] < now:
            raise ValueError("the token has expired")
        mine = {
            "iss": job["sts"], "sub": claims["sub"], "aud": job["api"], "client_id": job["client"],
            "scope": job["scope"], "email": claims["email"], "iat": now, "exp": now + job["lifetime"],
            "jti": str(uuid.uuid4()),
        }
        return jwt.encode(mine, ours, algorithm="ES256", headers={"typ": "at+jwt", "kid": job["ours"]["kid"]})

    return run


def one_signature(job):
    ours = ECAlgorithm.from_jwk(job["ours"])
    return lambda token: ours.sign(MESSAGE, ECDSA) and None


def two_signatures(job):
    theirs, sign = RSAAlgorithm.from_jwk(job["theirs"]), one_signature(job)

    def run(token):
        message, _, signature = token.rpartition(".")
        theirs.verify(jwt.utils.base64url_decode(signature), message.encode(), RSA, SHA256)
        return sign(token)

    return run


def interleave(parties, rounds, warmup):
    """Every party once a round; the order is turned round each time."""
    samples = {name: [] for name in parties}
    for number, tokens in enumerate(rounds):
        for name in list(parties) if number % 2 == 0 else reversed(parties):
            cpu, wall = time.process_time(), time.perf_counter()
            for token in tokens:
                parties[name](token)
            if number >= warmup:
                cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
                samples[name].append({"cpu": cpu * 1e6 / len(tokens), "wall": wall * 1e6 / len(tokens)})
    return samples


def truth(parties, token):
    tokens = {name: party(token) for name, party in parties.items()}
    return {"subject": token, "issued": {name: one for name, one in tokens.items() if one}}


def main(job):
    names, steps = job["names"], Steps()
    cold = {
        names["own"]: own(job, steps, host_signs=True),
        names["alone"]: own(job, steps, host_signs=False),
        names["peer"]: by_hand(job),
        names["limit"]: two_signatures(job),
    }
    repeated = {
        names["own"]: own(job, steps, host_signs=True),
        names["peer"]: by_hand(job),
        names["map"]: by_hand(job, {}),
        names["limit"]: two_signatures(job),
        names["one"]: one_signature(job),
    }
    again = [job["repeated"]] * (job["rounds"] + job["warmup"])
    return {
        "length": len(job["repeated"][0]),
        "truth": [truth(cold, job["repeated"][0]), truth(repeated, job["repeated"][0])],
        "cold": interleave(cold, job["cold"], job["warmup"]),
        "repeated": interleave(repeated, again, job["warmup"]),
    }


print(json.dumps(main(json.load(sys.stdin))))
