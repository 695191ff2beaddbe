/* SPDX-License-Identifier: Apache-2.0
 *
 * test-json-model.c: what each bad config is told, and what a good one means.
 * Hostile texts are refused and never crash the reader. */
#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "openvswitch/dynamic-string.h"
#include "source/evaluate.h"
#include "util.h"

static const struct host_facts no_facts = { .routes = NULL };

/* The faults of 'n' bytes of 'text', a line each; NULL if it is valid. */
static char *
faults_of(const char *text, size_t n)
{
    struct file_text file = { .s = xmemdup0(text, n), .n = n };
    struct faults faults = FAULTS_INITIALIZER;
    struct running none = { .model = NULL };
    struct ds s = DS_EMPTY_INITIALIZER;
    struct evaluated result;

    if (evaluate(&file, none, &no_facts, &result, &faults)) {
        assert_int_equal(faults.n, 0);
        assert_non_null(result.model);
        model_destroy(result.model);
        file_text_uninit(&result.text);
    } else {
        assert_true(faults.n > 0);
    }
    faults_format(&faults, "f", &s);
    faults_uninit(&faults);
    file_text_uninit(&file);
    return faults.n || s.length ? ds_steal_cstr(&s) : NULL;
}

/* Texts are written with ' for ", to be read more easily. */
static char *
expand(const char *s)
{
    char *text = xstrdup(s);

    for (char *p = text; *p; p++) {
        *p = *p == '\'' ? '"' : *p;
    }
    return text;
}

#define V "{'version': 1, "
#define NETS "'networks': {'default': {'subnet': '10.1.0.0/24'}}, "

