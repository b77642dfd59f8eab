/* JSON text straight into Lua tables. */
#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "../core/json.h"
#include "json.h"
#include "option.h"

/* Values of one array or object wait on the Lua stack until the table's size is known, so that
 * most tables are made once at their right size. Larger ones go on growing from here. */
#define BATCH 32

typedef struct decoder {
  cso_json_scan scan;
  lua_State *L;
  int array_mt; /* stack index */
  int depth, max_depth;
  int unique;
  int busy;
  const char *later; /* a member of the outermost object that stays text, at the stack index `place`; or NULL */
  size_t later_len;
  int place;
  int marked; /* some key begins with '$' */
} decoder;

#define DECODER "host.json decoder"

static int decoder_gc(lua_State *L) {
  decoder *d = lua_touserdata(L, 1);
  cso_json_scan_free(&d->scan);
  return 0;
}

static int value(decoder *d, cso_json_token token);

static int fault(decoder *d, const char *why) {
  d->scan.error = why;
  return 0;
}

/* Moves the n values on top into the table at index, the last at position `last`. */
static void flush_array(lua_State *L, int table, int n, lua_Integer last) {
  for (; n > 0; n--) lua_rawseti(L, table, last--);
}

static int array(decoder *d) {
  lua_State *L = d->L;
  lua_pushnil(L); /* the table's place */
  int place = lua_gettop(L), waiting = 0, made = 0;
  lua_Integer count = 0;
  cso_json_token token = cso_json_next(&d->scan);
  if (token != CSO_JSON_ARRAY_END) {
    for (;;) {
      if (!value(d, token)) return 0; /* place v1 … */
      count++;
      if (++waiting == BATCH) {
        if (!made) {
          lua_createtable(L, BATCH * 2, 0);
          lua_replace(L, place);
          made = 1;
        }
        flush_array(L, place, waiting, count);
        waiting = 0;
      }
      token = cso_json_next(&d->scan);
      if (token == CSO_JSON_ARRAY_END) break;
      if (token == CSO_JSON_ERROR) return 0;
      if (token != CSO_JSON_COMMA) return fault(d, "expected ',' or ']' in an array");
      token = cso_json_next(&d->scan);
      if (token == CSO_JSON_ARRAY_END) return fault(d, "a comma before ']'");
    }
  }
  if (!made) {
    lua_createtable(L, waiting, 0);
    lua_replace(L, place);
  }
  flush_array(L, place, waiting, count);
  lua_pushvalue(L, d->array_mt);
  lua_setmetatable(L, place);
  return 1;
}

/* Moves the n key-value pairs on top into the table at index; the last of equal keys wins. */
static int flush_object(decoder *d, int table, int n) {
  lua_State *L = d->L;
  int first = lua_gettop(L) - 2 * n + 1;
  for (int i = 0; i < n; i++) {
    int key = first + 2 * i;
    if (d->unique) {
      lua_pushvalue(L, key);
      int type = lua_rawget(L, table);
      lua_pop(L, 1);
      if (type != LUA_TNIL) return fault(d, "the same key twice in an object that ends here");
    }
    lua_pushvalue(L, key);
    lua_pushvalue(L, key + 1);
    lua_rawset(L, table);
  }
  lua_settop(L, first - 1);
  return 1;
}

/* Passes over a value without making anything of it; what stands in an object or array is not checked. */
static int pass_over(decoder *d, cso_json_token token) {
  switch (token) {
    case CSO_JSON_OBJECT:
    case CSO_JSON_ARRAY: return cso_json_pass(&d->scan);
    case CSO_JSON_STRING:
    case CSO_JSON_INTEGER:
    case CSO_JSON_FLOAT:
    case CSO_JSON_TRUE:
    case CSO_JSON_FALSE:
    case CSO_JSON_NULL: return 1;
    case CSO_JSON_ERROR: return 0;
    case CSO_JSON_END: return fault(d, "the text ends within a value");
    default: return fault(d, "expected a value");
  }
}

