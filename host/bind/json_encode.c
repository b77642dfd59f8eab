/* Lua values as JSON text, keys always sorted, so that equal values give equal bytes. */
#include <lauxlib.h>
#include <lua.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../core/json.h"
#include "json.h"
#include "option.h"

/* One step of the path from the root to the value being written, for messages. */
typedef struct step {
  const struct step *up;
  const char *key; /* NULL: index */
  lua_Integer index;
} step;

typedef struct encoder {
  cso_buf out;
  lua_State *L;
  int array_mt; /* stack index */
  int depth, indent;
  const char *error;  /* static text */
  const char *detail; /* a type's name; static */
} encoder;

#define ENCODER "host.json encoder"

static int encoder_gc(lua_State *L) {
  encoder *e = lua_touserdata(L, 1);
  cso_buf_wipe(&e->out); /* a document may have held a credential */
  return 0;
}

static int value(encoder *e, const step *at);

/* Leaves the path on top of the stack for the message. Nothing below may be popped before: the
 * keys of the path live there. */
static int fault(encoder *e, const step *at, const char *why, const char *detail) {
  lua_State *L = e->L;
  luaL_checkstack(L, 8, "json");
  lua_pushliteral(L, "");
  for (; at->up; at = at->up) {
    if (at->key) lua_pushfstring(L, "%s%s", at->up->up ? "." : "", at->key);
    else lua_pushfstring(L, "[%I]", at->index);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  e->error = why;
  e->detail = detail;
  return 0;
}

static void newline(encoder *e) {
  if (!e->indent) return;
  cso_buf_char(&e->out, '\n');
  for (int i = e->depth * e->indent; i > 0; i--) cso_buf_char(&e->out, ' ');
}

/* The table on top has n values; writes them and leaves the stack as it was. */
static int array(encoder *e, const step *at, lua_Integer n) {
  lua_State *L = e->L;
  cso_buf_char(&e->out, '[');
  e->depth++;
  for (lua_Integer i = 1; i <= n; i++) {
    step here = {at, NULL, i};
    if (i > 1) cso_buf_char(&e->out, ',');
    newline(e);
    lua_rawgeti(L, -1, i); /* table value */
    if (!value(e, &here)) return 0;
    lua_pop(L, 1);
  }
  e->depth--;
  if (n > 0) newline(e);
  cso_buf_char(&e->out, ']');
  return 1;
}

typedef struct key {
  const char *text;
  size_t len;
  int slot; /* where the string stands on the stack: that keeps it alive */
} key;

static int by_bytes(const void *left, const void *right) {
  const key *a = left, *b = right;
  int c = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);
  return c ? c : (a->len > b->len) - (a->len < b->len);
}

static void sort_keys(key *keys, int n) {
  if (n > 12) {
    qsort(keys, (size_t)n, sizeof *keys, by_bytes);
    return;
  }
  for (int i = 1; i < n; i++) { /* most objects are small: no calls through pointers */
    key k = keys[i];
    int j = i;
    for (; j > 0 && by_bytes(&keys[j - 1], &k) > 0; j--) keys[j] = keys[j - 1];
    keys[j] = k;
  }
}

/* The table on top has n pairs, all with string keys. */
static int object(encoder *e, const step *at, int n) {
  lua_State *L = e->L;
  int table = lua_gettop(L);
  if (!lua_checkstack(L, n + 8)) return fault(e, at, "an object has too many keys", NULL);
  key *keys = NULL;
  if (n > 0) {
    keys = lua_newuserdatauv(L, (size_t)n * sizeof *keys, 0); /* table keys */
    /* A finaliser may run in between and change the table, so only what is seen now counts. */
    int seen = 0;
    lua_pushnil(L);
    while (seen < n && lua_next(L, table)) { /* table keys k1 … ki value */
      lua_pop(L, 1);
      if (lua_type(L, -1) != LUA_TSTRING) return fault(e, at, "a table changed meanwhile", NULL);
      keys[seen].slot = lua_gettop(L);
      keys[seen].text = lua_tolstring(L, -1, &keys[seen].len);
      seen++;
      lua_pushvalue(L, -1); /* lua_next eats one */
    }
    if (seen == n) lua_pop(L, 1); /* table keys k1 … kn */
    n = seen;
    sort_keys(keys, n);
  }
  cso_buf_char(&e->out, '{');
  e->depth++;
  for (int i = 0; i < n; i++) {
    step here = {at, keys[i].text, 0};
    if (i > 0) cso_buf_char(&e->out, ',');
    newline(e);
    if (!cso_json_put_string(&e->out, keys[i].text, keys[i].len))
      return fault(e, at, "a key is not valid UTF-8", NULL);
    cso_buf_add(&e->out, ": ", e->indent ? 2 : 1);
    lua_pushvalue(L, keys[i].slot);
    lua_rawget(L, table); /* … value */
    if (!value(e, &here)) return 0;
    lua_pop(L, 1);
  }
  e->depth--;
  if (n > 0) newline(e);
  cso_buf_char(&e->out, '}');
  lua_settop(L, table);
  return 1;
}

