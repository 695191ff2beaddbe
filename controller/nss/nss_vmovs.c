/* SPDX-License-Identifier: Apache-2.0
 *
 * nss_vmovs.c: libnss_vmovs.so.2, so that the host resolves its guests' names
 * ("hosts: files vmovs dns" in /etc/nsswitch.conf).
 *
 * Reads the file that vmovsd keeps (apply/names.h):
 *
 *     domain vm.internal
 *     subnet 10.77.1.0/24
 *     10.77.1.10 web1.lab.vm.internal web1.vm.internal
 *
 * Runs inside any program of the host: no state, no allocation but for the
 * caller's buffer, no locks, and a name of no domain or an address of no
 * subnet at the file's head is answered before the rest is looked at.  The
 * file is replaced, never written in place, so a mapping of it does not
 * change. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <nss.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef NAMES_FILE
#define NAMES_FILE "/run/vmovs/names"
#endif

enum {
    MAX_FILE = 64 * 1024 * 1024,
    MAX_NAME = 253,     /* Of a domain name, as text. */
    MAX_ADDRESSES = 64, /* Of one name. */
    MAX_ALIASES = 8
};

/* A part of the file, not NUL-terminated. */
struct word {
    const char *s;
    size_t n;
};

struct names_file {
    const char *s; /* Mapped. */
    size_t n;
};

struct address {
    int family;
    unsigned char bytes[16];
    size_t len; /* 4 or 16. */
};

/* What is found: names are parts of the mapping. */
struct answer {
    struct address addresses[MAX_ADDRESSES];
    size_t n_addresses;
    struct word names[1 + MAX_ALIASES]; /* FQDN and aliases. */
    size_t n_names;
    bool other_family; /* The name has an address of another family
                        * than asked for. */
};

/* glibc's entry points; it declares none of them. */
#define EXPORT __attribute__((visibility("default")))
EXPORT enum nss_status _nss_vmovs_gethostbyname4_r(const char *,
                                                   struct gaih_addrtuple **,
                                                   char *, size_t, int *,
                                                   int *, int32_t *);
EXPORT enum nss_status _nss_vmovs_gethostbyname3_r(const char *, int,
                                                   struct hostent *, char *,
                                                   size_t, int *, int *,
                                                   int32_t *, char **);
EXPORT enum nss_status _nss_vmovs_gethostbyname2_r(const char *, int,
                                                   struct hostent *, char *,
                                                   size_t, int *, int *);
EXPORT enum nss_status _nss_vmovs_gethostbyname_r(const char *,
                                                  struct hostent *, char *,
                                                  size_t, int *, int *);
EXPORT enum nss_status _nss_vmovs_gethostbyaddr2_r(const void *, socklen_t,
                                                   int, struct hostent *,
                                                   char *, size_t, int *,
                                                   int *, int32_t *);
EXPORT enum nss_status _nss_vmovs_gethostbyaddr_r(const void *, socklen_t, int,
                                                  struct hostent *, char *,
                                                  size_t, int *, int *);

static bool
names_open(struct names_file *file)
{
    int fd = open(NAMES_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat st;
    void *p = MAP_FAILED;

    if (fd < 0) {
        return false;
    }
    if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0
        && st.st_size <= MAX_FILE) {
        p = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    }
    close(fd);
    file->s = p;
    file->n = st.st_size;
    return p != MAP_FAILED;
}

static void
names_close(const struct names_file *file)
{
    munmap((void *) file->s, file->n);
}

static bool
next_line(struct word *rest, struct word *line)
{
    const char *end;

    if (!rest->n) {
        return false;
    }
    end = memchr(rest->s, '\n', rest->n);
    line->s = rest->s;
    line->n = end ? (size_t) (end - rest->s) : rest->n;
    rest->s += line->n + (end != NULL);
    rest->n -= line->n + (end != NULL);
    return true;
}

static bool
next_word(struct word *line, struct word *word)
{
    size_t n = 0;

    while (line->n && *line->s == ' ') {
        line->s++;
        line->n--;
    }
    while (n < line->n && line->s[n] != ' ') {
        n++;
    }
    word->s = line->s;
    word->n = n;
    line->s += n;
    line->n -= n;
    return n > 0;
}

