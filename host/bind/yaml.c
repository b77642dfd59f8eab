/* host.yaml: decode(text[, name]) -> value, lines | nil, {code="yaml", message, line, column, name}
 *            decode_all(text[, {name=, any_tag=}]) -> { value, … } | nil, error
 *
 * YAML 1.2's core schema: `true` is a boolean, `yes` and `on` are strings. Null is json.null,
 * sequences carry json.array_mt, keys are strings as they were written. `lines` maps each path
 * ("db.class", "azs[1]") to its line. Values of aliases are copies.
 * Refused, with their line: duplicate keys, several documents (but by decode_all), tags outside the core schema, merge
 * keys, numbers with a leading zero (an account number would lose it), aliases that multiply. */
#include <lauxlib.h>
#include <lua.h>
#include <string.h>
#include <yaml.h>

#include "core/yaml.h"
#include "json.h"
#include "option.h"

#define DEPTH 128          /* levels */
#define EXPANDED 100000    /* values that all aliases of a document may copy */
#define READER "host.yaml reader"

typedef struct reader {
  yaml_parser_t parser;
  yaml_event_t event;
  int parser_open, event_open;
  lua_State *L;
  int lines, anchors, array_mt; /* stack indices */
  int depth, expanded;
  int any_tag; /* unknown tags are passed over: a scalar is then text */
  const char *error; /* static text, or a string on the stack */
  long line, column;
} reader;

static int reader_gc(lua_State *L) {
  reader *r = lua_touserdata(L, 1);
  if (r->event_open) yaml_event_delete(&r->event);
  if (r->parser_open) yaml_parser_delete(&r->parser);
  r->event_open = r->parser_open = 0;
  return 0;
}

static int fault(reader *r, yaml_mark_t mark, const char *why) {
  r->error = why;
  r->line = (long)mark.line + 1;
  r->column = (long)mark.column + 1;
  return 0;
}

/* The next event into r->event, the previous one freed; 0 after a fault. */
static int next(reader *r) {
  if (r->event_open) yaml_event_delete(&r->event);
  r->event_open = 0;
  if (yaml_parser_parse(&r->parser, &r->event)) {
    r->event_open = 1;
    return 1;
  }
  const char *why = r->parser.problem ? r->parser.problem : "unreadable";
  if (r->parser.error == YAML_READER_ERROR) /* it knows the byte, not the line */
    return fault(r, r->parser.mark, why);
  return fault(r, r->parser.problem_mark, why);
}

static int value(reader *r); /* pushes the value that r->event begins; the path is below it */

/* lines[path on top] = line */
static void note_line(reader *r, long line) {
  lua_pushvalue(r->L, -1);
  lua_pushinteger(r->L, line);
  lua_rawset(r->L, r->lines);
}

/* Keeps the value on top under its anchor, when it has one. */
static void keep_anchor(reader *r, const char *anchor) {
  if (!anchor) return;
  lua_pushvalue(r->L, -1);
  lua_setfield(r->L, r->anchors, anchor);
}

/* Replaces the table on top by a deep copy; counts what it copies. 0: too much. */
static int copy(reader *r, int depth) {
  lua_State *L = r->L;
  if (++r->expanded > EXPANDED || depth > DEPTH) return 0;
  if (!lua_istable(L, -1)) return 1;
  luaL_checkstack(L, 8, "yaml");
  lua_newtable(L); /* old new */
  if (lua_getmetatable(L, -2)) lua_setmetatable(L, -2);
  lua_pushnil(L);
  while (lua_next(L, -3)) { /* old new key value */
    if (!copy(r, depth + 1)) return 0;
    lua_pushvalue(L, -2);
    lua_insert(L, -2); /* old new key key value */
    lua_rawset(L, -4);
  }
  lua_replace(L, -2);
  return 1;
}

static int alias(reader *r) {
  lua_State *L = r->L;
  yaml_mark_t mark = r->event.start_mark;
  int type = lua_getfield(L, r->anchors, (const char *)r->event.data.alias.anchor);
  if (type == LUA_TNIL) return fault(r, mark, "an alias without its anchor before it");
  if (type == LUA_TLIGHTUSERDATA && lua_touserdata(L, -1) == (void *)r)
    return fault(r, mark, "an alias inside its own anchor");
  if (copy(r, r->depth)) return 1;
  return fault(r, mark, "aliases multiply to more than 100000 values, or nest too deeply");
}

typedef struct tag {
  const char *name;
  yaml_event_type_t event;
  cso_yaml_type type; /* of a scalar */
} tag;

static const tag tags[] = {
  {YAML_STR_TAG, YAML_SCALAR_EVENT, CSO_YAML_STRING},
  {YAML_INT_TAG, YAML_SCALAR_EVENT, CSO_YAML_INTEGER},
  {YAML_FLOAT_TAG, YAML_SCALAR_EVENT, CSO_YAML_FLOAT},
  {YAML_BOOL_TAG, YAML_SCALAR_EVENT, CSO_YAML_BOOLEAN},
  {YAML_NULL_TAG, YAML_SCALAR_EVENT, CSO_YAML_NULL},
  {YAML_SEQ_TAG, YAML_SEQUENCE_START_EVENT, CSO_YAML_STRING},
  {YAML_MAP_TAG, YAML_MAPPING_START_EVENT, CSO_YAML_STRING},
  {"!", YAML_SCALAR_EVENT, CSO_YAML_STRING},
};

