"""Reads paths as programs on Python's own HTTP server do; see node.mjs."""

import http.server
import json
import os
import posixpath
import re
import socket
import sys
import threading
import urllib.parse

ROUTES = json.load(open(sys.argv[1]))
NOCASE = {
    name: [(prefix, re.compile(re.escape(prefix.rstrip("/")) + "(/|$)", re.IGNORECASE)) for prefix in prefixes]
    for name, prefixes in ROUTES.items()
}


def below(path, prefix):
    return prefix == "/" or path == prefix or path.startswith(prefix + "/")


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def readings(self):
        # Where SimpleHTTPRequestHandler looks for a file.
        yield "files", "/" + os.path.relpath(self.translate_path(self.path), self.directory)
        path = self.path.split("?", 1)[0]
        yield "unquoted", urllib.parse.unquote(path)
        yield "normalised", posixpath.normpath(urllib.parse.unquote(path))
        # These two know an authority, and the first cuts parameters.
        yield "urlparse", urllib.parse.unquote(urllib.parse.urlparse(self.path).path)
        yield "urlsplit", urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)

    def do_GET(self):
        name = self.headers["Host"]
        lines = []
        for reader, path in self.readings():
            lines += [(reader, prefix) for prefix in ROUTES[name] if below(path, prefix)][:1]
        path = urllib.parse.unquote(self.path.split("?", 1)[0])
        lines += [("nocase", prefix) for prefix, pattern in NOCASE[name] if pattern.match(path)][:1]
        body = "".join(f"{reader} {route}\n" for reader, route in lines).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def process_request(self, request, address):
        # A reply is two writes.
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().process_request(request, address)


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
