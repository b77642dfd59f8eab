/* host.gzip:
 *   inflate(data[, max]) -> text | nil, {code="gzip", message=}   max: bytes, 1 GiB unless told
 *   deflate(data) -> gzip data without time or name (equal data give equal bytes) */
#include <lauxlib.h>

#include "core/gzip.h"
#include "option.h"

#define BOX "host.gzip buffer"

static int box_gc(lua_State *L) {
  cso_buf_free(lua_touserdata(L, 1));
  return 0;
}

/* The buffer belongs to a userdata, so that an error while its content is pushed frees it. */
static cso_buf *new_box(lua_State *L) {
  cso_buf *b = lua_newuserdatauv(L, sizeof *b, 0);
  *b = (cso_buf){0};
  if (luaL_newmetatable(L, BOX)) {
    lua_pushcfunction(L, box_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  return b;
}

static int finish(lua_State *L, cso_buf *b, const char *why) {
  if (why) return cso_fail(L, "gzip", "the data %s", why);
  lua_pushlstring(L, b->data ? b->data : "", b->len);
  cso_buf_free(b);
  *b = (cso_buf){0};
  return 1;
}

static int f_inflate(lua_State *L) {
  size_t len;
  const char *data = luaL_checklstring(L, 1, &len);
  lua_Integer max = luaL_optinteger(L, 2, (lua_Integer)1 << 30);
  luaL_argcheck(L, max >= 0, 2, "must not be negative");
  cso_buf *b = new_box(L);
  return finish(L, b, cso_gzip_inflate(data, len, (size_t)max, b));
}

static int f_deflate(lua_State *L) {
  size_t len;
  const char *data = luaL_checklstring(L, 1, &len);
  cso_buf *b = new_box(L);
  return finish(L, b, cso_gzip_deflate(data, len, b));
}

int luaopen_host_gzip(lua_State *L) {
  static const luaL_Reg lib[] = {{"inflate", f_inflate}, {"deflate", f_deflate}, {NULL, NULL}};
  luaL_newlib(L, lib);
  return 1;
}
