/* Boxes: userdata that own something of the world.
 *
 * A box is made closed, gets its metatable, and only then is filled, so that an error in between
 * leaks nothing. __gc, __close and :close() are one function, safe twice. A closed box has a
 * metatable of its own, so that using it says "closed http listener". */
#ifndef CSORUN_BIND_BOX_H
#define CSORUN_BIND_BOX_H
#include <lauxlib.h>

struct box_type {
  const char *name;         /* "http listener" */
  const char *closed_name;  /* "closed http listener" */
  const luaL_Reg *methods;  /* :close() is added */
  void (*close)(void *content); /* never raises */
};

/* Pushes a new closed box. Fill it with box_fill. */
void **box_new(lua_State *L, const struct box_type *type);

/* Opens the box at the top of the stack with its content (not NULL). */
void box_fill(void **box, void *content);

/* The content of the open box at idx; raises when it is something else or closed. */
void *box_check(lua_State *L, int idx, const struct box_type *type);

#endif
