/* A parsed document, and its way through shapes into typed output. A step names a child of the element
 * before it, beginning at the root; the first of that name is meant.
 *   document:read(shape, step, …) -> value | nil where there is no such element
 *   document:text(step, …) -> text | nil where there is none
 *   document:has(step, …), document:name(), document:close() */
#include "xml_document.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "bind/box.h"
#include "core/xml.h"
#include "json.h"
#include "option.h"
#include "shape.h"

/* Where the metatable of lists stands on the stack while a document is read. */
enum { AT_ARRAY_MT = 3 };

static void push_value(lua_State *L, const cso_xml *doc, const cso_xml_node *n, int at);

static const char *text_of(const cso_xml *doc, const cso_xml_node *n) {
  return n->text.len ? doc->bytes.data + n->text.at : "";
}

static const char *name_of(const cso_xml *doc, const cso_xml_node *n) {
  return n->name.len ? doc->bytes.data + n->name.at : "";
}

static int find(const cso_shape *s, const cso_xml *doc, const cso_xml_node *n) {
  return cso_shape_find(s, name_of(doc, n), n->name.len, n->hash);
}

/* Pushes the value of an element at the end of an edge of the shape at `at`, whose edges are at `edges`. */
static void push_end(lua_State *L, const cso_xml *doc, const cso_xml_node *n, int at, int edges, int edge) {
  const cso_shape *s = lua_touserdata(L, at);
  cso_shape_kind end = s->edges[edge].end;
  /* Most elements are leaves that need nothing of their shape but its kind. */
  if (end >= CSO_SHAPE_TEXT && end < CSO_SHAPE_TIME) {
    cso_shape_push_leaf(L, 0, end, text_of(doc, n), n->text.len);
    return;
  }
  cso_shape_end(L, at, edges, edge);
  push_value(L, doc, n, lua_gettop(L));
  lua_replace(L, -2);
}

static void mark_array(lua_State *L) {
  lua_pushvalue(L, AT_ARRAY_MT);
  lua_setmetatable(L, -2);
}

static void push_list(lua_State *L, const cso_xml *doc, const cso_xml_node *n, int at) {
  lua_createtable(L, (int)n->child_count, 0);
  mark_array(L);
  if (n->child_count == 0) return;
  int list = lua_gettop(L), item = list + 1;
  cso_shape_follow(L, at, 0); /* list item */
  lua_Integer position = 0;
  for (uint32_t i = n->child; i != CSO_XML_NONE; i = cso_xml_node_at(doc, i)->next) {
    push_value(L, doc, cso_xml_node_at(doc, i), item);
    lua_rawseti(L, list, ++position);
  }
  lua_settop(L, list);
}

/* Adds an entry to the map on top: the last key and the last value count. */
static void add_entry(lua_State *L, const cso_xml *doc, const cso_xml_node *n, int at) {
  int map = lua_gettop(L);
  const cso_shape *s = lua_touserdata(L, at);
  const cso_xml_node *parts[2] = {NULL, NULL};
  for (uint32_t i = n->child; i != CSO_XML_NONE; i = cso_xml_node_at(doc, i)->next) {
    int edge = find(s, doc, cso_xml_node_at(doc, i));
    if (edge >= 0) parts[edge] = cso_xml_node_at(doc, i);
  }
  if (!parts[0]) return;
  lua_getiuservalue(L, at, 1);
  push_end(L, doc, parts[0], at, map + 1, 0);
  if (!lua_isnil(L, -1)) {
    if (parts[1]) push_end(L, doc, parts[1], at, map + 1, 1);
    else lua_pushnil(L);
    lua_rawset(L, map);
  }
  lua_settop(L, map);
}

static void push_map(lua_State *L, const cso_xml *doc, const cso_xml_node *n, int at) {
  lua_createtable(L, 0, (int)n->child_count);
  for (uint32_t i = n->child; i != CSO_XML_NONE; i = cso_xml_node_at(doc, i)->next)
    add_entry(L, doc, cso_xml_node_at(doc, i), at);
}

/* Adds one item of a flat list or map to the member of the structure on top. */
static void add_flat(lua_State *L, const cso_xml *doc, const cso_xml_node *n, int at, int edge) {
  const cso_shape *end = cso_shape_follow(L, at, edge); /* out end */
  int end_at = lua_gettop(L);
  cso_shape_push_name(L, at, edge);
  lua_pushvalue(L, -1);
  if (lua_rawget(L, -4) == LUA_TNIL) { /* out end name nil */
    lua_pop(L, 1);
    lua_newtable(L);
    if (end->kind == CSO_SHAPE_LIST) mark_array(L);
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -2);
    lua_rawset(L, -6);
  } /* out end name items */
  if (end->kind == CSO_SHAPE_LIST) {
    cso_shape_follow(L, end_at, 0);
    push_value(L, doc, n, lua_gettop(L)); /* out end name items item value */
    lua_rawseti(L, -3, (lua_Integer)lua_rawlen(L, -3) + 1);
    lua_pop(L, 1);
  } else {
    add_entry(L, doc, n, end_at);
  }
  lua_pop(L, 3);
}

static void add_unknown(lua_State *L, const cso_xml *doc, const cso_xml_node *n, int out) {
  lua_createtable(L, 0, 1);
  lua_pushlstring(L, name_of(doc, n), n->name.len);
  lua_setfield(L, -2, "name");
  lua_setfield(L, out, "SDK_UNKNOWN_MEMBER");
}

