"""Checks bills of materials by the schema of CycloneDX: bills.py FILE…"""

import sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

validator = JsonStrictValidator(SchemaVersion.V1_6)
problems = 0
for path in sys.argv[1:]:
    with open(path, encoding="utf8") as file:
        problem = validator.validate_str(file.read())
    if problem is not None:
        problems += 1
        print(f"{path}: {problem}")
sys.exit(1 if problems else 0)
