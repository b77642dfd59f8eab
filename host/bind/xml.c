/* host.xml:
 *   decode(text[, {max_depth=256, name=, xmlns=false}]) -> node | nil, {code="xml", line=, …}
 *     node = { name=, attrs={…}|nil, text=|nil, child, child, … }
 *   parse(text) -> document | nil, err; see xml_document.c
 *   escape(text) -> text for element content and attribute values | nil, err */
#include <lauxlib.h>
#include <lua.h>

#include "core/xml.h"
#include "option.h"
#include "xml_document.h"

#define DOCUMENT "host.xml document"
#define BUFFER "host.xml buffer"
#define KEPT "host.xml kept"

static int document_gc(lua_State *L) {
  cso_xml *doc = lua_touserdata(L, 1);
  cso_xml_free(doc);
  return 0;
}

static int buffer_gc(lua_State *L) {
  cso_buf_free(lua_touserdata(L, 1));
  return 0;
}

/* Where the field names stand on the stack, so that they are not looked up for each node. */
enum { AT_NAME = 3, AT_TEXT, AT_ATTRS };

static void push_span(lua_State *L, const cso_xml *doc, cso_xml_span span) {
  lua_pushlstring(L, span.len ? doc->bytes.data + span.at : "", span.len);
}

static void push_attributes(lua_State *L, const cso_xml *doc, const cso_xml_node *n) {
  lua_createtable(L, 0, (int)n->attribute_count);
  for (uint32_t i = 0; i < n->attribute_count; i++) {
    const cso_xml_attribute *a = cso_xml_attribute_at(doc, n->attribute + i);
    push_span(L, doc, a->name);
    push_span(L, doc, a->value);
    lua_rawset(L, -3);
  }
}

/* Pushes the node. The depth of recursion is the document's, which has a limit. */
static void push_node(lua_State *L, const cso_xml *doc, const cso_xml_node *n) {
  luaL_checkstack(L, 8, "xml");
  lua_createtable(L, (int)n->child_count, 1 + (n->text.len > 0) + (n->attribute_count > 0));
  lua_pushvalue(L, AT_NAME);
  push_span(L, doc, n->name);
  lua_rawset(L, -3);
  if (n->text.len > 0) {
    lua_pushvalue(L, AT_TEXT);
    push_span(L, doc, n->text);
    lua_rawset(L, -3);
  }
  if (n->attribute_count > 0) {
    lua_pushvalue(L, AT_ATTRS);
    push_attributes(L, doc, n);
    lua_rawset(L, -3);
  }
  lua_Integer position = 0;
  for (uint32_t i = n->child; i != CSO_XML_NONE; i = cso_xml_node_at(doc, i)->next) {
    push_node(L, doc, cso_xml_node_at(doc, i));
    lua_rawseti(L, -2, ++position);
  }
}

static int f_decode(lua_State *L) {
  static const char *const names[] = {"doctype", "max_depth", "name", "xmlns", NULL};
  size_t len;
  luaL_checktype(L, 1, LUA_TSTRING);
  const char *text = lua_tolstring(L, 1, &len), *name = NULL;
  cso_xml_limits limits = {.depth = CSO_XML_DEPTH};
  if (cso_options(L, 2, names)) {
    lua_Integer depth = cso_option_integer(L, 2, "max_depth", limits.depth);
    luaL_argcheck(L, depth >= 1 && depth <= 2000, 2, "max_depth must be 1 to 2000");
    limits.depth = (int)depth;
    limits.xmlns = cso_option_boolean(L, 2, "xmlns", 0);
    limits.doctype = cso_option_boolean(L, 2, "doctype", 0);
    name = cso_option_string(L, 2, "name", NULL);
  }
  lua_settop(L, 2);
  lua_pushliteral(L, "name");
  lua_pushliteral(L, "text");
  lua_pushliteral(L, "attrs");
  cso_xml *doc = cso_new_scratch(L, sizeof *doc, DOCUMENT, document_gc);
  int results = 1;
  if (!cso_xml_read(doc, text, len, limits))
    results = cso_fail_at(L, "xml", name, doc->line, doc->column, doc->error);
  else
    push_node(L, doc, cso_xml_node_at(doc, 0));
  cso_xml_free(doc); /* at once; the collector finds it empty */
  return results;
}

static int f_escape(lua_State *L) {
  size_t len;
  const char *text = luaL_checklstring(L, 1, &len);
  cso_buf *b = cso_new_scratch(L, sizeof *b, BUFFER, buffer_gc);
  size_t done = cso_xml_escape(b, text, len);
  if (done < len)
    return cso_fail(L, "xml", "byte %I begins a character that XML cannot hold",
                    (lua_Integer)done + 1);
  if (b->failed) return luaL_error(L, "not enough memory");
  if (b->len == len) lua_settop(L, 1); /* nothing to escape: the same string */
  else lua_pushlstring(L, b->data, b->len);
  cso_buf_free(b);
  return 1;
}

/* Goes with the Lua state, and takes with it what is kept between documents. */
static int kept_gc(lua_State *L) {
  (void)L;
  cso_xml_forget();
  return 0;
}

int luaopen_host_xml(lua_State *L) {
  static const luaL_Reg lib[] = {
    {"decode", f_decode}, {"escape", f_escape}, {"parse", cso_xml_parse}, {NULL, NULL}};
  luaL_newlib(L, lib);
  cso_new_scratch(L, 0, KEPT, kept_gc); /* lib kept */
  lua_setfield(L, LUA_REGISTRYINDEX, KEPT " one");
  return 1;
}