static const tag *find_tag(const yaml_char_t *name, yaml_event_type_t event) {
  for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
    if (tags[i].event == event && strcmp((const char *)name, tags[i].name) == 0) return &tags[i];
  return NULL;
}

static int scalar(reader *r) {
  lua_State *L = r->L;
  const char *text = (const char *)r->event.data.scalar.value;
  size_t len = r->event.data.scalar.length;
  const yaml_char_t *name = r->event.data.scalar.tag;
  const tag *asked = name ? find_tag(name, YAML_SCALAR_EVENT) : NULL;
  cso_yaml_scalar s = {.type = CSO_YAML_STRING};
  if (name && !asked && !r->any_tag) return fault(r, r->event.start_mark, "a tag outside YAML's core schema");
  if (asked ? asked->type != CSO_YAML_STRING : !name && r->event.data.scalar.plain_implicit)
    s = cso_yaml_resolve(text, len);
  if (s.type == CSO_YAML_LEADING_ZERO)
    return fault(r, r->event.start_mark, "a number with a leading zero: quote it if it is text");
  if (asked && asked->type == CSO_YAML_FLOAT && s.type == CSO_YAML_INTEGER) {
    s.type = CSO_YAML_FLOAT;
    s.number = (double)s.integer;
  }
  if (asked && asked->type != s.type)
    return fault(r, r->event.start_mark, "a value that does not fit its tag");
  switch (s.type) {
    case CSO_YAML_NULL: cso_json_push_null(L); break;
    case CSO_YAML_BOOLEAN: lua_pushboolean(L, s.boolean); break;
    case CSO_YAML_INTEGER: lua_pushinteger(L, s.integer); break;
    case CSO_YAML_FLOAT: lua_pushnumber(L, s.number); break;
    default: lua_pushlstring(L, text, len); break;
  }
  keep_anchor(r, (const char *)r->event.data.scalar.anchor);
  return 1;
}

/* Checks and enters a collection whose start is the current event. On success the stack has its
 * anchor (a string, or nil) and a new table more. */
static int enter(reader *r, const yaml_char_t *anchor, const yaml_char_t *name) {
  lua_State *L = r->L;
  if (name && !r->any_tag && !find_tag(name, r->event.type))
    return fault(r, r->event.start_mark, "a tag outside YAML's core schema");
  if (++r->depth > DEPTH) return fault(r, r->event.start_mark, "nested too deeply");
  luaL_checkstack(L, 16, "yaml");
  if (anchor) {
    lua_pushstring(L, (const char *)anchor);
    lua_pushvalue(L, -1);
    lua_pushlightuserdata(L, r); /* under construction */
    lua_rawset(L, r->anchors);
  } else {
    lua_pushnil(L);
  }
  lua_newtable(L); /* anchor table */
  return 1;
}

/* anchor table -> table */
static int leave(reader *r) {
  lua_State *L = r->L;
  r->depth--;
  if (!lua_isnil(L, -2)) {
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -2);
    lua_rawset(L, r->anchors);
  }
  lua_remove(L, -2);
  return 1;
}

/* The path of the collection is on top. */
static int sequence(reader *r) {
  lua_State *L = r->L;
  if (!enter(r, r->event.data.sequence_start.anchor, r->event.data.sequence_start.tag)) return 0;
  lua_pushvalue(L, r->array_mt);
  lua_setmetatable(L, -2); /* path anchor table */
  for (lua_Integer i = 1;; i++) {
    if (!next(r)) return 0;
    if (r->event.type == YAML_SEQUENCE_END_EVENT) return leave(r);
    lua_pushfstring(L, "%s[%I]", lua_tostring(L, -3), i);
    note_line(r, (long)r->event.start_mark.line + 1); /* path anchor table here */
    if (!value(r)) return 0;
    lua_rawseti(L, -3, i);
    lua_pop(L, 1);
  }
}

/* Pushes the key that the current event is. */
static int key(reader *r) {
  if (r->event.type == YAML_ALIAS_EVENT) {
    int type = lua_getfield(r->L, r->anchors, (const char *)r->event.data.alias.anchor);
    if (type == LUA_TSTRING) return 1;
    return fault(r, r->event.start_mark, "an alias that is a key must stand for a string");
  }
  if (r->event.type != YAML_SCALAR_EVENT)
    return fault(r, r->event.start_mark, "a key must be a plain word or a string");
  const char *text = (const char *)r->event.data.scalar.value;
  int plain = r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
  if (plain && strcmp(text, "<<") == 0)
    return fault(r, r->event.start_mark, "merge keys (<<) are not in YAML 1.2");
  lua_pushlstring(r->L, text, r->event.data.scalar.length);
  keep_anchor(r, (const char *)r->event.data.scalar.anchor);
  return 1;
}

