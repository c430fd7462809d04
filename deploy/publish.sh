#!/usr/bin/env bash
# Makes what a release has, in artifacts/publish: a portable archive for any platform with the .NET 10 runtime ("dotnet cluster.dll"), an
# archive for each platform that brings its own runtime, a bill of materials for each, and SHA256SUMS.
#
#   deploy/publish.sh [PLATFORM …]      [portable linux-x64 linux-arm64 win-x64 osx-arm64]
#
# A platform whose runtime cannot be restored from the package feed is told and left out; the exit status is then 3.
set -euo pipefail

cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
for tool in dotnet jq zip; do command -v "$tool" >/dev/null || { echo "publish.sh: needs $tool" >&2; exit 1; }; done

platforms=("$@")
[ ${#platforms[@]} -gt 0 ] || platforms=(portable linux-x64 linux-arm64 win-x64 osx-arm64)
out=$PWD/artifacts/publish
version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
mkdir -p "$out"
left=()

for platform in "${platforms[@]}"; do
  name=cluster-$version-$platform
  folder=$out/$name
  rm -rf "$folder" "$folder.tar.gz" "$folder.zip"
  if [ "$platform" = portable ]; then options=(--self-contained false -p:UseAppHost=false); else options=(--runtime "$platform" --self-contained true); fi
  if ! log=$(dotnet publish coordinator/Cluster.Coordinator.csproj -c Release -o "$folder" -v quiet "${options[@]}" 2>&1); then
    echo "$platform: left out: $(grep -m 1 -o 'error .*' <<<"$log" || tail -n 1 <<<"$log")" >&2
    left+=("$platform")
    rm -rf "$folder"
    continue
  fi
  cp LICENSE CHANGELOG.md "$folder"
  jq --null-input --arg version "$version" --from-file deploy/sbom.jq "$folder/cluster.deps.json" "$folder/worker/cluster-worker.deps.json" >"$folder/sbom.cdx.json"
  if [ "$platform" = win-x64 ]; then
    (cd "$out" && zip -q -r "$name.zip" "$name")
    archive=$name.zip
  else
    # The same files give the same archive.
    tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$(git log -1 --format=%ct 2>/dev/null || echo 0)" -C "$out" -cf - "$name" | gzip -n >"$folder.tar.gz"
    archive=$name.tar.gz
  fi
  echo "$platform: $archive, $(du -h "$out/$archive" | cut -f1), $(jq '.components | length' "$folder/sbom.cdx.json") components"
done

(cd "$out" && find . -maxdepth 1 \( -name '*.tar.gz' -o -name '*.zip' \) -printf '%f\n' | sort | xargs --no-run-if-empty sha256sum >SHA256SUMS)
[ ${#left[@]} -eq 0 ] || exit 3
