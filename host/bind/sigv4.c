/* host.sigv4: sign{…}, with each stage of the signature in the answer. */
#include "../core/sigv4.h"

#include <lauxlib.h>
#include <lua.h>

#include "option.h"

#define KEYS "host.sigv4 keys"
#define WORK "host.sigv4 work"

typedef struct key_box {
  cso_sigv4_keys *keys; /* NULL: closed */
} key_box;

static int keys_gc(lua_State *L) {
  key_box *box = lua_touserdata(L, 1);
  cso_sigv4_keys_free(box->keys);
  box->keys = NULL;
  return 0;
}

static int work_gc(lua_State *L) {
  cso_sigv4_output_free(lua_touserdata(L, 1));
  return 0;
}

/* The string at position i of the pair on top. */
static cso_text pair_part(lua_State *L, const char *field, int i) {
  cso_text t;
  if (lua_rawgeti(L, -1, i) != LUA_TSTRING)
    luaL_argerror(L, 1, lua_pushfstring(L, "%s: a list of {name, value} pairs of strings", field));
  t.data = lua_tolstring(L, -1, &t.len); /* the pair keeps it alive */
  lua_pop(L, 1);
  return t;
}

/* Field as a list of pairs, in memory that stays on the stack.  [-0, +2, e] */
static const cso_pair *pairs(lua_State *L, const char *field, size_t *count) {
  lua_pushstring(L, field);
  int type = lua_rawget(L, 1); /* list */
  *count = type == LUA_TTABLE ? (size_t)lua_rawlen(L, -1) : 0;
  if (type != LUA_TTABLE && type != LUA_TNIL)
    luaL_argerror(L, 1, lua_pushfstring(L, "%s must be a list of pairs", field));
  cso_pair *list = lua_newuserdatauv(L, (*count + 1) * sizeof *list, 0); /* list memory */
  for (size_t i = 0; i < *count; i++) {
    if (lua_rawgeti(L, -2, (lua_Integer)i + 1) != LUA_TTABLE)
      luaL_argerror(L, 1, lua_pushfstring(L, "%s must be a list of pairs", field));
    list[i].name = pair_part(L, field, 1);
    list[i].value = pair_part(L, field, 2);
    lua_pop(L, 1);
  }
  return list;
}

static cso_text optional(lua_State *L, const char *name) {
  cso_text t = {NULL, 0};
  t.data = cso_option_string(L, 1, name, &t.len);
  return t;
}

static cso_text needed(lua_State *L, const char *name) {
  cso_text t = {NULL, 0};
  t.data = cso_option_needed(L, 1, name, &t.len);
  return t;
}

static const char *const names[] = {
  "access_key", "body",   "body_hash", "content_sha256", "double_encode", "exact",
  "headers",    "method", "normalize", "path",           "presign",       "query",
  "region",     "secret_key", "service", "time",         "token",         NULL,
};

/* Leaves the memory of the lists on the stack. */
static cso_sigv4_input read_input(lua_State *L) {
  cso_sigv4_input in = {0};
  luaL_checktype(L, 1, LUA_TTABLE);
  cso_options(L, 1, names);
  in.method = needed(L, "method");
  in.path = needed(L, "path");
  in.query = pairs(L, "query", &in.query_count);
  in.headers = pairs(L, "headers", &in.header_count);
  in.body = optional(L, "body");
  in.body_hash = optional(L, "body_hash");
  in.access_key = needed(L, "access_key");
  in.secret_key = needed(L, "secret_key");
  in.token = optional(L, "token");
  in.region = needed(L, "region");
  in.service = needed(L, "service");
  in.time = cso_option_integer(L, 1, "time", -1);
  luaL_argcheck(L, in.time >= 0, 1, "time: epoch seconds are needed");
  in.expires = cso_option_integer(L, 1, "presign", 0);
  luaL_argcheck(L, in.expires >= 0 && in.expires <= 604800, 1, "presign: 1 to 604800 seconds");
  in.double_encode = cso_option_boolean(L, 1, "double_encode", 1);
  in.normalize = cso_option_boolean(L, 1, "normalize", 1);
  in.content_sha256 = cso_option_boolean(L, 1, "content_sha256", !in.double_encode);
  in.exact = cso_option_boolean(L, 1, "exact", 0);
  return in;
}

static void set_text(lua_State *L, const char *field, const char *data, size_t len) {
  lua_pushlstring(L, data, len);
  lua_setfield(L, -2, field);
}

