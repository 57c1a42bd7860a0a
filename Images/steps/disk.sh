# The disk and its forms for hypervisors; sourced by Scripts/image.

# Makes `ztb-V.raw`: slot a filled, slot b empty.
make_disk() {
  local disk=$output/ztb-$version.raw cfg_start data_start
  progress "writing the disk"
  rm -f "$disk"
  truncate -s "${disk_mib}M" "$disk"
  partition_table | sfdisk --quiet "$disk"
  make_esp
  # In MiB, as in partition_table.
  put "$work/esp" 1
  put "$work/root.sqfs" 129
  put "$work/root.verity" 257
  cfg_start=393 data_start=457
  make_ext4 cfg 64
  make_ext4 data $((disk_mib - data_start - 1))
  put "$work/cfg" $cfg_start
  put "$work/data" $data_start
}

partition_table() {
  local linux=0FC63DAF-8483-4772-8E79-3D69D8477DE4
  printf '%s\n' "label: gpt" "label-id: $(uuid_of "ztb disk")" "unit: sectors"
  row esp 1 128 C12A7328-F81F-11D2-BA4B-00A0C93EC93B
  row root-a 129 128 $linux
  row verity-a 257 4 $linux
  row root-b 261 128 $linux
  row verity-b 389 4 $linux
  row cfg 393 64 $linux
  row data 457 $((disk_mib - 458)) $linux
}

row() {
  echo "start=$(($2 * 2048)), size=$(($3 * 2048)), type=$4, name=$1, uuid=$(uuid_of "ztb $1")"
}

# Copies a file into the disk, in holes where it has zeros.
put() { dd if="$1" of="$disk" bs=1M seek="$2" conv=notrunc,sparse status=none; }

make_esp() {
  local esp=$work/esp variable
  export MTOOLS_SKIP_CHECK=1
  rm -f "$esp"
  truncate -s 128M "$esp"
  mkfs.vfat --invariant -F 32 -n ZTB-ESP "$esp" >/dev/null
  sign /usr/lib/systemd/boot/efi/systemd-bootx64.efi "$work/bootx64.efi"
  printf '%s\n' 'timeout 0' 'editor no' 'auto-entries no' 'auto-firmware no' 'console-mode keep' \
    'secure-boot-enroll force' >"$work/loader.conf"
  touch -d "@$epoch" "$work"/{bootx64.efi,loader.conf,ztb.efi} "$work"/enrolment/*
  at_epoch mmd -i "$esp" ::EFI ::EFI/BOOT ::EFI/Linux ::loader ::loader/keys ::loader/keys/auto
  at_epoch mcopy -m -i "$esp" "$work/bootx64.efi" ::EFI/BOOT/BOOTX64.EFI
  at_epoch mcopy -m -i "$esp" "$work/ztb.efi" "::EFI/Linux/ztb_$version.efi"
  at_epoch mcopy -m -i "$esp" "$work/loader.conf" ::loader/loader.conf
  for variable in PK KEK db; do
    at_epoch mcopy -m -i "$esp" "$work/enrolment/$variable.auth" ::loader/keys/auto/
  done
}

# make_ext4 NAME MIB: an empty file system in a file of that name.
make_ext4() {
  rm -f "$work/$1"
  truncate -s "$2M" "$work/$1"
  SOURCE_DATE_EPOCH=$epoch E2FSPROGS_FAKE_TIME=$epoch mke2fs -q -t ext4 -m 0 -L "$1" \
    -O ^metadata_csum_seed -U "$(uuid_of "ztb fs $1")" \
    -E "hash_seed=$(uuid_of "ztb hash $1"),lazy_itable_init=0,lazy_journal_init=0" \
    "$work/$1"
}

# Makes `.qcow2` and `.ova` of the disk.
make_hypervisor_disks() {
  local name=ztb-$version
  progress "converting the disk"
  qemu-img convert -m 1 -c -f raw -O qcow2 "$output/$name.raw" "$output/$name.qcow2"
  mkdir "$work/ova"
  qemu-img convert -m 1 -f raw -O vmdk -o subformat=streamOptimized "$output/$name.raw" \
    "$work/ova/$name.vmdk"
  # A random number that nobody needs in a disk without snapshots.
  LC_ALL=C sed -i 's/^CID=........$/CID=00000001/' "$work/ova/$name.vmdk"
  sed -e "s/@VERSION@/$version/g" -e "s/@DISK_OCTETS@/$((disk_mib << 20))/" \
    -e "s/@FILE_OCTETS@/$(stat -c %s "$work/ova/$name.vmdk")/" Images/ztbranch.ovf \
    >"$work/ova/$name.ovf"
  (
    cd "$work/ova" || exit
    sha256sum "$name.ovf" "$name.vmdk" | sed 's/^\([0-9a-f]*\)  \(.*\)/SHA256(\2)= \1/' >"$name.mf"
    tar --format=ustar --owner=root:0 --group=root:0 --mode=644 --mtime="@$epoch" \
      -cf "$output/$name.ova" "$name.ovf" "$name.mf" "$name.vmdk"
  )
}
