/* Compiled Lua without what nobody needs of it at run time. */
#ifndef EMBED_SLIM_H
#define EMBED_SLIM_H

#include <stddef.h>

/* Takes the names of local variables out of a chunk that lua_dump wrote, in place: reading them was a fifth of
 * what a start costs. Line numbers and the names of upvalues stay. Returns the new size, or 0 when the
 * chunk is not in the format of Lua 5.4. */
size_t slim_chunk(unsigned char *chunk, size_t size);

#endif
