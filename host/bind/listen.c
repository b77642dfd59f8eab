/* host.listen: open{…} -> box | nil, err. Completions are
 * { id, request, method, target, headers = { {lowername, value}, … }, body, peer }. */
#include <lauxlib.h>
#include <string.h>
#include <strings.h>

#include "bind/box.h"
#include "bind/option.h"
#include "core/listener.h"

static const char *const known[] = {"host",           "port",         "max_body", "max_header",
                                    "header_timeout", "idle_timeout", NULL};

static const struct box_type listener_type;

static void push_request(void *state, const struct completion *c) {
  lua_State *L = state;
  const struct listener_request *r = (const struct listener_request *)c;
  lua_createtable(L, 0, 8);
  lua_pushinteger(L, (lua_Integer)r->number);
  lua_setfield(L, -2, "request");
  lua_pushstring(L, r->head.method);
  lua_setfield(L, -2, "method");
  lua_pushstring(L, r->head.target);
  lua_setfield(L, -2, "target");
  lua_pushstring(L, r->peer);
  lua_setfield(L, -2, "peer");
  lua_pushlstring(L, r->body.data ? r->body.data : "", r->body.len);
  lua_setfield(L, -2, "body");
  lua_newtable(L);
  const char *p = r->head.headers.data, *end = p ? p + r->head.headers.len : p;
  for (lua_Integer n = 1; p < end; n++) {
    lua_createtable(L, 2, 0);
    for (int i = 1; i <= 2; i++) {
      lua_pushstring(L, p);
      lua_rawseti(L, -2, i);
      p += strlen(p) + 1;
    }
    lua_rawseti(L, -2, n);
  }
  lua_setfield(L, -2, "headers");
}

static int listen_open(lua_State *L) {
  lua_settop(L, 1);
  if (lua_isnil(L, 1)) {
    lua_newtable(L);
    lua_replace(L, 1);
  }
  cso_options(L, 1, known);
  const char *host = cso_option_string(L, 1, "host", NULL);
  struct listener_options o = {
    .host = host ? host : "127.0.0.1",
    .port = (int)cso_option_integer(L, 1, "port", 0),
    .max_body = (uint64_t)cso_option_integer(L, 1, "max_body", 64 << 20),
    .max_header = (uint64_t)cso_option_integer(L, 1, "max_header", 64 << 10),
    .header_timeout = cso_option_number(L, 1, "header_timeout", 30),
    .idle_timeout = cso_option_number(L, 1, "idle_timeout", 120),
  };
  luaL_argcheck(L, o.port >= 0 && o.port <= 65535, 1, "port must be 0 to 65535");
  void **box = box_new(L, &listener_type);
  int error;
  int port = o.port;
  struct listener *l = listener_open(&o, &error);
  if (!l)
    return cso_fail(L, uv_err_name(error), "cannot listen on %s port %d: %s",
                    host ? host : "127.0.0.1", port, uv_strerror(error));
  box_fill(box, l);
  return 1;
}

static int port(lua_State *L) {
  lua_pushinteger(L, listener_port(box_check(L, 1, &listener_type)));
  return 1;
}

static int id(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)listener_id(box_check(L, 1, &listener_type)));
  return 1;
}

static const struct {
  int status;
  const char *phrase;
} phrases[] = {
  {200, "OK"},          {201, "Created"},   {202, "Accepted"},  {204, "No Content"},
  {206, "Partial Content"}, {301, "Moved Permanently"}, {302, "Found"}, {304, "Not Modified"},
  {307, "Temporary Redirect"}, {400, "Bad Request"}, {401, "Unauthorized"}, {403, "Forbidden"},
  {404, "Not Found"},   {405, "Method Not Allowed"}, {409, "Conflict"}, {412, "Precondition Failed"},
  {413, "Content Too Large"}, {416, "Range Not Satisfiable"}, {429, "Too Many Requests"},
  {500, "Internal Server Error"}, {501, "Not Implemented"}, {502, "Bad Gateway"},
  {503, "Service Unavailable"}, {504, "Gateway Timeout"},
};