static int mapping(reader *r) {
  lua_State *L = r->L;
  if (!enter(r, r->event.data.mapping_start.anchor, r->event.data.mapping_start.tag)) return 0;
  for (;;) { /* path anchor table */
    if (!next(r)) return 0;
    if (r->event.type == YAML_MAPPING_END_EVENT) return leave(r);
    yaml_mark_t mark = r->event.start_mark;
    if (!key(r)) return 0; /* path anchor table key */
    lua_pushvalue(L, -1);
    if (lua_rawget(L, -3) != LUA_TNIL)
      return fault(r, mark, lua_pushfstring(L, "the key '%s' is there twice", lua_tostring(L, -2)));
    lua_pop(L, 1);
    const char *path = lua_tostring(L, -4);
    lua_pushfstring(L, "%s%s%s", path, *path ? "." : "", lua_tostring(L, -1));
    note_line(r, (long)mark.line + 1); /* path anchor table key here */
    if (!next(r) || !value(r)) return 0;
    lua_remove(L, -2);
    lua_rawset(L, -3);
  }
}

static int value(reader *r) {
  switch (r->event.type) {
    case YAML_SCALAR_EVENT: return scalar(r);
    case YAML_ALIAS_EVENT: return alias(r);
    case YAML_SEQUENCE_START_EVENT: return sequence(r);
    case YAML_MAPPING_START_EVENT: return mapping(r);
    default: return fault(r, r->event.start_mark, "expected a value");
  }
}

/* Pushes the next document's value. -1: there is none, nothing is pushed; 0: a fault. */
static int document(reader *r) {
  if (!next(r)) return 0;
  if (r->event.type == YAML_STREAM_END_EVENT) return -1;
  if (!next(r)) return 0;
  lua_pushliteral(r->L, ""); /* the root's path */
  note_line(r, (long)r->event.start_mark.line + 1);
  return value(r) && next(r); /* the document's end */
}

static int only_document(reader *r) {
  if (!next(r)) return 0; /* the stream's start */
  int found = document(r);
  if (found < 0) cso_json_push_null(r->L);
  if (found <= 0) return found;
  if (!next(r)) return 0;
  if (r->event.type == YAML_STREAM_END_EVENT) return 1;
  return fault(r, r->event.start_mark, "a second document in the same text");
}

/* Pushes the list of all. Each document has anchors of its own. */
static int all_documents(reader *r) {
  lua_State *L = r->L;
  lua_newtable(L);
  int list = lua_gettop(L);
  if (!next(r)) return 0;
  for (lua_Integer i = 1;; i++) {
    lua_newtable(L);
    lua_replace(L, r->anchors);
    int found = document(r);
    if (found == 0) return 0;
    if (found < 0) break;
    lua_rawseti(L, list, i);
    lua_settop(L, list);
  }
  lua_settop(L, list);
  lua_pushvalue(L, r->array_mt);
  lua_setmetatable(L, -2);
  return 1;
}

/* Stack: text, then what the caller likes in 2. */
static int read_text(lua_State *L, const char *name, int any_tag, int (*read)(reader *)) {
  size_t len;
  const char *text = lua_tolstring(L, 1, &len);
  lua_settop(L, 2);
  lua_newtable(L);           /* 3: lines */
  lua_newtable(L);           /* 4: anchors */
  cso_json_push_array_mt(L); /* 5 */
  reader *r = cso_new_scratch(L, sizeof *r, READER, reader_gc);
  r->L = L;
  r->lines = 3;
  r->anchors = 4;
  r->array_mt = 5;
  r->any_tag = any_tag;
  if (!yaml_parser_initialize(&r->parser)) return luaL_error(L, "not enough memory");
  r->parser_open = 1;
  yaml_parser_set_input_string(&r->parser, (const unsigned char *)text, len);
  int results = 2;
  if (read(r)) lua_pushvalue(L, r->lines);
  else results = cso_fail_at(L, "yaml", name, r->line, r->column, r->error);
  lua_pushcfunction(L, reader_gc); /* frees the parser now */
  lua_pushvalue(L, 6);
  lua_call(L, 1, 0);
  return results;
}

static int f_decode(lua_State *L) {
  luaL_checktype(L, 1, LUA_TSTRING);
  return read_text(L, luaL_optstring(L, 2, NULL), 0, only_document);
}

static int f_decode_all(lua_State *L) {
  static const char *const names[] = {"any_tag", "name", NULL};
  const char *name = NULL;
  int any_tag = 0;
  luaL_checktype(L, 1, LUA_TSTRING);
  if (cso_options(L, 2, names)) {
    any_tag = cso_option_boolean(L, 2, "any_tag", 0);
    name = cso_option_string(L, 2, "name", NULL);
  }
  int results = read_text(L, name, any_tag, all_documents);
  if (lua_isnil(L, -results)) return results;
  lua_pop(L, 1); /* the lines of many documents would overlay each other */
  return 1;
}

int luaopen_host_yaml(lua_State *L) {
  static const luaL_Reg lib[] = {{"decode", f_decode}, {"decode_all", f_decode_all}, {NULL, NULL}};
  luaL_newlib(L, lib);
  return 1;
}
