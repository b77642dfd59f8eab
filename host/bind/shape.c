/* host.shape: what typed output is made by.
 *   leaf(kind[, fn]) -> shape    kind: any, text, boolean, integer, float; time and other need fn(text);
 *                                of decoded values, fn gets those that are not of the kind as they are
 *   structure{ edges=, grow=, union=, attributes={wire=name} } -> shape
 *   list{ grow= }, map{ key=, value=, grow=, sparse= } -> shape
 *   apply(shape, value) -> value  of tables as the JSON decoder makes them, which are given away
 * edges = { {wire, name, flat}, … }; grow(i) gives the shape at the end of the i-th edge. */
#include "shape.h"

#include <lauxlib.h>
#include <math.h>
#include <string.h>

#include "core/xml.h"
#include "option.h"

#define SHAPE "host.shape"

/* Of the uservalue, a list: 0 the function, then output names, texts that are pointed to, ends. */
enum { AT_FUNCTION = 0, MOST_EDGES = 16000 };
#define ATTRIBUTES "attributes"

cso_shape *cso_shape_check(lua_State *L, int idx) { return luaL_checkudata(L, idx, SHAPE); }

/* Pushes a shape and its uservalue. */
static cso_shape *new_shape(lua_State *L, cso_shape_kind kind, int count) {
  uint32_t slots = 1;
  while (slots < 2 * (uint32_t)count) slots *= 2;
  size_t head = sizeof(cso_shape) + sizeof(cso_edge) * (size_t)count;
  cso_shape *s = lua_newuserdatauv(L, head + slots * sizeof *s->slots, 1);
  memset(s, 0, head + slots * sizeof *s->slots);
  s->kind = kind;
  s->count = count;
  s->mask = slots - 1;
  s->slots = (uint16_t *)(void *)((char *)s + head);
  luaL_setmetatable(L, SHAPE);
  lua_createtable(L, 3 * count, 1);
  lua_pushvalue(L, -1);
  lua_setiuservalue(L, -3, 1);
  return s;
}

int cso_shape_find(const cso_shape *s, const char *name, size_t len, uint32_t hash) {
  for (uint32_t at = hash & s->mask; s->slots[at]; at = (at + 1) & s->mask) {
    const cso_edge *e = &s->edges[s->slots[at] - 1];
    if (e->hash == hash && e->len == len && memcmp(e->wire, name, len) == 0) return s->slots[at] - 1;
  }
  return -1;
}

/* Gives edge i the name on top, which the uservalue below it keeps.  [-1, +0, m] */
static void set_wire(lua_State *L, cso_shape *s, int i) {
  cso_edge *e = &s->edges[i];
  e->wire = lua_tolstring(L, -1, &e->len);
  lua_rawseti(L, -2, s->count + i + 1);
  e->hash = CSO_XML_SEED;
  for (size_t k = 0; k < e->len; k++) e->hash = cso_xml_hash(e->hash, e->wire[k]);
  int known = cso_shape_find(s, e->wire, e->len, e->hash);
  e->also = -1;
  if (known >= 0) {
    while (s->edges[known].also >= 0) known = s->edges[known].also;
    s->edges[known].also = i;
    return;
  }
  uint32_t at = e->hash & s->mask;
  while (s->slots[at]) at = (at + 1) & s->mask;
  s->slots[at] = (uint16_t)(i + 1);
}

static void set_function(lua_State *L, const char *name) {
  if (lua_getfield(L, 1, name) != LUA_TFUNCTION)
    luaL_argerror(L, 1, lua_pushfstring(L, "%s must be a function", name));
  lua_rawseti(L, -2, AT_FUNCTION);
}

static int f_leaf(lua_State *L) {
  static const char *const names[] = {"text", "boolean", "integer", "float",
                                      "time", "other",   "any",     NULL};
  cso_shape_kind kind = CSO_SHAPE_TEXT + (cso_shape_kind)luaL_checkoption(L, 1, NULL, names);
  lua_settop(L, 2);
  if (kind == CSO_SHAPE_TIME || kind == CSO_SHAPE_OTHER || !lua_isnil(L, 2))
    luaL_checktype(L, 2, LUA_TFUNCTION);
  new_shape(L, kind, 0); /* kind fn shape uservalue */
  lua_pushvalue(L, 2);
  lua_rawseti(L, -2, AT_FUNCTION);
  lua_pop(L, 1);
  return 1;
}

