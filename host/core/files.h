/* Files that must not be half written. Functions return 0 or an errno value. */
#ifndef CSORUN_CORE_FILES_H
#define CSORUN_CORE_FILES_H
#include <stddef.h>
#include <sys/types.h>

#include "core/buf.h"

/* Appends the whole file to out; EFBIG when it is larger than max. */
int files_read(const char *path, size_t max, cso_buf *out);

/* Replaces the file at once: readers see the old content or the new one, also after a power cut.
 * A new file of that mode is written beside it, synced, renamed, and the directory is synced. */
int files_write_atomic(const char *path, const char *data, size_t len, mode_t mode);

/* Renames; the directory is synced. */
int files_rename(const char *from, const char *to);

/* Appends and syncs. A file that is not there is made with mode 0600. */
int files_append_sync(const char *path, const char *data, size_t len);

/* Makes a directory and those above it. One that exists is fine. */
int files_mkdir_p(const char *path, mode_t mode);

/* Takes the lock of a file, which is made when it is not there, and writes our process id into
 * it. The lock ends with the descriptor, so also with the process. EWOULDBLOCK: somebody else has
 * it; *holder is then the process id that stands in the file, or 0. */
int files_lock(const char *path, int *fd, long *holder);

#endif
