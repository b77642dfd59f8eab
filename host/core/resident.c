#include "resident.h"

#include <elf.h>
#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef __SANITIZE_ADDRESS__ /* which keeps books of what is where */

/* Whether its code was changed when it was loaded, so that the file does not have it. */
static int has_relocated_text(const struct dl_phdr_info *object) {
  for (int i = 0; i < object->dlpi_phnum; i++) {
    if (object->dlpi_phdr[i].p_type != PT_DYNAMIC) continue;
    for (const ElfW(Dyn) *d = (const void *)(object->dlpi_addr + object->dlpi_phdr[i].p_vaddr); d->d_tag != DT_NULL; d++)
      if (d->d_tag == DT_TEXTREL || (d->d_tag == DT_FLAGS && d->d_un.d_val & DF_TEXTREL)) return 1;
  }
  return 0;
}

/* Only what was never writable is as the file has it: relocated pages exist here alone. */
static int let_go_of(struct dl_phdr_info *object, size_t size, void *ud) {
  (void)size;
  uintptr_t page = *(const uintptr_t *)ud;
  if (has_relocated_text(object)) return 0;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
    if (segment->p_type != PT_LOAD || segment->p_flags & PF_W) continue;
    uintptr_t from = (object->dlpi_addr + segment->p_vaddr) & ~(page - 1);
    uintptr_t to = (object->dlpi_addr + segment->p_vaddr + segment->p_filesz + page - 1) & ~(page - 1);
    madvise((void *)from, to - from, MADV_DONTNEED);
  }
  return 0;
}

#endif

void cso_let_go(void) {
#ifndef __SANITIZE_ADDRESS__
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  dl_iterate_phdr(let_go_of, &page);
  malloc_trim(0);
#endif
}
