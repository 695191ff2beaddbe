/* SPDX-License-Identifier: Apache-2.0
 *
 * nat-foreign.c: plays a packet through others' chains.  See nat-foreign.h.
 *
 * What is played is a guest's first packet to the world by an uplink whose
 * name nobody knows, then an answer.  A rule that matches for sure has its
 * verdict.  One that may or may not (it asks for a port, an address, a
 * mark...) is passed over; but for an answer it may be the one that lets
 * established connections through, which iptables-nft does not show, so it is
 * believed if it accepts.  Rules of iptables-nft are in the same ruleset. */
#include <config.h>
#include "apply/nat-foreign.h"
#include <jansson.h>
#include <nftables/libnftables.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include "util.h"

enum { MAX_DEPTH = 16 };

enum fate { FATE_CONTINUE, FATE_ACCEPT, FATE_DROP };

struct play {
    json_t *ruleset;    /* An array of {"chain": ...} and {"rule": ...}. */
    const char *table;  /* Of the base chain that is played. */
    const char *device; /* Our gateway port. */
    bool back;          /* The packet goes to it, not from it. */
};

static const char *
member(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));

    return s ? s : "";
}

/* Does the name of a device, with "*" at its end for any, fit 'device'? */
static bool
fits(const char *pattern, const char *device)
{
    size_t n = strlen(pattern);

    return n && pattern[n - 1] == '*' ? !strncmp(pattern, device, n - 1)
                                      : !strcmp(pattern, device);
}

enum answer { NO, MAYBE, YES };

static enum answer
matches(const struct play *play, const json_t *match)
{
    const json_t *right = json_object_get(match, "right");
    const char *key =
        member(json_object_get(json_object_get(match, "left"), "meta"), "key");

    if (strcmp(key, play->back ? "oifname" : "iifname")
        || !json_is_string(right)) {
        return MAYBE;
    }
    return fits(json_string_value(right), play->device)
                   == !strcmp(member(match, "op"), "==")
               ? YES
               : NO;
}

static enum fate play_chain(const struct play *, const char *chain, int depth);

/* A statement's verdict, if it is one. */
static enum fate
play_verdict(const struct play *play, const json_t *statement, int depth,
             bool *returns)
{
    const json_t *to = json_object_get(statement, "jump");
    const char *xt = member(json_object_get(statement, "xt"), "name");

    if (json_object_get(statement, "accept")) {
        return FATE_ACCEPT;
    } else if (json_object_get(statement, "drop")
               || json_object_get(statement, "reject")
               || !strcmp(xt, "REJECT")) {
        return FATE_DROP;
    } else if (json_object_get(statement, "return")) {
        *returns = true;
    } else if (to || (to = json_object_get(statement, "goto"))) {
        enum fate fate = play_chain(play, member(to, "target"), depth + 1);

        *returns = fate == FATE_CONTINUE && json_object_get(statement, "goto");
        return fate;
    }
    return FATE_CONTINUE;
}

static enum fate
play_rule(const struct play *play, const json_t *rule, int depth,
          bool *returns)
{
    bool sure = true;
    bool meant = false; /* For answers, or for us. */
    json_t *statement;
    size_t i;

    json_array_foreach (json_object_get(rule, "expr"), i, statement) {
        const json_t *match = json_object_get(statement, "match");
        const json_t *xt = json_object_get(statement, "xt");
        enum fate fate;

        if (match || (xt && strcmp(member(xt, "type"), "target"))) {
            enum answer answer = match ? matches(play, match) : MAYBE;

            if (answer == NO || (answer == MAYBE && !play->back)) {
                return FATE_CONTINUE;
            }
            sure = sure && answer == YES;
            meant = meant || answer == YES || !match
                    || json_object_get(json_object_get(match, "left"), "ct");
            continue;
        }
        fate = play_verdict(play, statement, depth, returns);
        if (!sure && (fate != FATE_ACCEPT || !meant)) {
            *returns = false;
            return FATE_CONTINUE;
        }
        if (fate != FATE_CONTINUE || *returns) {
            return fate;
        }
    }
    return FATE_CONTINUE;
}

