/* Faults of disk and clock between a program and its C library (LD_PRELOAD): tests/src/faults/inject.rs compiles it, says
 * what is to fail, and reads what did.
 *
 *   TABELLION_INJECT_STATE  a file of 1024 bytes, mapped: what was counted, what failed first, and what the clock says (below)
 *   TABELLION_INJECT_DIR    calls on files under this directory are counted, no others
 *   TABELLION_INJECT_KINDS  which calls: w write, s sync, r read, o open to write, a allocate and cut, n rename
 *   TABELLION_INJECT_AT     the call that fails, counted from 1; 0 for none
 *   TABELLION_INJECT_ERRNO  with what
 *   TABELLION_INJECT_HOW    once | sticky (that call and all after it), then what became of the bytes of a write:
 *                           -none | -whole (failed, but persisted) | -half | -lost (said to be written, gone, and the next
 *                           sync of the file fails: what a kernel does that could not write back) | -torn (only its first
 *                           bytes arrive, TABELLION_INJECT_TEAR modulo its length, and the process is gone; sectors are whole or not there)
 *
 * Everything goes by bare system calls: no function of the library is looked up, so an allocator that asks for the time
 * before anything is set up is answered too. Calls that the program makes without the library are not seen. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define FILES 65536

struct state {
    _Atomic uint64_t counted, failed;
    /* 0 the machine's clock; 1 moved by `seconds`; 2 stands still at `seconds`. Written by whoever tests, at any moment. */
    _Atomic uint64_t clock;
    _Atomic int64_t seconds;
    uint64_t spare[4];
    char first[512];
};

static struct state *state;
static const char *directory, *kinds = "", *how = "";
static uint64_t at, tear;
static int error = EIO;
static unsigned char known[FILES], lost[FILES];

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("TABELLION_INJECT_STATE"), *word;
    if (!file) return;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CLOEXEC, 0);
    if (fd < 0) return;
    void *mapped = mmap(NULL, 1024, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    syscall(SYS_close, fd);
    if (mapped == MAP_FAILED) return;
    directory = getenv("TABELLION_INJECT_DIR");
    if ((word = getenv("TABELLION_INJECT_KINDS"))) kinds = word;
    if ((word = getenv("TABELLION_INJECT_AT"))) at = strtoull(word, NULL, 10);
    if ((word = getenv("TABELLION_INJECT_ERRNO"))) error = atoi(word);
    if ((word = getenv("TABELLION_INJECT_HOW"))) how = word;
    if ((word = getenv("TABELLION_INJECT_TEAR"))) tear = strtoull(word, NULL, 10);
    state = mapped;
}

static int under(const char *path) {
    if (!state || !directory || !path) return 0;
    size_t length = strlen(directory);
    return strncmp(path, directory, length) == 0 && (path[length] == '/' || path[length] == 0);
}

static int is_known(int fd) { return fd >= 0 && fd < FILES && known[fd]; }

/* Counts a call of this kind; 1 when it is to fail. */
static int strikes(char kind, const char *call, int fd, const char *path) {
    if (!state || !strchr(kinds, kind)) return 0;
    uint64_t number = atomic_fetch_add(&state->counted, 1) + 1;
    if (at == 0 || number < at || (number > at && strncmp(how, "sticky", 6) != 0)) return 0;
    if (atomic_fetch_add(&state->failed, 1) == 0) {
        char link[64], place[400] = "";
        if (!path) {
            snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
            long length = syscall(SYS_readlinkat, AT_FDCWD, link, place, sizeof place - 1);
            place[length < 0 ? 0 : length] = 0;
            path = place;
        }
        if (under(path)) path += strlen(directory);
        snprintf(state->first, sizeof state->first, "%s %s", call, path);
    }
    return 1;
}

static long fails(void) {
    errno = error;
    return -1;
}

static int is_how(const char *what) { return strstr(how, what) != NULL; }

static void keep(int fd, const char *path) {
    if (fd < 0 || fd >= FILES) return;
    int mine = under(path);
    if (!mine && path && path[0] != '/' && state) {
        char link[64], place[400];
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        long length = syscall(SYS_readlinkat, AT_FDCWD, link, place, sizeof place - 1);
        place[length < 0 ? 0 : length] = 0;
        mine = under(place);
    }
    known[fd] = (unsigned char)mine;
    lost[fd] = 0;
}

