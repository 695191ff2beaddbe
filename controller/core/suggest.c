/* SPDX-License-Identifier: Apache-2.0
 *
 * suggest.c: the known word nearest to a mistyped one.
 *
 * Counts the slips of a typist: a character left out, added, replaced, or two
 * neighbours swapped.  Must not depend on anything but libc (see suggest.h),
 * and must not take long over a word that somebody made up to be long. */
#include <config.h>
#include "core/suggest.h"

#include <ctype.h>
#include <string.h>

/* Names are DNS labels and keys are shorter: longer words are no slips. */
enum { WORD_MAX = 63 };

static int
min(int a, int b)
{
    return a < b ? a : b;
}

static int
fold(char c)
{
    return tolower((unsigned char) c);
}

/* The number of slips between 'a' and 'b', of 'an' and 'bn' bytes, at most
 * WORD_MAX each.  Row i of the table holds the distances of the first i bytes
 * of 'a' to each beginning of 'b'; three rows suffice. */
static int
distance(const char *a, size_t an, const char *b, size_t bn)
{
    int rows[3][WORD_MAX + 1];
    int *two_above = rows[0], *above = rows[1], *row = rows[2];

    for (size_t j = 0; j <= bn; j++) {
        above[j] = j;
    }
    for (size_t i = 1; i <= an; i++) {
        row[0] = i;
        for (size_t j = 1; j <= bn; j++) {
            int differ = fold(a[i - 1]) != fold(b[j - 1]);

            row[j] = min(above[j - 1] + differ, min(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2])
                && fold(a[i - 2]) == fold(b[j - 1])) {
                row[j] = min(row[j], two_above[j - 2] + 1);
            }
        }

        int *oldest = two_above;
        two_above = above;
        above = row;
        row = oldest;
    }
    return above[bn];
}

const char *
suggest(const char *word, const char *const *candidates, size_t n)
{
    size_t len = strlen(word);
    const char *best = NULL;
    /* A third of the word may be wrong, or one character of a short one;
     * more than three slips are another word. */
    int limit = len < 6 ? 1 : len < 9 ? 2 : 3;

    if (!len || len > WORD_MAX) {
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        size_t clen = strlen(candidates[i]);

        if (clen > WORD_MAX || clen > len + limit || len > clen + limit) {
            continue;
        }

        int d = distance(word, len, candidates[i], clen);
        if (d <= limit) {
            best = candidates[i];
            limit = d - 1;
            if (!d) {
                break;
            }
        }
    }
    return best;
}