static enum fate
play_chain(const struct play *play, const char *chain, int depth)
{
    json_t *item;
    size_t i;

    if (depth > MAX_DEPTH) {
        return FATE_CONTINUE;
    }
    json_array_foreach (play->ruleset, i, item) {
        const json_t *rule = json_object_get(item, "rule");
        bool returns = false;
        enum fate fate;

        if (!rule || strcmp(member(rule, "table"), play->table)
            || strcmp(member(rule, "chain"), chain)) {
            continue;
        }
        fate = play_rule(play, rule, depth, &returns);
        if (fate != FATE_CONTINUE || returns) {
            return fate;
        }
    }
    return FATE_CONTINUE;
}

static bool
has_chain(const json_t *ruleset, const char *table, const char *prefix)
{
    json_t *item;
    size_t i;

    json_array_foreach (ruleset, i, item) {
        const json_t *chain = json_object_get(item, "chain");

        if (chain && !strcmp(member(chain, "table"), table)
            && !strncmp(member(chain, "name"), prefix, strlen(prefix))) {
            return true;
        }
    }
    return false;
}

/* What to run so that guests' packets pass; malloc'd. */
static char *
remedy(const struct play *play, const char *family, const char *chain)
{
    const char *iptables = strcmp(family, "ip6") ? "iptables" : "ip6tables";

    if (!strcmp(play->table, "firewalld")) {
        return xasprintf("firewall-cmd --permanent --zone=trusted "
                         "--add-interface=%s && firewall-cmd --reload",
                         play->device);
    } else if (has_chain(play->ruleset, play->table, "DOCKER-USER")) {
        return xasprintf("%s -I DOCKER-USER -i vmovs-+ -j ACCEPT && "
                         "%s -I DOCKER-USER -o vmovs-+ -j ACCEPT",
                         iptables, iptables);
    } else if (has_chain(play->ruleset, play->table, "ufw")) {
        return xasprintf("ufw route allow in on %s && "
                         "ufw route allow out on %s",
                         play->device, play->device);
    } else if (!strcmp(chain, "FORWARD")) {
        return xasprintf("%s -I FORWARD -i vmovs-+ -j ACCEPT && "
                         "%s -I FORWARD -o vmovs-+ -j ACCEPT",
                         iptables, iptables);
    }
    return xasprintf(
        "nft 'insert rule %s %s %s iifname \"vmovs-*\" accept' && "
        "nft 'insert rule %s %s %s oifname \"vmovs-*\" accept'",
        family, play->table, chain, family, play->table, chain);
}

/* Plays both packets through a base chain of somebody's. */
static void
look_at_chain(struct play *play, const json_t *chain,
              struct problems *problems)
{
    const char *family = member(chain, "family");
    const char *name = member(chain, "name");

    if (strcmp(member(chain, "hook"), "forward")
        || strcmp(member(chain, "type"), "filter")
        || (!strcmp(family, "inet")
            && !strcmp(member(chain, "table"), "vmovs"))) {
        return;
    }
    play->table = member(chain, "table");
    for (int back = 0; back < 2; back++) {
        enum fate fate;

        play->back = back;
        fate = play_chain(play, name, 0);
        if (fate == FATE_DROP
            || (fate == FATE_CONTINUE
                && !strcmp(member(chain, "policy"), "drop"))) {
            problems_add(
                problems, "nat",
                xasprintf("somebody's chain %s %s %s drops what guests %s the "
                          "world",
                          family, play->table, name,
                          back ? "get from" : "send to"),
                remedy(play, family, name));
            return;
        }
    }
}

void
nat_foreign_look(struct nft_ctx *nft, const char *device,
                 struct problems *problems)
{
    static const char *const families[] = { "ip", "ip6", "inet" };
    unsigned int flags = nft_ctx_output_get_flags(nft);

    nft_ctx_output_set_flags(nft, flags | NFT_CTX_OUTPUT_JSON);
    for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
        char *command = xasprintf("list ruleset %s", families[i]);

        if (!nft_run_cmd_from_buffer(nft, command)) {
            json_t *said = json_loads(nft_ctx_get_output_buffer(nft), 0, NULL);
            struct play play = { .ruleset = json_object_get(said, "nftables"),
                                 .device = device };
            json_t *item;
            size_t j;

            json_array_foreach (play.ruleset, j, item) {
                const json_t *chain = json_object_get(item, "chain");

                if (chain) {
                    look_at_chain(&play, chain, problems);
                }
            }
            json_decref(said);
        }
        free(command);
    }
    nft_ctx_output_set_flags(nft, flags);
}
