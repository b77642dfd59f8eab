/* host.sigv4: sign{…}, with each stage of the signature in the answer; sign_text{…} for texts that
 * are no requests; public_key and verify_text for asymmetric signatures. */
#include "../core/hash.h"
#include "../core/sigv4.h"

#include <lauxlib.h>
#include <lua.h>
#include <stddef.h>
#include <string.h>

#include "option.h"

#define KEYS "host.sigv4 keys"
#define PAIR "host.sigv4 pair"

typedef struct key_box {
  cso_sigv4_keys *keys; /* NULL: closed */
  cso_sigv4_output out; /* used for one signature after the other */
} key_box;

static int keys_gc(lua_State *L) {
  key_box *box = lua_touserdata(L, 1);
  cso_sigv4_keys_free(box->keys);
  box->keys = NULL;
  cso_sigv4_output_free(&box->out);
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

#define FIELD(kind, member) CSO_FIELD(cso_sigv4_input, kind, member)
static const cso_field fields[] = {
  FIELD(CSO_TEXT, method),        FIELD(CSO_TEXT, path),       FIELD(CSO_TEXT, body),
  FIELD(CSO_TEXT, access_key),    FIELD(CSO_TEXT, secret_key), FIELD(CSO_TEXT, region),
  FIELD(CSO_TEXT, service),       FIELD(CSO_INTEGER, time),    FIELD(CSO_OTHER, headers),
  FIELD(CSO_OTHER, query),        FIELD(CSO_TEXT, token),      FIELD(CSO_FLAG, double_encode),
  FIELD(CSO_FLAG, normalize),     FIELD(CSO_TEXT, body_hash),  FIELD(CSO_FLAG, content_sha256),
  FIELD(CSO_TEXT, region_set),    FIELD(CSO_FLAG, exact),      FIELD(CSO_FLAG, token_after),
  {"presign", 7, CSO_INTEGER, offsetof(cso_sigv4_input, expires)},
};
enum { CONTENT_SHA256 = 14, FIELDS = sizeof fields / sizeof *fields };
#undef FIELD

static void check_needed(lua_State *L, const cso_sigv4_input *in) {
  const struct {
    const char *name;
    const cso_text *text;
  } wanted[] = {{"method", &in->method},         {"path", &in->path},
                {"access_key", &in->access_key}, {"secret_key", &in->secret_key},
                {"service", &in->service},       {"region", &in->region}};
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted - (in->region_set.data ? 1 : 0); i++)
    if (!wanted[i].text->data)
      luaL_argerror(L, 1, lua_pushfstring(L, "%s is missing", wanted[i].name));
  luaL_argcheck(L, in->time >= 0, 1, "time: epoch seconds are needed");
  luaL_argcheck(L, in->expires >= 0 && in->expires <= 604800, 1, "presign: 1 to 604800 seconds");
}

/* Leaves the memory of the lists on the stack. */
static void read_input(lua_State *L, cso_sigv4_input *in) {
  *in = (cso_sigv4_input){.time = -1, .double_encode = true, .normalize = true};
  unsigned long said = cso_read_fields(L, fields, FIELDS, in);
  check_needed(L, in);
  if (!(said >> CONTENT_SHA256 & 1)) in->content_sha256 = !in->double_encode;
  in->query = pairs(L, "query", &in->query_count);
  in->headers = pairs(L, "headers", &in->header_count);
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
  lua_pushfstring(L, "%s Credential=%s/", cso_sigv4_algorithm(in), in->access_key.data);
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
  if (in->region_set.data) {
    lua_pushlstring(L, in->region_set.data, in->region_set.len);
    append(L, "x-amz-region-set");
  }
  if (in->token.data) {
    lua_pushlstring(L, in->token.data, in->token.len);
    append(L, "x-amz-security-token");
  }
}

static void add_query(lua_State *L, const cso_sigv4_input *in, const cso_sigv4_output *out) {
  lua_createtable(L, 7, 0); /* query */
  lua_pushstring(L, cso_sigv4_algorithm(in));
  append(L, "X-Amz-Algorithm");
  lua_pushlstring(L, out->credential.data, out->credential.len);
  append(L, "X-Amz-Credential");
  lua_pushstring(L, out->date);
  append(L, "X-Amz-Date");
  lua_pushfstring(L, "%I", (lua_Integer)in->expires);
  append(L, "X-Amz-Expires");
  lua_pushlstring(L, out->names.data, out->names.len);
  append(L, "X-Amz-SignedHeaders");
  if (in->region_set.data) {
    lua_pushlstring(L, out->regions.data, out->regions.len);
    append(L, "X-Amz-Region-Set");
  }
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
  cso_sigv4_input in;
  read_input(L, &in);
  key_box *box = lua_touserdata(L, lua_upvalueindex(1));
  cso_sigv4_output *out = &box->out;
  const char *error = cso_sigv4(box->keys, &in, out);
  if (error) return cso_fail(L, "sigv4", "%s", error);
  lua_createtable(L, 0, 6);
  set_text(L, "canonical_request", out->canonical.data, out->canonical.len);
  set_text(L, "string_to_sign", out->to_sign.data, out->to_sign.len);
  set_text(L, "signed_headers", out->signed_headers.data, out->signed_headers.len);
  lua_pushstring(L, out->signature);
  lua_setfield(L, -2, "signature");
  if (in.expires > 0 && !in.exact) {
    add_query(L, &in, out);
    lua_setfield(L, -2, "query");
    lua_newtable(L); /* nothing travels as a header, but a caller may walk the list */
    lua_setfield(L, -2, "headers");
  } else {
    add_headers(L, &in, out);
    lua_setfield(L, -2, "headers");
  }
  return 1;
}

