# Keys of the image; sourced by Scripts/image.

# Prints the argument's SHA-256 in hexadecimal digits.
digest() { printf %s "$1" | sha256sum | cut -c1-64; }

# Prints a UUID that depends on the argument alone.
uuid_of() { digest "$1" | sed -E 's/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/\1-\2-4\3-8\4-\5/'; }

# Runs a command at the time of the commit; the times of files are left alone.
at_epoch() { NO_FAKE_STAT=1 faketime -f "@$(date -u -d "@$epoch" '+%Y-%m-%d %H:%M:%S')" "$@"; }

# Sets `keys` to the directory of the keys to sign with, making development keys at first use.
prepare_keys() {
  [ -n "$keys" ] || { keys=.build/keys; make_development_keys; }
  keys=$(realpath "$keys")
  local file
  for file in secureboot.key secureboot.crt update.key; do
    [ -r "$keys/$file" ] || die "$keys/$file: there is no such key"
  done
  # The last 32 octets of the standard form are the Ed25519 key itself.
  openssl pkey -in "$keys/update.key" -pubout -outform DER | tail -c 32 | od -An -v -tx1 |
    tr -d ' \n' >"$work/update.pub"
  echo >>"$work/update.pub"
  make_enrolment
}

make_development_keys() {
  (
    umask 077
    mkdir -p "$keys"
    cd "$keys" || exit
    if [ ! -e secureboot.key ]; then
      progress "making development keys in $keys"
      openssl req -x509 -newkey rsa:2048 -nodes -sha256 -days 7300 -keyout secureboot.key \
        -out secureboot.crt -subj "/CN=ZT Branch development" 2>/dev/null
    fi
    [ -e update.key ] || openssl genpkey -algorithm ed25519 -out update.key
  )
}

# The variables that systemd-boot writes on a machine in setup mode: after that, the firmware
# starts what we signed and nothing else.
make_enrolment() {
  local owner variable stamp
  owner=$(uuid_of "ztb owner of keys")
  stamp=$(date -u -d "@$epoch" '+%Y-%m-%d %H:%M:%S')
  mkdir -p "$work/enrolment"
  cert-to-efi-sig-list -g "$owner" "$keys/secureboot.crt" "$work/enrolment/list"
  for variable in PK KEK db; do
    at_epoch sign-efi-sig-list -g "$owner" -t "$stamp" -k "$keys/secureboot.key" \
      -c "$keys/secureboot.crt" $variable "$work/enrolment/list" \
      "$work/enrolment/$variable.auth" >/dev/null
  done
  if [ "$keys" = "$PWD/.build/keys" ]; then
    cp "$work/update.pub" "$work"/enrolment/*.auth "$keys/"
  fi
}
