"""Plays the cases of `tests/vectors` (its README says what is in them), as
`tests/vectors/runner` does in JavaScript, with PyJWT for what was issued.
"""

import base64
import json
from pathlib import Path
from urllib.parse import urlencode

import jwt
from wasmtime.component import Variant

from steps import Engine, made
from store import Store

ROOT = Path(__file__).parents[1] / "vectors"
NO_GROUPS = ["configs", "forge", "keys", "runner"]
PRIVATE = ["d", "p", "q", "dp", "dq", "qi"]
OUTCOMES = {"pass": "{}", "fail": "{} (fail)", "audit": "{} (audit)", "unavailable": "{} (unavailable)"}
EXPECTED = {"status", "error", "reason", "fetches", "headers", "body", "header", "claims", "checks"}


def files():
    """Those that need nothing that a component is not told, such as a client certificate."""
    cases = (file for file in ROOT.glob("*/*.json") if file.parent.name not in NO_GROUPS)
    return sorted(file for file in cases if '"connection"' not in file.read_text())


def load(path):
    return json.loads((ROOT / path).read_text())


def expand(value):
    if isinstance(value, list):
        return [expand(one) for one in value]
    if not isinstance(value, dict):
        return value
    if "$key" in value:
        return load(f"keys/{value['$key']}.json")
    if "$public" in value:
        return public(**value)
    if "$certificate" in value:
        return (ROOT / f"keys/{value['$certificate']}.pem").read_text()
    if "$jwks" in value:
        return {"keys": [public(**{"$public": key}) if isinstance(key, str) else expand(key) for key in value["$jwks"]]}
    return {name: expand(one) for name, one in value.items()}


def public(**value):
    key = {**load(f"keys/{value.pop('$public')}.json"), **value}
    return {name: one for name, one in key.items() if name not in PRIVATE and one is not None}


def text(value, answered=()):
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(text(part, answered) for part in value)
    if "step" in value:
        return answered[value["step"] - 1][value["member"]]
    return value["repeat"] * value["times"]


def differs(wanted, found, at):
    """The differences; what is not wanted of an object is free, and a wanted null must not be there."""
    if not isinstance(wanted, dict):
        return [] if wanted == found else [f"{at}: wanted {wanted}, found {found}"]
    found = found if isinstance(found, dict) else {}
    return [line for name, one in wanted.items() for line in differs(one, found.get(name), f"{at}.{name}")]


class World:
    """A scripted web, a store that may fail, a clock that is set."""

    def __init__(self):
        self.now, self.store_fails, self.fetched, self.unscripted, self._scripts = 0, False, [], [], {}
        self._store = Store(":memory:", lambda: self.now)
        self.script(load("web.json"))

    def script(self, scripts):
        self._scripts.update({url: list(answers) for url, answers in scripts.items()})

    def answer(self, kind, ask):
        if kind == "fetch":
            fetched = self._fetch(ask)
            return Variant("failed", fetched) if isinstance(fetched, str) else Variant("fetched", fetched)
        if self.store_fails or kind not in ["read", "list", "commit"]:
            return Variant("failed", "unreachable")
        answered = getattr(self._store, kind)(ask)
        if kind == "commit":
            return Variant(answered.payload)
        return Variant({"read": "records", "list": "page"}[kind], answered)

    def _fetch(self, ask):
        self.fetched.append(ask.url)
        script = self._scripts.get(ask.url)
        if script is None:
            self.unscripted.append(ask.url)
            return "unreachable"
        answer = script.pop(0) if len(script) > 1 else script[0]
        if isinstance(answer, str):
            return {"timedOut": "timed-out"}.get(answer, answer)
        body = json.dumps(expand(answer["body"])) if "body" in answer else text(answer.get("text", ""))
        if len(body) > getattr(ask, "max-bytes"):
            return "too-large"
        headers = answer.get("headers", {})
        return made(
            status=answer.get("status", 200), body=body.encode(),
            cache_control=headers.get("cache-control"), location=headers.get("location"),
        )


def play(steps, file):
    """What is wrong; nothing when all is well."""
    case, world, answered, wrong = json.loads(file.read_text()), World(), [], []
    config = case["config"]
    config = expand(load(f"configs/{config}.json") if isinstance(config, str) else config)
    engine = Engine(steps, json.dumps(config), world.answer, case["steps"][0]["now"])
    try:
        for step in case["steps"]:
            world.now, world.store_fails, world.fetched = step["now"], step.get("store") == "failed", []
            world.script(step.get("fetch", {}))
            reply = engine.handle(request(step["request"], answered), world.now)
            engine.refresh_keys(world.now)
            body = parsed(reply.body)
            wrong += problems(step["expect"], reply, body, world)
            wrong += issued(step["expect"], body, engine, world)
            answered.append(body)
    finally:
        engine.close()
    return wrong + [f"the engine must not fetch {url}" for url in world.unscripted]


def request(case, answered):
    headers = [(name, text(value, answered)) for name, value in case.get("headers", [])]
    if "basic" in case:
        pair = base64.b64encode(":".join(case["basic"]).encode()).decode()
        headers.insert(0, ("Authorization", f"Basic {pair}"))
    body = text(case.get("body", ""), answered)
    if "form" in case:
        if not any(name.lower() == "content-type" for name, _ in headers):
            headers.append(("Content-Type", "application/x-www-form-urlencoded"))
        body = urlencode([(name, text(value, answered)) for name, value in case["form"]])
    return made(
        method=case.get("method", "POST"), target=case.get("target", "/oauth2/token"),
        headers=headers, body=body.encode(), caller=case.get("caller", "network"), peer=None,
    )


def parsed(body):
    try:
        return json.loads(body)
    except ValueError:
        return None


def problems(expect, reply, body, world):
    audit = json.loads(reply.audit or "{}")
    error = body.get("error") if isinstance(body, dict) else None
    found = {"status": reply.status, "error": error, "reason": audit.get("reason")}
    wrong = [line for name, one in found.items() for line in differs(expect.get(name), one, name)]
    wrong += [f"`{name}` is not compared here" for name in expect.keys() - EXPECTED]
    if expect.get("fetches", len(world.fetched)) != len(world.fetched):
        wrong.append(f"fetches: wanted {expect['fetches']}, found {world.fetched}")
    if "checks" in expect:
        checks = [OUTCOMES[one["outcome"]].format(one["code"]) for one in audit.get("checks", [])]
        wrong += differs(expect["checks"], checks, "checks")
    wrong += differs(expect.get("headers", {}), dict(reply.headers), "headers")
    return wrong + differs(expand(expect.get("body", {})), body, "body")


def issued(expect, body, engine, world):
    """A token that was issued, as PyJWT verifies it with the keys that are published."""
    token = body.get("access_token", "") if isinstance(body, dict) else ""
    if token.count(".") != 2:
        return ["no JWT was issued"] if "claims" in expect or "header" in expect else []
    keys = engine.handle(made(method="GET", target="/oauth2/jwks", headers=[], body=b"", caller="network", peer=None), world.now)
    header = jwt.get_unverified_header(token)
    key = jwt.PyJWKSet.from_json(keys.body.decode())[header["kid"]]
    claims = jwt.decode(token, key, algorithms=[key.algorithm_name], options={
        "verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False,
    })
    return differs(expect.get("header", {}), header, "header") + differs(expect.get("claims", {}), claims, "claims")
