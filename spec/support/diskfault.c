/* A disk that fails, for one process: preloaded, it lets the n-th write to files whose path holds
 * DISKFAULT_PATH fail, and with DISKFAULT_STICKY every later one. DISKFAULT_AT=0 only counts; the
 * count is written to DISKFAULT_COUNT at exit. DISKFAULT_ERRNO is the number to fail with; -1 kills the
 * process there instead. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static long calls;

static long number(const char *name) {
  const char *text = getenv(name);
  return text ? strtol(text, NULL, 10) : 0;
}

static int matches(const char *path) {
  const char *part = getenv("DISKFAULT_PATH");
  return part && strstr(path, part) != NULL;
}

static int matches_fd(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (n <= 0) return 0;
  path[n] = 0;
  return matches(path);
}

/* Whether this call is to fail; errno is set then. */
static int fails(int concerned) {
  if (!concerned) return 0;
  long at = number("DISKFAULT_AT");
  calls++;
  if (at == 0 || calls < at || (calls > at && !number("DISKFAULT_STICKY"))) return 0;
  errno = (int)number("DISKFAULT_ERRNO");
  if (errno == -1) raise(SIGKILL);
  return 1;
}

__attribute__((destructor)) static void report(void) {
  const char *path = getenv("DISKFAULT_COUNT");
  FILE *file = path ? fopen(path, "w") : NULL;
  if (!file) return;
  fprintf(file, "%ld\n", calls);
  fclose(file);
}

#define REAL(type, name, ...) \
  static type (*real)(__VA_ARGS__); \
  if (!real) *(void **)&real = dlsym(RTLD_NEXT, name)

ssize_t write(int fd, const void *data, size_t n) {
  REAL(ssize_t, "write", int, const void *, size_t);
  return fails(matches_fd(fd)) ? -1 : real(fd, data, n);
}

ssize_t pwrite(int fd, const void *data, size_t n, off_t at) {
  REAL(ssize_t, "pwrite", int, const void *, size_t, off_t);
  return fails(matches_fd(fd)) ? -1 : real(fd, data, n, at);
}

ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at) {
  REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
  return fails(matches_fd(fd)) ? -1 : real(fd, data, n, at);
}

int fsync(int fd) {
  REAL(int, "fsync", int);
  return fails(matches_fd(fd)) ? -1 : real(fd);
}

int fdatasync(int fd) {
  REAL(int, "fdatasync", int);
  return fails(matches_fd(fd)) ? -1 : real(fd);
}

int rename(const char *from, const char *to) {
  REAL(int, "rename", const char *, const char *);
  return fails(matches(to)) ? -1 : real(from, to);
}

int link(const char *from, const char *to) {
  REAL(int, "link", const char *, const char *);
  return fails(matches(to)) ? -1 : real(from, to);
}

int ftruncate64(int fd, off64_t n) {
  REAL(int, "ftruncate64", int, off64_t);
  return fails(matches_fd(fd)) ? -1 : real(fd, n);
}
