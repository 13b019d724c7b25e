{{- define "exchequer.name" -}}
{{- if contains "exchequer" .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-exchequer{{ end }}
{{- end }}

{{- define "exchequer.selector" -}}
app.kubernetes.io/name: exchequer
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "exchequer.labels" -}}
{{ include "exchequer.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "exchequer.image" -}}
{{- $image := .Values.image }}
{{- if $image.digest }}{{ $image.repository }}@{{ $image.digest }}
{{- else }}{{ $image.repository }}:{{ $image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- /* Replicas that do not share a store would each have keys and records of their own. */}}
{{- define "exchequer.check" -}}
{{- $several := or .Values.autoscaling.enabled (gt (int .Values.replicaCount) 1) (gt (int .Values.workers) 1) }}
{{- if and (eq .Values.store.url "memory:") $several }}
{{- fail "store.url is memory:, which is for one process: set replicaCount and workers to 1 and autoscaling.enabled to false, or name a store that replicas share" }}
{{- end }}
{{- if and .Values.serviceMonitor.enabled (not .Values.adminToken.name) }}
{{- fail "serviceMonitor.enabled needs adminToken: /metrics is for administrators" }}
{{- end }}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) }}
{{- fail "httpRoute.enabled needs httpRoute.parentRefs: the gateway that serves the route" }}
{{- end }}
{{- end }}
