/* SPDX-License-Identifier: Apache-2.0
 *
 * test-json-clash.c: three users of JSON in one program: ours of jansson, Open
 * vSwitch's of its own, and libnftables', which calls jansson itself.
 *
 * Both libraries export the six names in controller/rename.h.  If a call of
 * one landed in the other, vmovsd would abort in the middle of somebody's
 * network.  The program is linked as vmovsd is. */
#include <jansson.h>
#include <sched.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

#include <nftables/libnftables.h>

#include "json-clash-ovs.h"

/* jansson's functions of those six names, each called by that name. */
static void
test_jansson(void **state)
{
    json_t *array = json_array();
    json_t *object = json_object();

    assert_int_equal(json_array_append_new(array, json_integer(7)), 0);
    assert_int_equal(json_array_append_new(array, json_real(0.5)), 0);
    assert_int_equal(json_array_append_new(array, json_string("a")), 0);
    assert_int_equal(json_object_set_new(object, "list", array), 0);

    char *text = json_dumps(object, JSON_COMPACT);
    json_t *again = json_loads(text, 0, NULL);

    assert_string_equal(text, "{\"list\":[7,0.5,\"a\"]}");
    assert_true(json_equal(object, again));
    assert_int_equal(json_integer_value(json_array_get(array, 0)), 7);
    json_decref(object);
    json_decref(again);
    free(text);
}

static void
test_openvswitch(void **state)
{
    char *text = ovs_json_round_trip();

    assert_string_equal(text, "{\"load\":0.5,\"name\":\"vm-web1\","
                              "\"ofport\":7,\"set\":[\"a\",\"b\"]}");
    free(text);
}

/* libnftables reads and prints JSON, in a network namespace of our own. */
static void
test_nftables(void **state)
{
    static const char table[] =
        "{\"nftables\":[{\"add\":{\"table\":"
        "{\"family\":\"inet\",\"name\":\"clash\"}}}]}";

    if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET)) {
        skip();
    }

    struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);

    assert_non_null(nft);
    nft_ctx_output_set_flags(nft, NFT_CTX_OUTPUT_JSON);
    assert_int_equal(nft_ctx_buffer_output(nft), 0);
    assert_int_equal(nft_ctx_buffer_error(nft), 0);
    assert_int_equal(nft_run_cmd_from_buffer(nft, table), 0);
    assert_int_equal(nft_run_cmd_from_buffer(nft, "list tables"), 0);

    json_t *said = json_loads(nft_ctx_get_output_buffer(nft), 0, NULL);
    const char *name = NULL;

    assert_non_null(said);
    assert_int_equal(json_unpack(said, "{s:[o,{s:{s:s}}]}", "nftables",
                                 &(json_t *) { NULL }, "table", "name",
                                 &name),
                     0);
    assert_string_equal(name, "clash");
    json_decref(said);
    nft_ctx_free(nft);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jansson),
        cmocka_unit_test(test_openvswitch),
        cmocka_unit_test(test_nftables),
        /* Once more, with everything loaded and used. */
        cmocka_unit_test(test_jansson),
        cmocka_unit_test(test_openvswitch),
    };

    return cmocka_run_group_tests_name("json-clash", tests, NULL, NULL);
}
