/* host.x509: keys and certificates as PEM text. Failures are nil, {code="x509", message=}.
 *   key{type="rsa"|"ec", bits=4096} -> PEM       blocks; host.work makes RSA keys beside the loop
 *   authority{key=, subject={…}, days=|hours=, path_length=, now=, serial=} -> PEM
 *     (with authority_certificate= and authority_key=: an intermediate)
 *   certificate{key=, subject={…}, dns={…}, ip={…}, usages={"server","client"}, days=|hours=,
 *     authority_certificate=, authority_key=, now=, serial=} -> PEM
 *   parse(pem) -> facts of the first certificate; list(pem) -> facts of all
 *   verify{certificate=, roots=, intermediates=, now=, host=} -> true
 *   matches(certificate, key) -> boolean
 *   ed25519(key, text) -> signature, raw public key; ed25519_verify(public, text, signature) -> boolean
 * subject: {CN=, O=, OU=, C=, ST=, L=, emailAddress=}; now: epoch seconds; validity begins five
 * minutes before now, because clocks differ; serial: up to 40 hex digits, random when absent. */
#include "core/x509.h"

#include <lauxlib.h>
#include <lua.h>
#include <string.h>
#include <time.h>

#include "core/hash.h"
#include "option.h"

#define SECRET "host.x509 text"
#define FACTS "host.x509 facts"
#define CLOCKS_DIFFER 300 /* seconds */
#define MOST_NAMES 200

static int text_gc(lua_State *L) {
  cso_buf_wipe(lua_touserdata(L, 1));
  return 0;
}

static int facts_gc(lua_State *L) {
  cso_x509_facts *f = lua_touserdata(L, 1);
  cso_x509_facts_free(f);
  *f = (cso_x509_facts){0};
  return 0;
}

/* Pushes the text of the box at the top and wipes the box. */
static int push_text(lua_State *L, cso_buf *b) {
  lua_pushlstring(L, b->data ? b->data : "", b->len);
  cso_buf_wipe(b);
  return 1;
}

static int f_key(lua_State *L) {
  static const char *const names[] = {"bits", "type", NULL};
  const char *type = "rsa";
  lua_Integer bits = 4096;
  if (cso_options(L, 1, names)) {
    const char *asked = cso_option_string(L, 1, "type", NULL);
    if (asked) type = asked;
    bits = cso_option_integer(L, 1, "bits", 4096);
  }
  luaL_argcheck(L, strcmp(type, "rsa") == 0 || strcmp(type, "ec") == 0, 1, "type: rsa or ec");
  luaL_argcheck(L, bits >= 2048 && bits <= 8192, 1, "bits: 2048 to 8192");
  cso_buf *b = cso_new_scratch(L, sizeof *b, SECRET, text_gc);
  int code = *type == 'e' ? cso_ec_generate_pem(b) : cso_rsa_generate_pem((int)bits, b);
  if (code != 0) return cso_fail(L, "x509", "the key cannot be made");
  return push_text(L, b);
}

/* The field's strings in memory that stays on the stack, NULL-ended.  [-0, +2, e] */
static const char *const *strings(lua_State *L, const char *field) {
  lua_pushstring(L, field);
  int type = lua_rawget(L, 1); /* list */
  lua_Integer n = type == LUA_TTABLE ? (lua_Integer)lua_rawlen(L, -1) : 0;
  if ((type != LUA_TTABLE && type != LUA_TNIL) || n > MOST_NAMES)
    luaL_argerror(L, 1, lua_pushfstring(L, "%s: a list of at most %d strings", field, MOST_NAMES));
  const char **list = lua_newuserdatauv(L, ((size_t)n + 1) * sizeof *list, 0); /* list memory */
  for (lua_Integer i = 0; i < n; i++) {
    if (lua_rawgeti(L, -2, i + 1) != LUA_TSTRING)
      luaL_argerror(L, 1, lua_pushfstring(L, "%s: a list of strings", field));
    list[i] = lua_tostring(L, -1);
    lua_pop(L, 1);
  }
  list[n] = NULL;
  return list;
}

static const char *const subject_fields[] = {"C", "ST", "L", "O", "OU", "CN", "emailAddress", NULL};

/* The subject in the order that names are written in.  [-0, +1, e] */
static size_t read_subject(lua_State *L, cso_x509_name out[8]) {
  size_t n = 0;
  lua_pushliteral(L, "subject");
  if (lua_rawget(L, 1) != LUA_TTABLE) luaL_argerror(L, 1, "subject: a table such as {CN=…}");
  cso_options(L, lua_gettop(L), subject_fields);
  for (size_t i = 0; subject_fields[i]; i++) {
    const char *value = cso_option_string(L, lua_gettop(L), subject_fields[i], NULL);
    if (value) out[n++] = (cso_x509_name){subject_fields[i], value};
  }
  luaL_argcheck(L, n > 0, 1, "subject: at least one field");
  return n;
}