static int f_structure(lua_State *L) {
  static const char *const names[] = {"attributes", "edges", "grow", "union", NULL};
  luaL_checktype(L, 1, LUA_TTABLE);
  cso_options(L, 1, names);
  lua_settop(L, 1);
  luaL_argcheck(L, lua_getfield(L, 1, "edges") == LUA_TTABLE, 1, "edges must be a list");
  lua_Unsigned count = lua_rawlen(L, 2);
  luaL_argcheck(L, count <= MOST_EDGES, 1, "too many edges");
  cso_shape *s = new_shape(L, CSO_SHAPE_STRUCTURE, (int)count); /* options edges shape uservalue */
  for (int i = 0; i < s->count; i++) {
    lua_rawgeti(L, 2, i + 1); /* edge */
    luaL_argcheck(L, lua_istable(L, -1), 1, "an edge must be {wire, name, flat}");
    lua_rawgeti(L, -1, 3);
    s->edges[i].flat = lua_toboolean(L, -1);
    lua_rawgeti(L, -2, 2);
    lua_rawseti(L, 4, i + 1);
    lua_rawgeti(L, -2, 1); /* edge flat wire */
    lua_rawgeti(L, 4, i + 1);
    if (!lua_rawequal(L, -1, -2)) s->renames = true;
    lua_pop(L, 1);
    luaL_argcheck(L, lua_type(L, -1) == LUA_TSTRING, 1, "an edge must be {wire, name, flat}");
    lua_replace(L, -3);
    lua_pop(L, 1); /* wire */
    set_wire(L, s, i);
  }
  set_function(L, "grow");
  s->is_union = cso_option_boolean(L, 1, "union", 0);
  s->has_attributes = lua_getfield(L, 1, "attributes") == LUA_TTABLE;
  lua_setfield(L, 4, ATTRIBUTES);
  lua_pop(L, 1);
  return 1;
}

static int f_list(lua_State *L) {
  static const char *const names[] = {"grow", NULL};
  luaL_checktype(L, 1, LUA_TTABLE);
  cso_options(L, 1, names);
  new_shape(L, CSO_SHAPE_LIST, 1);
  set_function(L, "grow");
  lua_pop(L, 1);
  return 1;
}

static int f_map(lua_State *L) {
  static const char *const names[] = {"grow", "key", "sparse", "value", NULL};
  luaL_checktype(L, 1, LUA_TTABLE);
  cso_options(L, 1, names);
  cso_shape *s = new_shape(L, CSO_SHAPE_MAP, 2); /* … shape uservalue */
  for (int i = 0; i < 2; i++) {
    lua_pushstring(L, cso_option_needed(L, 1, i == 0 ? "key" : "value", NULL));
    set_wire(L, s, i);
  }
  set_function(L, "grow");
  s->sparse = cso_option_boolean(L, 1, "sparse", 0);
  lua_pop(L, 1);
  return 1;
}

void cso_shape_push_name(lua_State *L, int at, int edge) {
  lua_getiuservalue(L, at, 1);
  lua_rawgeti(L, -1, edge + 1);
  lua_remove(L, -2);
}

cso_shape *cso_shape_end(lua_State *L, int at, int edges, int edge) {
  cso_shape *s = lua_touserdata(L, at), *end;
  if (lua_rawgeti(L, edges, 2 * s->count + edge + 1) == LUA_TUSERDATA) return lua_touserdata(L, -1);
  lua_pop(L, 1);
  lua_rawgeti(L, edges, AT_FUNCTION);
  lua_pushinteger(L, edge + 1);
  lua_call(L, 1, 1); /* end */
  end = luaL_testudata(L, -1, SHAPE);
  if (!end) luaL_error(L, "grow must give a shape");
  lua_pushvalue(L, -1);
  lua_rawseti(L, edges, 2 * s->count + edge + 1);
  s->edges[edge].end = end->kind;
  return end;
}

cso_shape *cso_shape_follow(lua_State *L, int at, int edge) {
  lua_getiuservalue(L, at, 1);
  cso_shape *end = cso_shape_end(L, at, lua_gettop(L), edge);
  lua_remove(L, -2);
  return end;
}

bool cso_shape_push_attribute(lua_State *L, int at, const char *name, size_t len) {
  lua_getiuservalue(L, at, 1);
  lua_getfield(L, -1, ATTRIBUTES);
  lua_pushlstring(L, name, len);
  lua_rawget(L, -2); /* uservalue attributes name */
  bool known = !lua_isnil(L, -1);
  lua_replace(L, -3);
  lua_pop(L, known ? 1 : 2);
  return known;
}

