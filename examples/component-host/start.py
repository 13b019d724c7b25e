"""Installs what the host needs into a folder of its own, once, and starts it."""

import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).parent
VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

if not (VENV / "installed").exists():
    print("installing wasmtime", file=sys.stderr)
    venv.create(VENV, with_pip=True)
    subprocess.check_call([PYTHON, "-m", "pip", "install", "--quiet", "--requirement", HERE / "requirements.txt"])
    (VENV / "installed").touch()
sys.exit(subprocess.call([PYTHON, HERE / "host.py", *sys.argv[1:]]))