static void read_serial(lua_State *L, cso_x509_request *r) {
  size_t len;
  const char *text = cso_option_string(L, 1, "serial", &len);
  if (!text) return;
  luaL_argcheck(L, len % 2 == 0 && len <= 40 &&
                cso_unhex(text, len, r->serial + sizeof r->serial - len / 2), 1,
                "serial: up to 40 hex digits, an even number");
}

static void read_validity(lua_State *L, cso_x509_request *r) {
  lua_Integer now = cso_option_integer(L, 1, "now", (lua_Integer)time(NULL));
  lua_Integer days = cso_option_integer(L, 1, "days", 0);
  lua_Integer hours = cso_option_integer(L, 1, "hours", 0);
  luaL_argcheck(L, (days > 0) != (hours > 0), 1, "one of days and hours must be given");
  luaL_argcheck(L, days <= 36600 && hours <= 36600 * 24, 1, "valid for at most 100 years");
  luaL_argcheck(L, now >= CLOCKS_DIFFER && now < (lua_Integer)1 << 36, 1, "now: epoch seconds");
  r->not_before = now - CLOCKS_DIFFER;
  r->not_after = now + days * 86400 + hours * 3600;
}

static unsigned read_usages(lua_State *L) {
  unsigned usages = 0;
  const char *const *list = strings(L, "usages");
  for (size_t i = 0; list[i]; i++) {
    if (strcmp(list[i], "server") == 0) usages |= CSO_X509_SERVER;
    else if (strcmp(list[i], "client") == 0) usages |= CSO_X509_CLIENT;
    else luaL_argerror(L, 1, "usages: server, client");
  }
  return usages ? usages : CSO_X509_SERVER;
}

static int issue(lua_State *L, const char *const *names, bool authority) {
  cso_x509_name subject[8];
  cso_x509_request r = {.authority = authority, .path_length = -1};
  lua_settop(L, 1);
  luaL_checktype(L, 1, LUA_TTABLE);
  cso_options(L, 1, names);
  r.key = cso_option_needed(L, 1, "key", &r.key_len);
  r.subject_count = read_subject(L, subject);
  r.subject = subject;
  read_validity(L, &r);
  read_serial(L, &r);
  r.signer = cso_option_string(L, 1, "authority_certificate", &r.signer_len);
  if (r.signer) r.signer_key = cso_option_needed(L, 1, "authority_key", &r.signer_key_len);
  if (authority) {
    lua_Integer most = cso_option_integer(L, 1, "path_length", -1);
    luaL_argcheck(L, most >= -1 && most <= 10, 1, "path_length: 0 to 10");
    r.path_length = (int)most;
  } else {
    r.usages = read_usages(L);
    r.dns = strings(L, "dns");
    r.ip = strings(L, "ip");
  }
  cso_buf *b = cso_new_scratch(L, sizeof *b, SECRET, text_gc);
  const char *error = cso_x509_issue(&r, b);
  if (error) return cso_fail(L, "x509", "%s", error);
  return push_text(L, b);
}

static int f_authority(lua_State *L) {
  static const char *const names[] = {"authority_certificate", "authority_key", "days",
                                      "hours", "key", "now", "path_length", "serial",
                                      "subject", NULL};
  return issue(L, names, true);
}

static int f_certificate(lua_State *L) {
  static const char *const names[] = {"authority_certificate", "authority_key", "days", "dns",
                                      "hours", "ip", "key", "now", "serial", "subject",
                                      "usages", NULL};
  return issue(L, names, false);
}

static void set_buf(lua_State *L, const char *field, const cso_buf *b) {
  if (b->len == 0) return;
  lua_pushlstring(L, b->data, b->len);
  lua_setfield(L, -2, field);
}

static void set_string(lua_State *L, const char *field, const char *text) {
  lua_pushstring(L, text);
  lua_setfield(L, -2, field);
}

static void set_integer(lua_State *L, const char *field, lua_Integer value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, field);
}

static void push_facts(lua_State *L, const cso_x509_facts *f) {
  lua_createtable(L, 0, 14);
  set_buf(L, "subject", &f->subject);
  set_buf(L, "issuer", &f->issuer);
  set_buf(L, "common_name", &f->common_name);
  set_string(L, "serial", f->serial);
  set_string(L, "fingerprint", f->fingerprint);
  set_string(L, "algorithm", f->algorithm);
  set_integer(L, "bits", f->bits);
  set_integer(L, "not_before", (lua_Integer)f->not_before);
  set_integer(L, "not_after", (lua_Integer)f->not_after);
  lua_pushboolean(L, f->authority);
  lua_setfield(L, -2, "is_ca");
  lua_pushboolean(L, f->self_issued);
  lua_setfield(L, -2, "self_issued");
  lua_newtable(L); /* facts san */
  const char *p = f->san.data, *end = p ? p + f->san.len : NULL;
  for (lua_Integer i = 1; p && p < end; i++) { /* pairs of 0-ended texts */
    const char *value = p + strlen(p) + 1;
    lua_pushfstring(L, "%s:%s", p, value);
    lua_rawseti(L, -2, i);
    p = value + strlen(value) + 1;
  }
  lua_setfield(L, -2, "san");
}

