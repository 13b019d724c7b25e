"""A host of the step API in Python: the engine's component in wasmtime."""

import secrets
from pathlib import Path

import wasmtime
from wasmtime.component import Component, Linker, Record, Variant

DIST = Path(__file__).parents[2] / "pkg/dist"
STEPS = "exchequer:sts/steps@0.1.0"


def made(**members):
    """A record; an underscore in the name of a member is a hyphen in WIT."""
    record = Record()
    for name, value in members.items():
        setattr(record, name.replace("_", "-"), value)
    return record


class Steps:
    """An instance of the component, which needs nothing to be one. With `fuel` its
    instructions are counted, and it stops when there is none left."""

    def __init__(self, component=DIST / "exchequer-engine.component.wasm", fuel=None):
        config = wasmtime.Config()
        config.consume_fuel = fuel is not None
        engine = wasmtime.Engine(config)
        component = Component.from_file(engine, str(component))
        self.imports = list(component.type.imports(engine))
        self.store = wasmtime.Store(engine)
        if fuel is not None:
            self.store.set_fuel(fuel)
        self._instance = Linker(engine).instantiate(self.store, component)
        self._functions = {}

    def call(self, name, *arguments):
        if name not in self._functions:
            interface = self._instance.get_export_index(self.store, STEPS)
            index = self._instance.get_export_index(self.store, name, interface)
            self._functions[name] = self._instance.get_func(self.store, index)
        return self._functions[name](self.store, *arguments)


class Engine:
    """A service; `answer` answers its asks. It computes every signature itself but
    those of the algorithms that the host `verifies` and `signs`."""

    def __init__(self, steps, config, answer, now, verifies=(), signs=()):
        self._steps, self._answer = steps, answer
        crypto = made(verify=list(verifies), sign=list(signs))
        engine = steps.call("[static]engine.make", config, [], None, crypto, now)
        if isinstance(engine, list):
            raise ValueError([(one.path, one.problem) for one in engine])
        self._engine = engine

    def handle(self, request, now):
        return self.operate("handle", request, now=now)

    def refresh_keys(self, now):
        return self.operate("refresh-keys", now=now)

    def operate(self, name, *arguments, now):
        """The result of an operation; none when there was nothing to do."""
        step = self._call(name, *arguments, now, secrets.token_bytes(32))
        return None if step is None else self._drive(step)

    def close(self):
        self._engine.drop(self._steps.store)

    def _call(self, name, *arguments):
        return self._good(self._steps.call(f"[method]engine.{name}", self._engine, *arguments))

    def _drive(self, step):
        """The loop: one answer per ask, until done."""
        while step.tag == "ask":
            ask = self._steps.call("[method]pending.ask", step.payload)
            answer = self._answer(ask.tag, ask.payload)
            step = self._good(self._steps.call("[static]pending.resume", step.payload, answer))
        return step.payload

    @staticmethod
    def _good(result):
        if isinstance(result, Variant) and result.tag in ("ok", "err"):
            result = result.payload
        if isinstance(result, str):
            raise AssertionError(result)
        return result
