# The update bundle, the list of contents and the checksums; sourced by Scripts/image.

# Makes `ztb-V.ztb`; the format is in Sources/Update.
make_bundle() {
  local bundle=$output/ztb-$version.ztb
  progress "writing the update bundle"
  manifest >"$work/manifest"
  {
    printf ZTBUNDLE
    big32 1
    big32 "$(stat -c %s "$work/manifest")"
    cat "$work/manifest"
  } >"$work/signed"
  openssl pkeyutl -sign -rawin -inkey "$keys/update.key" -in "$work/signed" -out "$work/signature"
  cat "$work/signed" "$work/signature" "$work/root.sqfs" "$work/root.verity" "$work/ztb.efi" \
    >"$bundle"
}

# Four octets, the most significant first.
big32() {
  local number
  number=$(printf %08x "$1")
  printf '%b' "\\x${number:0:2}\\x${number:2:2}\\x${number:4:2}\\x${number:6:2}"
}

manifest() {
  printf '{"allowDowngrade":%s,"minimumVersion":"%s","parts":[%s,%s,%s],"product":"zt-branch",' \
    "$allow_downgrade" "$minimum_version" "$(part root root.sqfs)" "$(part verity root.verity)" \
    "$(part uki ztb.efi)"
  printf '"profiles":[%s],"rootHash":"%s","version":"%s"}' "$(profiles)" "$root_hash" "$version"
}

part() {
  printf '{"name":"%s","sha256":"%s","size":%s}' "$1" "$(sha256sum "$work/$2" | cut -c1-64)" \
    "$(stat -c %s "$work/$2")"
}

profiles() { list Images/profiles | sed 's/.*/"&"/' | paste -sd,; }

# Makes `ztb-V.sbom.json`, CycloneDX 1.5: what is inside, from where, in which version.
make_sbom() {
  {
    printf '{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,\n'
    printf '"serialNumber":"urn:uuid:%s",\n' "$(uuid_of "ztb sbom $version $root_hash")"
    printf '"metadata":{"timestamp":"%s","component":{"type":"firmware","name":"zt-branch",' \
      "$(date -u -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ)"
    printf '"version":"%s","hashes":[{"alg":"SHA-256","content":"%s"}]}},\n"components":[\n' \
      "$version" "$(sha256sum "$work/root.sqfs" | cut -c1-64)"
    components | sed '$!s/$/,/'
    printf ']}\n'
  } >"$output/ztb-$version.sbom.json"
}

# A line for each component: Debian's packages, our programs, and what is linked into them.
components() {
  local name number architecture
  {
    cat "$packages/list" "$kernel/list"
    [ ! -e "$packed.list" ] || cat "$packed.list"
    dpkg-query -W -f '${Package} ${Version} ${Architecture}\n' systemd-boot-efi
  } | LC_ALL=C sort | while read -r name number architecture; do
    printf '{"type":"library","name":"%s","version":"%s","purl":"%s"}\n' "$name" "$number" \
      "pkg:deb/debian/$name@${number//:/%3A}?arch=$architecture"
  done
  printf '{"type":"library","name":"swift","version":"%s","licenses":[{"license":%s}]}\n' \
    "$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p')" \
    '{"id":"Apache-2.0"}'
  for name in ztbd ztbd-ha ztbd-net ztb-init; do
    printf '{"type":"application","name":"%s","version":"%s"}\n' "$name" "$product_version"
  done
}

make_checksums() {
  progress "adding up"
  (cd "$output" && rm -f SHA256SUMS && find . -maxdepth 1 -type f -printf '%P\0' | sort -z |
    xargs -0 sha256sum -- >"$work/SHA256SUMS")
  mv "$work/SHA256SUMS" "$output/SHA256SUMS"
}
