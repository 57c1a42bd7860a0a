# Shared by the scripts of this directory; sourced, not run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Caches, settings and temporary files stay below .build, so that nothing is left outside it.
# The package manager insists on links in the user's home: they go again, unless they were there.
swift() {
  local links=~/.swiftpm had='' status=0
  [ ! -e "$links" ] || had=yes
  mkdir -p .build/home .build/tmp
  HOME=$PWD/.build/home TMPDIR=$PWD/.build/tmp command swift "$@" || status=$?
  [ -n "$had" ] || rm -rf "$links"
  return $status
}
swift_flags=(--cache-path .build/cache/swiftpm --config-path .build/cache/config
  --security-path .build/cache/security)

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# Prints the comment block below the first line of the calling script.
usage() { sed -n '2,/^[^#]/{/^#/!q;s/^# \{0,1\}//;p}' "$0"; }

# Builds the programs for use: optimised, with the Swift runtime inside.
build_release() {
  say "building the programs (release, static Swift runtime) ..."
  local product
  for product in ztbd ztbd-ha ztbd-net ztb-portal ztb-lab; do
    swift build "${swift_flags[@]}" -c release --static-swift-stdlib --product $product >&2
  done
  # The image's first program has no library to load.
  swift build "${swift_flags[@]}" -c release --scratch-path .build/static --product ztb-init \
    -Xswiftc -static-executable >&2
  cp .build/static/release/ztb-init .build/release/ztb-init
  bin=$(swift build "${swift_flags[@]}" -c release --show-bin-path)
  ln -sf ztbd "$bin/ztb"
}