/* A bad text and all that is said about it. */
static const struct {
    const char *text;
    const char *faults;
} bad[] = {
    { "",
      "f:1:1: the text is empty; the least to write is { \"version\": 1 }\n" },
    { "   ",
      "f:1:4: the text is empty; the least to write is { \"version\": 1 }\n" },
    { "[]", "f:1:1: must be an object, and is a list; write {...}\n" },
    { "'x'", "f:1:1: must be an object, and is a string; write {...}\n" },
    { "nonsense",
      "f:1:1: this word means nothing in JSON; write true or false in lower "
      "case, and text in double quotes\n" },
    { "{",
      "f:1:2: the text ends too early; close what is open: a '}' or ']' is "
      "missing\n" },
    { "{'version': 1,}", "f:1:14: nothing follows this comma; remove it\n" },
    { "{'version': 1 'vms': {}}",
      "f:1:15: '\"' is not expected here; is a comma missing before it?\n" },
    { "{'version': 1} x",
      "f:1:16: 'x' is not expected here; remove what follows the last '}'\n" },
    { "{\n"
      "  // a comment\n"
      "  'version': 1\n"
      "}",
      "f:2:3: JSON has no comments; remove it\n" },
    { V "'a': tru}",
      "f:1:21: this word means nothing in JSON; write true or false in "
      "lower case, and text in double quotes\n" },
    { V "'bridge': 'a\n"
        "b'}",
      "f:1:26: a string is not closed on its line; end it with a double "
      "quote\n" },
    { "{'version': 1, 'version': 1}",
      "f:1:16: this key is there twice; rename or remove one\n" },
    { "{'version': 1, '\\u0076ersion': 1}",
      "f:1:16: this key is there twice; rename or remove one\n" },
    { "{'version': 1, 'vms': {'a': {'host': 'x', 'host': 'y'}}, 'vms': {}}",
      "f:1:43: this key is there twice; rename or remove one\n"
      "f:1:58: this key is there twice; rename or remove one\n" },
    { "{'version': -, '\377': 1}",
      "f:1:13: this is no valid JSON; write a number as 12 or -1.5, and in "
      "a string escape only \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX\n"
      "f:1:16: there are bytes that are not UTF-8; save the file as UTF-8\n" },
    { V "'br\\u0069dge': 'vm\\u006fvs/0'}",
      "f:1:31: bridge: \"vmovs/0\" cannot be the name of a bridge; write 1 to "
      "15 letters, digits, '_', '.' or '-', such as \"vmovs0\"\n" },
    { "{'version': 01}",
      "f:1:13: this is no valid JSON; write a number as 12 or -1.5, and in "
      "a string escape only \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX\n" },
    { "{'version': 1e999}",
      "f:1:13: this number is too large; write a smaller one\n" },
    { V "'bridge': 'a\\u0000'}",
      "f:1:26: \\u0000 is no character of a text; remove it\n" },
    { V "'bridge': 'a\\x'}",
      "f:1:26: this is no valid JSON; write a number as 12 or -1.5, and in "
      "a string escape only \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX\n" },
    { V "'bridge': '\303\251\377'}",
      "f:1:26: there are bytes that are not UTF-8; save the file as UTF-8\n" },
    { "\357\273\277{'version': 1}",
      "f:1:1: an invisible or foreign character is here; save the file as "
      "UTF-8 without a byte order mark\n" },
    { "{}", "f:1:1: version: is missing; write \"version\": 1\n" },
    { "{'version': 2}",
      "f:1:13: version: this vmovs does not know version 2; write 1, or "
      "install the vmovs it is for\n" },
    { "{'version': '1'}",
      "f:1:13: version: must be a whole number, and is a string; write 1\n" },
    { V "'bridge': 5}",
      "f:1:26: bridge: must be a string, and is a number; "
      "write \"vmovs0\"\n" },
    { V "'bridge': 'a/b'}",
      "f:1:26: bridge: \"a/b\" cannot be the name of a bridge; write 1 to "
      "15 letters, digits, '_', '.' or '-', such as \"vmovs0\"\n" },
    { V "'datapath': 'Kernel'}",
      "f:1:28: datapath: \"Kernel\" is not known here; did you mean "
      "\"kernel\"?\n" },
    { V "'datapath': 'xyz'}",
      "f:1:28: datapath: \"xyz\" is not known here; write one of \"auto\", "
      "\"kernel\", \"userspace\"\n" },
    { V "'domain': 'Vm.internal'}",
      "f:1:26: domain: \"Vm.internal\" is not a domain name; write "
      "lower-case letters, digits, '-' and dots, at most 125 bytes in all, "
      "such as \"vm.internal\"\n" },
    { V "'netwroks': {}}",
      "f:1:16: netwroks: \"netwroks\" is not known here; did you mean "
      "\"networks\"?\n" },
    { V "'qqqq': 1}",
      "f:1:16: qqqq: \"qqqq\" is not known here; write one of \"version\", "
      "\"bridge\", \"datapath\", \"domain\", \"dns\", \"networks\", "
      "\"vms\", \"hosts\", \"policies\", \"users\"\n" },
    { V "'networks': []}",
      "f:1:28: networks: must be an object, and is a list; write { "
      "\"NAME\": {...} }\n" },
    { V "'networks': {'a': 1}}",
      "f:1:34: networks.a: must be an object, and is a number; "
      "write {...}\n" },
    { V "'networks': {'A': {}}}",
      "f:1:34: networks.A: \"A\" cannot be a network's name; write 1 to 63 "
      "lower-case letters, digits and '-', with no '-' at either end\n" },
    { V "'networks': {'a': {'subnet': '10.1.2.3/24'}}}",
      "f:1:45: networks.a.subnet: \"10.1.2.3/24\" is an address within a "
      "subnet, not a subnet; write \"10.1.2.0/24\"\n" },
    { V "'networks': {'a': {'subnet': '10.1.2.0'}}}",
      "f:1:45: networks.a.subnet: \"10.1.2.0\" is not an IPv4 subnet; write "
      "\"10.77.1.0/24\", \"auto\" or \"none\"\n" },
    { V "'networks': {'a': {'subnet': '10.1.2.0/33'}}}",
      "f:1:45: networks.a.subnet: \"10.1.2.0/33\" is not an IPv4 subnet; "
      "write \"10.77.1.0/24\", \"auto\" or \"none\"\n" },
    { V "'networks': {'a': {'subnet': '10.0.0.0/4'}}}",
      "f:1:45: networks.a.subnet: \"10.0.0.0/4\" is an address within a "
      "subnet, not a subnet; write \"0.0.0.0/4\"\n" },
    { V "'networks': {'a': {'subnet': null}}}",
      "f:1:45: networks.a.subnet: must be a string, and is null; write "
      "\"10.77.1.0/24\", \"auto\" or \"none\"\n" },
    { V "'networks': {'a': {'subnet6': 'fd00::1/64'}}}",
      "f:1:46: networks.a.subnet6: \"fd00::1/64\" is an address within a "
      "subnet, not a subnet; write \"fd00::/64\"\n" },
    { V "'networks': {'a': {'subnet6': '10.1.2.0/24'}}}",
      "f:1:46: networks.a.subnet6: \"10.1.2.0/24\" is not an IPv6 subnet; "
      "write \"fd00:77:1::/64\", \"auto\" or \"none\"\n" },
    { V "'networks': {'a': {'mode': 'natt'}}}",
      "f:1:43: networks.a.mode: \"natt\" is not known here; did you mean "
      "\"nat\"?\n" },
    { V "'networks': {'a': {'isolate': 'yes'}}}",
      "f:1:46: networks.a.isolate: must be true or false, and is a string; "
      "write true or false, without quotes\n" },
    { V "'networks': {'a': {'mtu': '1500'}}}",
      "f:1:42: networks.a.mtu: must be a whole number, and is a string; "
      "write bytes, such as 1442\n" },
    { V "'networks': {'a': {'mtu': 70000}}}",
      "f:1:42: networks.a.mtu: 70000 bytes are no MTU; write 68 to 65535, "
      "or leave it out\n" },
    { V "'networks': {'a': {'mtu': 1.5}}}",
      "f:1:42: networks.a.mtu: must be a whole number, and is a fraction; "
      "write bytes, such as 1442\n" },
    { V "'networks': {'a': {'subnt': 'auto'}}}",
      "f:1:35: networks.a.subnt: \"subnt\" is not known here; did you mean "
      "\"subnet\"?\n" },
    { V "'networks': {'a': {'domain': 'x..y'}}}",
      "f:1:45: networks.a.domain: \"x..y\" is not a domain name; write "
      "lower-case letters, digits, '-' and dots, at most 125 bytes in all, "
      "such as \"vm.internal\"\n" },
    { V "'vms': {'a\\u0007b': {}}}",
      "f:1:24: vms.a\\x07b: the name has a control character in it; remove "
      "it\n" },
    { V NETS "'vms': {'a': {'hypervisor': 'virtualbx'}}}",
      "f:1:96: vms.a.hypervisor: \"virtualbx\" is not known here; did you "
      "mean \"virtualbox\"?\n" },
    { V NETS "'vms': {'a': {'owner': ''}}}",
      "f:1:91: vms.a.owner: \"\" cannot be a user's name; write a login "
      "name, or leave it out for root\n" },
    { V NETS "'vms': {'a': {'owner': 'a\\u001bb'}}}",
      "f:1:91: vms.a.owner: the string has a control character in it; "
      "remove it\n" },
    { V NETS "'vms': {'a': {'host': 'H'}}}",
      "f:1:90: vms.a.host: \"H\" cannot be a host's name; write its name in "
      "lower case without the domain\n" },
    { V "'dns': {'rebind-ok': ['corp.example', 'a b/server=/x/']}}",
      "f:1:24: dns.rebind-ok: \"a b/server=/x/\" is not a domain name; "
      "write lower-case letters, digits, '-' and dots, at most 125 bytes in "
      "all, such as \"vm.internal\"\n" },
    { V "'dns': {'rebind-ok': ['a\\n']}}",
      "f:1:38: dns.rebind-ok[0]: the string has a control character in it; "
      "remove it\n" },
    { V "'dns': {'rebind-ok': 'corp.example'}}",
      "f:1:37: dns.rebind-ok: must be a list of domains, and is a string; "
      "write [\"corp.example\"]\n" },
    { V NETS "'vms': {'a': {'groups': 'web'}}}",
      "f:1:92: vms.a.groups: must be a list of names, and is a string; "
      "write [\"web\"]\n" },
    { V NETS "'vms': {'a': {'groups': ['web', 1]}}}",
      "f:1:100: vms.a.groups[1]: must be a string, and is a number; write "
      "\"web\"\n" },
    { V NETS "'vms': {'a': {'nics': {}}}}",
      "f:1:90: vms.a.nics: must be a list of NICs, and is an object; write "
      "[ {...} ]\n" },
    { V NETS "'vms': {'a': {'nics': [1]}}}",
      "f:1:91: vms.a.nics[0]: must be an object, and is a number; write "
      "{...}\n" },
    { V NETS "'vms': {'a': {'nics': [{'network': 'defalt'}]}}}",
      "f:1:103: vms.a.nics[0].network: there is no network \"defalt\"; did "
      "you mean \"default\"?\n" },
    { V NETS "'vms': {'a': {'nics': [{'mac': '52:54:00:12:34'}]}}}",
      "f:1:99: vms.a.nics[0].mac: \"52:54:00:12:34\" is not a MAC address; "
      "write \"52:54:00:12:34:56\", or leave it out\n" },
    { V NETS "'vms': {'a': {'nics': [{'mac': '53:54:00:12:34:56'}]}}}",
      "f:1:99: vms.a.nics[0].mac: 53:54:00:12:34:56 is a multicast address, "
      "which no NIC can have; write one whose first byte is even, or leave "
      "it out\n" },
    { V NETS "'vms': {'a': {'nics': [{'ip': '10.1.0.300'}]}}}",
      "f:1:98: vms.a.nics[0].ip: \"10.1.0.300\" is not an IPv4 address; "
      "write \"10.77.0.10\", or leave it out\n" },
    { V NETS "'vms': {'a': {'nics': [{'ip': '10.2.0.3'}]}}}",
      "f:1:98: vms.a.nics[0].ip: 10.2.0.3 is outside 10.1.0.0/24, the "
      "subnet of network default; write another address of 10.1.0.0/24 or "
      "leave it out\n" },
    { V NETS "'vms': {'a': {'nics': [{'ip6': 'fd00::x'}]}}}",
      "f:1:99: vms.a.nics[0].ip6: \"fd00::x\" is not an IPv6 address; write "
      "\"fd00:77:1::10\", or leave it out\n" },
    { V NETS "'vms': {'a': {'nics': [{'id': '1234'}]}}}",
      "f:1:98: vms.a.nics[0].id: \"1234\" is not a UUID; write one as "
      "uuidgen prints it, or leave it out\n" },
    { V NETS "'vms': {'a': {'nics': [{'name': 'E'}]}}}",
      "f:1:100: vms.a.nics[0].name: \"E\" cannot be a NIC's name; write 1 "
      "to 63 lower-case letters, digits and '-', or leave it out\n" },
    { V NETS "'vms': {\n"
             "  'a': {'nics': [{'ip': '10.1.0.9'}]},\n"
             "  '\303\251': 1,\n"
             "  'b': {'nics': [{'name': 'x'}, {'ip': '10.1.0.9'}]}}}",
      "f:3:8: vms.\303\251: must be an object, and is a number; write "
      "{...}\n"
      "f:3:8: vms.\303\251: \"\303\251\" cannot be a VM's name; write 1 to "
      "63 lower-case letters, digits and '-', with no '-' at either end; "
      "what the hypervisor calls it goes into \"hypervisor-name\"\n"
      "f:4:40: vms.b.nics[1].ip: 10.1.0.9 is taken by a; write another "
      "address of 10.1.0.0/24 or leave it out\n" },
    { V "'hosts': {'a': {}}}",
      "f:1:25: hosts: this version of vmovs cannot honour hosts yet; write "
      "{}, or leave it out\n" },
    { V "'policies': [1]}",
      "f:1:28: policies: this version of vmovs cannot honour policies yet; "
      "write [], or leave it out\n" },
    { V "'users': {'a': 1}}",
      "f:1:25: users: this version of vmovs cannot honour users yet; write "
      "{}, or leave it out\n" },
    { V "'policies': {}}",
      "f:1:28: policies: must be a list, and is an object; write []\n" },
};

