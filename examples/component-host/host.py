"""Serves Exchequer's component over HTTP: `host.py --config FILE --store FILE`."""

import argparse
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from authority import Authority, ConfigurationError

HERE = Path(__file__).parent
COMPONENT = HERE.parents[1] / "pkg/dist/exchequer-authority.component.wasm"
BODY_LIMIT = 64 * 1024
DOCUMENT_LIMIT = 1024 * 1024


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    authority = None

    def _serve(self):
        body = self._body()
        if body is None:
            return
        headers = [(name, value) for name, value in self.headers.items()]
        try:
            reply = self.authority.handle(self.command, self.path, headers, body, self.client_address[0])
        except Exception as error:
            print(f"error: {error}", file=sys.stderr)
            self.send_error(500)
            return
        if reply.audit is not None:
            print(reply.audit, flush=True)
        self._send(reply)
        self.authority.refresh_keys()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve

    def _body(self):
        """The body, cut one byte behind the limit, for which the engine refuses it."""
        if "Transfer-Encoding" in self.headers:
            self.send_error(411)
            return None
        length = self.headers.get("Content-Length", "0")
        if not length.isascii() or not length.isdigit():
            self.send_error(400)
            return None
        length = int(length)
        # A configuration document may be longer than other bodies.
        is_document = "/api/server/v1/configuration/" in self.path
        limit = DOCUMENT_LIMIT if is_document else BODY_LIMIT
        if length > limit:
            # The rest is not read, so nothing can follow on this connection.
            self.close_connection = True
        wanted = min(length, limit + 1)
        body = self.rfile.read(wanted)
        if len(body) < wanted:
            # It broke off: half a body is no request.
            self.close_connection = True
            return None
        return body

    def _send(self, reply):
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        self.send_header("content-length", str(len(reply.body)))
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", default=HERE / "exchequer.json", type=Path)
    parser.add_argument("--store", default="exchequer.sqlite")
    parser.add_argument("--port", default=9443, type=int, help="0 takes a free one")
    options = parser.parse_args()
    # Nobody but its owner reads what is kept: there are signing keys in it.
    os.umask(0o077)
    admin_token = os.environ.pop("EXCHEQUER_ADMIN_TOKEN", None) or None
    try:
        Handler.authority = Authority(COMPONENT, options.config.read_text(), options.store, admin_token)
    except ConfigurationError as error:
        sys.exit(f"{options.config}:\n{error}")
    server = ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    url = f"http://127.0.0.1:{server.server_port}"
    print(json.dumps({"event": "listening", "url": url}), flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
