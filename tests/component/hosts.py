"""The hosts under test: the example host, and `wasmtime serve`, each as an
operator starts it, with the issuer of the client tests.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
for _folder in ["tests/clients", "examples/component-host"]:
    sys.path.append(str(ROOT / _folder))
