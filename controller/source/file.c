/* SPDX-License-Identifier: Apache-2.0
 *
 * file.c: the config file as a source (source.h).
 *
 *     inotify -> look() -> take_text() -> evaluate()
 *                              |
 *                              +-- faulty: the model in force stays
 *                              +-- valid:  put_in_force(), then the text with
 *                                          what was allocated goes back to the
 *                                          file and to 'last_good'
 *
 * A text is looked at once: one that is byte for byte what was seen last,
 * which is how our own writes come back, changes nothing.  A model that equals
 * the one in force replaces it, for its places, without a new generation. */
#include <config.h>
#include "source/source.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "source/atomic-file.h"
#include "source/evaluate.h"
#include "source/json-edit.h"
#include "source/json-scan.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(source);

enum {
    RETRY_MS = 5000,  /* Until a failed write is tried again. */
    GONE_MS = 200,    /* Until a file that was moved away counts as
                       * gone: editors put the next one there. */
    REWATCH_MS = 500, /* Until a missing directory is sought again,
                       * or looked at where inotify fails. */
    MAX_LOGGED = 20,  /* Faults of one text. */
    MAX_TRIES = 16    /* Of a write that others' edits get before. */
};

struct source {
    char *path;      /* The config.  Owned. */
    char *last_good; /* Where the last valid text is kept.  Owned; NULL: we
                      * only look, and write nothing. */

    int inotify_fd;           /* -1: there is no more to be had. */
    int watch;                /* Of the directory of 'path'; -1: none. */
    long long int rewatch_at; /* If 'watch' is -1, in time_msec(). */
    long long int look_at;    /* When to look at the file, in time_msec();
                               * LLONG_MAX: nothing says it changed. */
    bool started;             /* Has source_run() been called? */

    struct host_facts facts;
    bool facts_changed; /* Since the text was evaluated. */

    struct file_text seen;  /* What the file held when last looked at;
                             * compared with, so never anything else. */
    int seen_error;         /* Why it could not be read; 0: it could. */
    struct file_text text;  /* What is in force, with what was allocated.
                             * Differs from 'seen' while that is faulty, or
                             * could not be written back. */
    long long int write_at; /* When to try to write 'text' back, in
                             * time_msec(); LLONG_MAX: no need. */
    struct file_text saved; /* What 'last_good' holds. */

    struct model *model; /* In force; NULL: none yet. */
    uint64_t generation;
    struct faults faults; /* Of 'seen'. */
    bool is_last_good;
};

static struct file_text
text_clone(const struct file_text *text)
{
    return (struct file_text){
        .s = text->s ? xmemdup0(text->s, text->n) : NULL,
        .n = text->n,
    };
}

static void
text_replace(struct file_text *dst, struct file_text src)
{
    file_text_uninit(dst);
    *dst = src;
}

struct source *
source_open_file(const char *path, const char *last_good)
{
    struct source *s = xmalloc(sizeof *s);

    *s = (struct source){
        .path = xstrdup(path),
        .last_good = nullable_xstrdup(last_good),
        .inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC),
        .watch = -1,
        .write_at = LLONG_MAX,
        .faults = FAULTS_INITIALIZER,
    };
    if (s->inotify_fd < 0) {
        VLOG_WARN("inotify: %s; looking at %s every %d ms",
                  ovs_strerror(errno), path, REWATCH_MS);
    }
    host_facts_init(&s->facts);
    return s;
}

void
source_close(struct source *s)
{
    if (!s) {
        return;
    }
    if (s->inotify_fd >= 0) {
        close(s->inotify_fd);
    }
    free(s->path);
    free(s->last_good);
    host_facts_uninit(&s->facts);
    file_text_uninit(&s->seen);
    file_text_uninit(&s->text);
    file_text_uninit(&s->saved);
    model_destroy(s->model);
    faults_uninit(&s->faults);
    free(s);
}

void
source_set_facts(struct source *s, const struct host_facts *facts)
{
    host_facts_uninit(&s->facts);
    for (size_t i = 0; i < facts->n_routes; i++) {
        const struct host_route *route = &facts->routes[i];

        if (route->v6) {
            host_facts_add6(&s->facts, route->dst6, route->dev);
        } else {
            host_facts_add4(&s->facts, route->dst4, route->dev);
        }
    }
    s->facts_changed = true;
}

