/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz-config.c: any bytes as a config.  With -DFUZZ_MAIN a program that runs
 * over the files given as arguments; otherwise libFuzzer's entry.
 *
 * What must hold: no crash; a faulty text has a fault, and so has what
 * libjansson does not take for JSON; a valid one gives a text that is valid,
 * too, means the same, and leaves nothing to allocate. */
#include <config.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "source/evaluate.h"
#include "util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct host_facts facts = { .routes = NULL };
    struct file_text text = { .s = xmemdup0((const char *) data, size),
                              .n = size };
    struct faults faults = FAULTS_INITIALIZER;
    struct running none = { .model = NULL };
    struct ds lines = DS_EMPTY_INITIALIZER;
    struct evaluated first, second;

    if (evaluate(&text, none, &facts, &first, &faults)) {
        json_t *json = json_loadb(text.s, text.n, JSON_REJECT_DUPLICATES,
                                  NULL);

        ovs_assert(json && !faults.n);
        json_decref(json);
        ovs_assert(evaluate(&first.text, none, &facts, &second, &faults));
        ovs_assert(model_equal(first.model, second.model));
        ovs_assert(file_text_equal(&first.text, &second.text));
        model_destroy(second.model);
        file_text_uninit(&second.text);
        model_destroy(first.model);
        file_text_uninit(&first.text);
    } else {
        ovs_assert(faults.n);
        faults_format(&faults, "f", &lines);
        ds_destroy(&lines);
    }
    faults_uninit(&faults);
    file_text_uninit(&text);
    return 0;
}

#ifdef FUZZ_MAIN
int
main(int argc, char *argv[])
{
    for (int i = 1; i < argc; i++) {
        struct file_text text;
        int error = file_read(argv[i], SIZE_MAX, &text);

        if (error) {
            fprintf(stderr, "%s: %s\n", argv[i], ovs_strerror(error));
            return EXIT_FAILURE;
        }
        LLVMFuzzerTestOneInput((const uint8_t *) text.s, text.n);
        file_text_uninit(&text);
    }
    return EXIT_SUCCESS;
}
#endif
