/* What other bindings need to make values in host.json's shape. */
#ifndef CSO_BIND_JSON_H
#define CSO_BIND_JSON_H

#include <lua.h>

/* Pushes the one value that stands for null.  [-0, +1, -] */
void cso_json_push_null(lua_State *L);
/* Pushes the metatable that marks a table as an array.  [-0, +1, m] */
void cso_json_push_array_mt(lua_State *L);

int cso_json_encode(lua_State *L); /* encode(value[, {indent, sort}]) */
int cso_json_decode(lua_State *L); /* decode(text[, {max_depth, name, unique}]) */
int cso_json_skim(lua_State *L);   /* skim(text, name) */

#define CSO_JSON_DEPTH 512 /* levels, unless the caller says otherwise */
#define CSO_JSON_DEPTH_MOST 2000

#endif
