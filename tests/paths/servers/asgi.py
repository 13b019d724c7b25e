"""Reads paths as ASGI programs in uvicorn do, by Starlette's router; see node.mjs."""

import json
import socket
import sys
import threading

import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

ROUTES = json.load(open(sys.argv[1]))


def routes(prefix):
    """Starlette mounts what is below a prefix, not the prefix itself."""
    answer = PlainTextResponse(f"starlette {prefix}\n")
    yield Route(prefix, answer)
    yield Mount(prefix.rstrip("/"), answer)


APPS = {name: Starlette(routes=[route for prefix in prefixes for route in routes(prefix)]) for name, prefixes in ROUTES.items()}


async def application(scope, receive, send):
    if scope["type"] == "http":
        name = dict(scope["headers"])[b"host"].decode()
        await APPS[name](scope, receive, send)


# With its protocol named, or asyncio does not set TCP_NODELAY.
listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
listening.bind(("127.0.0.1", 0))
server = uvicorn.Server(uvicorn.Config(application, log_level="critical", lifespan="off"))
threading.Thread(target=server.run, args=([listening],), daemon=True).start()
print(listening.getsockname()[1], flush=True)
sys.stdin.read()
