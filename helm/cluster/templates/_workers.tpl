{{/* The resource that a class of device is asked for by; empty for cpu. */}}
{{- define "cluster.deviceResource" -}}
{{- get (dict "nvidia" "nvidia.com/gpu" "amd" "amd.com/gpu") . -}}
{{- end -}}

{{/* A pool's resources, with one device of its class unless they say how many. */}}
{{- define "cluster.workerResources" -}}
{{- $resources := deepCopy (default (dict) .resources) -}}
{{- with include "cluster.deviceResource" .class -}}
{{- $limits := default (dict) $resources.limits -}}
{{- if not (hasKey $limits .) -}}{{- $limits = set $limits . 1 -}}{{- end -}}
{{- $resources = set $resources "limits" $limits -}}
{{- end -}}
{{- toYaml $resources -}}
{{- end -}}

{{/* A pool's tolerations, and that for the taint which nodes with its device usually have. */}}
{{- define "cluster.workerTolerations" -}}
{{- $tolerations := default (list) .tolerations -}}
{{- with include "cluster.deviceResource" .class -}}
{{- $tolerations = append $tolerations (dict "key" . "operator" "Exists" "effect" "NoSchedule") -}}
{{- end -}}
{{- if $tolerations -}}{{- toYaml $tolerations -}}{{- end -}}
{{- end -}}

{{/* A claim for each worker. Given: name, size, storageClass. */}}
{{- define "cluster.claimTemplate" -}}
volumeClaimTemplates:
  - metadata: {name: {{ .name }}}
    spec:
      accessModes: [ReadWriteOnce]
      {{- with .storageClass }}
      storageClassName: {{ . }}
      {{- end }}
      resources: {requests: {storage: {{ .size }}}}
{{- end -}}
