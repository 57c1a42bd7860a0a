# The root file system; sourced by Scripts/image.

# Prints a list of Images without comments and empty lines.
list() { sed -e 's/#.*//' -e '/^ *$/d' "$1"; }

# Fills `$cache/packages-*` with the files of Debian's packages; sets `packages` to it. Fetched
# again when the lists or the build machine's knowledge of Debian change.
fetch_packages() {
  local sources="$work/sources.list" key
  apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
    'Created-By: Packages' 'Origin: Debian' 'Architecture: amd64' >"$sources"
  [ -s "$sources" ] || die "apt knows no Debian packages: run apt-get update"
  key=$(cat Images/packages Images/left-out-* Images/steps/root.sh "$sources" <(apt_state) |
    sha256sum | cut -c1-16)
  packages=$cache/packages-$key
  [ ! -e "$packages" ] || return 0
  progress "fetching Debian packages"
  rm -rf "$packages.new"
  mkdir "$packages.new"
  PACKAGE_LIST=$packages.new/list mmdebstrap --quiet --variant=extract --mode=root \
    --include="$(list Images/packages | paste -sd,)" --extract-hook="$PWD/Images/steps/leave-out" \
    bookworm "$packages.new/root" "$sources" >&2
  merge_usr "$packages.new/root"
  leave_out_files "$packages.new/root"
  mv "$packages.new" "$packages"
}

# Prints what tells one state of Debian's archive from another.
apt_state() {
  apt-get indextargets --format '$(FILENAME)' 'Created-By: Packages' 'Origin: Debian' \
    'Architecture: amd64' | sort | xargs stat -c '%s %Y' 2>/dev/null
}

# /bin, /sbin and /lib become links into /usr, as on every installed Debian.
merge_usr() {
  local directory
  for directory in bin sbin lib lib64; do
    [ -d "$1/$directory" ] && [ ! -L "$1/$directory" ] || continue
    mkdir -p "$1/usr/$directory"
    cp -a "$1/$directory/." "$1/usr/$directory/"
    rm -rf "${1:?}/$directory"
    ln -s "usr/$directory" "$1/$directory"
  done
}

