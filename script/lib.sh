# script/lib.sh: what every script shares; sourced, never run.
#
# It finds the root of the project and goes there, installs missing packages and builds. Nothing here depends on fixed
# ports or on paths outside the project, so several clones can work side by side.

set -eu -o pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
# Debian's own interpreter: another python3 earlier on the PATH would not see Debian's modules.
python=/usr/bin/python3

# Prints what is being done.
step()
{
	printf '==> %s\n' "$*"
}

# Prints a sentence for the person and ends the script.
give_up()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# Prints the comment at the head of the script, which is its manual, when the first argument asks for help.
help_if_asked()
{
	case ${1-} in
	-h | --help)
		sed -n '2,/^[^#]*$/{s/^# \{0,1\}//p}' "$0"
		exit 0
		;;
	esac
}

# Prints the packages that the files name and the machine lacks, one a line.
missing_packages()
{
	local name condition command
	sed 's/#.*//' "$@" | while read -r name condition command; do
		[ -n "$name" ] || continue
		if [ "$condition" = unless ] && command -v "$command" >/dev/null; then
			continue
		fi
		if ! dpkg-query -W -f '${db:Status-Status}\n' "$name" 2>/dev/null | grep -qx installed; then
			printf '%s\n' "$name"
		fi
	done
}

# need_packages FILE...: installs what the files name, as root or through sudo; does nothing when all is there.
need_packages()
{
	local missing
	command -v dpkg-query >/dev/null || give_up "this is not Debian; install what $* name and use meson and ninja"
	mapfile -t missing < <(missing_packages "$@")
	[ ${#missing[@]} -gt 0 ] || return 0
	step "installing ${#missing[@]} Debian packages: ${missing[*]}"
	if [ "$(id -u)" = 0 ]; then
		tools/install-packages "${missing[@]}"
	elif command -v sudo >/dev/null; then
		sudo tools/install-packages "${missing[@]}"
	else
		give_up "packages are missing and there is neither root nor sudo. Ask somebody who may to run:
  apt-get install ${missing[*]}"
	fi
}

# configure DIR MESON_OPTION...: sets a build folder up once; later calls are free. The unit tests are left out while
# their libraries are not installed, and are added once they are.
configure()
{
	local dir=$1
	shift
	if [ ! -f "$dir/build.ninja" ]; then
		step "configuring $dir"
		if ! has_test_libraries; then
			set -- "$@" -Dtests=false
		fi
		quietly meson setup "$dir" "$@" || give_up "meson could not configure $dir"
		has_test_libraries || touch "$dir/without-tests"
	elif [ -f "$dir/without-tests" ] && has_test_libraries; then
		step "adding the tests to $dir"
		quietly meson configure "$dir" -Dtests=true || give_up "meson could not add the tests to $dir"
		rm "$dir/without-tests"
	fi
}

has_test_libraries()
{
	pkg-config --exists cmocka json-c
}

# quietly COMMAND...: shows its output only when it fails.
quietly()
{
	local output
	if ! output=$("$@" 2>&1); then
		printf '%s\n' "$output" >&2
		return 1
	fi
}

# compile DIR [TARGET...]: ninja shows its own progress, and says so when nothing is to be done.
compile()
{
	local dir=$1
	shift
	step "building $dir${*:+ ($*)}"
	ninja -C "$dir" "$@"
}
