#!/bin/sh
# Without this: a real guest's own network card and stack find what namespaces
# do not (offloads, a tap that its user opens), or a restart cuts it off.
. "$(dirname "$0")/../lib.sh"

[ -f "$BUILD/guest/vmlinuz" ] || skip_all "no guest: make $BUILD/guest/initrd"
with_users alice
start_ovs
config '{"version": 1, "datapath": "userspace", "networks": {"lab":
    {"subnet": "10.77.1.0/24", "subnet6": "fd00:77:1::/64"}}, "vms": {}}'
start_vmovsd --group=vmovs
chmod 711 "$T" "$T/run"
ok "alice adds a VM" as alice "$BUILD/vmovs" add-vm q --network=lab
qemu_guest q alice
for guest in n:netns l:lxc; do
    vmovs add-vm "${guest%:*}" --hypervisor="${guest#*:}" --network=lab \
        > "$T/out" || bail "$(cat "$T/out")"
done
guest_ns n > "$T/out" || bail "$(cat "$T/out")"
tcp_server n
lxc_guest l > "$T/out" 2>&1 || bail "$(cat "$T/out")"
ok "the guest boots on alice's tap" wait_until -t 60 guest_is_up q

reach () {
    for pair in q:n n:q q:l l:q; do
        from=${pair%:*} to=${pair#*:}
        for key in ip ip6; do
            ok "$1: $from pings $to ($key)" \
                wait_until pings "$from" "$(nic "$to" $key)"
            ok "$1: $from and $to by TCP" tcp "$from" "$(nic "$to" $key)"
        done
    done
}
reach "at first"

kill_vmovsd
ok "without vmovsd n pings q" pings n "$(nic_ip=$(jq -r \
    '.vms.q.nics[0].ip' "$T/vmovs.json"); echo "$nic_ip")"
start_vmovsd --group=vmovs
ok "sync" vmovs sync --timeout=10
reach "after a crash of vmovsd"

pid=$(cat "$T/ovs/ovs-vswitchd.pid")
kill -9 "$pid"
wait_until ended "$pid" || bail "kill"
start_vswitchd
ok "sync" vmovs sync --timeout=10
reach "after a crash of ovs-vswitchd"
appctl -t ovs-vswitchd exit
wait_until nok_file "$T/ovs/ovs-vswitchd.pid" || bail "exit"
start_vswitchd
ok "sync" vmovs sync --timeout=10
reach "after a restart of ovs-vswitchd"
allow_log 'connect|receive error|somebody|another ovs-vswitchd'
finish
