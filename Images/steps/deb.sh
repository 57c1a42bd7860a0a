# Packages of the same programs for an ordinary Debian; sourced by Scripts/image.

# Makes `ztbranch_V_amd64.deb` and `ztb-portal_V_amd64.deb`.
make_packages() {
  progress "writing the packages"
  make_package ztbranch : ztbd ztbd-ha ztbd-net
  make_package ztb-portal \
    'adduser --system --group --quiet --home /var/lib/ztb-portal --no-create-home ztb-portal' \
    ztb-portal
}

# make_package NAME COMMAND PROGRAM...: COMMAND runs when the package is configured.
make_package() {
  local name=$1 command=$2 tree=$work/deb/$1 program file
  shift 2
  mkdir -p "$tree"/{DEBIAN,usr/bin,lib/systemd/system,etc/default,"usr/share/doc/$name"}
  for program in "$@"; do install_program "$bin/$program" "$tree/usr/bin/$program"; done
  if [ "$name" = ztbranch ]; then
    ln -s ztbd "$tree/usr/bin/ztb"
    install -D -t "$tree/lib/modprobe.d" rootfs/etc/modprobe.d/ztb-helpers.conf
  fi
  cp "Images/debian/$name.service" "$tree/lib/systemd/system/"
  cp "Images/debian/$name.default" "$tree/etc/default/$name"
  cp README.md "$tree/usr/share/doc/$name/"
  echo "/etc/default/$name" >"$tree/DEBIAN/conffiles"
  sed -e "s/@VERSION@/$version/" -e "s/@DEPENDS@/$(depends "$tree")/" \
    "Images/debian/$name.control" >"$tree/DEBIAN/control"
  for file in postinst prerm; do
    sed -e "s/@PACKAGE@/$name/" -e "s|@CONFIGURE@|$command|" "Images/debian/$file" \
      >"$tree/DEBIAN/$file"
  done
  find "$tree" -type d -exec chmod 755 {} +
  find "$tree" -type f -exec chmod 644 {} +
  chmod 755 "$tree"/usr/bin/* "$tree"/DEBIAN/{postinst,prerm}
  SOURCE_DATE_EPOCH=$epoch dpkg-deb --root-owner-group -Zxz --build "$tree" \
    "$output/${name}_${version}_amd64.deb" >/dev/null
}

# The packages of the libraries that the programs of a tree are linked with.
depends() {
  mkdir -p "$work/shlibdeps/debian"
  echo "Source: ztbranch" >"$work/shlibdeps/debian/control"
  (cd "$work/shlibdeps" && dpkg-shlibdeps -O "$1"/usr/bin/* 2>/dev/null) |
    sed -n 's/^shlibs:Depends=//p'
}
