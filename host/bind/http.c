/* host.http: request{…} -> id | nil, err; cancel(id); read(id), feed(id, bytes, last). Completions are
 * { id, status, headers = { [lowername] = value, … }, body, ms, bytes_out, bytes_in } or
 * { id, error = { code, message, sent } }. */
#include <lauxlib.h>
#include <string.h>

#include "bind/option.h"
#include "core/digest.h"
#include "core/http.h"
#include "core/text.h"

enum { DEFAULT_MAX_BODY = 256 << 20, DEFAULT_MAX_HEADER = 256 << 10, DEFAULT_CONNECT_TIMEOUT = 10 };

/* What a request is asked for with, as Lua gives it. */
struct wish {
  cso_text method, url, body, proxy, ca, to_file, to_sum, from_file;
  int64_t from_at, from_length, to_at, max_body, max_header;
  double connect_timeout, timeout, low_speed_time, drip_time;
  bool stream, feed;
};

#define FIELD(kind, member) CSO_FIELD(struct wish, kind, member)
static const cso_field fields[] = {
  FIELD(CSO_TEXT, method),        FIELD(CSO_TEXT, url),         FIELD(CSO_TEXT, body),
  FIELD(CSO_NUMBER, timeout),     FIELD(CSO_NUMBER, connect_timeout),
  FIELD(CSO_INTEGER, max_body),   FIELD(CSO_NUMBER, drip_time), {"headers", 7, CSO_OTHER, 0},
  FIELD(CSO_INTEGER, max_header), FIELD(CSO_TEXT, proxy),       FIELD(CSO_TEXT, ca),
  FIELD(CSO_TEXT, to_file),       FIELD(CSO_TEXT, from_file),   FIELD(CSO_INTEGER, from_at),
  FIELD(CSO_INTEGER, from_length), FIELD(CSO_NUMBER, low_speed_time), {"chunked", 7, CSO_OTHER, 0},
  FIELD(CSO_INTEGER, to_at),      FIELD(CSO_TEXT, to_sum),      FIELD(CSO_FLAG, stream),
  FIELD(CSO_FLAG, feed),
};
enum { CHUNKED = 16, FIELDS = sizeof fields / sizeof *fields };
#undef FIELD

/* Joins the values of a header that came more than once; the list of them is on top.  [-1, +1, m] */
static void join(lua_State *L) {
  luaL_Buffer b;
  lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
  int list = lua_gettop(L);
  luaL_buffinit(L, &b);
  for (lua_Integer i = 1; i <= n; i++) {
    if (i > 1) luaL_addstring(&b, ", ");
    lua_rawgeti(L, list, i);
    luaL_addvalue(&b);
  }
  luaL_pushresult(&b);
  lua_replace(L, list);
}

/* Keeps a value of a name that is there already, in a list of the names that are so: joining at once
 * would cost the square of what a server makes up.  headers lists name value -> headers lists */
static void add_again(lua_State *L) {
  lua_pushvalue(L, -2);
  if (lua_rawget(L, -4) != LUA_TTABLE) { /* headers lists name value nil */
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -3);
    lua_rawget(L, -6);
    lua_rawseti(L, -2, 1);
    lua_pushvalue(L, -3);
    lua_pushvalue(L, -2);
    lua_rawset(L, -6);
  }
  lua_insert(L, -2); /* headers lists name list value */
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
  lua_pop(L, 2);
}

/* Pushes "name\0value\0…" as a map; values of one name are joined with commas. */
static void push_headers(lua_State *L, const cso_buf *b) {
  const char *p = b->data, *end = p ? p + b->len : p;
  int again = 0;
  lua_createtable(L, 0, 8);
  lua_pushnil(L); /* headers lists */
  int headers = lua_gettop(L) - 1;
  while (p < end) {
    lua_pushstring(L, p);
    p += strlen(p) + 1;
    lua_pushstring(L, p); /* headers lists name value */
    p += strlen(p) + 1;
    lua_pushvalue(L, -2);
    int known = lua_rawget(L, headers) != LUA_TNIL;
    lua_pop(L, 1);
    if (!known) {
      lua_rawset(L, headers);
      continue;
    }
    if (!again++) {
      lua_newtable(L);
      lua_replace(L, headers + 1);
    }
    add_again(L);
  }
  if (again) {
    lua_pushnil(L);
    while (lua_next(L, headers + 1)) { /* headers lists name list */
      join(L);
      lua_pushvalue(L, -2);
      lua_insert(L, -2);
      lua_rawset(L, headers);
    }
  }
  lua_settop(L, headers);
}

