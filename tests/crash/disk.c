/* A disk that fails on request: preloaded into the program, it stands between it and the system.
 *
 * Only files below one directory are touched. What shall happen stands in a small file that both sides
 * map, named by DISK_CONTROL; tests/crash/disk.py writes it. Every change to the disk is counted, so that
 * a test can kill the program exactly at the n-th.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct control {
    int64_t failure;   /* errno of every write, 0: none */
    int64_t slow_ms;   /* how long each flush takes */
    int64_t die_at;    /* SIGKILL at this change, 0: never */
    int64_t changes;   /* so far */
    int64_t failed;    /* so far */
    int64_t unread;    /* errno of every read of a database, 0: none */
    char below[512];   /* the directory */
    char durable[512]; /* where what was flushed is kept; empty: nowhere */
};

static struct control *control;

__attribute__((constructor)) static void begin(void) {
    const char *name = getenv("DISK_CONTROL");
    int fd = name ? open(name, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0) return;
    void *mapped = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped != MAP_FAILED) control = mapped;
}

static int ours(const char *path) {
    size_t length = control ? strlen(control->below) : 0;
    return length && !strncmp(path, control->below, length) && path[length] == '/';
}

static const char *path_of(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    path[length < 0 ? 0 : length] = 0;
    return path;
}

/* A change is about to happen: 0, or the errno with which it fails instead. */
static int change(const char *path) {
    if (!ours(path)) return 0;
    int64_t number = __atomic_add_fetch(&control->changes, 1, __ATOMIC_SEQ_CST);
    if (control->die_at && number >= control->die_at) kill(getpid(), SIGKILL);
    if (!control->failure) return 0;
    __atomic_add_fetch(&control->failed, 1, __ATOMIC_SEQ_CST);
    return (int)control->failure;
}

static int change_of(int fd) {
    char path[PATH_MAX];
    return control ? change(path_of(fd, path)) : 0;
}

#define REAL(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))
#define FAILS(error) do { int e = (error); if (e) { errno = e; return -1; } } while (0)

/* A flush that worked: keep the file as it is now, for it would survive a power cut. */
static void keep(int fd) {
    char path[PATH_MAX], kept[PATH_MAX], half[PATH_MAX], chunk[65536];
    if (!control || !control->durable[0] || !ours(path_of(fd, path))) return;
    const char *name = path + strlen(control->below) + 1;
    if (strchr(name, '/')) return; /* only what lies directly in the directory */
    snprintf(kept, sizeof kept, "%.500s/%.500s", control->durable, name);
    snprintf(half, sizeof half, "%.1000s.half", kept);
    int to = open(half, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int from = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got;
    while ((got = read(from, chunk, sizeof chunk)) > 0)
        if (REAL(write)(to, chunk, got) != got) abort();
    close(from);
    close(to);
    if (got < 0 || REAL(rename)(half, kept)) abort();
}

static int flush(int fd, int (*real)(int)) {
    char path[PATH_MAX];
    FAILS(change_of(fd));
    if (control && control->slow_ms && ours(path_of(fd, path))) {
        struct timespec pause = {control->slow_ms / 1000, control->slow_ms % 1000 * 1000000L};
        nanosleep(&pause, NULL);
    }
    int done = real(fd);
    if (!done) keep(fd);
    return done;
}

int fsync(int fd) { return flush(fd, REAL(fsync)); }
int fdatasync(int fd) { return flush(fd, REAL(fdatasync)); }
ssize_t write(int fd, const void *data, size_t size) { FAILS(change_of(fd)); return REAL(write)(fd, data, size); }
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { FAILS(change_of(fd)); return REAL(pwrite)(fd, data, size, at); }
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) { FAILS(change_of(fd)); return REAL(pwrite64)(fd, data, size, at); }
ssize_t pread64(int fd, void *data, size_t size, off64_t at) {
    char path[PATH_MAX];
    if (control && control->unread && ours(path_of(fd, path))) FAILS((int)control->unread);
    return REAL(pread64)(fd, data, size, at);
}
int ftruncate(int fd, off_t size) { FAILS(change_of(fd)); return REAL(ftruncate)(fd, size); }
int ftruncate64(int fd, off64_t size) { FAILS(change_of(fd)); return REAL(ftruncate64)(fd, size); }
int posix_fallocate(int fd, off_t at, off_t size) { int e = change_of(fd); return e ? e : REAL(posix_fallocate)(fd, at, size); }
int unlink(const char *path) { FAILS(change(path)); return REAL(unlink)(path); }
int rename(const char *from, const char *to) { FAILS(change(to)); return REAL(rename)(from, to); }
int mkdir(const char *path, mode_t mode) { FAILS(change(path)); return REAL(mkdir)(path, mode); }

static int opens(const char *path, int flags, mode_t mode, int (*real)(const char *, int, ...)) {
    int writes = (flags & O_ACCMODE) != O_RDONLY;
    if (control && ours(path) && (writes && control->failure == EROFS)) FAILS(EROFS);
    if (flags & O_CREAT && access(path, F_OK)) FAILS(change(path));
    return real(path, flags, mode);
}

#define OPENS(name) \
    int name(const char *path, int flags, ...) { \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = flags & O_CREAT ? va_arg(more, int) : 0; \
        va_end(more); \
        return opens(path, flags, mode, (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, #name)); \
    }
OPENS(open)
OPENS(open64)
