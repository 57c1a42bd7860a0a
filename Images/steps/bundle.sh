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
  local sbom=$output/ztb-$version.sbom.json name version_ architecture rest separator=''
  {
    printf '{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,\n'
    printf '"serialNumber":"urn:uuid:%s",\n' "$(uuid_of "ztb sbom $version $root_hash")"
    printf '"metadata":{"timestamp":"%s","component":{"type":"firmware","name":"zt-branch",' \
      "$(date -u -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ)"
    printf '"version":"%s","hashes":[{"alg":"SHA-256","content":"%s"}]}},\n"components":[\n' \
      "$version" "$(sha256sum "$work/root.sqfs" | cut -c1-64)"
    contents | sort | while read -r name version_ architecture rest; do
      printf '%s{"type":"%s","name":"%s","version":"%s","purl":"%s"}' "$separator" \
        "${rest:-library}" "$name" "$version_" \
        "pkg:deb/debian/$name@${version_//:/%3A}?arch=$architecture"
      separator=$',\n'
    done
    printf '\n]}\n'
  } >"$sbom"
}

# `name version architecture [type]` of everything that is not ours.
contents() {
  cat "$packages/list" "$kernel/list"
  dpkg-query -W -f '${Package} ${Version} ${Architecture} application\n' systemd-boot-efi
}

make_checksums() {
  progress "adding up"
  (cd "$output" && rm -f SHA256SUMS && sha256sum -- * >"$work/SHA256SUMS")
  mv "$work/SHA256SUMS" "$output/SHA256SUMS"
}
