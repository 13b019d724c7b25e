"""Traces and metrics at a collector that reads them with OpenTelemetry's own definitions
(PyPI `opentelemetry-proto`): a member that OTLP does not have is an error there.
"""

import base64
import json
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests
from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from support import (
    ADMIN_TOKEN, CLIENT_ID, CLIENT_SECRET, JWT_TYPE, TOKEN_EXCHANGE, Exchequer, Issuer, application, free_port,
)

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
IDS = {"traceId", "spanId", "parentSpanId"}


def with_bytes(value):
    """Ids as protobuf's JSON has bytes: OTLP writes them in hexadecimal."""
    if isinstance(value, list):
        return [with_bytes(one) for one in value]
    if not isinstance(value, dict):
        return value
    hexadecimal = lambda text: base64.b64encode(bytes.fromhex(text)).decode()
    return {name: hexadecimal(one) if name in IDS else with_bytes(one) for name, one in value.items()}


class Collector:
    """Takes OTLP over HTTP, as JSON."""

    KINDS = {"/v1/traces": ExportTraceServiceRequest, "/v1/metrics": ExportMetricsServiceRequest}

    def __init__(self):
        self.spans, self.metrics, self.text, self.errors = [], {}, "", []
        self.resources = set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                try:
                    outer.take(self.path, body)
                    status = 200
                except Exception as error:
                    outer.errors.append(error)
                    status = 400
                self.send_response(status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def take(self, path, body):
        self.text += body
        message = json_format.ParseDict(with_bytes(json.loads(body)), self.KINDS[path]())
        for group in getattr(message, "resource_spans", []):
            self.resources.update(one.value.string_value for one in group.resource.attributes)
            self.spans += [span for scope in group.scope_spans for span in scope.spans]
        for group in getattr(message, "resource_metrics", []):
            self.metrics.update({one.name: one for scope in group.scope_metrics for one in scope.metrics})

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


def attributes(span):
    """Names and values."""
    value = lambda one: one.int_value if one.HasField("int_value") else one.string_value
    return {one.key: value(one.value) for one in span.attributes}


class Telemetry(unittest.TestCase):
    """One server, stopped before anything is looked at: it sends what it has when it ends."""

    @classmethod
    def setUpClass(cls):
        cls.collector = Collector()
        cls.addClassCleanup(cls.collector.stop)
        cls.issuer = Issuer()
        cls.addClassCleanup(cls.issuer.stop)
        cls.sts = Exchequer(lambda url: {
            "issuer": url, "trustedTokenIssuers": [cls.issuer.trusted()], "applications": [application()],
            "telemetry": {"otlp": cls.collector.url, "serviceName": "sts of the tests"},
        })
        cls.tokens = [cls.issuer.token(cls.sts.url, sub=f"subject-of-a-test-{index}") for index in range(3)]
        wrong = cls.issuer.token("https://somebody.example", sub="subject-of-a-test-3")
        cls.statuses = [
            cls.exchange(cls.tokens[0], f"00-{TRACE}-{PARENT}-01"),
            cls.exchange(wrong, None),
            cls.exchange(cls.tokens[1], "00-not-a-trace-01"),
            # Whoever began this trace does not want to see it.
            cls.exchange(cls.tokens[2], f"00-{'a' * 32}-{PARENT}-00"),
        ]
        cls.tokens.append(wrong)
        bearer = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
        cls.scraped = requests.get(f"{cls.sts.url}/metrics", headers=bearer, timeout=30).text
        cls.sts.stop()
        cls.audit = [json.loads(line) for line in cls.sts.lines if '"checks"' in line]

    @classmethod
    def exchange(cls, token, traceparent):
        form = {"grant_type": TOKEN_EXCHANGE, "subject_token": token, "subject_token_type": JWT_TYPE}
        headers = {} if traceparent is None else {"traceparent": traceparent}
        auth = (CLIENT_ID, CLIENT_SECRET)
        return requests.post(cls.sts.token_endpoint, form, auth=auth, headers=headers, timeout=30).status_code

    def of_kind(self, kind):
        return [span for span in self.collector.spans if span.kind == kind]

    def test_what_is_sent_is_otlp(self):
        self.assertEqual(self.statuses, [200, 400, 200, 200])
        self.assertEqual(self.collector.errors, [])
        self.assertIn("sts of the tests", self.collector.resources)

    def test_a_request_is_part_of_the_trace_that_it_names(self):
        span = next(span for span in self.of_kind(Span.SPAN_KIND_SERVER) if span.trace_id.hex() == TRACE)
        self.assertEqual((span.name, span.parent_span_id.hex()), ("POST token", PARENT))
        self.assertLess(span.start_time_unix_nano, span.end_time_unix_nano)
        shown = attributes(span)
        self.assertEqual(shown["http.response.status_code"], 200)
        self.assertEqual((shown["exchequer.outcome"], shown["exchequer.client_id"]), ("granted", CLIENT_ID))
        # The audit line names the same place in the trace.
        line = next(line for line in self.audit if TRACE in line.get("traceparent", ""))
        self.assertEqual(line["traceparent"], f"00-{TRACE}-{span.span_id.hex()}-01")

    def test_what_is_fetched_is_a_part_below(self):
        (fetch,) = self.of_kind(Span.SPAN_KIND_CLIENT)
        server = next(span for span in self.of_kind(Span.SPAN_KIND_SERVER) if span.trace_id == fetch.trace_id)
        self.assertEqual(fetch.parent_span_id, server.span_id)
        self.assertEqual(attributes(fetch)["server.address"], "127.0.0.1")
        self.assertEqual(self.issuer.traceparents, [f"00-{TRACE}-{fetch.span_id.hex()}-01"])

    def test_a_refusal_says_why_and_is_no_error_of_the_server(self):
        (span,) = [span for span in self.collector.spans if attributes(span).get("exchequer.outcome") == "refused"]
        self.assertEqual(attributes(span)["exchequer.reason"], "subject_token.claim.aud.no_alias")
        self.assertEqual(span.status.code, Status.STATUS_CODE_UNSET)

    def test_what_is_no_traceparent_begins_a_trace_and_an_unwanted_trace_is_not_sent(self):
        traces = {span.trace_id.hex() for span in self.of_kind(Span.SPAN_KIND_SERVER)}
        self.assertEqual(len(traces), 3)
        self.assertNotIn("a" * 32, traces)
        self.assertTrue(any("a" * 32 in line["traceparent"] for line in self.audit))

    def test_decisions_and_latencies_are_counted(self):
        decisions = self.collector.metrics["exchequer.decisions"].sum
        self.assertTrue(decisions.is_monotonic)
        counted = {attributes(point)["reason"]: point.as_int for point in decisions.data_points}
        self.assertEqual(counted, {"": 3, "subject_token.claim.aud.no_alias": 1})
        (token,) = [
            point for point in self.collector.metrics["exchequer.request.duration"].histogram.data_points
            if attributes(point) == {"endpoint": "token", "status": "2xx"}
        ]
        self.assertEqual((token.count, sum(token.bucket_counts)), (3, 3))
        self.assertEqual(len(token.bucket_counts), len(token.explicit_bounds) + 1)
        self.assertGreater(token.sum, 0)

    def test_prometheus_reads_the_latencies_too(self):
        for line in [
            'exchequer_request_duration_seconds_count{endpoint="token",status="2xx"} 3',
            'exchequer_request_duration_seconds_bucket{endpoint="token",status="4xx",le="+Inf"} 1',
            'exchequer_fetch_duration_seconds_count{outcome="2xx"} 1',
            'exchequer_store_duration_seconds_count{operation="commit",outcome="done"}',
            'exchequer_telemetry_spans_total{outcome="dropped"} 0',
        ]:
            self.assertIn(line, self.scraped)

    def test_no_token_no_secret_and_no_subject_is_sent(self):
        sent = self.collector.text + self.scraped
        for secret in [CLIENT_SECRET, ADMIN_TOKEN, "subject-of-a-test", *self.tokens]:
            self.assertNotIn(secret, sent)
            self.assertNotIn(secret.rpartition(".")[2], sent)


class CollectorDown(unittest.TestCase):
    """A collector that is not there harms no request, and is complained of once."""

    def test_requests_go_on(self):
        issuer = Issuer()
        self.addCleanup(issuer.stop)
        sts = Exchequer(lambda url: {
            "issuer": url, "trustedTokenIssuers": [issuer.trusted()], "applications": [application()],
            "telemetry": {"otlp": f"http://127.0.0.1:{free_port()}"},
        })
        form = {"grant_type": TOKEN_EXCHANGE, "subject_token": issuer.token(sts.url), "subject_token_type": JWT_TYPE}
        for _ in range(3):
            response = requests.post(sts.token_endpoint, form, auth=(CLIENT_ID, CLIENT_SECRET), timeout=30)
            self.assertEqual(response.status_code, 200)
        directory = sts.directory.name
        sts._end()
        with open(f"{directory}/stderr.txt") as errors:
            said = errors.read()
        sts.directory.cleanup()
        self.assertEqual(said.count("telemetry is lost"), 1, said)
