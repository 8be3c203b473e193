# SPDX-License-Identifier: ISC
# Sourced: runs the program that is called as the script in a network namespace without a name, which ends with it,
# however that ends.
set -u
if [ "$(id -u)" != 0 ]; then
	echo "1..0 # SKIP network namespaces need root"
	exit 0
fi
program=${TOP_BUILDDIR:-.}/tests/engine/$(basename "$0" .sh)
run_dir=$(mktemp -d) || exit 99
trap 'rm -rf "$run_dir"' EXIT
trap 'exit 130' INT TERM
unshare --net sh -ec '
	ip link set lo up
	ip link add eth0 type veth peer name peer0
	ip link add eth1 type veth peer name peer1
	ip address add 192.0.2.1/24 dev eth0
	ip address add 192.0.2.2/24 dev peer0
	ip address add 198.51.100.1/24 dev eth1
	ip address add 198.51.100.2/24 dev peer1
	for link in eth0 peer0 eth1 peer1; do
		echo 0 >/proc/sys/net/ipv4/conf/$link/rp_filter
		echo 1 >/proc/sys/net/ipv4/conf/$link/accept_local
		ip link set $link up
	done
	exec "$0" "$1"
' "$program" "$run_dir"
