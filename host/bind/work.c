/* host.work: CPU work that would keep the loop from turning. Each function returns an id; the
 * completion is { id, value } or { id, error = { code, message } }. */
#include <lauxlib.h>

#include "bind/option.h"
#include "core/work.h"

enum { MIN_BITS = 2048, MAX_BITS = 8192 };

static void push_result(void *state, const struct completion *c) {
  lua_State *L = state;
  const struct work_result *r = (const struct work_result *)c;
  lua_createtable(L, 0, 2);
  if (r->error) {
    cso_fail(L, "work", "%s", r->error); /* result nil err */
    lua_remove(L, -2);
    lua_setfield(L, -2, "error");
  } else {
    lua_pushlstring(L, r->value.data ? r->value.data : "", r->value.len);
    lua_setfield(L, -2, "value");
  }
}

static int started(lua_State *L, uint64_t id) {
  if (!id) return cso_fail(L, "memory", "out of memory");
  lua_pushinteger(L, (lua_Integer)id);
  return 1;
}

/* rsa_key(bits) -> id; value: the key as PKCS#8 PEM */
static int rsa_key(lua_State *L) {
  lua_Integer bits = luaL_checkinteger(L, 1);
  luaL_argcheck(L, bits >= MIN_BITS && bits <= MAX_BITS, 1, "2048 to 8192 bits");
  return started(L, work_rsa_key((int)bits));
}

/* gzip(data) -> id; value: one gzip member */
static int gzip(lua_State *L) {
  size_t len;
  const char *data = luaL_checklstring(L, 1, &len);
  return started(L, work_gzip(data, len));
}

static const luaL_Reg functions[] = {{"rsa_key", rsa_key}, {"gzip", gzip}, {NULL, NULL}};

int luaopen_host_work(lua_State *L) {
  work_result_push = push_result;
  luaL_newlib(L, functions);
  return 1;
}
