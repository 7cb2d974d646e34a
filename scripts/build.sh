# SPDX-License-Identifier: MIT
# Sourced by the scripts here, from the source folder: builds one folder with meson, silent unless it fails.

# build_in DIR [MESON OPTION...]: configures DIR when it is new or was configured otherwise, then builds it.
build_in() {
	dir=$1
	shift
	mkdir -p "$dir"
	if ! [ -f "$dir/build.ninja" ] || [ "$(cat "$dir/.options" 2>/dev/null)" != "$*" ]; then
		rm -f "$dir/.options"
		if [ -f "$dir/build.ninja" ]; then
			again=--wipe
		else
			again=
		fi
		meson setup $again "$@" "$dir" >"$dir.log" 2>&1 || build_failed "$dir"
		printf '%s\n' "$*" >"$dir/.options"
	fi
	ninja -C "$dir" ${JOBS:+-j "$JOBS"} >"$dir.log" 2>&1 || build_failed "$dir"
	rm -f "$dir.log"
}
build_failed() {
	tail -n 40 "$1.log" >&2
	echo "building $1 failed; all of it is in $1.log" >&2
	exit 1
}
