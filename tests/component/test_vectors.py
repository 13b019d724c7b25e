"""Every case of `tests/vectors` through the engine's component in wasmtime."""

import hosts  # noqa: F401  the path to what is imported below
import unittest

import cases
from steps import Steps


class VectorsInWasmtime(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.steps = Steps()

    def test_the_component_imports_nothing(self):
        self.assertEqual(self.steps.imports, [])


def _case(file):
    return lambda self: self.assertEqual(cases.play(self.steps, file), [])


for _file in cases.files():
    setattr(VectorsInWasmtime, f"test_{_file.parent.name}_{_file.stem}", _case(_file))