static void push_result(void *state, const struct completion *c) {
  lua_State *L = state;
  const struct http_result *r = (const struct http_result *)c;
  lua_createtable(L, 0, 7); /* result */
  if (r->error) {
    lua_createtable(L, 0, 3);
    lua_pushstring(L, r->error);
    lua_setfield(L, -2, "code");
    lua_pushstring(L, r->message);
    lua_setfield(L, -2, "message");
    lua_pushboolean(L, r->sent);
    lua_setfield(L, -2, "sent");
    if (r->received > 0) { /* of an answer that broke off */
      lua_pushinteger(L, r->status);
      lua_setfield(L, -2, "status");
      push_headers(L, &r->headers);
      lua_setfield(L, -2, "headers");
      lua_pushinteger(L, (lua_Integer)r->received);
      lua_setfield(L, -2, "received");
    }
    lua_setfield(L, -2, "error");
  } else {
    lua_pushinteger(L, r->status);
    lua_setfield(L, -2, "status");
    push_headers(L, &r->headers);
    lua_setfield(L, -2, "headers");
    lua_pushlstring(L, r->body.data ? r->body.data : "", r->body.len);
    lua_setfield(L, -2, "body");
  }
  if (!r->error && r->sum_len > 0) {
    lua_pushlstring(L, (const char *)r->sum, r->sum_len);
    lua_setfield(L, -2, "sum");
  }
  if (!r->error && r->received > 0) {
    lua_pushinteger(L, (lua_Integer)r->received);
    lua_setfield(L, -2, "received");
  }
  lua_pushnumber(L, r->ms);
  lua_setfield(L, -2, "ms");
  lua_pushinteger(L, (lua_Integer)r->bytes_out);
  lua_setfield(L, -2, "bytes_out");
  lua_pushinteger(L, (lua_Integer)r->bytes_in);
  lua_setfield(L, -2, "bytes_in");
}

/* { status, headers = in the first one, data, over } */
static void push_piece(void *state, const struct completion *c) {
  lua_State *L = state;
  const struct http_piece *p = (const struct http_piece *)c;
  lua_createtable(L, 0, 4);
  lua_pushinteger(L, p->status);
  lua_setfield(L, -2, "status");
  if (p->has_head) {
    push_headers(L, &p->headers);
    lua_setfield(L, -2, "headers");
  }
  lua_pushlstring(L, p->data.data ? p->data.data : "", p->data.len);
  lua_setfield(L, -2, "data");
  lua_pushboolean(L, p->over);
  lua_setfield(L, -2, "over");
}

static int is_token(const char *s, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (s[i] <= ' ' || s[i] >= 127 || strchr("()<>@,;:\\\"/[]?={}", s[i])) return 0;
  return n > 0;
}

static int is_line(const char *s, size_t n) {
  return !memchr(s, '\r', n) && !memchr(s, '\n', n) && !memchr(s, 0, n);
}

/* Checks { {name, value}, … } at the top of the stack and fills an array that lives in a userdata
 * pushed above it; the strings are held by the table. Returns the array. */
static const char **check_headers(lua_State *L, size_t *count) {
  lua_Integer n = luaL_len(L, -1);
  const char **array = lua_newuserdatauv(L, sizeof *array * 2 * (size_t)(n + 1), 0);
  for (lua_Integer i = 1; i <= n; i++) {
    size_t len[2];
    if (lua_geti(L, -2, i) != LUA_TTABLE) luaL_argerror(L, 1, "headers must hold pairs");
    for (int k = 0; k < 2; k++) {
      if (lua_geti(L, -1, k + 1) != LUA_TSTRING)
        luaL_argerror(L, 1, "headers must hold pairs of strings");
      array[2 * (i - 1) + k] = lua_tolstring(L, -1, &len[k]);
      lua_pop(L, 1);
    }
    if (!is_token(array[2 * (i - 1)], len[0]) || !is_line(array[2 * (i - 1) + 1], len[1]))
      luaL_argerror(L, 1, "a header's name or value has characters that it can't have");
    lua_pop(L, 1);
  }
  *count = (size_t)n;
  return array;
}

/* The option "chunked" of the table at 1; the strings are held by it. Returns 0 when it is absent.
 * [-0, +2, e] */
static int read_chunked(lua_State *L, cso_chunked_options *c, cso_sigv4_input *who) {
  static const char *const parts[] = {"checksum", "chunk", "sign", "trailer", NULL};
  static const char *const keys[] = {"access_key", "region", "region_set", "secret_key",
                                     "seed",       "service", "time",      NULL};
  lua_getfield(L, 1, "chunked");
  int arg = lua_gettop(L);
  lua_pushnil(L); /* in the place of `sign` */
  if (!cso_options(L, arg, parts)) return 0;
  lua_Integer chunk = cso_option_integer(L, arg, "chunk", 65536);
  luaL_argcheck(L, chunk >= 1 && chunk <= 64 << 20, 1, "chunk: 1 byte to 64 MiB");
  c->chunk = (size_t)chunk;
  c->checksum = cso_option_string(L, arg, "checksum", NULL);
  c->trailer = cso_option_string(L, arg, "trailer", NULL);
  luaL_argcheck(L, !c->checksum == !c->trailer, 1, "a checksum needs a trailer to travel in");
  luaL_argcheck(L, !c->checksum || cso_digest_size(c->checksum), 1, "checksum: the name of none");
  luaL_argcheck(L, !c->trailer || is_token(c->trailer, strlen(c->trailer)), 1, "trailer is no name");
  lua_getfield(L, arg, "sign");
  lua_replace(L, arg + 1);
  arg++;
  if (!cso_options(L, arg, keys)) return 1;
  who->access_key.data = cso_option_needed(L, arg, "access_key", &who->access_key.len);
  who->secret_key.data = cso_option_needed(L, arg, "secret_key", &who->secret_key.len);
  who->region_set.data = cso_option_string(L, arg, "region_set", &who->region_set.len);
  if (!who->region_set.data)
    who->region.data = cso_option_needed(L, arg, "region", &who->region.len);
  else
    who->region = (cso_text){"", 0};
  who->service.data = cso_option_needed(L, arg, "service", &who->service.len);
  who->time = cso_option_integer(L, arg, "time", 0);
  c->seed = cso_option_needed(L, arg, "seed", NULL);
  c->who = who;
  return 1;
}

