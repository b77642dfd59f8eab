/* Memory for the Lua state: most of what it asks for is a few dozen bytes, lives briefly, and comes with its
 * size when it is given back. Blocks up to 512 bytes stand in slabs of one size each, without a head of
 * their own; what becomes empty serves another size, or goes back to the system. Larger ones, and all when
 * the address sanitizer watches, are malloc's. For one state, on one thread. */
#ifndef CSO_CORE_POOL_H
#define CSO_CORE_POOL_H

#include <stddef.h>

/* Makes a block of `old` bytes one of `size` bytes, which may move it; block NULL: a new one (old is not
 * looked at); size 0: gives it back and returns NULL. NULL otherwise: there is no memory, and the block is
 * as it was. */
void *cso_pool_resize(void *block, size_t old, size_t size);

/* What is fetched from the system from now on comes in large pages, where it has some: fewer faults, and fewer
 * misses when all is walked through, for up to one such page that is not needed. For who fills memory and ends soon. */
void cso_pool_large_pages(void);

#endif
