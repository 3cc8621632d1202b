#!/bin/sh
# sh scripts/postgres15.sh: installs the PostgreSQL 15 of Debian's packages, which the tests start servers of their own with. Ends
# with 1 and one sentence where it can't; the tests on 15 are then skipped, and say so.
set -eu

say() {
  echo "PostgreSQL 15 $1"
  exit "$2"
}

[ ! -x /usr/lib/postgresql/15/bin/initdb ] || say "is installed." 0
command -v apt-get >/dev/null || say "can't be installed: this machine has no apt-get. Its tests are skipped." 1
[ "$(id -u)" -eq 0 ] || say "can't be installed by this user: run sh scripts/postgres15.sh as root. Its tests are skipped." 1

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq || say "can't be installed: no package list could be read. Its tests are skipped." 1
apt-cache show postgresql-15 >/dev/null 2>&1 || say "is not among this system's packages. Its tests are skipped." 1
# Programs alone: no cluster of the machine's own is made or started.
mkdir -p /etc/postgresql-common
echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
apt-get install -qq --no-install-recommends -o Dpkg::Options::=--force-confold postgresql-15 >/dev/null ||
  say "could not be installed. Its tests are skipped." 1
say "is installed." 0
