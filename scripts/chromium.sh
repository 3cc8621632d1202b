#!/bin/sh
# sh scripts/chromium.sh: installs Debian's Chromium, in which the tests look at the calendar and the pages. Ends with 1 and one sentence where it
# can't; the tests in a browser are then skipped, and say so.
set -eu

say() {
  echo "Chromium $1"
  exit "$2"
}

[ ! -x /usr/bin/chromium ] || say "is installed." 0
command -v apt-get >/dev/null || say "can't be installed: this machine has no apt-get. Its tests are skipped." 1
[ "$(id -u)" -eq 0 ] || say "can't be installed by this user: run sh scripts/chromium.sh as root. Its tests are skipped." 1

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq || say "can't be installed: no package list could be read. Its tests are skipped." 1
apt-cache show chromium >/dev/null 2>&1 || say "is not among this system's packages. Its tests are skipped." 1
# Two fonts with Latin and other letters; without any a page has no text.
apt-get install -qq --no-install-recommends -o Dpkg::Options::=--force-confold \
  chromium fonts-dejavu-core fonts-liberation >/dev/null || say "could not be installed. Its tests are skipped." 1
say "is installed." 0
