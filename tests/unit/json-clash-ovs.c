/* SPDX-License-Identifier: Apache-2.0
 *
 * json-clash-ovs.c: the half of test-json-clash.c that is compiled as all of
 * ours is, with rename.h. */
#include <config.h>

#include "json-clash-ovs.h"

#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "util.h"

char *
ovs_json_round_trip(void)
{
    struct json *row = json_object_create();

    json_object_put_string(row, "name", "vm-web1");
    json_object_put(row, "ofport", json_integer_create(7));
    json_object_put(row, "load", json_real_create(0.5));
    json_object_put(row, "set",
                    json_array_create_2(json_string_create("a"),
                                        json_string_create("b")));

    char *text = json_to_string(row, JSSF_SORT);
    struct json *again = json_from_string(text);

    ovs_assert(json_equal(row, again));

    const struct shash *members = json_object(again);
    const struct json *name = shash_find_data(members, "name");
    const struct json *ofport = shash_find_data(members, "ofport");
    const struct json *load = shash_find_data(members, "load");
    const struct json *set = shash_find_data(members, "set");

    ovs_assert(!strcmp(json_string(name), "vm-web1"));
    ovs_assert(json_integer(ofport) == 7);
    ovs_assert(json_real(load) > 0.4 && json_real(load) < 0.6);
    ovs_assert(set->type == JSON_ARRAY);

    json_destroy(row);
    json_destroy(again);
    return text;
}
