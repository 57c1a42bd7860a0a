# Debian's kernel in a package that opens sooner; sourced by Scripts/image.
#
# Debian packs its kernel with XZ, the smallest choice and the slowest to open: with LZ4 an emulated
# machine starts three seconds sooner, and the file is 7 MB longer. The kernel itself stays Debian's,
# octet for octet; what opens it, and the EFI stub beside that, is built from Debian's source of the
# same version with Debian's configuration.

# Sets `packed` to the kernel as it goes into the image; made again when this script or the tools
# change. Where apt has another version of the source alone, as between the publication of a kernel
# and of its signed form, it is the one that Debian packed.
pack_kernel() {
  local tree=$work/linux boot=arch/x86/boot source=linux-source-${release%.0-*} state key
  state=$(cut -d' ' -f2 "$kernel/list")
  key=$(cat Images/steps/pack-kernel.sh <(gcc --version && as --version && lz4 --version) |
    sha256sum | cut -c1-16)
  packed=$kernel/boot/bzImage-$key
  [ ! -e "$packed" ] || return 0
  progress "packing the kernel with LZ4"
  mkdir "$tree"
  if ! (cd "$tree" && apt-get -q -o APT::Sandbox::User=root download "$source=$state" >&2); then
    progress "apt has no $source $state: the kernel stays as Debian packed it, and starts later"
    packed=$kernel/boot/vmlinuz-$release
    return 0
  fi
  unpack_kernel_source "$tree" "$source"
  kernel_make() {
    make -s --no-print-directory -C "$tree" -j"$(nproc)" KERNELRELEASE="$release" \
      KBUILD_BUILD_USER=ztb KBUILD_BUILD_HOST=ztb KBUILD_BUILD_VERSION=1 "$@" >&2 ||
      die "the kernel's $* was not made"
  }
  configure_kernel "$tree"
  kernel_make prepare
  # What the parts that are not built would have made.
  kernel_make arch/x86/kernel/cpu/capflags.o drivers/firmware/efi/libstub/
  awk -f "$tree/arch/x86/tools/gen-insn-attr-x86.awk" "$tree/arch/x86/lib/x86-opcode-map.txt" \
    >"$tree/arch/x86/lib/inat-tables.c"
  printf '#define UTS_VERSION "%s"\n' "$state" >"$tree/include/generated/utsversion.h"
  kernel_symbols >"$work/vmlinux.s"
  as -o "$tree/vmlinux" "$work/vmlinux.s"
  cp "$kernel/boot/vmlinux" "$tree/$boot/compressed/payload"
  # In place of the kernel that would be linked, and of its relocations: they are in the payload.
  sed -i -e 's|^\(vmlinux.bin.all-y :=\).*|\1 $(obj)/payload|' -e '/^vmlinux.bin.all-\$/d' \
    "$tree/$boot/compressed/Makefile"
  kernel_make -o vmlinux bzImage
  check_packed "$tree/$boot/bzImage"
  rm -f "$kernel"/boot/bzImage*
  printf '%s %s all\n' "$source" "$state" >"$packed.list"
  mv "$tree/$boot/bzImage" "$packed"
  rm -rf "$tree"
}

# unpack_kernel_source DIR PACKAGE: what the boot code is built from; the rest of the kernel's
# source is four times as much.
unpack_kernel_source() {
  dpkg-deb --fsys-tarfile "$1"/*.deb | tar -xO "./usr/src/$2.tar.xz" | xz -dc |
    tar -x -C "$1" --strip-components=1 --wildcards "$2"/{Kbuild,Makefile,'*Kconfig*'} \
      "$2"/{arch/x86,include,kernel,lib,scripts,tools}/'*' \
      "$2"/drivers/{Makefile,firmware/Makefile,firmware/efi/'*'}
  rm "$1"/*.deb
}

# Debian's configuration, without what only asks for more of the source than the boot code needs.
configure_kernel() {
  cp "$kernel/boot/config-$release" "$1/.config"
  (cd "$1" && scripts/config --disable KERNEL_XZ --enable KERNEL_LZ4 \
    --disable DEBUG_INFO_BTF --disable SECURITY_SELINUX)
  kernel_make olddefconfig
}

# Prints, for the assembler, where Debian's kernel begins and ends: what a link would tell.
kernel_symbols() {
  local name start size
  readelf -SW "$kernel/boot/vmlinux" | sed 's/^ *\[ *[0-9]*\] *//' |
    while read -r name _ start _ size _; do
      case $name in
        .text) symbol _text "0x$start" ;;
        .rodata) symbol __start_rodata "0x$start" ;;
        .bss) symbol __bss_start "0x$start" ;;
        .brk) symbol _end "0x$start + 0x$size" ;;
      esac
    done
}

symbol() { printf '.globl %s\n%s = %s\n' "$1" "$1" "$2"; }

# The packed kernel must open to Debian's own, and ask for as much memory as Debian's did.
check_packed() {
  local debian=$kernel/boot/vmlinuz-$release
  packed_kernel "$1" | lz4 -dcq | cmp - "$kernel/boot/vmlinux" ||
    die "$1 does not hold the kernel of $debian"
  [ "$(field "$1" 0x260 4)" = "$(field "$debian" 0x260 4)" ] ||
    die "$1 asks for another size of memory than $debian"
}