static bool
word_is(struct word a, struct word b)
{
    return a.n == b.n && !strncasecmp(a.s, b.s, a.n);
}

static bool
word_is_text(struct word word, const char *text)
{
    return word_is(word, (struct word){ text, strlen(text) });
}

/* Is 'name' below 'domain'? */
static bool
is_below(struct word name, struct word domain)
{
    size_t n = name.n - domain.n;

    return name.n > domain.n + 1 && name.s[n - 1] == '.'
           && word_is((struct word){ name.s + n, domain.n }, domain);
}

static bool
parse_address(struct word word, struct address *address)
{
    char text[INET6_ADDRSTRLEN];

    if (word.n >= sizeof text) {
        return false;
    }
    memcpy(text, word.s, word.n);
    text[word.n] = '\0';
    address->family = memchr(word.s, ':', word.n) ? AF_INET6 : AF_INET;
    address->len = address->family == AF_INET ? 4 : 16;
    return inet_pton(address->family, text, address->bytes) == 1;
}

/* Is 'address' in the subnet "A/N"? */
static bool
is_in(const struct address *address, struct word subnet)
{
    const char *slash = memchr(subnet.s, '/', subnet.n);
    struct address base;
    unsigned int plen = 0;

    if (!slash
        || !parse_address(
            (struct word){ subnet.s, (size_t) (slash - subnet.s) }, &base)
        || base.family != address->family) {
        return false;
    }
    for (const char *p = slash + 1; p < subnet.s + subnet.n && plen < 1000;
         p++) {
        plen = plen * 10 + (unsigned int) (*p - '0');
    }
    if (plen > base.len * 8) {
        return false;
    }
    return !memcmp(base.bytes, address->bytes, plen / 8)
           && (plen % 8 == 0
               || !((base.bytes[plen / 8] ^ address->bytes[plen / 8])
                    >> (8 - plen % 8)));
}

/* Reads the head, up to the first line of a NIC.  Is there anything about
 * 'name' (or, if that is NULL, about 'address') in the file?  '*rest' is what
 * follows the head. */
static bool
is_ours(struct word *rest, const struct word *name,
        const struct address *address)
{
    bool ours = false;

    for (;;) {
        struct word before = *rest;
        struct word line, key, value;

        if (!next_line(rest, &line) || !next_word(&line, &key)) {
            return ours;
        }
        if (word_is_text(key, "domain") && next_word(&line, &value)) {
            ours |= name && is_below(*name, value);
        } else if (word_is_text(key, "subnet") && next_word(&line, &value)) {
            ours |= address && is_in(address, value);
        } else {
            *rest = before;
            return ours;
        }
    }
}

/* Does one of the line's names match?  The answer takes the names of the first
 * line that does. */
static bool
line_has(struct word line, struct word name, struct answer *answer)
{
    struct word names[1 + MAX_ALIASES];
    size_t n = 0;
    bool found = false;

    while (n < 1 + MAX_ALIASES && next_word(&line, &names[n])) {
        found |= word_is(names[n++], name);
    }
    if (found && !answer->n_names) {
        memcpy(answer->names, names, n * sizeof *names);
        answer->n_names = n;
    }
    return found;
}

/* All addresses of 'name', of 'family' (AF_UNSPEC: either). */
static bool
find_name(const struct names_file *file, const char *text, int family,
          struct answer *answer)
{
    struct word rest = { file->s, file->n };
    struct word name = { text, strnlen(text, MAX_NAME + 2) };
    struct word line, word;

    if (name.n && name.s[name.n - 1] == '.') {
        name.n--;
    }
    if (name.n > MAX_NAME || !is_ours(&rest, &name, NULL)) {
        return false;
    }
    while (answer->n_addresses < MAX_ADDRESSES && next_line(&rest, &line)) {
        struct address *address = &answer->addresses[answer->n_addresses];

        if (!next_word(&line, &word) || !line_has(line, name, answer)
            || !parse_address(word, address)) {
            continue;
        }
        if (family == AF_UNSPEC || family == address->family) {
            answer->n_addresses++;
        } else {
            answer->other_family = true;
        }
    }
    return answer->n_addresses > 0;
}

static bool
find_address(const struct names_file *file, const struct address *wanted,
             struct answer *answer)
{
    struct word rest = { file->s, file->n };
    struct address *address = &answer->addresses[0];
    struct word line, word;

