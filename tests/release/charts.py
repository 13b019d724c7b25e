"""Renders the chart and checks what it becomes: charts.py CHART < CASES

A case is `{"name", "values", "refused"}`: values, and a piece of what Helm says against
them. Prints, as JSON, the manifests of each case, or what was said.
"""

import json
import pathlib
import sys

import helm_python as helm
import kubernetes_validate
import yaml

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "xtask"))
from render import render  # noqa: E402

# Their schemas are not those of Kubernetes; chart.test.mjs has them.
OF_OPERATORS = {"HTTPRoute", "ServiceMonitor"}


def play(chart, values):
    try:
        texts = render(chart, values)
    except helm.HelmError as error:
        return {"refused": str(error)}
    manifests = [manifest for text in texts.values() for manifest in yaml.safe_load_all(text) if manifest]
    for manifest in manifests:
        if manifest["kind"] not in OF_OPERATORS:
            for version in ["1.30", "1.37"]:
                kubernetes_validate.validate(manifest, version, strict=True)
    return {"manifests": manifests}


chart = sys.argv[1]
print(json.dumps([play(chart, case) for case in json.load(sys.stdin)]))
