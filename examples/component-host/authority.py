"""The component: loaded once, instantiated several times over one store.

A call into a component occupies its instance until it returns, and it may wait
for an issuer's keys; so requests take an instance out of a pool each.
"""

import os
import queue
import secrets
import sys
import time
from pathlib import Path

import wasmtime
from wasmtime.component import Component, Linker, Record, Variant

import fetch
from store import Store

PACKAGE, VERSION = "exchequer:sts", "0.1.0"
SERVICE = f"{PACKAGE}/service@{VERSION}"


class ConfigurationError(Exception):
    """Everything that is wrong with the configuration, a line each."""


class Instance:
    """One instance of the component, with a service in it. For one caller at a time."""

    def __init__(self, engine, component, store, config, admin_token):
        linker = Linker(engine)
        _define(linker, "store", store.functions())
        _define(linker, "fetch", {"get": fetch.get})
        _define(linker, "clock", {"now": lambda: int(time.time())})
        _define(linker, "random", {"draw": lambda: secrets.token_bytes(32)})
        self._store = wasmtime.Store(engine)
        self._instance = linker.instantiate(self._store, component)
        self._service = self._make(config, admin_token)

    def handle(self, request):
        """The reply; raises when this host did something wrong."""
        reply = self._call("[method]authority.handle", self._service, request)
        if isinstance(reply, str):
            raise RuntimeError(reply)
        return reply

    def refresh_keys(self):
        """Fetches keys ahead; why that failed shows with the next request that needs them."""
        self._call("[method]authority.refresh-keys", self._service)

    def _make(self, config, admin_token):
        named = _checked(self._call("[static]authority.secrets", config))
        brought = [_secret(source) for source in named]
        found = [secret for secret in brought if secret is not None]
        return _checked(self._call("[static]authority.make", config, found, admin_token))

    def _call(self, name, *arguments):
        interface = self._instance.get_export_index(self._store, SERVICE)
        index = self._instance.get_export_index(self._store, name, interface)
        function = self._instance.get_func(self._store, index)
        return function(self._store, *arguments)


class Authority:
    """The service, for as many callers at once as there are instances."""

    def __init__(self, wasm, config, store_path, admin_token=None, instances=4):
        compiler = wasmtime.Config()
        # Compiled once, and not again at the next start.
        compiler.cache = True
        engine = wasmtime.Engine(compiler)
        component = Component.from_file(engine, str(wasm))
        self._new = lambda: Instance(engine, component, Store(store_path), config, admin_token)
        self._idle = queue.LifoQueue()
        for _ in range(instances):
            self._idle.put(self._new())

    def handle(self, method, target, headers, body, peer=None):
        """`peer` is the address of the client, or of a proxy: who fails too often is turned away."""
        request = Record()
        request.method, request.target, request.headers, request.body = method, target, headers, body
        request.caller, request.peer = "network", peer
        return self._with(self._idle.get(), lambda instance: instance.handle(request))

    def refresh_keys(self):
        """Fetches issuers' keys before they expire, if an instance is idle."""
        try:
            instance = self._idle.get_nowait()
        except queue.Empty:
            return
        self._with(instance, Instance.refresh_keys)

    def _with(self, instance, work):
        try:
            return work(instance)
        except wasmtime.WasmtimeError:
            # An instance that trapped cannot be entered again.
            instance = self._new()
            raise
        finally:
            self._idle.put(instance)


def _define(linker, interface, functions):
    with linker.root() as root, root.add_instance(f"{PACKAGE}/{interface}@{VERSION}") as defined:
        for name, function in functions.items():
            defined.add_func(name, _never_raising(function))


def _never_raising(function):
    """What a host cannot do is an answer, too; an exception would end the instance."""

    def answered(_context, *arguments):
        try:
            return function(*arguments)
        except Exception as error:
            print(f"error: {function.__name__}: {error}", file=sys.stderr)
            return Variant("err", "broken") if function.__name__ == "commit" else "broken"

    return answered


def _checked(result):
    """What is in a result, unless it is problems: a list, where it could not be anything else, or `err`."""
    problems = result.payload if isinstance(result, Variant) and result.tag == "err" else result
    if isinstance(problems, list):
        raise ConfigurationError("\n".join(f"{one.path}: {one.problem}; {one.remedy}" for one in problems))
    return result.payload if isinstance(result, Variant) else result


def _secret(source):
    """A secret that the configuration names, or none, which the engine then says."""
    secret = Record()
    secret.source = source
    try:
        secret.value = os.environ[source.payload] if source.tag == "env" else Path(source.payload).read_text()
    except (KeyError, OSError):
        return None
    return secret