static int request(lua_State *L) {
  struct wish w = {
    .from_length = -1, .to_at = -1, .connect_timeout = DEFAULT_CONNECT_TIMEOUT,
    .max_body = DEFAULT_MAX_BODY, .max_header = DEFAULT_MAX_HEADER,
  };
  unsigned long said = cso_read_fields(L, fields, FIELDS, &w);
  luaL_argcheck(L, w.method.data, 1, "method is missing");
  luaL_argcheck(L, w.url.data, 1, "url is missing");
  luaL_argcheck(L, is_token(w.method.data, w.method.len), 1, "method is no method");
  luaL_argcheck(L, is_line(w.url.data, w.url.len), 1, "url has characters that it can't have");
  luaL_argcheck(L, w.from_at >= 0, 1, "from_at is negative");
  luaL_argcheck(L, !(w.body.data && w.from_file.data), 1, "body and from_file exclude each other");
  struct http_options o = {
    .method = w.method.data, .url = w.url.data, .body = w.body.data, .body_len = w.body.len,
    .proxy = w.proxy.data, .ca = w.ca.data, .to_file = w.to_file.data, .from_file = w.from_file.data,
    .to_at = w.to_at, .to_sum = w.to_sum.data, .stream = w.stream, .feed = w.feed,
    .from_at = (uint64_t)w.from_at, .from_length = w.from_length,
    .connect_timeout = w.connect_timeout, .timeout = w.timeout,
    .low_speed_time = w.low_speed_time, .drip_time = w.drip_time,
    .max_body = (uint64_t)w.max_body, .max_header = (uint64_t)w.max_header,
  };
  cso_chunked_options chunked = {0};
  cso_sigv4_input who = {0};
  if (said >> CHUNKED & 1 && read_chunked(L, &chunked, &who)) o.chunked = &chunked;
  luaL_argcheck(L, !(o.feed && (o.body || o.from_file || o.chunked)), 1, "feed and another body exclude each other");
  luaL_argcheck(L, !(o.stream && o.to_file), 1, "stream and to_file exclude each other");
  luaL_argcheck(L, !o.to_sum || (o.to_file && cso_digest_size(o.to_sum)), 1,
                "to_sum: a checksum's name, of what goes to to_file");
  if (lua_getfield(L, 1, "headers") == LUA_TTABLE)
    o.headers = check_headers(L, &o.header_count);
  else
    luaL_argcheck(L, lua_isnil(L, -1), 1, "headers must be a list");
  const char *why = NULL;
  uint64_t id = http_start(&o, &why);
  if (!id) return cso_fail(L, "protocol", "the request can't be sent: %s", why);
  lua_pushinteger(L, (lua_Integer)id);
  return 1;
}

static int cancel(lua_State *L) {
  http_cancel((uint64_t)luaL_checkinteger(L, 1));
  return 0;
}

static int push_id(lua_State *L, uint64_t id) {
  if (id)
    lua_pushinteger(L, (lua_Integer)id);
  else
    lua_pushnil(L);
  return 1;
}

/* read(id) -> id of the completion | nil: the request is over */
static int f_read(lua_State *L) { return push_id(L, http_read((uint64_t)luaL_checkinteger(L, 1))); }

/* feed(id, bytes, last) -> id of the completion | nil: the request is over */
static int feed(lua_State *L) {
  size_t len;
  const char *data = luaL_checklstring(L, 2, &len);
  return push_id(L, http_feed((uint64_t)luaL_checkinteger(L, 1), data, len, lua_toboolean(L, 3)));
}

static const luaL_Reg functions[] = {
  {"request", request}, {"cancel", cancel}, {"read", f_read}, {"feed", feed}, {NULL, NULL}};

int luaopen_host_http(lua_State *L) {
  http_result_push = push_result;
  http_piece_push = push_piece;
  luaL_newlib(L, functions);
  return 1;
}
