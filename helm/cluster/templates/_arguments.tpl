{{/* The command line of "cluster serve". */}}
{{- define "cluster.serveArguments" -}}
{{- $serve := .Values.serve -}}
- serve
- --listen=0.0.0.0:8080
- --cluster-listen=0.0.0.0:7070
- --workers={{ $serve.workers | default (include "cluster.workerCount" .) }}
{{- with include "cluster.modelPath" . }}
- --model={{ . }}
{{- end }}
{{- with $serve.tensorParallel }}
- --tensor-parallel={{ . }}
{{- end }}
{{- with $serve.pipeline }}
- --pipeline={{ . }}
{{- end }}
- --wire={{ $serve.wire }}
- --channel={{ $serve.channel }}
{{- with $serve.context }}
- --context={{ . | int64 }}
{{- end }}
- --kv-type-k={{ $serve.kv.typeK }}
- --kv-type-v={{ $serve.kv.typeV }}
- --kv-rotation={{ $serve.kv.rotation }}
- --kv-edge-layers={{ $serve.kv.edgeLayers }}
{{- with $serve.kv.memory }}
- --kv-memory={{ . }}
{{- end }}
- --prefill-chunk={{ $serve.prefillChunk }}
- --prefix-cache={{ $serve.prefixCache }}
- --max-sequences={{ $serve.maxSequences }}
- --max-queue={{ $serve.maxQueue }}
{{- with $serve.requestTimeout }}
- --request-timeout={{ . }}
{{- end }}
- --max-request-bytes={{ $serve.maxRequestBytes }}
{{- with $serve.chatTemplate }}
- --chat-template={{ . }}
{{- end }}
{{- with $serve.otlpEndpoint }}
- --otlp-endpoint={{ . }}
{{- end }}
{{- if .Values.apiKeys.enabled }}
- --api-keys=/etc/cluster/keys/keys
{{- end }}
{{- if .Values.tls.secret }}
- --tls-cert=/etc/cluster/tls/tls.crt
- --tls-key=/etc/cluster/tls/tls.key
{{- end }}
{{- if .Values.joinToken.secret }}
- --cluster-tls=on
- --state-dir=/var/lib/cluster
{{- if not (and .Values.apiKeys.enabled .Values.tls.secret) }}
- --insecure
{{- end }}
{{- else }}
- --insecure=force
{{- end }}
{{- with $serve.extraArgs }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "cluster.scheme" -}}
{{- if .Values.tls.secret -}}https{{- else -}}http{{- end -}}
{{- end -}}

{{/* The device that a pool's workers compute with. Given: worker. */}}
{{- define "cluster.device" -}}
{{- if .device -}}
{{- .device -}}
{{- else if eq .class "nvidia" -}}
cuda:0
{{- else if eq .class "amd" -}}
{{- fail (printf "workers %q: this version has no device for AMD's GPUs; an image that has one needs workers[].device" .name) -}}
{{- else -}}
cpu
{{- end -}}
{{- end -}}
