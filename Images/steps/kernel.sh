# Debian's kernel, its modules and the initramfs; sourced by Scripts/image.

# Fetches the kernel that the meta package names, without installing it; sets `kernel` to its
# files, with an unpacked `boot/vmlinux`, and `release` to the name of its modules.
fetch_kernel() {
  local package state
  package=$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p')
  [ -n "$package" ] || die "apt knows no linux-image-amd64: run apt-get update"
  release=${package#linux-image-}
  state=$(apt-cache show --no-all-versions "$package" | sed -n 's/^Version: //p')
  kernel=$cache/kernel-$release-${state//[^0-9a-z.+-]/_}
  [ -e "$kernel/boot/vmlinux" ] || {
    progress "fetching the kernel $release $state"
    rm -rf "$kernel" "$kernel.new"
    mkdir "$kernel.new"
    (cd "$kernel.new" && apt-get -q -o APT::Sandbox::User=root download "$package" >&2 && dpkg-deb -x ./*.deb . && rm ./*.deb)
    printf '%s %s amd64\n' "$package" "$state" >"$kernel.new/list"
    packed_kernel "$kernel.new/boot/vmlinuz-$release" | xz -dc >"$kernel.new/boot/vmlinux"
    # The links that depmod and modprobe follow with a base directory.
    depmod -b "$kernel.new" "$release"
    mv "$kernel.new" "$kernel"
  }
}

# packed_kernel BZIMAGE: prints the compressed kernel in it. The boot protocol of Linux/x86: the
# size of the real-mode part in sectors, then where the kernel lies behind it, and how long it is;
# the last four octets are the length of the result, behind what the compressor wrote.
packed_kernel() {
  local start=$((($(field "$1" 0x1f1 1) + 1) * 512 + $(field "$1" 0x248 4)))
  dd if="$1" bs=64K iflag=skip_bytes,count_bytes skip="$start" \
    count=$(($(field "$1" 0x24c 4) - 4)) status=none
}

# field FILE OFFSET OCTETS: prints a number of a file.
field() { od -An -t"u$3" -j $(($2)) -N "$3" "$1" | tr -d ' '; }

# install_modules ROOT NAMES LIST: copies the modules of the file NAMES and what they depend on
# into ROOT, and writes LIST: a line each, in the order of loading, path and options.
install_modules() {
  local name options
  list "$2" | while read -r name options; do
    files_of "$name" | sed "\$s|\$| $options|; s| *\$||"
  done | awk '!seen[$1]++' >"$3"
  copy_modules "$1" <"$3"
}

# install_drivers ROOT NAMES LIST: the same for modules that are loaded when their hardware is
# there. LIST has a line each: `ALIAS ALIAS…|OPTIONS|PATH PATH…`, what a driver depends on first.
install_drivers() {
  local name options
  list "$2" | while read -r name options; do
    printf '%s|%s|%s\n' "$(aliases_of "$name")" "$options" "$(files_of "$name" | paste -sd' ')"
  done >"$3"
  cut -d'|' -f3 "$3" | tr ' ' '\n' | sort -u | copy_modules "$1"
}

# Prints where a module and what it depends on lie in the root, in the order of loading.
files_of() {
  modprobe -C /dev/null -d "$kernel" -S "$release" --show-depends "$1" |
    sed -n "s|^insmod *$kernel/lib/modules/\([^ ]*\).*|/usr/lib/modules/\1|p" ||
    die "the kernel has no module $1"
}

aliases_of() {
  modinfo -b "$kernel" -k "$release" -F alias "$1" | grep -E '^[a-z]+\*?:' | paste -sd' ' ||
    die "the module $1 names no hardware"
}

# Copies modules, a path a line; as they are, because of their signatures.
copy_modules() {
  local path rest
  while read -r path rest; do
    install -D -m 644 "$kernel${path#/usr}" "$1$path"
  done
}

# Lets modprobe, which the kernel calls, find the modules of a root.
index_modules() {
  cp "$kernel/lib/modules/$release"/modules.{builtin,builtin.modinfo,order} \
    "$1/usr/lib/modules/$release/"
  depmod -b "$1" "$release"
}

# Makes `$work/initrd`: the first program and what it needs to reach the root.
make_initrd() {
  local tree=$work/initramfs list
  progress "packing the initramfs"
  mkdir -p "$tree"/{dev,proc/self,sys,run,sysroot,modules}
  # The Swift runtime asks for its own path before the program can mount anything.
  ln -s /init "$tree/proc/self/exe"
  mknod -m 600 "$tree/dev/console" c 5 1
  install_program "$bin/ztb-init" "$tree/init"
  chmod 755 "$tree/init"
  # Without directories: there is no modprobe to look for them.
  install_modules "$tree" Images/boot-modules "$work/modules.list"
  install_drivers "$tree" Images/boot-drivers "$work/drivers.list"
  for list in modules.list drivers.list; do
    sed -E 's|/usr/lib/modules/[^ ]*/|/modules/|g' "$work/$list" >"$tree/$list"
  done
  find "$tree/usr" -type f -exec mv -t "$tree/modules" {} +
  rm -r "${tree:?}/usr"
  find "$tree" -exec touch -h -d "@$epoch" {} +
  (cd "$tree" && find . | sort | cpio --quiet --reproducible -o -H newc -R 0:0) |
    zstd -q -15 -T1 >"$work/initrd"
}

# Makes `$work/ztb.efi`: kernel, initramfs and command line as one signed program.
make_uki() {
  local stub=/usr/lib/systemd/boot/efi/linuxx64.efi.stub
  progress "signing the kernel"
  command_line >"$work/cmdline"
  objcopy --add-section .osrel="$work/root/usr/lib/os-release" \
    --change-section-vma .osrel=0x20000 \
    --add-section .cmdline="$work/cmdline" --change-section-vma .cmdline=0x30000 \
    --add-section .linux="$packed" --change-section-vma .linux=0x2000000 \
    --add-section .initrd="$work/initrd" --change-section-vma .initrd=0x4000000 \
    "$stub" "$work/ztb.unsigned"
  without_time "$work/ztb.unsigned"
  sign "$work/ztb.unsigned" "$work/ztb.efi"
}

# What the kernel is told; the last word of security is the root's hash.
command_line() {
  printf %s "console=tty0 console=ttyS0,115200 quiet loglevel=4 panic=5 oops=panic preempt=full" \
    " cryptomgr.notests ztb.consoles=ttyS0,tty1${bless:+ ztb.bless=$bless} ztb.roothash=$root_hash"
}

# Sets time stamp and checksum of a PE file to nothing: objcopy writes the time of day.
without_time() {
  local header
  header=$(od -An -tu4 -j 60 -N 4 "$1" | tr -d ' ')
  printf '\0\0\0\0' | dd of="$1" bs=1 seek=$((header + 8)) conv=notrunc status=none
  printf '\0\0\0\0' | dd of="$1" bs=1 seek=$((header + 88)) conv=notrunc status=none
}

sign() {
  at_epoch sbsign --key "$keys/secureboot.key" --cert "$keys/secureboot.crt" --output "$2" "$1" \
    2>/dev/null || die "sbsign could not sign $1"
}

# The same parts for QEMU's -kernel and -initrd; vmlinux saves the time of unpacking.
make_direct() {
  progress "writing the files for direct boot"
  install -m 644 "$kernel/boot/vmlinux" "$work"/{initrd,cmdline,root.sqfs,root.verity} "$output/"
}
