/* SPDX-License-Identifier: Apache-2.0
 *
 * The host's resolver, by libnss_vmovs: names, addresses, and a caller's
 * buffer that is too small. */
#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <nss.h>
#include <stdio.h>
#include <string.h>
/* The module, with another file. */
#define NAMES_FILE "/tmp/vmovs-test-nss-names"
#include "nss/nss_vmovs.c"

static void
write_names(void)
{
    FILE *file = fopen(NAMES_FILE, "w");

    fputs("domain vm.internal\nsubnet 10.77.1.0/24\nsubnet fd00:77:1::/64\n"
          "10.77.1.10 web1.lab.vm.internal web1.vm.internal\n"
          "fd00:77:1::10 web1.lab.vm.internal web1.vm.internal\n"
          "10.77.1.11 db1.lab.vm.internal\n",
          file);
    fclose(file);
}

static enum nss_status
by_name(const char *name, int family, struct hostent *host, size_t size)
{
    static char buffer[4096];
    int error, herror;
    enum nss_status status = _nss_vmovs_gethostbyname2_r(
        name, family, host, buffer + 1, size, &error, &herror);

    assert_true(status != NSS_STATUS_TRYAGAIN
                || (error == ERANGE && herror == NETDB_INTERNAL));
    return status;
}

static void
test_names(void **state)
{
    struct hostent host;

    write_names();
    assert_int_equal(by_name("WEB1.vm.internal.", AF_INET, &host, 1024),
                     NSS_STATUS_SUCCESS);
    assert_string_equal(host.h_name, "web1.lab.vm.internal");
    assert_string_equal(host.h_aliases[0], "web1.vm.internal");
    assert_null(host.h_aliases[1]);
    assert_memory_equal(host.h_addr_list[0], "\x0a\x4d\x01\x0a", 4);
    assert_null(host.h_addr_list[1]);
    assert_int_equal(by_name("web1.vm.internal", AF_INET6, &host, 1024),
                     NSS_STATUS_SUCCESS);
    assert_int_equal(host.h_length, 16);
    assert_int_equal(by_name("db1.lab.vm.internal", AF_INET6, &host, 1024),
                     NSS_STATUS_NOTFOUND);
    for (const char *const *name =
             (const char *const[]){ "", ".", "web1", "vm.internal",
                                    "xvm.internal", "domain", "debian.org",
                                    "web2.vm.internal", NULL };
         *name; name++) {
        assert_int_equal(by_name(*name, AF_INET, &host, 1024),
                         NSS_STATUS_NOTFOUND);
    }
}

/* Too small is said so, until it is large enough. */
static void
test_small_buffer(void **state)
{
    struct gaih_addrtuple *tuple = NULL;
    enum nss_status status;
    struct hostent host;
    char buffer[512];
    int error, herror;
    size_t n = 0;

    write_names();
    while (by_name("web1.vm.internal", AF_INET, &host, n)
           == NSS_STATUS_TRYAGAIN) {
        assert_true(++n < 512);
    }
    assert_true(n > 40);
    for (n = 0;; n++) {
        tuple = NULL;
        status = _nss_vmovs_gethostbyname4_r("web1.vm.internal", &tuple,
                                             buffer, n, &error, &herror,
                                             NULL);
        if (status != NSS_STATUS_TRYAGAIN) {
            break;
        }
        assert_int_equal(error, ERANGE);
    }
    assert_int_equal(status, NSS_STATUS_SUCCESS);
    assert_int_equal(tuple->family, AF_INET);
    assert_int_equal(tuple->next->family, AF_INET6);
    assert_null(tuple->next->next);
}

static void
test_addresses(void **state)
{
    struct hostent host;
    char buffer[512];
    int error, herror;
    unsigned char a[16];

    write_names();
    inet_pton(AF_INET6, "fd00:77:1::10", a);
    assert_int_equal(_nss_vmovs_gethostbyaddr_r(a, 16, AF_INET6, &host, buffer,
                                                512, &error, &herror),
                     NSS_STATUS_SUCCESS);
    assert_string_equal(host.h_name, "web1.lab.vm.internal");
    inet_pton(AF_INET, "10.77.1.12", a);
    assert_int_equal(_nss_vmovs_gethostbyaddr_r(a, 4, AF_INET, &host, buffer,
                                                512, &error, &herror),
                     NSS_STATUS_NOTFOUND);
    inet_pton(AF_INET, "8.8.8.8", a);
    assert_int_equal(_nss_vmovs_gethostbyaddr_r(a, 4, AF_INET, &host, buffer,
                                                512, &error, &herror),
                     NSS_STATUS_NOTFOUND);
    unlink(NAMES_FILE);
    assert_int_equal(by_name("web1.vm.internal", AF_INET, &host, 512),
                     NSS_STATUS_UNAVAIL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_small_buffer),
        cmocka_unit_test(test_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
