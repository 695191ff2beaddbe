/* SPDX-License-Identifier: Apache-2.0
 *
 * json-clash-ovs.h: Open vSwitch's JSON for test-json-clash.c, which has
 * jansson's and therefore cannot see it. */
#ifndef JSON_CLASH_OVS_H
#define JSON_CLASH_OVS_H

/* Builds, prints, parses, compares and takes apart an object by Open vSwitch's
 * functions, those of the shared names among them.  Returns its text; the
 * caller frees it. */
char *ovs_json_round_trip(void);

#endif
