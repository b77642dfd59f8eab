#include "pool.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#define PLAIN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PLAIN 1
#endif
#endif

#ifdef PLAIN /* every block by itself, so that its borders and its end are watched */

void *cso_pool_resize(void *block, size_t old, size_t size) {
  (void)old;
  if (size > 0) return realloc(block, size);
  free(block);
  return NULL;
}

void cso_pool_large_pages(void) {}

#else

enum { GRAIN = 16, MOST = 512, CLASSES = MOST / GRAIN, SLAB = 32 << 10, ARENA = 32 * SLAB, LARGE = 2 << 20, SPARE = 64 };

/* A piece of memory with blocks of one size, aligned to its own size: that is how a block finds it. */
typedef struct slab {
  struct slab *next, *before; /* among those with room; empty ones have only `next` */
  void *free;                 /* blocks that were given back, each pointing to the next */
  uint32_t fresh;             /* where what was never given out begins */
  uint32_t live;
  uint32_t size; /* of a block */
  uint32_t class;
} slab;

enum { HEAD = (sizeof(slab) + GRAIN - 1) / GRAIN * GRAIN };

static slab *with_room[CLASSES];
static slab *spare, *hollow; /* empty ones; hollow ones have given their memory back but for the first page */
static int spare_count;
static char *arena, *arena_end;
static int large;

void cso_pool_large_pages(void) { large = 1; }

static void link_in(slab *s) {
  slab **head = &with_room[s->class];
  s->before = NULL;
  s->next = *head;
  if (*head) (*head)->before = s;
  *head = s;
}

static void unlink_from(slab *s) {
  if (s->before) s->before->next = s->next;
  else with_room[s->class] = s->next;
  if (s->next) s->next->before = s->before;
}

static int is_full(const slab *s) { return !s->free && s->fresh + s->size > SLAB; }

/* Memory for slabs, aligned to one, or to a large page. Returns 0 when there is none. */
static int new_arena(void) {
  size_t size = large ? LARGE : ARENA, unit = large ? LARGE : SLAB;
  char *p = mmap(NULL, size + unit, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) return 0;
  arena = p + (unit - (uintptr_t)p % unit) % unit;
  arena_end = arena + size;
  if (large) madvise(arena, size, MADV_HUGEPAGE); /* who has none gives small ones */
  return 1;
}

static slab *take_slab(void) {
  slab *s = spare ? spare : hollow;
  if (s) {
    if (s == spare) spare_count--;
    *(s == spare ? &spare : &hollow) = s->next;
    return s;
  }
  if (arena == arena_end && !new_arena()) return NULL;
  s = (slab *)(void *)arena;
  arena += SLAB;
  return s;
}

static slab *new_slab(uint32_t class) {
  slab *s = take_slab();
  if (!s) return NULL;
  *s = (slab){.class = class, .size = (class + 1) * GRAIN, .fresh = HEAD};
  link_in(s);
  return s;
}

/* An empty slab is there for every class again; not many of them keep their memory. */
static void retire(slab *s) {
  enum { PAGE = 4096 };
  unlink_from(s);
  int keep = spare_count < SPARE;
  slab **list = keep ? &spare : &hollow;
  if (keep) spare_count++;
  else madvise((char *)s + PAGE, SLAB - PAGE, MADV_DONTNEED);
  s->next = *list;
  *list = s;
}

static void *take(uint32_t class) {
  slab *s = with_room[class];
  if (!s && !(s = new_slab(class))) return NULL;
  void *block = s->free;
  if (block) {
    memcpy(&s->free, block, sizeof s->free);
  } else {
    block = (char *)s + s->fresh;
    s->fresh += s->size;
  }
  s->live++;
  if (is_full(s)) unlink_from(s);
  return block;
}

static void give_back(void *block) {
  slab *s = (slab *)((uintptr_t)block & ~(uintptr_t)(SLAB - 1));
  int was_full = is_full(s);
  memcpy(block, &s->free, sizeof s->free);
  s->free = block;
  if (was_full) link_in(s);
  if (--s->live == 0 && (s->next || s->before)) retire(s);
}

static uint32_t class_of(size_t size) { return (uint32_t)((size - 1) / GRAIN); }

static void *take_any(size_t size) { return size > MOST ? malloc(size) : take(class_of(size)); }

static void give_back_any(void *block, size_t size) {
  if (size > MOST) free(block);
  else if (block) give_back(block);
}

void *cso_pool_resize(void *block, size_t old, size_t size) {
  if (!block) return size ? take_any(size) : NULL;
  if (size == 0) {
    give_back_any(block, old);
    return NULL;
  }
  if (old > MOST && size > MOST) return realloc(block, size);
  if (old <= MOST && size <= MOST && class_of(old) == class_of(size)) return block;
  void *moved = take_any(size);
  if (!moved) return NULL;
  memcpy(moved, block, old < size ? old : size);
  give_back_any(block, old);
  return moved;
}

#endif