static void
test_bad(void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        char *text = expand(bad[i].text);
        char *got = faults_of(text, strlen(text));

        assert_string_equal(got, bad[i].faults);
        free(got);
        free(text);
    }
}

static char *
read_example(size_t *n)
{
    struct file_text text;

    assert_int_equal(file_read("config/vmovs.json", SIZE_MAX, &text), 0);
    *n = text.n;
    return text.s;
}

/* A file that somebody is still writing is not taken for a whole one. */
static void
test_truncated(void **state)
{
    size_t n;
    char *text = read_example(&n);

    for (size_t i = 0; i < n - 2; i++) {
        char *got = faults_of(text, i);

        assert_non_null(got);
        free(got);
    }
    assert_null(faults_of(text, n));
    free(text);
}

static void
test_flipped(void **state)
{
    size_t n;
    char *text = read_example(&n);
    uint32_t random = 1;

    for (int i = 0; i < 10000; i++) {
        random = random * 1664525 + 1013904223;
        char *byte = &text[(random >> 8) % n];
        char saved = *byte;

        *byte ^= 1 << (random >> 29);
        free(faults_of(text, n));
        *byte = saved;
    }
    free(text);
}

static void
assert_refused(struct ds *text, const char *why)
{
    char *got = faults_of(text->string, text->length);

    assert_non_null(got);
    assert_non_null(strstr(got, why));
    free(got);
    ds_destroy(text);
    ds_init(text);
}

