#!/bin/sh
# Without this: a guest gets no address or another's, learns names that a
# client made up, or keeps the name and address of one who is gone.
. "$(dirname "$0")/../lib.sh"
. "$TOP/tests/dnsmasq-harness.sh"

lab
h nic lab web1 02:00:00:00:00:01 10.77.1.10 fd00:77:1::10 > "$T/out"
h nic other db1 02:00:00:00:00:02 10.78.1.10 > "$T/out"
h update > "$T/out"
ok "dnsmasq serves" h await 5 applied

ok "a guest gets a lease" dhcp 02:00:00:00:00:01 wpad
says "its own" '^ip=10\.77\.1\.10$'
says "with a router" '^router=10\.77\.1\.1$'
says "with the network's MTU" '^mtu=1442$'
says "with the network's domain" '^domain=lab\.vm\.internal$'
says "with both search domains" '^search=lab\.vm\.internal vm\.internal$'
nok "who is not known gets none" dhcp 02:00:00:00:00:99
is "a client's name is no name" "$(dns wpad.lab.vm.internal A)" NXDOMAIN
is "nor is a bare one" "$(dns wpad A)" NXDOMAIN
is "the host's /etc/hosts is not told" "$(dns localhost.vm.internal A)" NXDOMAIN

for over in '' -t; do
    is "a guest's name$over" "$(dns $over web1.lab.vm.internal A)" 10.77.1.10
    is "its short name$over" "$(dns $over web1.vm.internal A)" 10.77.1.10
    is "of IPv6$over" "$(dns $over web1.lab.vm.internal AAAA)" fd00:77:1::10
    is "a name of another network$over" "$(dns $over db1.vm.internal A)" \
        10.78.1.10
    is "back from an address$over" "$(dns $over 10.77.1.10 PTR)" \
        web1.lab.vm.internal
    is "of IPv6 too$over" "$(dns $over fd00:77:1::10 PTR)" \
        web1.lab.vm.internal
done
is "the host asks, too" "$(dnsq 10.77.1.1 web1.vm.internal A)" 10.77.1.10

h nic lab web2 02:00:00:00:00:03 10.77.1.11 > "$T/out"
h update > "$T/out"
ok "one more" h await 3 applied
ok "resolves at once" wait_until dns_is web2.vm.internal 10.77.1.11
ok "and gets its address" dhcp 02:00:00:00:00:03
says "its own" '^ip=10\.77\.1\.11$'
is "by the same dnsmasq" "$(pid_of lab)" "$first_pid"

h unnic web1 > "$T/out"
h update > "$T/out"
ok "one less" h await 3 applied
ok "its name is gone" wait_until dns_is web1.vm.internal NXDOMAIN
ok "so is its reverse" wait_until dns_is 10.77.1.10 NXDOMAIN PTR
nok "it gets no address" dhcp 02:00:00:00:00:01
h nic lab web3 02:00:00:00:00:04 10.77.1.10 > "$T/out"
h update > "$T/out"
ok "its address goes to another" h await 3 applied
ok "who gets it, though the lease is not over" dhcp 02:00:00:00:00:04
says "that address" '^ip=10\.77\.1\.10$'
is "by the same dnsmasq still" "$(pid_of lab)" "$first_pid"
end_harness
finish