const struct model *
source_model(const struct source *s)
{
    return s->model;
}

uint64_t
source_generation(const struct source *s)
{
    return s->generation;
}

const struct faults *
source_faults(const struct source *s)
{
    return &s->faults;
}

bool
source_is_last_good(const struct source *s)
{
    return s->is_last_good;
}

const char *
source_name(const struct source *s)
{
    return s->path;
}

static void
clear_faults(struct source *s)
{
    faults_uninit(&s->faults);
}

static void
log_faults(const struct source *s)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    int left = MAX_LOGGED;

    faults_format(&s->faults, s->path, &text);
    char *save = NULL;
    char *line = strtok_r(ds_cstr(&text), "\n", &save);
    for (; line && left--; line = strtok_r(NULL, "\n", &save)) {
        VLOG_WARN("%s", line);
    }
    if (line) {
        VLOG_WARN("%s: %" PRIuSIZE " faults in all", s->path, s->faults.n);
    }
    ds_destroy(&text);
}

/* The file could not be read because of 'error'. */
static void
fault_file(struct source *s, int error)
{
    struct place nowhere = { 0, 0 };
    char *what = NULL;
    char *remedy = NULL;

    switch (error) {
    case ENOENT:
        what = xstrdup("the file is not there");
        remedy = (s->model ? xasprintf("put it back, for example from %s",
                                       s->last_good)
                           : xstrdup("write one; the least is "
                                     "{ \"version\": 1 }"));
        break;
    case ELOOP:
        what = xstrdup("this is a symbolic link");
        remedy = xstrdup("put the file itself there");
        break;
    case EISDIR:
    case EMEDIUMTYPE:
        what = xasprintf("this is %s",
                         error == EISDIR ? "a directory" : "no regular file");
        remedy = xstrdup("put a file there");
        break;
    case EFBIG:
        what = xstrdup("the file is larger than 16 MiB");
        remedy = xstrdup("make it smaller");
        break;
    default:
        what = xasprintf("the file cannot be read: %s", ovs_strerror(error));
        remedy = xstrdup("let vmovsd read it");
        break;
    }
    clear_faults(s);
    faults_add(&s->faults, nowhere, "", what, remedy);
}

/* Takes over the members of 'result'. */
static void
put_in_force(struct source *s, struct evaluated *result)
{
    if (!s->generation || !model_equal(s->model, result->model)) {
        s->generation++;
    }
    model_destroy(s->model);
    s->model = result->model;
    text_replace(&s->text, result->text);
    s->is_last_good = false;
}

/* A write failed: says so, and sees to it that it is tried again. */
static void
retry_later(struct source *s, char *error)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(2, 2);

    VLOG_WARN_RL(&rl, "%s", error);
    free(error);
    s->write_at = time_msec() + RETRY_MS;
}

/* Brings the two files to what is in force. */
static void
write_back(struct source *s)
{
    char *error;

    s->write_at = LLONG_MAX;
    if (!s->text.s || !s->last_good) {
        return;
    }
    if (!s->faults.n && !file_text_equal(&s->seen, &s->text)) {
        switch (file_replace(s->path, &s->seen, &s->text, &error)) {
        case REPLACE_DONE:
            text_replace(&s->seen, text_clone(&s->text));
            break;
        case REPLACE_CHANGED:
            s->look_at = 0;
            break;
        case REPLACE_FAILED:
            retry_later(s, error);
            break;
        }
    }
    if (!file_text_equal(&s->saved, &s->text)) {
        error = file_put(s->last_good, &s->text);
        if (error) {
            retry_later(s, error);
        } else {
            text_replace(&s->saved, text_clone(&s->text));
        }
    }
}

/* Evaluates 's->seen'. */
static void
take_text(struct source *s)
{
    struct running running = { .model = s->model };
    struct evaluated result;

    clear_faults(s);
    s->facts_changed = false;
    if (evaluate(&s->seen, running, &s->facts, &result, &s->faults)) {
        put_in_force(s, &result);
    }
    write_back(s);
}