leave_out_files() {
  local pattern
  # Made by a script of its package elsewhere.
  cat "$1"/usr/share/ca-certificates/mozilla/*.crt >"$1/certificates"
  list Images/left-out-files | while read -r pattern; do
    # The pattern is meant to be expanded.
    # shellcheck disable=SC2086
    rm -rf -- "${1:?}"/$pattern
  done
  mkdir -p "$1/etc/ssl/certs"
  mv "$1/certificates" "$1/etc/ssl/certs/ca-certificates.crt"
}

# Puts the root together in `$work/root`.
assemble_root() {
  local root=$work/root program
  progress "putting the root together"
  cp -a "$packages/root" "$root"
  mkdir -p "$root"/{dev,proc,sys,run,tmp,cfg,data,esp,var} "$root/usr/lib/ztb"
  ln -s ../run "$root/var/run"
  ln -s ../data/tmp "$root/var/tmp"
  ln -s ../data/lib "$root/var/lib"
  cp -a rootfs/. "$root/"
  for program in ztbd ztbd-ha ztbd-net; do install_program "$bin/$program" "$root/usr/bin/$program"; done
  ln -s ztbd "$root/usr/bin/ztb"
  # Nothing starts a shell: this one is for the emergency console, which asks for a signed word.
  mkdir -p "$root/usr/lib/ztb/rescue"
  install_rescue "$root"
  ln -sf ../bin/busybox "$root/usr/sbin/udhcpc"
  rm -f "$root/etc/ld.so.cache"
  printf '%s\n' "$version" >"$root/usr/lib/ztb/version"
  cp "$work/update.pub" "$root/usr/lib/ztb/update.pub"
  os_release >"$root/usr/lib/os-release"
  ln -s ../usr/lib/os-release "$root/etc/os-release"
  install_drivers "$root" Images/drivers "$root/usr/lib/ztb/drivers.list"
  install_modules "$root" Images/modules-on-demand "$work/unused.list"
  install_modules "$root" Images/modules "$root/usr/lib/ztb/modules.list"
  index_modules "$root"
  local overlay
  for overlay in "${overlays[@]}"; do cp -a --remove-destination "$overlay/." "$root/"; done
  chown -hR 0:0 "$root"
  chmod -R go-w "$root"
  chmod 1777 "$root/tmp"
  ldconfig -r "$root" -X
  rm -rf "$root/var/cache"
  [ ${#overlays[@]} -gt 0 ] || check_root "$root"
}

# Links of the emergency shell and its tools: busybox knows them by the names they are called by.
# What the root has itself keeps its place.
install_rescue() {
  local tool
  chroot "$1" /usr/bin/busybox --list | while read -r tool; do
    [ -e "$1/usr/sbin/$tool" ] || [ -e "$1/usr/bin/$tool" ] ||
      ln -s ../../../bin/busybox "$1/usr/lib/ztb/rescue/$tool"
  done
}

# Copies a program without symbols, and without what differs between two builds of one source: the
# compiler's hashes of its modules, which nothing reads, and the linker's hash of everything.
install_program() {
  local section offset size
  strip -o "$2" "$1"
  for section in .swift_modhash .note.gnu.build-id; do
    read -r offset size < <(readelf -SW "$2" | sed -n "s/^ *\[ *[0-9]*\] //;/^$section /p" |
      awk '{ print $4, $5 }')
    dd if=/dev/zero of="$2" bs=1 seek=$((16#$offset)) count=$((16#$size)) conv=notrunc status=none
  done
}

os_release() {
  printf '%s\n' 'NAME="ZT Branch"' "PRETTY_NAME=\"ZT Branch $version\"" ID=ztbranch \
    IMAGE_ID=ztbranch "VERSION_ID=$version" "IMAGE_VERSION=$version"
}

# Every library that a program of the root wants is there; no file gives privileges; no shell.
check_root() {
  local problems
  problems=$(find "$1/usr" -type f \( -perm /111 -o -name '*.so*' \) ! -name '*.ko' -print |
    while read -r file; do
      { readelf -d "$file" 2>/dev/null || true; } |
        sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | while read -r name; do
          [ -e "$1/usr/lib/x86_64-linux-gnu/$name" ] || [ -e "$1/usr/lib64/$name" ] ||
            echo "${file#"$1"} needs $name: add its package to Images/packages"
        done
    done)
  problems+=$(find "$1" -xdev \( -perm -4000 -o -perm -2000 \) -printf '%P gives privileges\n')
  problems+=$(find "$1" -xdev \( -name bash -o -name dash -o -name perl -o -name 'python*' \) \
    ! -path '*/share/doc/*' -printf '%P is a shell\n')
  [ -z "$problems" ] || die "the root is not right:"$'\n'"$problems"
}

# Makes `$work/root.sqfs`, `$work/root.verity` and sets `root_hash`.
pack_root() {
  progress "packing the root"
  local level=15
  env -u SOURCE_DATE_EPOCH mksquashfs "$work/root" "$work/root.sqfs" -noappend -quiet \
    -no-progress -no-xattrs -all-root -no-exports -comp zstd -Xcompression-level $level \
    -b 256K -mkfs-time "$epoch" -all-time "$epoch" >&2
  root_hash=$(veritysetup format --salt "$(digest "ztb salt $version")" \
    --uuid "$(uuid_of "ztb verity $version")" "$work/root.sqfs" "$work/root.verity" |
    sed -n 's/^Root hash:[[:space:]]*//p')
  [ ${#root_hash} = 64 ] || die "veritysetup gave no root hash"
  fits root.sqfs 128
  fits root.verity 4
  progress "root: $(($(stat -c %s "$work/root.sqfs") / 1024)) KiB"
}

fits() {
  local octets
  octets=$(stat -c %s "$work/$1")
  [ "$octets" -le $(($2 << 20)) ] || die "$1 has $octets octets; its partition has $2 MiB"
}