static void
put_times(struct ds *out, const char *s, int n)
{
    while (n--) {
        ds_put_cstr(out, s);
    }
}

static void
test_hostile(void **state)
{
    struct ds text = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&text, "{'version': 1}");
    assert_refused(&text, "f:1:2: strings do not begin with '");
    put_times(&text, "[", 1000000);
    assert_refused(&text, "f:1:33: values are nested more than 32 deep");
    put_times(&text, "{\"a\":", 1000000);
    assert_refused(&text, "values are nested more than 32 deep");
    ds_put_char(&text, '[');
    put_times(&text, "0,", 1000001);
    assert_refused(&text, "more than 1,000,000 values");
    put_times(&text, " ", 16 * 1024 * 1024 + 1);
    assert_refused(&text, "larger than 16 MiB");
    ds_put_char(&text, '"');
    put_times(&text, "x", 1000000);
    assert_refused(&text, "f:1:1: a string is not closed");
    ds_put_buffer(&text, "{\"version\": 1}\0", 15);
    assert_refused(&text, "f:1:15: byte 0x00 is not expected here");
    ds_put_cstr(&text, "{\"version\": 1, \"");
    put_times(&text, "k", 100000);
    ds_put_cstr(&text, "\": 1}");
    assert_refused(&text, "...\" is not known here");
    ds_put_cstr(&text, "{\"version\": 1, \"bridge\": \"");
    put_times(&text, "k", 256);
    ds_put_cstr(&text, "\"}");
    assert_refused(&text, "the string is 256 bytes long");
}