static const char *phrase(int status) {
  for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++)
    if (phrases[i].status == status) return phrases[i].phrase;
  return "Other";
}

/* Adds "name: value\r\n" of the pair at a place of the stack. Returns whether it is the length. */
static int add_header(lua_State *L, luaL_Buffer *b, int pair) {
  const char *part[2];
  size_t len[2];
  for (int i = 0; i < 2; i++) {
    if (lua_rawgeti(L, pair, i + 1) != LUA_TSTRING) luaL_argerror(L, 4, "pairs of strings expected");
    part[i] = lua_tolstring(L, -1, &len[i]);
    for (size_t k = 0; k < len[i]; k++)
      if (part[i][k] == '\r' || part[i][k] == '\n' || part[i][k] == 0)
        luaL_argerror(L, 4, "a header has a line end in it");
    lua_pop(L, 1); /* the pair keeps it */
  }
  luaL_addlstring(b, part[0], len[0]);
  luaL_addstring(b, ": ");
  luaL_addlstring(b, part[1], len[1]);
  luaL_addstring(b, "\r\n");
  return strcasecmp(part[0], "content-length") == 0;
}

/* box:respond(request, status, headers, body) -> whether somebody was there to be answered.
 * A content-length among the headers is the answer to a HEAD request: the length of what GET would
 * give. No body is sent then. */
static int respond(lua_State *L) {
  struct listener *l = box_check(L, 1, &listener_type);
  uint64_t number = (uint64_t)luaL_checkinteger(L, 2);
  int status = (int)luaL_checkinteger(L, 3);
  luaL_argcheck(L, status >= 200 && status <= 599, 3, "no final status");
  luaL_checktype(L, 4, LUA_TTABLE);
  luaL_optstring(L, 5, "");
  lua_settop(L, 5);
  lua_Integer n = luaL_len(L, 4);
  lua_settop(L, 6); /* 6: room for the pair, below the buffer */
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  lua_pushfstring(L, "HTTP/1.1 %d %s\r\n", status, phrase(status));
  luaL_addvalue(&b);
  int with_length = status != 204 && status != 304;
  for (lua_Integer i = 1; i <= n; i++) {
    lua_geti(L, 4, i);
    if (!lua_istable(L, -1)) luaL_argerror(L, 4, "pairs expected");
    lua_replace(L, 6);
    if (add_header(L, &b, 6)) with_length = 0;
  }
  luaL_pushresult(&b);
  size_t head_len, body_len;
  const char *head = lua_tolstring(L, -1, &head_len);
  const char *body = luaL_optlstring(L, 5, "", &body_len);
  lua_pushboolean(L, listener_respond(l, number, head, head_len, body, body_len, with_length));
  return 1;
}

/* box:abort(request[, bytes]) -> whether somebody was there. Without bytes the connection is
 * reset; with them they are sent raw and the connection is closed. */
static int request_abort(lua_State *L) {
  struct listener *l = box_check(L, 1, &listener_type);
  size_t len;
  const char *bytes = luaL_optlstring(L, 3, "", &len);
  lua_pushboolean(L, listener_abort(l, (uint64_t)luaL_checkinteger(L, 2), bytes, len));
  return 1;
}

static const luaL_Reg methods[] = {
  {"port", port}, {"id", id}, {"respond", respond}, {"abort", request_abort}, {NULL, NULL},
};
static const struct box_type listener_type = {"http listener", "closed http listener", methods,
                                              listener_close};

static const luaL_Reg functions[] = {{"open", listen_open}, {NULL, NULL}};

int luaopen_host_listen(lua_State *L) {
  listener_request_push = push_request;
  luaL_newlib(L, functions);
  return 1;
}