static int open_at(int from, const char *path, int flags, mode_t mode) {
    int writes = (flags & O_CREAT) != 0;
    if (writes && under(path) && strikes('o', "open", -1, path)) return (int)fails();
    int fd = (int)syscall(SYS_openat, from, path, flags, mode);
    keep(fd, path);
    return fd;
}

#define MODE(last)                                    \
    mode_t mode = 0;                                  \
    if (flags & (O_CREAT | O_TMPFILE)) {              \
        va_list more;                                 \
        va_start(more, last);                         \
        mode = va_arg(more, mode_t);                  \
        va_end(more);                                 \
    }

int open(const char *path, int flags, ...) { MODE(flags) return open_at(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return open_at(AT_FDCWD, path, flags, mode); }
int openat(int from, const char *path, int flags, ...) { MODE(flags) return open_at(from, path, flags, mode); }
int openat64(int from, const char *path, int flags, ...) { MODE(flags) return open_at(from, path, flags, mode); }
int creat(const char *path, mode_t mode) { return open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

int close(int fd) {
    if (fd >= 0 && fd < FILES) known[fd] = lost[fd] = 0;
    return (int)syscall(SYS_close, fd);
}

/* Another number for the same file. */
static int same(int fd, int copy) {
    if (copy < 0 || copy >= FILES) return copy;
    known[copy] = (unsigned char)is_known(fd);
    lost[copy] = fd >= 0 && fd < FILES ? lost[fd] : 0;
    return copy;
}

int dup(int fd) { return same(fd, (int)syscall(SYS_dup, fd)); }
/* A number on itself is left as it is: dup3 would refuse. */
int dup2(int fd, int copy) { return fd == copy ? fcntl(fd, F_GETFD) < 0 ? -1 : fd : same(fd, (int)syscall(SYS_dup3, fd, copy, 0)); }
int dup3(int fd, int copy, int flags) { return same(fd, (int)syscall(SYS_dup3, fd, copy, flags)); }

static int control(int fd, int command, long argument) {
    int done = (int)syscall(SYS_fcntl, fd, command, argument);
    return command == F_DUPFD || command == F_DUPFD_CLOEXEC ? same(fd, done) : done;
}

#define ARGUMENT(last)                    \
    va_list more;                         \
    va_start(more, last);                 \
    long argument = va_arg(more, long);   \
    va_end(more);

int fcntl(int fd, int command, ...) { ARGUMENT(command) return control(fd, command, argument); }
int fcntl64(int fd, int command, ...) { ARGUMENT(command) return control(fd, command, argument); }

static size_t total(const struct iovec *parts, int count) {
    size_t bytes = 0;
    for (int part = 0; part < count; part++) bytes += parts[part].iov_len;
    return bytes;
}

/* The first bytes of these parts are written, and no more. */
static void put_first(int fd, const struct iovec *parts, int count, off_t offset, size_t bytes) {
    for (int part = 0; part < count && bytes > 0; part++) {
        size_t now = parts[part].iov_len < bytes ? parts[part].iov_len : bytes;
        if (offset < 0) syscall(SYS_write, fd, parts[part].iov_base, now);
        else syscall(SYS_pwrite64, fd, parts[part].iov_base, now, offset);
        if (offset >= 0) offset += (off_t)now;
        bytes -= now;
    }
}

/* What is written by whole sectors is torn between two of them: a drive writes each whole or not at all, a kernel whole pages. */
static size_t arrives(size_t bytes, off_t offset, size_t wanted) {
    return bytes % 512 == 0 && offset >= 0 && offset % 512 == 0 ? wanted - wanted % 512 : wanted;
}

/* A write of these parts, at an offset or (-1) where the file stands, failing if its turn has come. */
static ssize_t put(const char *call, int fd, const struct iovec *parts, int count, off_t offset) {
    if (is_known(fd) && strikes('w', call, fd, NULL)) {
        size_t bytes = total(parts, count);
        if (is_how("lost")) {
            lost[fd] = 1;
            if (offset < 0) syscall(SYS_lseek, fd, (off_t)bytes, SEEK_CUR);
            return (ssize_t)bytes;
        }
        if (is_how("torn")) {
            put_first(fd, parts, count, offset, arrives(bytes, offset, bytes == 0 ? 0 : tear % bytes));
            kill(getpid(), SIGKILL);
        }
        if (is_how("whole")) put_first(fd, parts, count, offset, bytes);
        if (is_how("half")) put_first(fd, parts, count, offset, arrives(bytes, offset, bytes / 2));
        return fails();
    }
    return offset < 0 ? syscall(SYS_writev, fd, parts, count) : syscall(SYS_pwritev, fd, parts, count, offset, 0);
}

ssize_t write(int fd, const void *bytes, size_t count) {
    if (!is_known(fd)) return syscall(SYS_write, fd, bytes, count);
    struct iovec part = {(void *)bytes, count};
    return put("write", fd, &part, 1, -1);
}
ssize_t writev(int fd, const struct iovec *parts, int count) { return put("writev", fd, parts, count, -1); }
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
    struct iovec part = {(void *)bytes, count};
    return put("pwrite", fd, &part, 1, offset);
}
ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t offset) { return pwrite(fd, bytes, count, offset); }
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) { return put("pwritev", fd, parts, count, offset); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t offset) { return put("pwritev", fd, parts, count, offset); }