/* Whether the string that was just read is the name of what stays text. */
static int is_later(const decoder *d) {
  return d->later && d->depth == 1 && d->scan.len == d->later_len &&
         memcmp(d->scan.text, d->later, d->later_len) == 0;
}

/* Keeps the value that begins with token as text. */
static int keep(decoder *d, cso_json_token token) {
  const char *from = d->scan.at;
  if (!pass_over(d, token)) return 0;
  lua_pushlstring(d->L, from, (size_t)(d->scan.p - from));
  lua_replace(d->L, d->place);
  return 1;
}

/* Pushes the member whose key was just read, and counts it as waiting; or keeps it as text. */
static int member(decoder *d, int *waiting) {
  int later = is_later(d);
  if (d->scan.len > 0 && *d->scan.text == '$') d->marked = 1;
  if (!later) lua_pushlstring(d->L, d->scan.text, d->scan.len);
  cso_json_token token = cso_json_next(&d->scan);
  if (token == CSO_JSON_ERROR) return 0;
  if (token != CSO_JSON_COLON) return fault(d, "expected ':' after a key");
  token = cso_json_next(&d->scan);
  if (later) return keep(d, token);
  ++*waiting;
  return value(d, token);
}

static int object(decoder *d) {
  lua_State *L = d->L;
  lua_pushnil(L); /* the table's place */
  int place = lua_gettop(L), waiting = 0, made = 0;
  cso_json_token token = cso_json_next(&d->scan);
  if (token != CSO_JSON_OBJECT_END) {
    for (;;) {
      if (token == CSO_JSON_ERROR) return 0;
      if (token != CSO_JSON_STRING) return fault(d, "expected a key in double quotes");
      if (!member(d, &waiting)) return 0; /* place k1 v1 … */
      if (waiting == BATCH) {
        if (!made) {
          lua_createtable(L, 0, BATCH * 2);
          lua_replace(L, place);
          made = 1;
        }
        if (!flush_object(d, place, waiting)) return 0;
        waiting = 0;
      }
      token = cso_json_next(&d->scan);
      if (token == CSO_JSON_OBJECT_END) break;
      if (token == CSO_JSON_ERROR) return 0;
      if (token != CSO_JSON_COMMA) return fault(d, "expected ',' or '}' in an object");
      token = cso_json_next(&d->scan);
      if (token == CSO_JSON_OBJECT_END) return fault(d, "a comma before '}'");
    }
  }
  if (!made) {
    lua_createtable(L, 0, waiting + (d->later && d->depth == 1)); /* who leaves a member out keeps its text there */
    lua_replace(L, place);
  }
  return flush_object(d, place, waiting);
}

static int nested(decoder *d, int (*read)(decoder *)) {
  if (++d->depth > d->max_depth) return fault(d, "nested too deeply");
  if (!lua_checkstack(d->L, BATCH * 2 + 8)) return fault(d, "nested too deeply for this Lua stack");
  int ok = read(d);
  d->depth--;
  return ok;
}

/* Pushes the value that begins with token; 0 after a fault, which scan.error then tells. */
static int value(decoder *d, cso_json_token token) {
  lua_State *L = d->L;
  switch (token) {
    case CSO_JSON_STRING: lua_pushlstring(L, d->scan.text, d->scan.len); return 1;
    case CSO_JSON_INTEGER: lua_pushinteger(L, d->scan.integer); return 1;
    case CSO_JSON_FLOAT: lua_pushnumber(L, d->scan.number); return 1;
    case CSO_JSON_OBJECT: return nested(d, object);
    case CSO_JSON_ARRAY: return nested(d, array);
    case CSO_JSON_TRUE: lua_pushboolean(L, 1); return 1;
    case CSO_JSON_FALSE: lua_pushboolean(L, 0); return 1;
    case CSO_JSON_NULL: cso_json_push_null(L); return 1;
    case CSO_JSON_ERROR: return 0;
    case CSO_JSON_END: return fault(d, "the text ends where a value should be");
    default: return fault(d, "expected a value");
  }
}