/* Where a signature is good: a region or a set of them, and the service. */
static void read_place(lua_State *L, cso_sigv4_input *in) {
  in->region_set = optional(L, "region_set");
  if (!in->region_set.data) in->region = needed(L, "region");
  in->service = needed(L, "service");
}

/* sign_text{…} -> signature in hex | nil, err */
static int f_sign_text(lua_State *L) {
  static const char *const known[] = {"access_key", "region", "region_set", "secret_key",
                                      "service",    "text",   "time",       NULL};
  cso_sigv4_input in = {0};
  char date[CSO_DATE], signature[CSO_SIGNATURE];
  luaL_checktype(L, 1, LUA_TTABLE);
  cso_options(L, 1, known);
  in.access_key = needed(L, "access_key");
  in.secret_key = needed(L, "secret_key");
  read_place(L, &in);
  cso_text text = needed(L, "text");
  in.time = cso_option_integer(L, 1, "time", -1);
  luaL_argcheck(L, cso_sigv4_date(in.time, date), 1, "time: epoch seconds are needed");
  key_box *box = lua_touserdata(L, lua_upvalueindex(1));
  const char *error = cso_sigv4_finish(box->keys, &in, date, text, signature);
  if (error) return cso_fail(L, "sigv4", "%s", error);
  lua_pushstring(L, signature);
  return 1;
}

/* scope{ time=, region=|region_set=, service= } -> date, scope, algorithm */
static int f_scope(lua_State *L) {
  static const char *const known[] = {"region", "region_set", "service", "time", NULL};
  cso_sigv4_input in = {0};
  char date[CSO_DATE];
  luaL_checktype(L, 1, LUA_TTABLE);
  cso_options(L, 1, known);
  read_place(L, &in);
  in.time = cso_option_integer(L, 1, "time", -1);
  luaL_argcheck(L, cso_sigv4_date(in.time, date), 1, "time: epoch seconds are needed");
  lua_pushstring(L, date);
  lua_pushlstring(L, date, 8);
  if (in.region_set.data) lua_pushfstring(L, "/%s/aws4_request", in.service.data);
  else lua_pushfstring(L, "/%s/%s/aws4_request", in.region.data, in.service.data);
  lua_concat(L, 2);
  lua_pushstring(L, cso_sigv4_algorithm(&in));
  return 3;
}

/* The key of arguments 1 and 2, held by the scratch memory that is pushed.  [-0, +1, e] */
static int pair_gc(lua_State *L) {
  cso_sigv4a_key **pair = lua_touserdata(L, 1);
  cso_sigv4a_key_free(*pair);
  *pair = NULL;
  return 0;
}

static cso_sigv4a_key *new_pair(lua_State *L) {
  cso_text access, secret;
  access.data = luaL_checklstring(L, 1, &access.len);
  secret.data = luaL_checklstring(L, 2, &secret.len);
  cso_sigv4a_key **pair = cso_new_scratch(L, sizeof(cso_sigv4a_key *), PAIR, pair_gc);
  *pair = cso_sigv4a_key_new(access, secret);
  if (!*pair) luaL_error(L, "no asymmetric key can be made of this secret key");
  return *pair;
}

/* public_key(access_key, secret_key) -> x, y, in hex */
static int f_public_key(lua_State *L) {
  unsigned char x[32], y[32];
  char hex[64];
  if (!cso_sigv4a_public(new_pair(L), x, y)) return luaL_error(L, "the key has no public half");
  cso_hex(x, sizeof x, hex);
  lua_pushlstring(L, hex, sizeof hex);
  cso_hex(y, sizeof y, hex);
  lua_pushlstring(L, hex, sizeof hex);
  return 2;
}

/* verify_text(access_key, secret_key, text, signature) -> whether the pair's key made it */
static int f_verify_text(lua_State *L) {
  cso_text text, signature;
  text.data = luaL_checklstring(L, 3, &text.len);
  signature.data = luaL_checklstring(L, 4, &signature.len);
  lua_pushboolean(L, cso_sigv4a_verify(new_pair(L), text, signature));
  return 1;
}

int luaopen_host_sigv4(lua_State *L) {
  static const luaL_Reg plain[] = {{"public_key", f_public_key},
                                   {"scope", f_scope},
                                   {"verify_text", f_verify_text},
                                   {NULL, NULL}};
  static const luaL_Reg with_keys[] = {{"sign", f_sign}, {"sign_text", f_sign_text}, {NULL, NULL}};
  luaL_newlib(L, plain);
  key_box *box = cso_new_scratch(L, sizeof *box, KEYS, keys_gc); /* lib box */
  box->keys = cso_sigv4_keys_new();
  if (!box->keys) return luaL_error(L, "not enough memory");
  luaL_setfuncs(L, with_keys, 1);
  return 1;
}
