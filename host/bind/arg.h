/* Option tables and the world's failures, read and made in one way by every binding. */
#ifndef CSORUN_BIND_ARG_H
#define CSORUN_BIND_ARG_H
#include <lauxlib.h>

/* Raises unless idx is a table all of whose keys stand in the NULL-ended list. */
void arg_options(lua_State *L, int idx, const char *const *known);

/* Fields of the option table at idx. The strings stay valid while the table holds them. A value
 * of another type raises "bad option 'name'". `len` may be NULL. */
const char *arg_string(lua_State *L, int idx, const char *name, const char *otherwise, size_t *len);
lua_Number arg_number(lua_State *L, int idx, const char *name, lua_Number otherwise);
lua_Integer arg_integer(lua_State *L, int idx, const char *name, lua_Integer otherwise);
int arg_boolean(lua_State *L, int idx, const char *name, int otherwise);

/* Pushes nil, { code =, message = } and returns 2. */
int arg_fail(lua_State *L, const char *code, const char *message);

/* The same for errno: code is the symbol's lower-case name ("enoent"), and the message says what
 * was attempted on which path. */
int arg_fail_errno(lua_State *L, const char *what, const char *path, int number);

/* Pushes a table of code and message: the error of a completion. */
void arg_push_error(lua_State *L, const char *code, const char *message);

#endif
