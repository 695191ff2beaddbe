/* SPDX-License-Identifier: Apache-2.0
 *
 * rename.h: keeps libopenvswitch's JSON apart from libjansson's.
 *
 * Both libraries export the six names below.  Linked together they build and
 * then abort at run time, since each one's calls may land in the other.  This
 * header is forced (-include) into the whole of libopenvswitch and into every
 * file of ours but those that include <jansson.h>, so that Open vSwitch's
 * functions carry other names in our executables.  A file that included both
 * JSON headers would not compile, and it should not.
 *
 * tests/unit/test-json-clash.c proves it in the full link. */
#ifndef VMOVS_RENAME_H
#define VMOVS_RENAME_H

#define json_array ovs_json_array
#define json_equal ovs_json_equal
#define json_integer ovs_json_integer
#define json_object ovs_json_object
#define json_real ovs_json_real
#define json_string ovs_json_string

#endif
