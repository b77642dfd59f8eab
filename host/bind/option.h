/* Option tables and failures, as every host module wants them. */
#ifndef CSO_BIND_OPTION_H
#define CSO_BIND_OPTION_H

#include <lauxlib.h>
#include <lua.h>
#include <stddef.h>

/* Raises (as luaL_argerror) when the table at arg is no table or has a key outside names, a
 * NULL-ended list; absent and nil are fine. Returns 1 when there is a table.  [-0, +0, e] */
int cso_options(lua_State *L, int arg, const char *const *names);
/* arg of all of these is an absolute index; fields are read raw.
 * Field of the table at arg, or fallback when it is absent; raises on a wrong type. [-0, +0, e] */
lua_Integer cso_option_integer(lua_State *L, int arg, const char *name, lua_Integer fallback);
int cso_option_boolean(lua_State *L, int arg, const char *name, int fallback);
/* The string stays alive as long as the table keeps it. NULL when absent. */
const char *cso_option_string(lua_State *L, int arg, const char *name, size_t *len);
/* As above, but absent is an argument error that names the field. */
const char *cso_option_needed(lua_State *L, int arg, const char *name, size_t *len);

lua_Number cso_option_number(lua_State *L, int arg, const char *name, lua_Number fallback);

/* A table that is read for every request is read in one pass, into a struct. A text is a cso_text, a flag a
 * bool, an integer an int64_t, a number a double; what is absent stays as it was. Fields of other kinds are
 * the caller's to read. */
typedef enum cso_field_kind { CSO_TEXT, CSO_FLAG, CSO_INTEGER, CSO_NUMBER, CSO_OTHER } cso_field_kind;

typedef struct cso_field {
  const char *name;
  size_t len;
  cso_field_kind kind;
  size_t at; /* in the struct */
} cso_field;

#define CSO_FIELD(type, kind, member) {#member, sizeof #member - 1, kind, offsetof(type, member)}

/* Raises for a key that is no field, and for a wrong type; arg is 1. Strings stay alive as long as the table
 * keeps them. Returns which fields are there: bit i for the i-th.  [-0, +0, e] */
unsigned long cso_read_fields(lua_State *L, const cso_field *fields, size_t count, void *into);

/* Pushes nil, {code=code, message=…} and returns 2; more fields may be set on the table on top.
 * The format is lua_pushfstring's.  [-0, +2, m] */
int cso_fail(lua_State *L, const char *code, const char *format, ...);
/* The same for errno: the code is its symbol in lower case ("enoent"), the message says what was
 * attempted ("write"), on which path (may be NULL), and why it failed.  [-0, +2, m] */
int cso_fail_errno(lua_State *L, int number, const char *what, const char *path);

/* As cso_fail, for a fault at a place in a text: message "NAME: line L, column C: why", and the
 * fields line, column and (when name is not NULL) name.  [-0, +2, m] */
int cso_fail_at(lua_State *L, const char *code, const char *name, long line, long column,
                const char *why);

/* Pushes memory of that many zero bytes that owns things while one C function works with them; the
 * metatable, made at first use, ends it with gc, also when an error leaves the function. It may
 * be ended by hand before, when gc is safe twice. Handles for Lua are boxes (box.h).
 * [-0, +1, m] */
void *cso_new_scratch(lua_State *L, size_t size, const char *type, lua_CFunction gc);

#endif