/* In an object too large to compare all keys with all. */
static void
test_twice_among_many(void **state)
{
    struct ds text = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&text, "{\"version\": 1, \"vms\": {\n");
    for (int i = 0; i < 1000; i++) {
        ds_put_format(&text, "\"vm%d\": {},\n", i);
    }
    ds_put_cstr(&text, " \"vm\\u0035\": {}, \"vm999\": {}}}");

    char *got = faults_of(text.string, text.length);
    assert_string_equal(got, "f:1002:2: this key is there twice; rename or "
                             "remove one\n"
                             "f:1002:18: this key is there twice; rename or "
                             "remove one\n");
    free(got);
    ds_destroy(&text);
}

/* What is left out is chosen, and written where it belongs. */
static void
test_good(void **state)
{
    static const char text[] =
        "{ \"version\": 1, \"domain\": \"x.test\",\n"
        "  \"networks\": { \"default\": { \"subnet\": \"10.1.0.0/24\" },\n"
        "                \"l2\": { \"subnet\": \"none\" } },\n"
        "  \"vms\": {\n"
        "    \"b\": { \"hypervisor\": \"lxc\", \"owner\": \"al\",\n"
        "           \"nics\": [ { \"ip\": \"10.1.0.9\",\n"
        "                       \"mac\": \"02:00:00:00:00:01\" },\n"
        "                     { \"network\": \"l2\", \"name\": \"x\",\n"
        "                       \"mac\": \"02:00:00:00:00:02\" } ] },\n"
        "    \"a\": {}\n"
        "  } }\n";
    struct file_text file = { .s = CONST_CAST(char *, text),
                              .n = strlen(text) };
    struct running none = { .model = NULL };
    struct faults faults = FAULTS_INITIALIZER;
    struct evaluated e;

    assert_true(evaluate(&file, none, &no_facts, &e, &faults));
    assert_string_equal(e.model->domain, "x.test");
    assert_int_equal(e.model->n_vms, 2);

    const struct vm *a = model_find_vm(e.model, "a");
    const struct vm *b = model_find_vm(e.model, "b");
    assert_int_equal(a->place.line, 10);
    assert_int_equal(a->place.column, 5);
    assert_int_equal(a->n_nics, 1);
    assert_int_equal(a->nics[0].choice4, CHOICE_GIVEN);
    assert_int_equal(a->nics[0].choice6, CHOICE_NONE);
    assert_int_equal(b->hypervisor, HV_LXC);
    assert_string_equal(b->owner, "al");
    assert_int_equal(b->n_nics, 2);
    assert_int_equal(b->nics[1].choice4, CHOICE_NONE);
    assert_string_equal(b->nics[1].name, "x");

    /* Only the line of "a" is another. */
    size_t same = strstr(text, "\"a\"") - text;
    assert_memory_equal(e.text.s, text, same);
    assert_int_equal(
        strncmp(&e.text.s[same], "\"a\": { \"nics\": [ { \"mac\": \"", 27), 0);
    assert_string_equal(strstr(&e.text.s[same], "\" } ] }\n"),
                        "\" } ] }\n  } }\n");
    model_destroy(e.model);
    file_text_uninit(&e.text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad),     cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_flipped), cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_twice_among_many),
        cmocka_unit_test(test_good),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