/* --- leaves ----------------------------------------------------------------------------------- */

void cso_shape_push_function(lua_State *L, int at) {
  lua_getiuservalue(L, at, 1);
  lua_rawgeti(L, -1, AT_FUNCTION);
  lua_remove(L, -2);
}

static void push_converted(lua_State *L, int at, const char *text, size_t len) {
  cso_shape_push_function(L, at);
  lua_pushlstring(L, text, len);
  lua_call(L, 1, 1);
}

static bool push_short_integer(lua_State *L, const char *text, size_t len) {
  size_t i = len > 0 && text[0] == '-';
  if (len == i || len - i > 18) return false;
  lua_Integer n = 0;
  for (size_t k = i; k < len; k++) {
    if (text[k] < '0' || text[k] > '9') return false;
    n = n * 10 + (text[k] - '0');
  }
  lua_pushinteger(L, i ? -n : n);
  return true;
}

static void push_number(lua_State *L, cso_shape_kind kind, const char *text, size_t len) {
  static const struct {
    const char *word;
    lua_Number value;
  } words[] = {{"NaN", NAN}, {"Infinity", INFINITY}, {"-Infinity", -INFINITY}};
  if (push_short_integer(L, text, len)) return;
  const char *whole = lua_pushlstring(L, text, len);
  if (lua_stringtonumber(L, whole) == len + 1) {
    lua_Integer n;
    int exact = 0;
    if (kind == CSO_SHAPE_INTEGER) n = lua_tointegerx(L, -1, &exact);
    if (exact) {
      lua_pop(L, 1);
      lua_pushinteger(L, n);
    }
    lua_remove(L, -2);
    return;
  }
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    if (strcmp(words[i].word, whole) != 0) continue;
    lua_pop(L, 1);
    lua_pushnumber(L, words[i].value);
    return;
  }
  lua_createtable(L, 0, 1);
  lua_pushfstring(L, "expected a number, got \"%s\"", whole);
  lua_setfield(L, -2, "malformed");
  lua_error(L);
}

static int two_digits(const char *p) {
  if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9') return -1;
  return (p[0] - '0') * 10 + p[1] - '0';
}

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
static int64_t days(int64_t year, int month, int day) {
  year -= month <= 2;
  int64_t era = year / 400, of_era = year - era * 400;
  int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* 2026-01-02T03:04:05Z, with or without a fraction of zeros; false for all else. */
static bool push_time(lua_State *L, const char *t, size_t len) {
  static const char form[] = "0000-00-00T00:00:00";
  enum { SECONDS = sizeof form - 1 };
  if (len <= SECONDS || t[len - 1] != 'Z') return false;
  for (int i = 0; i < SECONDS; i++)
    if (form[i] == '0' ? t[i] < '0' || t[i] > '9' : t[i] != form[i]) return false;
  if (len > SECONDS + 1) {
    if (t[SECONDS] != '.' || len == SECONDS + 2) return false;
    for (size_t i = SECONDS + 1; i < len - 1; i++)
      if (t[i] != '0') return false;
  }
  int64_t day = days(two_digits(t) * 100 + two_digits(t + 2), two_digits(t + 5), two_digits(t + 8));
  lua_pushinteger(L, day * 86400 + two_digits(t + 11) * 3600 + two_digits(t + 14) * 60 +
                       two_digits(t + 17));
  return true;
}

void cso_shape_push_leaf(lua_State *L, int at, cso_shape_kind kind, const char *text, size_t len) {
  switch (kind) {
    case CSO_SHAPE_BOOLEAN: lua_pushboolean(L, len == 4 && memcmp(text, "true", 4) == 0); break;
    case CSO_SHAPE_INTEGER:
    case CSO_SHAPE_FLOAT: push_number(L, kind, text, len); break;
    case CSO_SHAPE_TIME:
      if (!push_time(L, text, len)) push_converted(L, at, text, len);
      break;
    case CSO_SHAPE_OTHER: push_converted(L, at, text, len); break;
    default: lua_pushlstring(L, text, len);
  }
}

int luaopen_host_shape(lua_State *L) {
  static const luaL_Reg lib[] = {
    {"apply", cso_shape_apply}, {"leaf", f_leaf},         {"list", f_list},
    {"map", f_map},             {"structure", f_structure}, {NULL, NULL},
  };
  luaL_newmetatable(L, SHAPE);
  lua_pop(L, 1);
  luaL_newlib(L, lib);
  return 1;
}
