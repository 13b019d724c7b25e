"""Reads paths as WSGI programs in waitress do: PATH_INFO, and Werkzeug's router; see node.mjs."""

import json
import logging
import sys
import threading

import waitress.server
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

ROUTES = json.load(open(sys.argv[1]))


def rules(prefix):
    yield Rule(prefix, endpoint=prefix)
    yield Rule(prefix.rstrip("/") + "/<path:rest>", endpoint=prefix)
    yield Rule(prefix.rstrip("/") + "/", endpoint=prefix)


MAPS = {name: Map([rule for prefix in prefixes for rule in rules(prefix)]) for name, prefixes in ROUTES.items()}


def application(environ, start_response):
    name, path = environ["HTTP_HOST"], environ["PATH_INFO"]
    lines = [("path-info", p) for p in ROUTES[name] if p == "/" or path == p or path.startswith(p + "/")][:1]
    try:
        lines.append(("werkzeug", MAPS[name].bind_to_environ(environ).match()[0]))
    except HTTPException:
        # Not found, or a redirect: the path that it leads to comes through the gateway.
        pass
    body = "".join(f"{reader} {route}\n" for reader, route in lines).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


# A request that waits for a thread is nothing to report.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)
server = waitress.server.create_server(application, host="127.0.0.1", port=0)
threading.Thread(target=server.run, daemon=True).start()
print(server.effective_port, flush=True)
sys.stdin.read()
