# A CycloneDX 1.5 bill of materials of the .deps.json files that a publish wrote:
#   jq --null-input --arg version VERSION --from-file deploy/sbom.jq FOLDER/cluster.deps.json FOLDER/worker/cluster-worker.deps.json
# It lists what is shipped: NuGet packages with their SHA-512, and the runtime where it is part.

# Two base64 digits are twelve bits, three hexadecimal digits.
def hex: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" as $digits
  | [rtrimstr("==") | split("")[] | . as $digit | $digits | index($digit)]
  | [range(0; length; 2) as $i | .[$i] * 64 + .[$i + 1] | (. / 256 | floor), (. / 16 | floor % 16), . % 16]
  | map("0123456789abcdef"[.:. + 1]) | join("") | .[:128];

def component: (.key | split("/")) as [$id, $version] | ($id | ltrimstr("runtimepack.")) as $name | {
    type: (if .value.type == "runtimepack" then "framework" else "library" end),
    "bom-ref": "pkg:nuget/\($name)@\($version)",
    name: $name,
    version: $version,
    purl: "pkg:nuget/\($name)@\($version)"
  } + if .value.sha512 | startswith("sha512-") then {hashes: [{alg: "SHA-512", content: (.value.sha512 | ltrimstr("sha512-") | hex)}]} else {} end;

{
  bomFormat: "CycloneDX",
  specVersion: "1.5",
  version: 1,
  metadata: {component: {type: "application", "bom-ref": "cluster", name: "cluster", version: $version, licenses: [{license: {id: "Apache-2.0"}}]}},
  components: ([inputs.libraries | to_entries[] | select(.value.type != "project") | component] | unique_by(."bom-ref"))
}
