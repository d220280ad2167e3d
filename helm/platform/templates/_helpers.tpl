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
    {{- include "platform.env" .root | nindent 4 }}
    {{- with .env }}
    {{- . | nindent 4 }}
    {{- end }}
  securityContext:
    {{- include "platform.containerSecurity" . | nindent 4 }}
  resources:
    {{- toYaml .resources | nindent 4 }}
  startupProbe: { httpGet: { path: /health/live, port: http }, periodSeconds: 2, failureThreshold: 60 }
  livenessProbe: { httpGet: { path: /health/live, port: http }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 }
  readinessProbe: { httpGet: { path: /health/ready, port: http }, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 2 }
  volumeMounts: [{ name: tmp, mountPath: /tmp }, { name: data, mountPath: /data }]
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
{{- end }}
