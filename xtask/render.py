"""Renders a Helm chart as `helm template` does, without Helm's command and without a cluster.

Usage: render.py CHART VALUES [OVERRIDING VALUES AS JSON]
"""

import json
import sys

import helm_python as helm

# The order in which Helm installs: what others name comes first.
ORDER = [
    "NetworkPolicy", "ServiceAccount", "ConfigMap", "Service", "PodDisruptionBudget",
    "Deployment", "HorizontalPodAutoscaler", "HTTPRoute", "ServiceMonitor",
]


def merged(values, over):
    """The values with others over them."""
    if not (isinstance(values, dict) and isinstance(over, dict)):
        return over
    return {**values, **{key: merged(values.get(key), value) for key, value in over.items()}}


def render(chart, values):
    """The manifests by the names of their templates."""
    with helm.Chart.load(chart) as loaded:
        loaded.validate_schema(values)
        rendered = loaded.render(values, name="exchequer", namespace="exchequer")
    return {name: text for name, text in rendered.items() if name.endswith(".yaml") and text.strip()}


def kind(text):
    return next(line for line in text.splitlines() if line.startswith("kind: ")).removeprefix("kind: ")


if __name__ == "__main__":
    chart, values, *overriding = sys.argv[1:]
    with open(values, encoding="utf8") as file:
        values = helm.values_from_yaml(file.read())
    for text in overriding:
        values = merged(values, json.loads(text))
    for text in sorted(render(chart, values).values(), key=lambda text: ORDER.index(kind(text))):
        print(f"---\n{text.strip()}")
