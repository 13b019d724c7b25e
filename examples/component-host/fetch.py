"""The import `fetch`: a GET without credentials, redirects or patience."""

import concurrent.futures
import socket
import ssl
import time
import urllib.error
import urllib.request

from wasmtime.component import Record


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


_opener = urllib.request.build_opener(NoRedirects)
_workers = concurrent.futures.ThreadPoolExecutor(thread_name_prefix="fetch")


def get(fetch):
    """What the server said, whatever the status; or why it could not be asked."""
    seconds = getattr(fetch, "timeout-ms") / 1000
    work = _workers.submit(_document, fetch.url, getattr(fetch, "max-bytes"), time.monotonic() + seconds)
    try:
        return work.result(seconds)
    except (TimeoutError, concurrent.futures.TimeoutError):
        return "timed-out"
    except OSError as error:
        return _cause(getattr(error, "reason", error))


def _cause(reason):
    """Why a server could not be asked."""
    kinds = {TimeoutError: "timed-out", socket.gaierror: "unresolved", ssl.SSLCertVerificationError: "untrusted"}
    return next((cause for kind, cause in kinds.items() if isinstance(reason, kind)), "unreachable")


def _document(url, most, deadline):
    request = urllib.request.Request(url, headers={"Accept": "application/json"})
    try:
        response = _opener.open(request, timeout=max(0.001, deadline - time.monotonic()))
    except urllib.error.HTTPError as error:
        response = error
    with response:
        body = b""
        while chunk := response.read(4096):
            body += chunk
            if len(body) > most:
                return "too-large"
            if time.monotonic() > deadline:
                return "timed-out"
        fetched = Record()
        fetched.status, fetched.body, fetched.location = response.status, body, response.headers.get("Location")
        setattr(fetched, "cache-control", response.headers.get("Cache-Control"))
        return fetched
