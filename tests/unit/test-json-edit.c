/* SPDX-License-Identifier: Apache-2.0
 *
 * test-json-edit.c: edits keep every byte that they are not about, lay out
 * what is new like its neighbours, and can be taken back. */
#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "source/json-edit.h"
#include "source/json-scan.h"
#include "util.h"

enum { MAX_PATH = 8 };

/* Splits "a/b/c" into 'path'; what it points to is in 'copy', the caller's. */
static char *
split(const char *s, const char *path[MAX_PATH])
{
    char *copy = xstrdup(s);
    char *save = NULL;
    int n = 0;

    for (char *e = strtok_r(copy, "/", &save); e;
         e = strtok_r(NULL, "/", &save)) {
        path[n++] = e;
    }
    path[n] = NULL;
    return copy;
}

/* 'text' with 'json' at 'where' (NULL: removed); NULL if refused. */
static char *
edit(const char *text, const char *where, const char *json)
{
    struct faults faults = FAULTS_INITIALIZER;
    const char *path[MAX_PATH];
    struct fault fault;
    struct jdoc *doc = jdoc_parse(text, strlen(text), &fault);
    char *copy = split(where, path);
    char *result = NULL;
    size_t len;

    assert_non_null(doc);
    if (jdoc_edit(doc, path, json, &faults)) {
        assert_int_equal(faults.n, 0);
        result = jdoc_text(doc, &len);
        assert_int_equal(len, strlen(result));
    } else {
        assert_int_equal(faults.n, 1);
    }
    faults_uninit(&faults);
    jdoc_destroy(doc);
    free(copy);
    return result;
}

static const struct {
    const char *before;
    const char *path;
    const char *json;  /* NULL: remove. */
    const char *after; /* NULL: refused. */
    bool back;         /* Does removing 'path' give 'before'? */
} cases[] = {
    /* One line. */
    { "{\"v\":{}}", "v/a", "{\"x\": 1, \"y\": [1,2]}",
      "{\"v\":{\"a\":{\"x\":1,\"y\":[1,2]}}}", true },
    { "{ \"v\": { }, \"w\": { } }", "v/a", "1",
      "{ \"v\": { \"a\": 1 }, \"w\": { } }", true },
    { "{\"v\": {\"b\": 2}}", "v/a", "1", "{\"v\": {\"b\": 2, \"a\": 1}}",
      true },
    { "{ \"v\": { \"b\": { \"x\": 1 } } }", "v/a", "{\"x\":[\"y\"]}",
      "{ \"v\": { \"b\": { \"x\": 1 }, \"a\": { \"x\": [\"y\"] } } }", true },
    /* Lines, of different indentation. */
    { "{\n  \"v\": {}\n}\n", "v/a", "{\"x\":1,\"g\":[\"p\",\"q\"]}",
      "{\n  \"v\": {\n    \"a\": {\n      \"x\": 1,\n"
      "      \"g\": [\"p\", \"q\"]\n    }\n  }\n}\n",
      true },
    { "{\n\t\"v\": {\n\t\t\"a\": {\n\t\t\t\"x\": 1\n\t\t}\n\t}\n}", "v/b",
      "{\"x\":2}",
      "{\n\t\"v\": {\n\t\t\"a\": {\n\t\t\t\"x\": 1\n\t\t},\n"
      "\t\t\"b\": {\n\t\t\t\"x\": 2\n\t\t}\n\t}\n}",
      true },
    { "{\r\n    \"v\": {}\r\n}\r\n", "v/a", "{\"x\":1}",
      "{\r\n    \"v\": {\r\n        \"a\": {\r\n            \"x\": 1\r\n"
      "        }\r\n    }\r\n}\r\n",
      true },
    /* An object a line, as beside it. */
    { "{\n  \"v\": {\n    \"a\": { \"x\": 1 }\n  }\n}", "v/b",
      "{\"x\":2,\"n\":[{\"m\":3}]}",
      "{\n  \"v\": {\n    \"a\": { \"x\": 1 },\n"
      "    \"b\": { \"x\": 2, \"n\": [ { \"m\": 3 } ] }\n  }\n}",
      true },
    { "{\n  \"v\": {\n    \"a\": { \"x\": 1 },\n    \"b\": {}\n  }\n}",
      "v/b/x", "2",
      "{\n  \"v\": {\n    \"a\": { \"x\": 1 },\n    \"b\": { \"x\": 2 }\n"
      "  }\n}",
      true },
    /* Commas in front; blank lines between. */
    { "{ \"a\": 1\n, \"b\": 2\n}", "c", "3",
      "{ \"a\": 1\n, \"b\": 2\n, \"c\": 3\n}", true },
    { "{\n  \"a\": 1,\n\n  \"b\": 2\n}", "c", "3",
      "{\n  \"a\": 1,\n\n  \"b\": 2,\n  \"c\": 3\n}", true },
    { "{\"a\": 1 , \"b\": 2 }", "c", "3", "{\"a\": 1 , \"b\": 2 , \"c\": 3 }",
      false },
    /* What is missing on the way is made; "-" appends. */
    { "{\"a\": 1}", "v/w/x", "true",
      "{\"a\": 1, \"v\": {\"w\": {\"x\": true}}}", false },
    { "{\"a\": [1]}", "a/-", "2", "{\"a\": [1, 2]}", false },
    { "{\"a\": []}", "a/-", "2", "{\"a\": [2]}", false },
    { "{\"a\": 1}", "n/-", "2", "{\"a\": 1, \"n\": [2]}", false },
    { "{\n  \"a\": [\n    { \"x\": 1 }\n  ]\n}", "a/-", "{\"x\":2}",
      "{\n  \"a\": [\n    { \"x\": 1 },\n    { \"x\": 2 }\n  ]\n}", false },
    { "{\"a\": [{\"x\": 1}]}", "a/0/x", "[2]", "{\"a\": [{\"x\": [2]}]}",
      false },
    /* A value changes alone. */
    { " { \"a\" :\t1.50 , \"b\":\"\\u00e9\" } ", "a", "2",
      " { \"a\" :\t2 , \"b\":\"\\u00e9\" } ", false },
    { "{\"\\u0061\": 1}", "a", "2", "{\"\\u0061\": 2}", false },
    /* Removal: first, middle, last, only. */
    { "{\n  \"a\": 1,\n  \"b\": 2\n}", "a", NULL, "{\n  \"b\": 2\n}", false },
    { "{ \"a\": 1, \"b\": 2, \"c\": 3 }", "b", NULL, "{ \"a\": 1, \"c\": 3 }",
      false },
    { "{ \"a\": 1,\n \"b\": 2 }", "b", NULL, "{ \"a\": 1 }", false },
    { "{\n  \"a\": 1\n}", "a", NULL, "{}", false },
    { "[1, 2, 3]", "1", NULL, "[1, 3]", false },
    /* Impossible. */
    { "{\"a\": 1}", "b", NULL, NULL, false },
    { "{\"a\": 1}", "a/b", "2", NULL, false },
    { "{\"a\": [1]}", "a/1", "2", NULL, false },
    { "{\"a\": [1]}", "a/x", NULL, NULL, false },
    { "{\"a\": 1}", "a", "{", NULL, false },
    { "{\"a\": 1}", "b", "1, \"c\": 2", NULL, false },
    { "{\"a\": 1}", "b\"c", "1", NULL, false },
};

