#!/bin/sh
# sh scripts/pgbouncer.sh: installs the PgBouncer of Debian's packages, which a test starts a pooler of its own with. Ends with 1 and
# one sentence where it can't; the test is then skipped, and says so.
set -eu

say() {
  echo "PgBouncer $1"
  exit "$2"
}

[ ! -x /usr/sbin/pgbouncer ] || say "is installed." 0
command -v apt-get >/dev/null || say "can't be installed: this machine has no apt-get. Its test is skipped." 1
[ "$(id -u)" -eq 0 ] || say "can't be installed by this user: run sh scripts/pgbouncer.sh as root. Its test is skipped." 1

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq || say "can't be installed: no package list could be read. Its test is skipped." 1
apt-cache show pgbouncer >/dev/null 2>&1 || say "is not among this system's packages. Its test is skipped." 1
# The program alone: in this runlevel the package starts no pooler of the machine's own.
RUNLEVEL=1 apt-get install -qq --no-install-recommends -o Dpkg::Options::=--force-confold pgbouncer >/dev/null ||
  say "could not be installed. Its test is skipped." 1
say "is installed." 0
