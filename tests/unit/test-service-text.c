/* SPDX-License-Identifier: Apache-2.0
 *
 * What dnsmasq and the host's resolver are told of a network and a NIC. */
#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <stdlib.h>
#include "core/service-text.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

static void
test_nic(void **state)
{
    struct lease_want nic = { .host = (char *) "web1",
                              .fqdn = (char *) "web1.lab.vm.internal",
                              .alias = (char *) "web1.vm.internal",
                              .mac = ETH_ADDR_C(08, 00, 27, 12, 34, 56),
                              .ip = htonl(0x0a4d010a) };
    struct ds s = DS_EMPTY_INITIALIZER;

    inet_pton(AF_INET6, "fd00:77:1::10", &nic.ip6);
    dnsmasq_dhcp_host(&nic, &s);
    names_lines(&nic, &s);
    assert_string_equal(
        ds_cstr(&s),
        "08:00:27:12:34:56,id:*,10.77.1.10,[fd00:77:1::10]\n"
        "10.77.1.10 web1.lab.vm.internal web1.vm.internal\n"
        "fd00:77:1::10 web1.lab.vm.internal web1.vm.internal\n");
    ds_destroy(&s);
}

static void
test_network(void **state)
{
    struct service_want lab = { .network = (char *) "lab",
                                .device = "vmovs-lab",
                                .zone = (char *) "lab.vm.internal",
                                .mode = NET_ISOLATED,
                                .gateway4 = { htonl(0x0a4d0101), 24 },
                                .mtu = 1442 };
    const struct dnsmasq_paths paths = { "/r/lab", "/r/hosts", "/s/l",
                                         "dnsmasq" };
    const char *const ok[] = { "example.com" };
    struct ds s = DS_EMPTY_INITIALIZER;

    dnsmasq_conf(&lab, &paths, ok, 1, &s);
    assert_string_equal(
        ds_cstr(&s),
        "# Written by vmovsd, which takes no change made here.\n"
        "pid-file=/r/lab/pid\nuser=dnsmasq\ninterface=vmovs-lab\n"
        "except-interface=lo\nbind-dynamic\nno-hosts\ndhcp-ignore-names\n"
        "hostsdir=/r/hosts\ndhcp-hostsdir=/r/lab/dhcp\n"
        "dhcp-leasefile=/s/l\nlocal=/vm.internal/\n"
        "domain=lab.vm.internal\ndomain-needed\nbogus-priv\n"
        "stop-dns-rebind\nrebind-domain-ok=/example.com/\n"
        "cache-size=1000\nmin-port=10000\ndhcp-authoritative\n"
        "dhcp-ignore=tag:bootp\ndhcp-lease-max=10000\nno-ping\n"
        "quiet-dhcp\nquiet-dhcp6\nquiet-ra\n"
        "dhcp-range=10.77.1.0,static,255.255.255.0,1h\n"
        "dhcp-option=option:router\n"
        "dhcp-option=option:dns-server,10.77.1.1\n"
        "dhcp-option-force=option:mtu,1442\n"
        "dhcp-option=option:domain-search,lab.vm.internal,vm.internal\n");
    ds_clear(&s);
    names_head(&lab, &s);
    assert_string_equal(ds_cstr(&s),
                        "domain vm.internal\nsubnet 10.77.1.0/24\n");
    ds_destroy(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nic),
        cmocka_unit_test(test_network),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
