# SPDX-License-Identifier: MIT
# Sourced by the scripts here, from the source folder: builds one folder with meson, silent unless it fails.

# build_in DIR [MESON OPTION...]: configures DIR when it is new or was configured otherwise, then builds it. False if it fails.
build_in() {
	dir=$1
	shift
	if ! [ -f "$dir/build.ninja" ] || [ "$(cat "$dir/.options" 2>/dev/null)" != "$*" ]; then
		rm -rf "$dir"
		mkdir -p "$dir"
		meson setup "$@" "$dir" >"$dir/build.log" 2>&1 || build_failed "$dir" || return
		printf '%s\n' "$*" >"$dir/.options"
	fi
	ninja -C "$dir" ${JOBS:+-j "$JOBS"} >"$dir/build.log" 2>&1 || build_failed "$dir"
}
build_failed() {
	grep -nE '(error|warning|ERROR):|^FAILED' "$1/build.log" | head -n 20 >&2
	echo "---- tail of $1/build.log" >&2
	tail -n 15 "$1/build.log" >&2
	return 1
}