static ssize_t take(const char *call, int fd, void *bytes, size_t count, off_t offset) {
    if (is_known(fd) && strikes('r', call, fd, NULL)) return fails();
    return offset < 0 ? syscall(SYS_read, fd, bytes, count) : syscall(SYS_pread64, fd, bytes, count, offset);
}

ssize_t read(int fd, void *bytes, size_t count) { return take("read", fd, bytes, count, -1); }
ssize_t pread(int fd, void *bytes, size_t count, off_t offset) { return take("pread", fd, bytes, count, offset); }
ssize_t pread64(int fd, void *bytes, size_t count, off_t offset) { return take("pread", fd, bytes, count, offset); }

static int sync_by(long number, const char *call, int fd) {
    int gone = fd >= 0 && fd < FILES && lost[fd];
    if (is_known(fd) && (strikes('s', call, fd, NULL) || gone)) {
        lost[fd] = 0;
        /* Synced or not before it failed: a kernel says neither. */
        if (is_how("whole")) syscall(number, fd);
        return (int)fails();
    }
    return (int)syscall(number, fd);
}

int fsync(int fd) { return sync_by(SYS_fsync, "fsync", fd); }
int fdatasync(int fd) { return sync_by(SYS_fdatasync, "fdatasync", fd); }

static int cut(int fd, off_t size) {
    return is_known(fd) && strikes('a', "ftruncate", fd, NULL) ? (int)fails() : (int)syscall(SYS_ftruncate, fd, size);
}
int ftruncate(int fd, off_t size) { return cut(fd, size); }
int ftruncate64(int fd, off_t size) { return cut(fd, size); }

static int allocate(int fd, int mode, off_t from, off_t size) {
    if (is_known(fd) && strikes('a', "fallocate", fd, NULL)) return (int)fails();
    return (int)syscall(SYS_fallocate, fd, mode, from, size);
}
int fallocate(int fd, int mode, off_t from, off_t size) { return allocate(fd, mode, from, size); }
int fallocate64(int fd, int mode, off_t from, off_t size) { return allocate(fd, mode, from, size); }

int rename(const char *from, const char *to) {
    if (under(to) && strikes('n', "rename", -1, to)) return (int)fails();
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

/* The clock of the day; those that count what ran are left alone. */
int clock_gettime(clockid_t clock, struct timespec *now) {
    long told = syscall(SYS_clock_gettime, clock, now);
    if (told != 0 || !state || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return (int)told;
    switch (atomic_load(&state->clock)) {
    case 1: now->tv_sec += atomic_load(&state->seconds); break;
    case 2: now->tv_sec = atomic_load(&state->seconds); now->tv_nsec = 0; break;
    }
    return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    (void)zone;
    struct timespec told;
    if (clock_gettime(CLOCK_REALTIME, &told) != 0) return -1;
    now->tv_sec = told.tv_sec;
    now->tv_usec = told.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *into) {
    struct timespec told;
    if (clock_gettime(CLOCK_REALTIME, &told) != 0) return -1;
    if (into) *into = told.tv_sec;
    return told.tv_sec;
}
