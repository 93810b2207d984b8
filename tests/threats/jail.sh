#!/bin/sh
# Run plain nbgrader where it can harm nothing: `jail.sh COURSE ROOM OUT PACKAGES TOOLS -- COMMAND…`
#
# Started by stock.py in mount, pid and ipc namespaces of its own. COURSE is a copy in memory from here on;
# everything else on this machine is read-only, installed packages excepted, whose changes stay in ROOM.
set -e
course=$1 room=$2 out=$3 packages=$4 tools=$5
shift 6
mount --make-rprivate /
mount --bind "$out" "$out"
mount -t tmpfs -o size=900m,nr_inodes=80k tmpfs "$room"
mkdir "$room/upper" "$room/work" "$room/home" "$room/tmp"
cp -a "$course" "$room/course"
mount --bind "$room/course" "$course"
mount -t overlay overlay -o "lowerdir=$packages,upperdir=$room/upper,workdir=$room/work" "$packages"
mount -t tmpfs -o size=64m,nr_inodes=10k tmpfs /dev/shm
mount -o remount,bind,ro /
export HOME="$room/home" TMPDIR="$room/tmp" PATH="$tools:$PATH"
cd "$course"
code=0
prlimit --data=4294967296 --core=0 -- "$@" >"$room/log" 2>&1 || code=$?
cp "$room/log" "$out/log" 2>/dev/null || true
echo "$code" >"$out/code"
rm -rf "$out/course"
cp -a "$course" "$out/course"
find "$room/upper" "$room/home" -type f ! -path '*/.local/share/*' ! -name '*.sqlite*' ! -name '*.pyc' >"$out/written" || true
