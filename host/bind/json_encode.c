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
  cso_buf keys; /* of struct key: those of the objects being written, outermost first */
  lua_State *L;
  int array_mt; /* stack index */
  int depth, indent;
  const char *error;  /* static text */
  const char *detail; /* a type's name; static */
} encoder;

#define ENCODER "host.json encoder"

static void encoder_free(encoder *e) {
  cso_buf_wipe(&e->out); /* a document may have held a credential */
  cso_buf_free(&e->keys);
}

static int encoder_gc(lua_State *L) {
  encoder_free(lua_touserdata(L, 1));
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
  int slot; /* where the string stands on the stack, its value above: that keeps it alive */
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

/* Pushes all pairs of the table on top and notes their keys; how many, or -1 after a fault. */
static int collect(encoder *e, const step *at) {
  lua_State *L = e->L;
  int table = lua_gettop(L), n = 0;
  lua_pushnil(L);
  while (lua_next(L, table)) { /* table k1 v1 … kn vn */
    if (lua_type(L, -2) != LUA_TSTRING)
      return fault(e, at, "a table has keys that are neither names nor the positions of a list",
                   NULL) - 1;
    key k = {.slot = lua_gettop(L) - 1};
    k.text = lua_tolstring(L, k.slot, &k.len);
    cso_buf_add(&e->keys, &k, sizeof k);
    if (e->keys.failed || !lua_checkstack(L, 16))
      return fault(e, at, "an object has too many keys", NULL) - 1;
    n++;
    lua_pushvalue(L, k.slot); /* lua_next eats one */
  }
  return n;
}

/* The table on top is an object unless a key says otherwise. */
static int object(encoder *e, const step *at) {
  lua_State *L = e->L;
  int table = lua_gettop(L);
  size_t base = e->keys.len;
  int n = collect(e, at);
  if (n < 0) return 0;
  if (n > 1) sort_keys((key *)(void *)(e->keys.data + base), n);
  cso_buf_char(&e->out, '{');
  e->depth++;
  for (int i = 0; i < n; i++) {
    /* Taken anew each time: the keys move when an inner object needs room. */
    key k = ((key *)(void *)(e->keys.data + base))[i];
    step here = {at, k.text, 0};
    if (i > 0) cso_buf_char(&e->out, ',');
    newline(e);
    if (!cso_json_put_string(&e->out, k.text, k.len))
      return fault(e, at, "a key is not valid UTF-8", NULL);
    cso_buf_add(&e->out, ": ", e->indent ? 2 : 1);
    lua_pushvalue(L, k.slot + 1);
    if (!value(e, &here)) return 0;
    lua_pop(L, 1);
  }
  e->depth--;
  if (n > 0) newline(e);
  cso_buf_char(&e->out, '}');
  e->keys.len = base;
  lua_settop(L, table);
  return 1;
}

/* Whether the table on top has the keys 1 to n and no others. */
static int is_list(lua_State *L, lua_Integer n) {
  lua_Integer pairs = 0;
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    lua_pop(L, 1);
    if (!lua_isinteger(L, -1) || ++pairs > n) {
      lua_pop(L, 1);
      return 0;
    }
  }
  return pairs == n;
}

static int table(encoder *e, const step *at) {
  lua_State *L = e->L;
  int marked = 0;
  if (lua_getmetatable(L, -1)) { /* table mt */
    marked = lua_rawequal(L, -1, e->array_mt);
    lua_pop(L, 1);
  }
  lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
  if (!marked && n == 0) return object(e, at);
  if (is_list(L, n)) return array(e, at, n);
  return fault(e, at, "a list has holes (json.null fills them) or names as keys", NULL);
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
  encoder *e = cso_new_scratch(L, sizeof *e, ENCODER, encoder_gc); /* value options mt e */
  *e = (encoder){.L = L, .array_mt = 3, .indent = (int)indent};
  lua_pushvalue(L, 1); /* … e value */
  const step root = {0};
  if (!value(e, &root)) { /* … e path */
    const char *path = lua_tostring(L, -1);
    const char *why = lua_pushfstring(L, e->error, e->detail);
    int results = *path ? cso_fail(L, "json", "%s: %s", path, why) : cso_fail(L, "json", "%s", why);
    lua_pushstring(L, path);
    lua_setfield(L, -2, "path");
    encoder_free(e);
    return results;
  }
  if (e->out.failed) return luaL_error(L, "not enough memory");
  lua_pushlstring(L, e->out.data, e->out.len);
  encoder_free(e);
  return 1;
}
