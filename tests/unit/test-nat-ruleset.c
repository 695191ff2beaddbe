/* SPDX-License-Identifier: Apache-2.0
 *
 * test-nat-ruleset.c: what guests may send where, as the text of our nftables
 * table; and that nftables reads it. */
#include "world.h"
#include <sched.h>
#include <nftables/libnftables.h>
#include "core/service-text.h"
#include "make-model.h"
#include "openvswitch/dynamic-string.h"

static const struct service_want default_net = {
    .network = (char *) "default",
    .device = "vmovs-default",
    .zone = (char *) "default.vm.internal",
    .mode = NET_NAT,
};

/* The text for networks of all modes. */
static char *
text(size_t n)
{
    struct service_want s[4] = { default_net, default_net, default_net,
                                 default_net };
    const struct service_want *list[4];
    struct ds out = DS_EMPTY_INITIALIZER;

    strcpy(s[1].device, "vmovs-lab");
    s[1].mode = NET_ISOLATED;
    strcpy(s[2].device, "vmovs-office");
    s[2].mode = NET_ROUTED;
    strcpy(s[3].device, "vmovs-six");
    s[0].gateway4 = make_prefix4("10.77.0.1/24");
    s[0].gateway6 = make_prefix6("fd00:77::1/64");
    s[1].gateway4 = make_prefix4("10.77.1.1/24");
    s[2].gateway4 = make_prefix4("192.0.2.1/26");
    s[3].gateway6 = make_prefix6("fd00:78::1/64");
    for (size_t i = 0; i < 4; i++) {
        list[i] = &s[i];
    }
    nat_ruleset(list, n, &out);
    return ds_steal_cstr(&out);
}

static void
assert_has(const char *all, const char *part)
{
    if (!strstr(all, part)) {
        print_error("not there: %s\nin: %s\n", part, all);
        fail();
    }
}

static void
test_sets(void **state)
{
    char *s = text(4);

    assert_has(s, "set nat {\n\t\ttype ifname\n\t\telements = {\n"
                  "\t\t\t\"vmovs-default\",\n\t\t\t\"vmovs-six\",\n\t\t}\n");
    assert_has(s, "set routed {\n\t\ttype ifname\n\t\telements = {\n"
                  "\t\t\t\"vmovs-office\",\n\t\t}\n");
    assert_has(s, "elements = {\n"
                  "\t\t\t\"vmovs-default\" . 10.77.0.0/24,\n"
                  "\t\t\t\"vmovs-lab\" . 10.77.1.0/24,\n"
                  "\t\t\t\"vmovs-office\" . 192.0.2.0/26,\n\t\t}\n");
    assert_has(s, "elements = {\n"
                  "\t\t\t\"vmovs-default\" . fd00:77::/64,\n"
                  "\t\t\t\"vmovs-six\" . fd00:78::/64,\n\t\t}\n");
    assert_has(s, "\"vmovs-lab\" . 10.77.1.1,\n");
    assert_has(s, "\"vmovs-six\" . fd00:78::1,\n");
    assert_has(s, "\t\t\t10.77.1.1,\n");
    free(s);
}

/* The rules are the same whatever the networks are. */
static void
test_rules(void **state)
{
    char *one = text(1), *four = text(4);

    assert_string_equal(strstr(one, "\tchain "), strstr(four, "\tchain "));
    assert_has(one, "add table inet vmovs\ndelete table inet vmovs\n"
                    "table inet vmovs {\n");
    assert_has(one, "iifname \"vmovs-*\" oifname \"vmovs-*\" counter drop\n"
                    "\t\tiifname \"vmovs-*\" jump from_guest\n"
                    "\t\toifname \"vmovs-*\" jump to_guest\n");
    assert_has(one, "\t\tiifname @nat masquerade\n");
    assert_has(one, "\t\tudp dport { 4789, 6081 } counter drop\n");
    free(one);
    free(four);
}

static void
test_nothing(void **state)
{
    char *s = text(0);

    assert_string_equal(s, "add table inet vmovs\ndelete table inet vmovs\n");
    free(s);
}

/* nftables takes it, again and again, and an error changes nothing. */
static void
test_nftables(void **state)
{
    char *all = text(4), *none = text(0);
    struct nft_ctx *nft;

    if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET)) {
        skip();
    }
    nft = nft_ctx_new(NFT_CTX_DEFAULT);
    nft_ctx_buffer_output(nft);
    assert_int_equal(nft_run_cmd_from_buffer(nft, all), 0);
    assert_int_equal(nft_run_cmd_from_buffer(nft, all), 0);
    assert_int_equal(nft_run_cmd_from_buffer(nft, "list ruleset"), 0);
    assert_has(nft_ctx_get_output_buffer(nft), "\"vmovs-lab\" . 10.77.1.0/24");
    assert_int_equal(nft_run_cmd_from_buffer(nft, none), 0);
    assert_int_equal(nft_run_cmd_from_buffer(nft, "list ruleset"), 0);
    assert_string_equal(nft_ctx_get_output_buffer(nft), "");
    nft_ctx_free(nft);
    free(all);
    free(none);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sets),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_nftables),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