static void add_attributes(lua_State *L, const cso_xml *doc, const cso_xml_node *n, int at) {
  for (uint32_t i = 0; i < n->attribute_count; i++) {
    const cso_xml_attribute *a = cso_xml_attribute_at(doc, n->attribute + i);
    if (!cso_shape_push_attribute(L, at, doc->bytes.data + a->name.at, a->name.len)) continue;
    lua_pushlstring(L, a->value.len ? doc->bytes.data + a->value.at : "", a->value.len);
    lua_rawset(L, -3);
  }
}

static void push_structure(lua_State *L, const cso_xml *doc, const cso_xml_node *n, int at) {
  const cso_shape *s = lua_touserdata(L, at);
  int room = (int)n->child_count < s->count ? (int)n->child_count : s->count;
  lua_createtable(L, 0, room);
  if (n->child_count == 0 && n->attribute_count == 0) return;
  int out = lua_gettop(L), edges = out + 1;
  lua_getiuservalue(L, at, 1);
  for (uint32_t i = n->child; i != CSO_XML_NONE; i = cso_xml_node_at(doc, i)->next) {
    const cso_xml_node *child = cso_xml_node_at(doc, i);
    int edge = find(s, doc, child);
    if (edge < 0 && s->is_union) add_unknown(L, doc, child, out);
    for (; edge >= 0; edge = s->edges[edge].also) {
      if (s->edges[edge].flat) {
        lua_pushvalue(L, out);
        add_flat(L, doc, child, at, edge);
        lua_pop(L, 1);
      } else {
        lua_rawgeti(L, edges, edge + 1);
        push_end(L, doc, child, at, edges, edge);
        lua_rawset(L, out);
      }
    }
  }
  lua_settop(L, out);
  if (s->has_attributes) add_attributes(L, doc, n, at);
}

/* Pushes what the element means to the shape at `at`. The depth of recursion is the document's, which
 * has a limit. */
static void push_value(lua_State *L, const cso_xml *doc, const cso_xml_node *n, int at) {
  const cso_shape *s = lua_touserdata(L, at);
  luaL_checkstack(L, 16, "xml");
  switch (s->kind) {
    case CSO_SHAPE_STRUCTURE: push_structure(L, doc, n, at); break;
    case CSO_SHAPE_LIST: push_list(L, doc, n, at); break;
    case CSO_SHAPE_MAP: push_map(L, doc, n, at); break;
    default: cso_shape_push_leaf(L, at, s->kind, text_of(doc, n), n->text.len);
  }
}

/* --- the document ------------------------------------------------------------------------------ */

static void close_document(void *content) {
  cso_xml_free(content);
  free(content);
}

static const struct box_type document_type;

/* The element at the end of the steps from argument `arg` on, or NULL. */
static const cso_xml_node *walk(lua_State *L, const cso_xml *doc, int arg) {
  const cso_xml_node *n = cso_xml_node_at(doc, 0);
  for (; !lua_isnoneornil(L, arg); arg++) {
    size_t len;
    const char *step = luaL_checklstring(L, arg, &len);
    uint32_t i = n->child;
    while (i != CSO_XML_NONE) {
      n = cso_xml_node_at(doc, i);
      if (n->name.len == len && memcmp(name_of(doc, n), step, len) == 0) break;
      i = n->next;
    }
    if (i == CSO_XML_NONE) return NULL;
  }
  return n;
}

static int document_read(lua_State *L) {
  const cso_xml *doc = box_check(L, 1, &document_type);
  cso_shape_check(L, 2);
  const cso_xml_node *n = walk(L, doc, 3);
  if (!n) return 0;
  lua_settop(L, AT_ARRAY_MT - 1);
  cso_json_push_array_mt(L);
  push_value(L, doc, n, 2);
  return 1;
}

static int document_text(lua_State *L) {
  const cso_xml *doc = box_check(L, 1, &document_type);
  const cso_xml_node *n = walk(L, doc, 2);
  if (!n || (n->text.len == 0 && n->child_count > 0)) return 0;
  lua_pushlstring(L, text_of(doc, n), n->text.len);
  return 1;
}

static int document_has(lua_State *L) {
  lua_pushboolean(L, walk(L, box_check(L, 1, &document_type), 2) != NULL);
  return 1;
}

static int document_name(lua_State *L) {
  const cso_xml *doc = box_check(L, 1, &document_type);
  const cso_xml_node *n = cso_xml_node_at(doc, 0);
  lua_pushlstring(L, name_of(doc, n), n->name.len);
  return 1;
}

static const luaL_Reg methods[] = {
  {"read", document_read}, {"text", document_text}, {"has", document_has}, {"name", document_name},
  {NULL, NULL},
};

static const struct box_type document_type = {
  "xml document", "closed xml document", methods, close_document,
};

int cso_xml_parse(lua_State *L) {
  size_t len;
  luaL_checktype(L, 1, LUA_TSTRING);
  const char *text = lua_tolstring(L, 1, &len);
  void **box = box_new(L, &document_type);
  cso_xml *doc = calloc(1, sizeof *doc);
  if (!doc) return luaL_error(L, "not enough memory");
  box_fill(box, doc);
  if (cso_xml_read(doc, text, len, (cso_xml_limits){.depth = CSO_XML_DEPTH})) return 1;
  return cso_fail_at(L, "xml", NULL, doc->line, doc->column, doc->error);
}