/* Looks at the file and, if it is another than before, takes it in. */
static void
look(struct source *s)
{
    struct file_text text;
    int error = file_read(s->path, JDOC_MAX_BYTES, &text);
    bool new = error != s->seen_error || !file_text_equal(&text, &s->seen);

    s->look_at = LLONG_MAX;
    s->seen_error = error;
    text_replace(&s->seen, text);
    if (error && new) {
        fault_file(s, error);
    } else if (!error && (new || (s->facts_changed && s->faults.n))) {
        take_text(s);
    }
    s->facts_changed = false;
    if (new && s->faults.n && s->last_good) {
        log_faults(s);
    }
}

/* What was in force before we were started is read first: it serves if the
 * file turns out faulty, and a route that appeared since then is no reason to
 * refuse the file. */
static void
start(struct source *s)
{
    struct faults ignored = FAULTS_INITIALIZER;
    struct running running = { .itself = true };
    struct evaluated result;

    s->started = true;
    if (!s->last_good) {
        look(s);
        return;
    }
    free(file_clean_up(s->last_good, NULL));

    bool has_saved = !file_read(s->last_good, JDOC_MAX_BYTES, &s->saved);
    char *kept = file_clean_up(s->path, has_saved ? &s->saved : NULL);
    if (kept) {
        VLOG_WARN("%s: vmovsd was killed while it changed this; if an edit "
                  "of yours is missing, it is in %s",
                  s->path, kept);
        free(kept);
    }
    if (has_saved
        && evaluate(&s->saved, running, &s->facts, &result, &ignored)) {
        s->model = result.model;
        s->text = result.text;
    }
    faults_uninit(&ignored);
    look(s);
    if (s->model && !s->generation) {
        VLOG_WARN("%s is faulty; the last good one, %s, is in force", s->path,
                  s->last_good);
        s->generation = 1;
        s->is_last_good = true;
    }
}

/* Watches the directory, since editors put a new file in the old one's
 * place.  As long as that fails, the file is looked at from time to time. */
static void
watch_directory(struct source *s)
{
    const char *slash = strrchr(s->path, '/');
    char *dir =
        (slash ? xmemdup0(s->path, slash + 1 - s->path) : xstrdup("."));

    if (s->inotify_fd >= 0) {
        s->watch = inotify_add_watch(
            s->inotify_fd, dir,
            IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE
                | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR);
    }
    free(dir);
    s->look_at = 0;
    s->rewatch_at = time_msec() + REWATCH_MS;
}

/* Notes what an event says about the file. */
static void
take_event(struct source *s, const struct inotify_event *event)
{
    const char *slash = strrchr(s->path, '/');
    const char *name = slash ? slash + 1 : s->path;

    if (event->mask & IN_Q_OVERFLOW) {
        s->look_at = 0;
    } else if (event->wd != s->watch) {
        return; /* Of a directory that we no longer watch. */
    } else if (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED)) {
        inotify_rm_watch(s->inotify_fd, s->watch);
        s->watch = -1;
        s->rewatch_at = 0;
    } else if (event->len && !strcmp(event->name, name)) {
        bool gone = event->mask & (IN_MOVED_FROM | IN_DELETE);

        s->look_at = MIN(s->look_at, gone ? time_msec() + GONE_MS : 0);
    }
}

static void
take_events(struct source *s)
{
    union {
        struct inotify_event align;
        char bytes[4096];
    } buf;
    ssize_t n;

    if (s->inotify_fd < 0) {
        return;
    }
    while ((n = read(s->inotify_fd, &buf, sizeof buf)) > 0) {
        const char *p = buf.bytes;

        while (p < buf.bytes + n) {
            const struct inotify_event *event =
                ALIGNED_CAST(const struct inotify_event *, p);

            take_event(s, event);
            p += sizeof *event + event->len;
        }
    }
}

void
source_reload(struct source *s)
{
    s->look_at = 0;
}

