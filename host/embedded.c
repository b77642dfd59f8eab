#include "embedded.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int compare(const void *key, const void *entry) {
  return strcmp(key, ((const struct embedded *)entry)->name);
}

const struct embedded *embedded_find(const char *name) {
  return bsearch(name, csorun_embedded, csorun_embedded_count, sizeof csorun_embedded[0], compare);
}

static struct {
  int tried;
  int fd;     /* our own program, -1: it can't be read; open until the process ends */
  off_t blob; /* where in it the blob begins */
} own = {.fd = -1};

/* The first object that is told is the program itself. */
static int find_blob(struct dl_phdr_info *program, size_t size, void *unused) {
  (void)size;
  (void)unused;
  uintptr_t at = (uintptr_t)csorun_embedded_blob - program->dlpi_addr;
  for (size_t i = 0; i < program->dlpi_phnum; i++) {
    const ElfW(Phdr) *p = &program->dlpi_phdr[i];
    if (p->p_type == PT_LOAD && at >= p->p_vaddr && at - p->p_vaddr < p->p_filesz)
      own.blob = (off_t)(p->p_offset + (at - p->p_vaddr));
  }
  return 1;
}

static void open_own(void) {
  own.tried = 1;
  dl_iterate_phdr(find_blob, NULL);
  if (own.blob > 0) own.fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
}

void embedded_read(const struct embedded *e, size_t at, void *to, size_t n) {
  if (!own.tried) open_own();
  size_t done = 0;
  while (own.fd >= 0 && done < n) {
    ssize_t got = pread(own.fd, (char *)to + done, n - done, own.blob + (off_t)(e->offset + at + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += (size_t)got;
  }
  memcpy((char *)to + done, csorun_embedded_blob + e->offset + at + done, n - done);
}
