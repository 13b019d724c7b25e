"""Counts the instructions of the engine's component, by wasmtime's fuel, which
is the same in every run and on every machine: one for each WebAssembly
instruction, but for a few that cost nothing.

Signatures are the host's here, so that what is counted is the engine's own; the
host says yes to every one and makes none. The job comes on standard input
(`support/instructions.mjs` writes it), the counts go to standard output.
"""

import json
import sys

from component_requests import bearer, exchange, issued

from steps import Steps, made
from wasmtime.component import Variant

# A budget that never runs out.
FULL = 2**62
# The first calls fill what is filled once.
WARMUP = 3
# Of the right form; nobody verifies it.
SIGNATURE = bytes([17]) * 64


class Counted:
    """An engine whose every call is counted."""

    def __init__(self, steps, document, now):
        self._steps, self._now, self._drawn = steps, now, 0
        crypto = made(verify=["rs256", "es256"], sign=["es256"])
        self.spent, engine = self._counted("[static]engine.make", json.dumps(document), [], None, crypto, now)
        if isinstance(engine, list):
            raise ValueError([(one.path, one.problem) for one in engine])
        self._engine = engine

    def operate(self, name, *arguments):
        """The instructions of each part of an operation, and its result. A part
        ends where the engine asks for something."""
        self._drawn += 1
        entropy = self._drawn.to_bytes(32, "big")
        spent, step = self._counted(f"[method]engine.{name}", self._engine, *arguments, self._now, entropy)
        parts = [spent]
        while step.tag == "ask":
            ask = self._steps.call("[method]pending.ask", step.payload)
            spent, step = self._counted("[static]pending.resume", step.payload, self._answer(ask))
            parts.append(spent)
        return parts, step.payload

    def close(self):
        self._engine.drop(self._steps.store)

    @staticmethod
    def _answer(ask):
        """Every signature is good, and nothing is stored."""
        if ask.tag == "read":
            return Variant("records", [None] * len(ask.payload))
        return {"verify": Variant("verdict", True), "sign": Variant("signature", SIGNATURE)}[ask.tag]

    def _counted(self, name, *arguments):
        self._steps.store.set_fuel(FULL)
        result = self._steps.call(name, *arguments)
        spent = FULL - self._steps.store.get_fuel()
        if isinstance(result, Variant) and result.tag in ("ok", "err"):
            result = result.payload
        if isinstance(result, str):
            raise AssertionError(result)
        return spent, result


def form(job, token):
    headers = [("authorization", job["authorization"]), ("content-type", "application/x-www-form-urlencoded")]
    return made(method="POST", target="/oauth2/token", headers=headers, body=job["forms"][token].encode(), caller="network", peer=None)


def counts(job):
    steps = Steps(fuel=FULL)
    tokens = iter(job["tokens"])
    few = Counted(steps, job["document"], job["now"])
    many = Counted(steps, job["many"], job["now"])
    found = {
        "configuration, one issuer and one application": few.spent,
        "configuration, each further application": round((many.spent - few.spent) / job["more"]),
    }
    many.close()

    for _ in range(WARMUP):
        few.operate("exchange", exchange(job, next(tokens)))
    token = next(tokens)
    parts, result = few.operate("exchange", exchange(job, token))
    ours = issued(result)
    assert ours and len(parts) == 3, "a cold exchange asks for two signatures"
    found["exchange: the request, its token parsed, its issuer and key found"] = parts[0]
    found["exchange: claims, policy and the new token's claims"] = parts[1]
    found["exchange: the token minted and the result written"] = parts[2]
    found["exchange, whole"] = sum(parts)

    for _ in range(WARMUP):
        few.operate("exchange", exchange(job, token))
    parts, result = few.operate("exchange", exchange(job, token))
    assert issued(result), "a repeated exchange is granted"
    found["exchange of a repeated token, whole"] = sum(parts)

    caching = Counted(steps, job["caching"], job["now"])
    for _ in range(WARMUP):
        caching.operate("exchange", exchange(job, token))
    parts, result = caching.operate("exchange", exchange(job, token))
    assert issued(result) and len(parts) == 2, "the signature of a known token is not asked for"
    found["exchange of a token in the cache, whole"] = sum(parts)
    caching.close()

    bearing = Counted(steps, job["bearing"], job["now"])
    for _ in range(WARMUP):
        bearing.operate("exchange", bearer(job, next(tokens)))
    parts, result = bearing.operate("exchange", bearer(job, next(tokens)))
    assert issued(result), "an assertion is granted"
    found["exchange by JWT bearer, whole"] = sum(parts)
    bearing.close()

    for _ in range(WARMUP):
        few.operate("handle", form(job, next(tokens)))
    parts, reply = few.operate("handle", form(job, next(tokens)))
    assert reply.status == 200, reply.body
    found["exchange over HTTP, whole"] = sum(parts)

    few.operate("exchange", exchange(job, job["expired"]))
    parts, result = few.operate("exchange", exchange(job, job["expired"]))
    assert not issued(result), "an expired token is refused"
    found["exchange of an expired token, refused"] = sum(parts)

    requirements = made(scopes=[job["scope"]], audiences=[job["api"]], origin=None)
    for _ in range(WARMUP):
        few.operate("authenticate", ours, None, requirements)
    parts, result = few.operate("authenticate", ours, None, requirements)
    assert hasattr(result, "claims"), "an issued token is let in"
    found["authenticate: the law of grants, once signature and store have answered"] = parts[-1]
    found["authenticate, whole"] = sum(parts)
    few.close()
    return found


print(json.dumps(counts(json.load(sys.stdin))))
