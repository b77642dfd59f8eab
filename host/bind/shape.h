/* Shapes: how a decoded document becomes typed output, compiled once and walked in C.
 *
 * A shape is a userdata. What it leads to are its edges: a structure's members, a list's item, a map's
 * key and value. The shape at the end of an edge is made when a document first goes along it, by the
 * function that the shape was made with: models are large, and of most a program meets a corner. */
#ifndef CSO_BIND_SHAPE_H
#define CSO_BIND_SHAPE_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum cso_shape_kind {
  CSO_SHAPE_UNKNOWN, /* of an edge: its end has not been made yet */
  CSO_SHAPE_TEXT,
  CSO_SHAPE_BOOLEAN,
  CSO_SHAPE_INTEGER,
  CSO_SHAPE_FLOAT,
  CSO_SHAPE_TIME,  /* epoch seconds; its function reads what is not plain ISO 8601 */
  CSO_SHAPE_OTHER, /* whatever its function makes of the text */
  CSO_SHAPE_ANY,   /* a document: stays as it is */
  CSO_SHAPE_STRUCTURE,
  CSO_SHAPE_LIST, /* edge 0: the item */
  CSO_SHAPE_MAP,  /* edges 0 and 1: key and value */
} cso_shape_kind;

typedef struct cso_edge {
  const char *wire; /* the name in documents; held by the shape */
  size_t len;
  uint32_t hash;
  int also; /* the next edge of the same name, or -1 */
  bool flat; /* a list or map whose items stand where it would */
  cso_shape_kind end;
} cso_edge;

typedef struct cso_shape {
  cso_shape_kind kind;
  bool is_union, has_attributes;
  bool renames; /* some name in documents is not that of the output */
  bool sparse;  /* a map that keeps its nulls */
  int count;
  uint32_t mask;   /* of slots, a hash table: index of an edge plus one, 0: free */
  uint16_t *slots; /* behind the edges, in the same block */
  cso_edge edges[];
} cso_shape;

/* The edge of a name, or -1. `hash`: cso_xml_hash over all of it. */
int cso_shape_find(const cso_shape *s, const char *name, size_t len, uint32_t hash);

/* The shape at idx; raises when it is something else. */
cso_shape *cso_shape_check(lua_State *L, int idx);

/* Pushes the output name of an edge of the shape at `at`.  [-0, +1, -] */
void cso_shape_push_name(lua_State *L, int at, int edge);

/* Pushes the shape at the end of an edge of the shape at `at`, which is made when it is not there
 * yet.  [-0, +1, e] */
cso_shape *cso_shape_follow(lua_State *L, int at, int edge);

/* The same, and the output name of an edge is edges[edge + 1], for who has pushed the edges of the shape at
 * `at` (its user value) once, for many of them.  [-0, +1, e] */
cso_shape *cso_shape_end(lua_State *L, int at, int edges, int edge);

/* Pushes the function of the leaf at `at`.  [-0, +1, -] */
void cso_shape_push_function(lua_State *L, int at);

/* Pushes what the text means to a shape without edges. `at`: the shape's place, used by those with a
 * function only. Raises { malformed = … } for a number that is none.  [-0, +1, e] */
void cso_shape_push_leaf(lua_State *L, int at, cso_shape_kind kind, const char *text, size_t len);

/* Whether an output name is given to an attribute; pushes it.  [-0, +(0|1), -] */
bool cso_shape_push_attribute(lua_State *L, int at, const char *name, size_t len);

int cso_shape_apply(lua_State *L); /* apply(shape, value) -> value */

int luaopen_host_shape(lua_State *L);

#endif