    if (!is_ours(&rest, NULL, wanted)) {
        return false;
    }
    while (next_line(&rest, &line)) {
        if (!next_word(&line, &word) || !parse_address(word, address)
            || address->family != wanted->family
            || memcmp(address->bytes, wanted->bytes, wanted->len)) {
            continue;
        }
        answer->n_addresses = 1;
        while (answer->n_names < 1 + MAX_ALIASES
               && next_word(&line, &answer->names[answer->n_names])) {
            answer->n_names++;
        }
        return answer->n_names > 0;
    }
    return false;
}

/* The caller's buffer. */
struct space {
    char *s;
    size_t n;
};

/* 'size' bytes of it, aligned for pointers; NULL: there are not as many. */
static void *
take(struct space *space, size_t size)
{
    size_t pad = -(uintptr_t) space->s % _Alignof(max_align_t);
    char *p = space->s;

    if (pad > space->n || size > space->n - pad) {
        return NULL;
    }
    space->s += pad + size;
    space->n -= pad + size;
    return p + pad;
}

static char *
take_word(struct space *space, struct word word)
{
    char *s = word.n + 1 <= space->n ? space->s : NULL;

    if (s) {
        memcpy(s, word.s, word.n);
        s[word.n] = '\0';
        space->s += word.n + 1;
        space->n -= word.n + 1;
    }
    return s;
}

/* The caller comes again with a larger buffer. */
static enum nss_status
too_small(int *errnop, int *herrnop)
{
    *errnop = ERANGE;
    *herrnop = NETDB_INTERNAL;
    return NSS_STATUS_TRYAGAIN;
}

static enum nss_status
not_found(const struct answer *answer, int *errnop, int *herrnop)
{
    *errnop = ENOENT;
    *herrnop = answer->other_family ? NO_DATA : HOST_NOT_FOUND;
    return NSS_STATUS_NOTFOUND;
}

static enum nss_status
no_file(int *errnop, int *herrnop)
{
    *errnop = ENOENT;
    *herrnop = NO_RECOVERY;
    return NSS_STATUS_UNAVAIL;
}

static enum nss_status
success(int *errnop, int *herrnop, int32_t *ttlp)
{
    (void) errnop;
    *herrnop = NETDB_SUCCESS;
    if (ttlp) {
        *ttlp = 0;
    }
    return NSS_STATUS_SUCCESS;
}

static bool
fill_hostent(const struct answer *answer, int family, struct hostent *host,
             struct space space)
{
    size_t len = family == AF_INET ? 4 : 16;
    char **addresses, **aliases;

    addresses = take(&space, (answer->n_addresses + 1) * sizeof *addresses);
    aliases = take(&space, answer->n_names * sizeof *aliases);
    if (!addresses || !aliases) {
        return false;
    }
    for (size_t i = 0; i < answer->n_addresses; i++) {
        addresses[i] = take(&space, len);
        if (!addresses[i]) {
            return false;
        }
        memcpy(addresses[i], answer->addresses[i].bytes, len);
    }
    addresses[answer->n_addresses] = NULL;
    host->h_name = take_word(&space, answer->names[0]);
    if (!host->h_name) {
        return false;
    }
    for (size_t i = 1; i < answer->n_names; i++) {
        aliases[i - 1] = take_word(&space, answer->names[i]);
        if (!aliases[i - 1]) {
            return false;
        }
    }
    aliases[answer->n_names - 1] = NULL;
    host->h_aliases = aliases;
    host->h_addrtype = family;
    host->h_length = (int) len;
    host->h_addr_list = addresses;
    return true;
}

/* A list of tuples; the first one may be the caller's. */
static bool
fill_tuples(const struct answer *answer, struct gaih_addrtuple **pat,
            struct space space)
{
    char *name = take_word(&space, answer->names[0]);
    struct gaih_addrtuple **next = pat;

    if (!name) {
        return false;
    }
    for (size_t i = 0; i < answer->n_addresses; i++) {
        const struct address *address = &answer->addresses[i];
        struct gaih_addrtuple *tuple =
            i == 0 && *pat ? *pat : take(&space, sizeof *tuple);

        if (!tuple) {
            return false;
        }
        memset(tuple, 0, sizeof *tuple);
        tuple->name = name;
        tuple->family = address->family;
        memcpy(tuple->addr, address->bytes, address->len);
        *next = tuple;
        next = &tuple->next;
    }
    return true;
}

