#include "core/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

int files_read(const char *path, size_t max, cso_buf *out) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  int error = 0;
  struct stat st;
  if (fstat(fd, &st) != 0) error = errno;
  if (!error && S_ISDIR(st.st_mode)) error = EISDIR;
  if (!error && st.st_size > 0 && (uint64_t)st.st_size > max) error = EFBIG;
  if (!error && st.st_size > 0) cso_buf_reserve(out, (size_t)st.st_size + 1);
  while (!error) {
    if (!cso_buf_reserve(out, 4096)) {
      error = ENOMEM;
      break;
    }
    ssize_t n = read(fd, out->data + out->len, out->cap - out->len);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) error = errno;
    if (n <= 0) break;
    out->len += (size_t)n;
    if (out->len > max) error = EFBIG;
  }
  close(fd);
  return error;
}

static int write_all(int fd, const char *data, size_t len) {
  while (len > 0) {
    ssize_t n = write(fd, data, len);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    data += n;
    len -= (size_t)n;
  }
  return 0;
}

static int sync_directory_of(const char *path) {
  char *copy = strdup(path);
  if (!copy) return ENOMEM;
  char *slash = strrchr(copy, '/');
  if (slash == copy) slash++;
  if (slash) *slash = 0;
  int fd = open(slash ? copy : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int error = fd < 0 ? errno : 0;
  /* Some file systems can't sync a directory and say EINVAL: nothing more can be done there. */
  if (!error && fsync(fd) != 0 && errno != EINVAL) error = errno;
  if (fd >= 0) close(fd);
  free(copy);
  return error;
}

/* What is no file is written to, as everybody would: put in its place, a file called /dev/null is the end of a
 * machine. What /dev/stdout leads to may be one, whose name is not ours to give away. */
static int is_written_through(const char *path) {
  struct stat st;
  if ((strncmp(path, "/dev/", 5) == 0 && strncmp(path, "/dev/shm/", 9) != 0) || strncmp(path, "/proc/", 6) == 0)
    return lstat(path, &st) == 0;
  return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

static int write_through(const char *path, const char *data, size_t len) {
  int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
  if (fd < 0) return errno;
  int error = write_all(fd, data, len);
  if (close(fd) != 0 && !error) error = errno;
  return error;
}

int files_write_atomic(const char *path, const char *data, size_t len, mode_t mode) {
  if (is_written_through(path)) return write_through(path, data, len);
  size_t n = strlen(path) + sizeof ".XXXXXX";
  char *temporary = malloc(n);
  if (!temporary) return ENOMEM;
  snprintf(temporary, n, "%s.XXXXXX", path);
  int error = 0;
  int fd = mkostemp(temporary, O_CLOEXEC);
  if (fd < 0) {
    error = errno;
    free(temporary);
    return error;
  }
  if (fchmod(fd, mode) != 0) error = errno;
  if (!error) error = write_all(fd, data, len);
  if (!error && fsync(fd) != 0) error = errno;
  if (close(fd) != 0 && !error) error = errno;
  if (!error && rename(temporary, path) != 0) error = errno;
  if (error) unlink(temporary);
  free(temporary);
  return error ? error : sync_directory_of(path);
}

int files_rename(const char *from, const char *to) {
  if (rename(from, to) != 0) return errno;
  return sync_directory_of(to);
}

int files_append_sync(const char *path, const char *data, size_t len) {
  int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return errno;
  int error = write_all(fd, data, len);
  if (!error && fsync(fd) != 0) error = errno;
  if (close(fd) != 0 && !error) error = errno;
  return error;
}

static int make_directory(const char *path, mode_t mode) {
  struct stat st;
  if (mkdir(path, mode) == 0) return 0;
  int error = errno;
  if (error == EEXIST && stat(path, &st) == 0) return S_ISDIR(st.st_mode) ? 0 : ENOTDIR;
  return error;
}

int files_mkdir_p(const char *path, mode_t mode) {
  char *copy = strdup(path);
  if (!copy) return ENOMEM;
  int error = 0;
  for (char *p = copy + 1; copy[0] && *p && !error; p++) {
    if (*p != '/' || p[-1] == '/') continue;
    *p = 0;
    error = make_directory(copy, mode);
    /* A parent that may not be written to is fine as long as it is there. */
    *p = '/';
  }
  if (!error) error = make_directory(copy, mode);
  free(copy);
  return error;
}

/* The file that a name leads to is the one that is open: it may have been removed meanwhile. */
static int is_at(const char *path, int fd) {
  struct stat mine, there;
  return fstat(fd, &mine) == 0 && lstat(path, &there) == 0 && mine.st_ino == there.st_ino &&
         mine.st_dev == there.st_dev;
}

int files_lock(const char *path, int *fd, long *holder) {
  char text[32];
  *holder = 0;
  /* Through a link a file of somebody else's would be written. */
  *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (*fd < 0) return errno;
  if (flock(*fd, LOCK_EX | LOCK_NB) != 0) {
    int error = errno;
    ssize_t n = read(*fd, text, sizeof text - 1);
    if (n > 0) {
      text[n] = 0;
      *holder = strtol(text, NULL, 10);
    }
    close(*fd);
    *fd = -1;
    return error;
  }
  if (!is_at(path, *fd)) {
    close(*fd);
    return files_lock(path, fd, holder);
  }
  int n = snprintf(text, sizeof text, "%ld\n", (long)getpid());
  /* Who holds the lock is told as a kindness; the lock itself does not depend on it. */
  if (ftruncate(*fd, 0) == 0) (void)!pwrite(*fd, text, (size_t)n, 0);
  return 0;
}
