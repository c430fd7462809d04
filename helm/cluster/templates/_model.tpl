{{/* Where the model file lies in a container; empty for the images' sample model. */}}
{{- define "cluster.modelPath" -}}
{{- if .Values.model.file -}}{{ printf "%s/%s" .Values.model.mountPath .Values.model.file }}{{- end -}}
{{- end -}}

{{- define "cluster.modelClaim" -}}
{{- default (printf "%s-models" (include "cluster.fullname" .)) .Values.model.claim.name -}}
{{- end -}}

{{/* Values that would give pods without a model are refused here, where the release's author sees it. */}}
{{- define "cluster.checkModel" -}}
{{- $model := .Values.model -}}
{{- if and $model.file (eq $model.volume "none") -}}
{{- fail "model.file needs model.volume: claim, hostPath, perWorker or emptyDir" -}}
{{- end -}}
{{- if and (ne $model.volume "none") (not $model.file) -}}
{{- fail "model.volume needs model.file: the name of the GGUF file in it" -}}
{{- end -}}
{{- if and $model.download.url (not $model.download.sha256) -}}
{{- fail "model.download.url needs model.download.sha256" -}}
{{- end -}}
{{- if and $model.download.url (has $model.volume (list "none" "hostPath")) -}}
{{- fail "model.download needs model.volume: claim, perWorker or emptyDir" -}}
{{- end -}}
{{- if and (has $model.volume (list "perWorker" "emptyDir")) (not $model.download.url) -}}
{{- fail (printf "model.volume: %s begins empty and needs model.download.url" $model.volume) -}}
{{- end -}}
{{- if and (eq $model.volume "perWorker") (eq $model.workers "fetch") -}}
{{- fail "model.volume: perWorker gives each worker a copy; with model.workers: fetch none needs one" -}}
{{- end -}}
{{- if and (eq $model.volume "claim") (not $model.claim.name) (not $model.claim.create) -}}
{{- fail "model.volume: claim needs model.claim.name, or model.claim.create" -}}
{{- end -}}
{{- end -}}

{{/* The pod's volume "models". Volumes of workers' own are made by their StatefulSet. Given: root, worker (bool). */}}
{{- define "cluster.modelVolume" -}}
{{- $model := .root.Values.model -}}
{{- if eq $model.volume "claim" }}
- name: models
  persistentVolumeClaim: {claimName: {{ include "cluster.modelClaim" .root }}}
{{- else if eq $model.volume "hostPath" }}
- name: models
  hostPath: {path: {{ $model.hostPath }}, type: Directory}
{{- else if eq $model.volume "emptyDir" }}
- name: models
  emptyDir: {sizeLimit: {{ $model.perWorker.size }}}
{{- else if and (eq $model.volume "perWorker") (not .worker) }}
- name: models
  persistentVolumeClaim: {claimName: {{ include "cluster.fullname" .root }}-coordinator-models}
{{- end }}
{{- end -}}

{{- define "cluster.modelMount" -}}
{{- if ne .Values.model.volume "none" }}
- {name: models, mountPath: {{ .Values.model.mountPath }}, readOnly: true}
{{- end }}
{{- end -}}

{{/*
  Downloads the file unless it is there. It is checked under a name of the pod's own before it gets its name, so pods that
  share a volume never see a part of it, whichever comes first.
*/}}
{{- define "cluster.modelDownload" -}}
{{- with .Values.model.download }}
{{- if .url }}
initContainers:
  - name: model
    image: {{ .image }}
    imagePullPolicy: {{ $.Values.image.pullPolicy }}
    securityContext: {{- toYaml $.Values.securityContext | nindent 6 }}
    resources: {{- toYaml .resources | nindent 6 }}
    command: [sh, -ec]
    args:
      - |
        if [ -f "$FILE" ]; then echo "$FILE is there"; exit 0; fi
        part="$FILE.$HOSTNAME"
        set -- --fail --location --silent --show-error --retry 5 --continue-at - --output "$part"
        if [ -f /headers/headers ]; then set -- "$@" --header @/headers/headers; fi
        curl "$@" "$URL"
        echo "$SHA256  $part" | sha256sum -c - || { rm -f "$part"; exit 1; }
        mv "$part" "$FILE"
    env:
      - {name: FILE, value: {{ include "cluster.modelPath" $ | quote }}}
      - {name: URL, value: {{ .url | quote }}}
      - {name: SHA256, value: {{ .sha256 | quote }}}
      - name: HOSTNAME
        valueFrom: {fieldRef: {fieldPath: metadata.name}}
    volumeMounts:
      - {name: models, mountPath: {{ $.Values.model.mountPath }}}
      {{- if .headersSecret }}
      - {name: headers, mountPath: /headers, readOnly: true}
      {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "cluster.downloadVolume" -}}
{{- if and .Values.model.download.url .Values.model.download.headersSecret }}
- name: headers
  secret: {secretName: {{ .Values.model.download.headersSecret }}}
{{- end }}
{{- end -}}