/* Appends {name, value} to the list on top; the value is on top of it.  [-1, +0, m] */
static void append(lua_State *L, const char *name) {
  lua_createtable(L, 2, 0);
  lua_pushstring(L, name);
  lua_rawseti(L, -2, 1); /* list value pair */
  lua_insert(L, -2);
  lua_rawseti(L, -2, 2); /* list pair */
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

static void add_headers(lua_State *L, const cso_sigv4_input *in, const cso_sigv4_output *out) {
  lua_createtable(L, 4, 0); /* headers */
  lua_pushfstring(L, "AWS4-HMAC-SHA256 Credential=%s/", in->access_key.data);
  lua_pushlstring(L, out->scope.data, out->scope.len);
  lua_pushliteral(L, ", SignedHeaders=");
  lua_pushlstring(L, out->signed_headers.data, out->signed_headers.len);
  lua_pushliteral(L, ", Signature=");
  lua_pushstring(L, out->signature);
  lua_concat(L, 6);
  append(L, "authorization");
  if (in->content_sha256 && !cso_sigv4_header(in, "x-amz-content-sha256").data) {
    if (in->body_hash.data) lua_pushlstring(L, in->body_hash.data, in->body_hash.len);
    else lua_pushstring(L, out->body_hash);
    append(L, "x-amz-content-sha256");
  }
  lua_pushstring(L, out->date);
  append(L, "x-amz-date");
  if (in->token.data) {
    lua_pushlstring(L, in->token.data, in->token.len);
    append(L, "x-amz-security-token");
  }
}

static void add_query(lua_State *L, const cso_sigv4_input *in, const cso_sigv4_output *out) {
  lua_createtable(L, 7, 0); /* query */
  lua_pushliteral(L, "AWS4-HMAC-SHA256");
  append(L, "X-Amz-Algorithm");
  lua_pushlstring(L, out->credential.data, out->credential.len);
  append(L, "X-Amz-Credential");
  lua_pushstring(L, out->date);
  append(L, "X-Amz-Date");
  lua_pushfstring(L, "%I", (lua_Integer)in->expires);
  append(L, "X-Amz-Expires");
  lua_pushlstring(L, out->names.data, out->names.len);
  append(L, "X-Amz-SignedHeaders");
  if (in->token.data) {
    lua_pushlstring(L, out->token.data, out->token.len);
    append(L, "X-Amz-Security-Token");
  }
  lua_pushstring(L, out->signature);
  append(L, "X-Amz-Signature");
}

/* sign{…} -> { headers|query, canonical_request, string_to_sign, signature, signed_headers } */
static int f_sign(lua_State *L) {
  lua_settop(L, 1);
  cso_sigv4_input in = read_input(L);
  key_box *box = lua_touserdata(L, lua_upvalueindex(1));
  cso_sigv4_output *out = cso_new_scratch(L, sizeof *out, WORK, work_gc);
  const char *error = cso_sigv4(box->keys, &in, out);
  if (error) return cso_fail(L, "sigv4", "%s", error);
  lua_createtable(L, 0, 6);
  set_text(L, "canonical_request", out->canonical.data, out->canonical.len);
  set_text(L, "string_to_sign", out->to_sign.data, out->to_sign.len);
  set_text(L, "signed_headers", out->signed_headers.data, out->signed_headers.len);
  set_text(L, "signature", out->signature, 64);
  if (in.expires > 0 && !in.exact) {
    add_query(L, &in, out);
    lua_setfield(L, -2, "query");
    lua_newtable(L); /* nothing travels as a header, but a caller may walk the list */
    lua_setfield(L, -2, "headers");
  } else {
    add_headers(L, &in, out);
    lua_setfield(L, -2, "headers");
  }
  cso_sigv4_output_free(out); /* at once; the collector finds it empty */
  *out = (cso_sigv4_output){0};
  return 1;
}

int luaopen_host_sigv4(lua_State *L) {
  lua_newtable(L);
  key_box *box = cso_new_scratch(L, sizeof *box, KEYS, keys_gc); /* lib box */
  box->keys = cso_sigv4_keys_new();
  if (!box->keys) return luaL_error(L, "not enough memory");
  lua_pushcclosure(L, f_sign, 1); /* lib sign */
  lua_setfield(L, -2, "sign");
  return 1;
}