static void
test_edits(void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char *after = edit(cases[i].before, cases[i].path, cases[i].json);

        if (!cases[i].after) {
            assert_null(after);
            continue;
        }
        assert_non_null(after);
        assert_string_equal(after, cases[i].after);
        if (cases[i].back) {
            char *back = edit(after, cases[i].path, NULL);

            assert_string_equal(back, cases[i].before);
            free(back);
        }
        free(after);
    }
}

/* Many edits of one tree, in objects large enough to be indexed, see each
 * other. */
static void
test_many(void **state)
{
    struct faults faults = FAULTS_INITIALIZER;
    struct fault fault;
    struct jdoc *doc = jdoc_parse("{\"v\": {}}", 9, &fault);
    size_t len;

    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 1000; i++) {
            char name[16], json[32];

            snprintf(name, sizeof name, "vm%d", i);
            snprintf(json, sizeof json, "{\"n\": [%d]}", i);
            const char *all[] = { "v", name, NULL };
            const char *inner[] = { "v", name, "n", "-", NULL };
            assert_true(jdoc_edit(doc, all, json, &faults));
            assert_true(jdoc_edit(doc, inner, "7", &faults));
        }
        for (int i = round ? 0 : 1; i < 1000; i++) {
            char name[16];

            snprintf(name, sizeof name, "vm%d", i);
            const char *all[] = { "v", name, NULL };
            assert_true(jdoc_edit(doc, all, NULL, &faults));
            assert_false(jdoc_edit(doc, all, NULL, &faults));
        }
        char *text = jdoc_text(doc, &len);
        assert_string_equal(text, round
                                      ? "{\"v\": {}}"
                                      : "{\"v\": {\"vm0\": {\"n\": [0, 7]}}}");
        free(text);
    }
    faults_uninit(&faults);
    jdoc_destroy(doc);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edits),
        cmocka_unit_test(test_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
