"""The job's requests, as the engine's component takes them."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "tests/component"))

from steps import made
from wasmtime.component import Variant


def exchange(job, token):
    """An exchange of this token, by the application that the host speaks for."""
    exchange = made(
        subject=made(token=token, token_type="jwt"), actor=None, requested=None,
        target=made(audience=[], scope=[job["scope"]]),
    )
    return made(client=Variant("embedder", job["client"]), grant=Variant("token-exchange", exchange), dpop=None)


def bearer(job, token):
    """The same by the JWT bearer grant."""
    grant = made(assertion=token, target=made(audience=[], scope=[job["scope"]]))
    return made(client=Variant("embedder", job["client"]), grant=Variant("jwt-bearer", grant), dpop=None)


def issued(exchanged):
    """The token that was issued, or none when the request was refused."""
    outcome = exchanged.outcome
    if isinstance(outcome, Variant):
        outcome = outcome.payload
    return getattr(outcome, "access-token", None)
