{{- define "cluster.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* Names of objects: 40 characters at most, so that "-coordinator", "-worker-NAME" and a pod's number fit into a label. */}}
{{- define "cluster.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "cluster.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "cluster.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "cluster.selector" -}}
app.kubernetes.io/name: {{ include "cluster.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "cluster.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "cluster.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "cluster.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "cluster.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* An image's name. Given: root, image (repository, digest). */}}
{{- define "cluster.image" -}}
{{- $name := .image.repository -}}
{{- with .root.Values.image.registry -}}{{- $name = printf "%s/%s" . $name -}}{{- end -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $name .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name (default .root.Chart.AppVersion .root.Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{- define "cluster.keysSecret" -}}
{{- default (printf "%s-api-keys" (include "cluster.fullname" .)) .Values.apiKeys.existingSecret -}}
{{- end -}}

{{- define "cluster.workerCount" -}}
{{- $count := 0 -}}
{{- range .Values.workers -}}{{- $count = add $count .replicas -}}{{- end -}}
{{- $count -}}
{{- end -}}

{{/* What the parts of a pod's specification have in common. */}}
{{- define "cluster.podSpec" -}}
serviceAccountName: {{ include "cluster.serviceAccountName" . }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext: {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- with .Values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The root file system is read-only: what the runtime and compiled kernels need to write goes to /tmp. */}}
{{- define "cluster.environment" -}}
- {name: DOTNET_EnableDiagnostics, value: "0"}
- {name: TMPDIR, value: /tmp}
- {name: XDG_CACHE_HOME, value: /tmp/cache}
{{- end -}}
