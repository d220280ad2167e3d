{{- define "platform.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-platform" .Release.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "platform.labels" -}}
app.kubernetes.io/name: platform
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "platform.selector" -}}
app.kubernetes.io/name: platform
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "platform.image" -}}
{{- $tag := .Values.image.tag | default .Chart.AppVersion -}}
{{- if eq $tag "latest" }}{{ fail "image.tag: name a version; what \"latest\" is changes under a running release" }}{{ end -}}
{{ .Values.image.repository }}:{{ $tag }}
{{- end }}

{{- define "platform.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "platform.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{- define "platform.databaseEnv" -}}
{{- if eq .Values.database.mode "operator" }}
- name: DATABASE_PASSWORD
  valueFrom: { secretKeyRef: { name: {{ include "platform.name" . }}-db-app, key: password } }
- name: PLATFORM_DATABASE__CONNECTIONSTRING
  value: Host={{ include "platform.name" . }}-db-rw;Database=platform;Username=platform;Password=$(DATABASE_PASSWORD);SSL Mode=Require
{{- else }}
- name: PLATFORM_DATABASE__CONNECTIONSTRING
  valueFrom: { secretKeyRef: { name: {{ .Values.secret }}, key: database } }
{{- end }}
{{- end }}

{{- define "platform.env" -}}
{{- include "platform.databaseEnv" . }}
- name: PLATFORM_BROKER__URI
  {{- if eq .Values.broker.mode "operator" }}
  valueFrom: { secretKeyRef: { name: {{ include "platform.name" . }}-mq-default-user, key: connection_string } }
  {{- else }}
  valueFrom: { secretKeyRef: { name: {{ .Values.secret }}, key: broker } }
  {{- end }}
{{- if .Values.s3.credentials }}
- name: PLATFORM_S3__ACCESSKEY
  valueFrom: { secretKeyRef: { name: {{ .Values.secret }}, key: s3-access-key } }
- name: PLATFORM_S3__SECRETKEY
  valueFrom: { secretKeyRef: { name: {{ .Values.secret }}, key: s3-secret-key } }
{{- end }}
{{- end }}

{{/* Settings from keys of secrets. */}}
{{- define "platform.secretEnv" -}}
{{- range $name, $from := .Values.secretSettings }}
- name: {{ $name }}
  valueFrom: { secretKeyRef: { name: {{ $from.secret | default $.Values.secret }}, key: {{ $from.key }} } }
{{- end }}
{{- end }}

{{/* The certificate authority of one's own: where it is found, beside the system's, which the variable would replace. */}}
{{- define "platform.caEnv" -}}
{{- if or .Values.caBundle.configMap .Values.caBundle.secret }}
- { name: SSL_CERT_DIR, value: "/etc/ssl/certs:/etc/platform/ca" }
{{- end }}
{{- end }}

{{- define "platform.pricesEnv" -}}
{{- if .Values.pricing.configMap }}
- { name: PLATFORM_PRICING__FILE, value: /etc/platform/prices/prices.json }
{{- end }}
{{- end }}

{{- define "platform.mounts" -}}
volumeMounts:
  - { name: tmp, mountPath: /tmp }
  - { name: data, mountPath: /data }
  {{- if or .Values.caBundle.configMap .Values.caBundle.secret }}
  - { name: ca, mountPath: /etc/platform/ca, readOnly: true }
  {{- end }}
  {{- if .Values.pricing.configMap }}
  - { name: prices, mountPath: /etc/platform/prices, readOnly: true }
  {{- end }}
{{- end }}

{{/* A variable's value as text; numbers of values.yaml are floating, and a large one would be written with an exponent. */}}
{{- define "platform.text" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) }}{{ printf "%d" (int64 .) }}{{ else }}{{ toString . }}{{ end }}
{{- end }}

{{/* Refuses secrets among plain variables: dict "where" "variables" */}}
{{- define "platform.refuseSecrets" -}}
{{- range $name, $value := .variables }}
{{- if regexMatch "(?i)(API_*KEY|ACCESS_*KEY|SECRET|PASSWORD|CONNECTION_*STRING|BROKER_+URI|ADMIN_+KEY|OTLP_([A-Z]+_)?HEADERS)" $name }}
{{- fail (printf "%s: %s is a secret and would stand where many may read it; give it by secretSettings from a key of a secret" $.where $name) }}
{{- end }}
{{- end }}
{{- end }}