static int document(decoder *d) {
  if (!value(d, cso_json_next(&d->scan))) return 0;
  cso_json_token token = cso_json_next(&d->scan);
  if (token == CSO_JSON_END) return 1;
  return token == CSO_JSON_ERROR ? 0 : fault(d, "more text after the value");
}

static int fail(lua_State *L, decoder *d, const char *name) {
  long line, column;
  cso_json_place(&d->scan, d->scan.at, &line, &column);
  return cso_fail_at(L, "json", name, line, column, d->scan.error);
}

/* Pushes the decoder that serves one text after the other: an object with a finalizer costs as much as
 * reading a short one. One that is busy still was left by an error, or is at work further up (a
 * finalizer may decode, too): then another takes its place.  [-0, +1, m] */
static decoder *free_decoder(lua_State *L) {
  static const char key;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key);
  decoder *d = lua_touserdata(L, -1);
  if (d && !d->busy) return d;
  lua_pop(L, 1);
  d = cso_new_scratch(L, sizeof *d, DECODER, decoder_gc);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
  return d;
}

/* Reads the text into the decoder's Lua state: pushes one value, or nil and the error. */
static int run(decoder *d, const char *text, size_t len, const char *name) {
  cso_json_scan_open(&d->scan, text, len);
  int results = document(d) ? 1 : fail(d->L, d, name);
  cso_json_scan_free(&d->scan); /* at once; the collector finds it empty */
  d->busy = 0;
  return results;
}

/* skim(text, name) -> value, text of its member `name` or nil, whether some key of the value begins with '$' |
 * nil, err: decode, for who will seldom ask for that member of the outermost object. It is not in the value, and
 * nothing in it was checked. */
int cso_json_skim(lua_State *L) {
  size_t len, later_len;
  luaL_checktype(L, 1, LUA_TSTRING);
  const char *text = lua_tolstring(L, 1, &len);
  const char *later = luaL_checklstring(L, 2, &later_len);
  lua_settop(L, 2);
  cso_json_push_array_mt(L);
  lua_pushnil(L);
  decoder *d = free_decoder(L); /* text name mt later d */
  *d = (decoder){.L = L, .array_mt = 3, .max_depth = CSO_JSON_DEPTH, .busy = 1, .later = later,
    .later_len = later_len, .place = 4};
  int results = run(d, text, len, NULL);
  if (results == 2) return 2; /* nil err */
  lua_pushvalue(L, 4);
  lua_pushboolean(L, d->marked);
  return 3;
}

/* decode(text[, {max_depth=, name=, unique=}]) -> value | nil, err */
int cso_json_decode(lua_State *L) {
  static const char *const names[] = {"max_depth", "name", "unique", NULL};
  size_t len;
  const char *name = NULL;
  luaL_checktype(L, 1, LUA_TSTRING); /* a number would have no stable text */
  const char *text = lua_tolstring(L, 1, &len);
  lua_Integer max_depth = CSO_JSON_DEPTH;
  int unique = 0;
  if (cso_options(L, 2, names)) {
    max_depth = cso_option_integer(L, 2, "max_depth", CSO_JSON_DEPTH);
    luaL_argcheck(L, max_depth >= 1 && max_depth <= CSO_JSON_DEPTH_MOST, 2,
                  "max_depth must be 1 to 2000");
    unique = cso_option_boolean(L, 2, "unique", 0);
    name = cso_option_string(L, 2, "name", NULL);
  }
  lua_settop(L, 2);
  cso_json_push_array_mt(L); /* text options mt */
  decoder *d = free_decoder(L); /* text options mt d */
  *d = (decoder){.L = L, .array_mt = 3, .max_depth = (int)max_depth, .unique = unique, .busy = 1};
  return run(d, text, len, name);
}