void
source_run(struct source *s)
{
    if (s->watch < 0 && time_msec() >= s->rewatch_at) {
        watch_directory(s); /* Before we look, so that nothing is missed. */
    }
    if (!s->started) {
        start(s);
    }
    take_events(s);
    if (s->look_at <= time_msec() || (s->facts_changed && s->faults.n)) {
        look(s);
    }
    if (s->write_at <= time_msec()) {
        write_back(s);
    }
}

void
source_wait(struct source *s)
{
    if (s->inotify_fd >= 0) {
        poll_fd_wait(s->inotify_fd, POLLIN);
    }
    if (s->watch < 0) {
        poll_timer_wait_until(s->rewatch_at);
    }
    if (s->facts_changed && s->faults.n) {
        poll_immediate_wake();
    }
    poll_timer_wait_until(MIN(s->look_at, s->write_at));
}

/* The text in force with 'edits'; NULL with a fault added if one of them is
 * impossible.  An edit without a path is a whole text, and stays as it is. */
static char *
edited_text(const struct source *s, const struct config_edit *edits, size_t n,
            size_t *len, struct faults *faults)
{
    const struct file_text *base = &s->text;
    struct fault fault;
    struct jdoc *doc = jdoc_parse(base->s, base->n, &fault);
    char *text = NULL;

    for (size_t i = 0; i < n && doc; i++) {
        const struct config_edit *edit = &edits[i];

        if (!edit->path[0]) {
            const char *json = edit->json ? edit->json : "";

            jdoc_destroy(doc);
            doc = jdoc_parse(json, strlen(json), &fault);
        } else if (!jdoc_edit(doc, edit->path, edit->json, faults)) {
            jdoc_destroy(doc);
            return NULL;
        }
    }
    if (doc) {
        text = jdoc_text(doc, len);
        jdoc_destroy(doc);
    } else {
        faults_add(faults, fault.place, "", fault.what, fault.remedy);
    }
    return text;
}

static void
copy_faults(struct faults *dst, const struct faults *src)
{
    for (size_t i = 0; i < src->n; i++) {
        const struct fault *f = &src->list[i];

        faults_add(dst, f->place, f->path, xstrdup(f->what),
                   nullable_xstrdup(f->remedy));
    }
}

/* Puts 'result', whose members it takes over, on the disk and in force. */
static enum replace_result
commit(struct source *s, struct evaluated *result, char **error)
{
    enum replace_result written = REPLACE_DONE;

    if (!file_text_equal(&s->seen, &result->text)) {
        written = file_replace(s->path, &s->seen, &result->text, error);
    }
    if (written == REPLACE_DONE) {
        text_replace(&s->seen, text_clone(&result->text));
        put_in_force(s, result);
        write_back(s);
    } else {
        model_destroy(result->model);
        file_text_uninit(&result->text);
    }
    return written;
}

enum edit_result
source_edit(struct source *s, const struct config_edit *edits, size_t n,
            bool dry_run, struct model **result_model, struct faults *faults,
            char **error)
{
    *error = NULL;
    if (result_model) {
        *result_model = NULL;
    }
    if (!s->started) {
        start(s);
    }
    for (int i = 0; i < MAX_TRIES; i++) {
        struct evaluated result;
        struct file_text text;

        /* Somebody's edit that we have not been told of yet comes first. */
        look(s);
        if (s->faults.n) {
            copy_faults(faults, &s->faults);
            return EDIT_REFUSED;
        }
        struct running running = { .model = s->model };
        text.s = edited_text(s, edits, n, &text.n, faults);
        bool ok =
            text.s && evaluate(&text, running, &s->facts, &result, faults);
        free(text.s);
        if (!ok) {
            return EDIT_REFUSED;
        }
        if (dry_run) {
            if (result_model) {
                *result_model = result.model;
            } else {
                model_destroy(result.model);
            }
            file_text_uninit(&result.text);
            return EDIT_DONE;
        }
        switch (commit(s, &result, error)) {
        case REPLACE_DONE:
            return EDIT_DONE;
        case REPLACE_FAILED:
            return EDIT_FAILED;
        case REPLACE_CHANGED:
            break;
        }
    }
    *error = xasprintf("%s: others keep changing it; try again", s->path);
    return EDIT_FAILED;
}