/* Pushes the facts of certificate number index; 1, 0 (there are fewer) or -1 (malformed). */
static int read_one(lua_State *L, const char *pem, size_t len, size_t index) {
  cso_x509_facts *f = cso_new_scratch(L, sizeof *f, FACTS, facts_gc);
  int found = cso_x509_read(pem, len, index, f);
  if (found == 1) push_facts(L, f);
  else lua_pushnil(L);
  lua_remove(L, -2);
  return found;
}

static int f_parse(lua_State *L) {
  size_t len;
  const char *pem = luaL_checklstring(L, 1, &len);
  if (read_one(L, pem, len, 0) == 1) return 1;
  return cso_fail(L, "x509", "not a certificate in PEM form");
}

static int f_list(lua_State *L) {
  size_t len;
  const char *pem = luaL_checklstring(L, 1, &len);
  lua_newtable(L);
  for (size_t i = 0;; i++) {
    int found = read_one(L, pem, len, i);
    if (found == 1) {
      lua_rawseti(L, -2, (lua_Integer)i + 1);
      continue;
    }
    lua_pop(L, 1);
    if (found == 0 && i > 0) return 1;
    return cso_fail(L, "x509", "certificate %I is not in PEM form", (lua_Integer)i + 1);
  }
}

static int f_verify(lua_State *L) {
  static const char *const names[] = {"certificate", "host", "intermediates", "now", "roots", NULL};
  size_t leaf_len, extra_len = 0, roots_len;
  luaL_checktype(L, 1, LUA_TTABLE);
  cso_options(L, 1, names);
  const char *leaf = cso_option_needed(L, 1, "certificate", &leaf_len);
  const char *roots = cso_option_needed(L, 1, "roots", &roots_len);
  const char *extra = cso_option_string(L, 1, "intermediates", &extra_len);
  const char *host = cso_option_string(L, 1, "host", NULL);
  lua_Integer now = cso_option_integer(L, 1, "now", (lua_Integer)time(NULL));
  const char *error = cso_x509_verify(leaf, leaf_len, extra, extra_len, roots, roots_len, now, host);
  if (error) return cso_fail(L, "x509", "%s", error);
  lua_pushboolean(L, 1);
  return 1;
}

static int f_matches(lua_State *L) {
  size_t certificate_len, key_len;
  const char *certificate = luaL_checklstring(L, 1, &certificate_len);
  const char *key = luaL_checklstring(L, 2, &key_len);
  int result = cso_x509_matches(certificate, certificate_len, key, key_len);
  if (result < 0) return cso_fail(L, "x509", "the certificate or the key is not in PEM form");
  lua_pushboolean(L, result);
  return 1;
}

static int f_es256(lua_State *L) {
  size_t key_len, len;
  const char *key = luaL_checklstring(L, 1, &key_len);
  const char *text = luaL_checklstring(L, 2, &len);
  unsigned char signature[64], x[32], y[32];
  if (!cso_es256_sign(key, key_len, text, len, signature, x, y))
    return cso_fail(L, "x509", "not a P-256 key in PEM form");
  lua_pushlstring(L, (const char *)signature, sizeof signature);
  lua_pushlstring(L, (const char *)x, sizeof x);
  lua_pushlstring(L, (const char *)y, sizeof y);
  return 3;
}

static int f_ed25519(lua_State *L) {
  size_t key_len, len;
  const char *key = luaL_checklstring(L, 1, &key_len);
  const char *text = luaL_checklstring(L, 2, &len);
  unsigned char signature[64], half[32];
  if (!cso_ed25519_sign(key, key_len, text, len, signature, half))
    return cso_fail(L, "x509", "not an Ed25519 private key in PEM form (or it has a passphrase)");
  lua_pushlstring(L, (const char *)signature, sizeof signature);
  lua_pushlstring(L, (const char *)half, sizeof half);
  return 2;
}

static int f_ed25519_verify(lua_State *L) {
  size_t key_len, len, signature_len;
  const char *key = luaL_checklstring(L, 1, &key_len);
  const char *text = luaL_checklstring(L, 2, &len);
  const char *signature = luaL_checklstring(L, 3, &signature_len);
  int result = cso_ed25519_verify(key, key_len, text, len, signature, signature_len);
  if (result < 0) return cso_fail(L, "x509", "not an Ed25519 public key in PEM form");
  lua_pushboolean(L, result);
  return 1;
}

int luaopen_host_x509(lua_State *L) {
  static const luaL_Reg lib[] = {
    {"authority", f_authority}, {"certificate", f_certificate},
    {"ed25519", f_ed25519},     {"ed25519_verify", f_ed25519_verify},
    {"es256", f_es256},         {"key", f_key},
    {"list", f_list},           {"matches", f_matches},
    {"parse", f_parse},         {"verify", f_verify},
    {NULL, NULL},
  };
  luaL_newlib(L, lib);
  return 1;
}