{{/* Connections that one process may open, in two pools, for reports and for lists: dict "root" "worker" (null for the other roles) */}}
{{- define "platform.connections" -}}
{{- $each := .root.Values.database.connections }}
{{- if .worker }}{{ $each = .root.Values.database.workerConnections }}{{ end }}
{{- $each = index .root.Values.settings "PLATFORM_DATABASE__MAXCONNECTIONS" | default $each }}
{{- if .worker }}{{ $each = index .worker.env "PLATFORM_DATABASE__MAXCONNECTIONS" | default $each }}{{ end }}
{{- add 8 (mul 2 (int $each)) }}
{{- end }}

{{/* What all processes may open while a release is replaced at its largest: each role with its surge, the migration, the scaler, and 20 that
     the server and its operator keep. */}}
{{- define "platform.allConnections" -}}
{{- $one := include "platform.connections" (dict "root" . "worker" nil) | int }}
{{- $api := ternary .Values.api.autoscaling.maxReplicas .Values.api.replicas .Values.api.autoscaling.enabled | int }}
{{- $sum := mul $one (add $api 1 .Values.scheduler.replicas 1) }}
{{- $sum = add $sum 48 20 }}
{{- range .Values.workers }}
{{- $many := ternary .autoscaling.maxReplicas .replicas .autoscaling.enabled | int }}
{{- $sum = add $sum 1 (mul (include "platform.connections" (dict "root" $ "worker" .) | int) (add $many (ternary 0 1 .gpu.enabled))) }}
{{- end }}
{{- $sum }}
{{- end }}

{{/* The container of a role: dict "root" "role" "env" "resources" */}}
{{- define "platform.container" -}}
- name: platform
  image: {{ include "platform.image" .root }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  args: [serve, --roles, {{ .role }}, --urls, "http://0.0.0.0:8080"]
  ports:
    - { name: http, containerPort: 8080 }
    - { name: metrics, containerPort: 9464 }
  envFrom: [{ configMapRef: { name: {{ include "platform.name" .root }} } }]
  env:
    # For whoever runs a verb beside it, such as doctor.
    - { name: PLATFORM_ROLES, value: {{ .role }} }
    {{- include "platform.env" .root | nindent 4 }}
    {{- with include "platform.secretEnv" .root }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- with include "platform.caEnv" .root }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- with include "platform.pricesEnv" .root }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- with .env }}
    {{- . | nindent 4 }}
    {{- end }}
  securityContext:
    {{- include "platform.containerSecurity" . | nindent 4 }}
  resources:
    {{- toYaml .resources | nindent 4 }}
  # Half an hour: a process starts to work when its database answers and is migrated.
  startupProbe: { httpGet: { path: /health/live, port: http }, periodSeconds: 2, failureThreshold: 900 }
  livenessProbe: { httpGet: { path: /health/live, port: http }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 }
  readinessProbe: { httpGet: { path: /health/ready, port: http }, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 2 }
  {{- include "platform.mounts" .root | nindent 2 }}
{{- end }}

{{/* What every pod has in common: dict "root" "labels" */}}
{{- define "platform.pod" -}}
serviceAccountName: {{ include "platform.name" .root }}
automountServiceAccountToken: false
terminationGracePeriodSeconds: {{ .root.Values.gracePeriodSeconds }}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  {{- include "platform.podSecurity" . | nindent 2 }}
topologySpreadConstraints:
  {{- $labels := .labels }}
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- $labels | nindent 8 }}
  {{- end }}
{{- end }}

{{- define "platform.volumes" -}}
- { name: tmp, emptyDir: { sizeLimit: 1Gi } }
- { name: data, emptyDir: { sizeLimit: 64Mi } }
{{- with .Values.caBundle }}
{{- if and .configMap .secret }}{{ fail "caBundle: name a configMap or a secret, not both" }}{{ end }}
{{- if .configMap }}
- { name: ca, configMap: { name: {{ .configMap }} } }
{{- else if .secret }}
- { name: ca, secret: { secretName: {{ .secret }} } }
{{- end }}
{{- end }}
{{- if .Values.pricing.configMap }}
- { name: prices, configMap: { name: {{ .Values.pricing.configMap }} } }
{{- end }}
{{- end }}