/* Counts the pairs of the table on top; *strings is how many keys are strings. */
static lua_Integer count(lua_State *L, lua_Integer *strings) {
  lua_Integer n = 0;
  *strings = 0;
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    lua_pop(L, 1);
    n++;
    *strings += lua_type(L, -1) == LUA_TSTRING;
  }
  return n;
}

static int table(encoder *e, const step *at) {
  lua_State *L = e->L;
  int marked = 0;
  if (lua_getmetatable(L, -1)) { /* table mt */
    marked = lua_rawequal(L, -1, e->array_mt);
    lua_pop(L, 1);
  }
  lua_Integer strings, pairs = count(L, &strings), n = (lua_Integer)lua_rawlen(L, -1);
  if (!marked && pairs == strings) return object(e, at, (int)pairs);
  if (pairs != n || strings > 0)
    return fault(e, at, strings > 0 ? "a table has both names and positions as keys"
                                    : "a list has holes (json.null fills them)", NULL);
  return array(e, at, n);
}

/* Replaces the value on top by what its __tojson says it is. */
static int replace(encoder *e, const step *at) {
  lua_State *L = e->L;
  if (e->depth >= CSO_JSON_DEPTH_MOST) return fault(e, at, "nested too deeply (a cycle?)", NULL);
  lua_pushvalue(L, -2); /* value f value */
  lua_call(L, 1, 1);    /* value result */
  lua_replace(L, -2);   /* result */
  e->depth++; /* a __tojson that answers with itself ends here too */
  int ok = value(e, at);
  e->depth--;
  return ok;
}

/* Writes the value on top. */
static int value(encoder *e, const step *at) {
  lua_State *L = e->L;
  size_t len;
  const char *text;
  switch (lua_type(L, -1)) {
    case LUA_TSTRING:
      text = lua_tolstring(L, -1, &len);
      if (cso_json_put_string(&e->out, text, len)) return 1;
      return fault(e, at, "a string is not valid UTF-8", NULL);
    case LUA_TBOOLEAN: cso_buf_str(&e->out, lua_toboolean(L, -1) ? "true" : "false"); return 1;
    case LUA_TNUMBER:
      if (lua_isinteger(L, -1)) {
        cso_json_put_integer(&e->out, lua_tointeger(L, -1));
        return 1;
      }
      if (!isfinite(lua_tonumber(L, -1)))
        return fault(e, at, "JSON has no infinity and no NaN", NULL);
      cso_json_put_number(&e->out, lua_tonumber(L, -1));
      return 1;
    case LUA_TLIGHTUSERDATA:
      cso_json_push_null(L);
      if (lua_rawequal(L, -1, -2)) {
        lua_pop(L, 1);
        cso_buf_str(&e->out, "null");
        return 1;
      }
      break;
    case LUA_TTABLE:
    case LUA_TUSERDATA:
      if (e->depth >= CSO_JSON_DEPTH) return fault(e, at, "nested too deeply (a cycle?)", NULL);
      if (!lua_checkstack(L, 16)) return fault(e, at, "nested too deeply", NULL);
      if (luaL_getmetafield(L, -1, "__tojson") != LUA_TNIL) return replace(e, at);
      if (lua_type(L, -1) == LUA_TTABLE) return table(e, at);
      break;
    default: break;
  }
  return fault(e, at, "JSON cannot hold a %s", luaL_typename(L, -1));
}

/* encode(value[, {indent=n, sort=true}]) -> text | nil, err */
int cso_json_encode(lua_State *L) {
  static const char *const names[] = {"indent", "sort", NULL};
  luaL_checkany(L, 1);
  lua_Integer indent = 0;
  if (cso_options(L, 2, names)) {
    indent = cso_option_integer(L, 2, "indent", 0);
    luaL_argcheck(L, indent >= 0 && indent <= 16, 2, "indent must be 0 to 16");
    luaL_argcheck(L, cso_option_boolean(L, 2, "sort", 1), 2, "keys are always sorted");
  }
  lua_settop(L, 2);
  cso_json_push_array_mt(L);                                   /* value options mt */
  encoder *e = cso_new_box(L, sizeof *e, ENCODER, encoder_gc); /* value options mt e */
  *e = (encoder){.L = L, .array_mt = 3, .indent = (int)indent};
  lua_pushvalue(L, 1); /* … e value */
  const step root = {0};
  if (!value(e, &root)) { /* … e path */
    const char *path = lua_tostring(L, -1);
    const char *why = lua_pushfstring(L, e->error, e->detail);
    int results = *path ? cso_fail(L, "json", "%s: %s", path, why) : cso_fail(L, "json", "%s", why);
    lua_pushstring(L, path);
    lua_setfield(L, -2, "path");
    cso_buf_free(&e->out);
    return results;
  }
  if (e->out.failed) return luaL_error(L, "not enough memory");
  lua_pushlstring(L, e->out.data, e->out.len);
  cso_buf_free(&e->out);
  return 1;
}