enum nss_status
_nss_vmovs_gethostbyname4_r(const char *name, struct gaih_addrtuple **pat,
                            char *buffer, size_t buflen, int *errnop,
                            int *herrnop, int32_t *ttlp)
{
    struct answer answer = { .n_names = 0 };
    struct names_file file;
    enum nss_status status;

    if (!names_open(&file)) {
        return no_file(errnop, herrnop);
    }
    if (!find_name(&file, name, AF_UNSPEC, &answer)) {
        status = not_found(&answer, errnop, herrnop);
    } else if (!fill_tuples(&answer, pat, (struct space){ buffer, buflen })) {
        status = too_small(errnop, herrnop);
    } else {
        status = success(errnop, herrnop, ttlp);
    }
    names_close(&file);
    return status;
}

enum nss_status
_nss_vmovs_gethostbyname3_r(const char *name, int family, struct hostent *host,
                            char *buffer, size_t buflen, int *errnop,
                            int *herrnop, int32_t *ttlp, char **canonp)
{
    struct answer answer = { .n_names = 0 };
    struct names_file file;
    enum nss_status status;

    if (family == AF_UNSPEC) {
        family = AF_INET;
    }
    if (family != AF_INET && family != AF_INET6) {
        *errnop = EAFNOSUPPORT;
        *herrnop = NO_DATA;
        return NSS_STATUS_UNAVAIL;
    }
    if (!names_open(&file)) {
        return no_file(errnop, herrnop);
    }
    if (!find_name(&file, name, family, &answer)) {
        status = not_found(&answer, errnop, herrnop);
    } else if (!fill_hostent(&answer, family, host,
                             (struct space){ buffer, buflen })) {
        status = too_small(errnop, herrnop);
    } else {
        if (canonp) {
            *canonp = host->h_name;
        }
        status = success(errnop, herrnop, ttlp);
    }
    names_close(&file);
    return status;
}

enum nss_status
_nss_vmovs_gethostbyname2_r(const char *name, int family, struct hostent *host,
                            char *buffer, size_t buflen, int *errnop,
                            int *herrnop)
{
    return _nss_vmovs_gethostbyname3_r(name, family, host, buffer, buflen,
                                       errnop, herrnop, NULL, NULL);
}

enum nss_status
_nss_vmovs_gethostbyname_r(const char *name, struct hostent *host,
                           char *buffer, size_t buflen, int *errnop,
                           int *herrnop)
{
    return _nss_vmovs_gethostbyname3_r(name, AF_INET, host, buffer, buflen,
                                       errnop, herrnop, NULL, NULL);
}

enum nss_status
_nss_vmovs_gethostbyaddr2_r(const void *addr, socklen_t len, int family,
                            struct hostent *host, char *buffer, size_t buflen,
                            int *errnop, int *herrnop, int32_t *ttlp)
{
    struct address wanted = { .family = family, .len = len };
    struct answer answer = { .n_names = 0 };
    struct names_file file;
    enum nss_status status;

    if (!(family == AF_INET && len == 4)
        && !(family == AF_INET6 && len == 16)) {
        *errnop = EAFNOSUPPORT;
        *herrnop = NO_DATA;
        return NSS_STATUS_UNAVAIL;
    }
    memcpy(wanted.bytes, addr, len);
    if (!names_open(&file)) {
        return no_file(errnop, herrnop);
    }
    if (!find_address(&file, &wanted, &answer)) {
        status = not_found(&answer, errnop, herrnop);
    } else if (!fill_hostent(&answer, family, host,
                             (struct space){ buffer, buflen })) {
        status = too_small(errnop, herrnop);
    } else {
        status = success(errnop, herrnop, ttlp);
    }
    names_close(&file);
    return status;
}

enum nss_status
_nss_vmovs_gethostbyaddr_r(const void *addr, socklen_t len, int family,
                           struct hostent *host, char *buffer, size_t buflen,
                           int *errnop, int *herrnop)
{
    return _nss_vmovs_gethostbyaddr2_r(addr, len, family, host, buffer, buflen,
                                       errnop, herrnop, NULL);
}
