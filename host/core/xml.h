/* XML text as a compact tree without Lua: element names without their prefixes, attributes,
 * character data. No DOCTYPE unless it is asked for, hence no entities but the five that XML has. */
#ifndef CSO_CORE_XML_H
#define CSO_CORE_XML_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

#define CSO_XML_NONE UINT32_MAX

/* The hash of names, byte by byte: a reader makes it on the way, and whoever looks for names that are
 * known beforehand compares it first. */
#define CSO_XML_SEED UINT32_C(2166136261)
static inline uint32_t cso_xml_hash(uint32_t so_far, char c) {
  return (so_far ^ (unsigned char)c) * UINT32_C(16777619);
}

typedef struct cso_xml_span {
  uint32_t at, len; /* in bytes.data */
} cso_xml_span;

typedef struct cso_xml_attribute {
  cso_xml_span name, value;
} cso_xml_attribute;

typedef struct cso_xml_node {
  cso_xml_span name, text; /* text.len 0: none */
  uint32_t hash;           /* of the name, see cso_xml_hash */
  uint32_t attribute, attribute_count;
  uint32_t child, child_count; /* first child, or CSO_XML_NONE */
  uint32_t next;               /* next sibling, or CSO_XML_NONE */
} cso_xml_node;

typedef struct cso_xml {
  cso_buf bytes, nodes, attributes; /* the latter two hold the structs above; node 0 is the root */
  const char *error;                /* NULL: fine; static text */
  long line, column;                /* of the error, from 1 */
} cso_xml;

typedef struct cso_xml_limits {
  int depth;  /* levels of elements */
  bool xmlns; /* keep xmlns attributes, under their whole name */
  /* Take a DOCTYPE: the entities and defaults that it declares itself hold, what lies outside is
   * never read. Expat bounds what entities may grow to. */
  bool doctype;
  size_t structure; /* bytes of nodes and attributes; set by cso_xml_read */
} cso_xml_limits;

/* Reads one document; false after a fault. Whatever the result, the caller frees doc. */
bool cso_xml_read(cso_xml *doc, const char *text, size_t len, cso_xml_limits limits);
void cso_xml_free(cso_xml *doc);

/* Frees what is kept between documents. */
void cso_xml_forget(void);

static inline const cso_xml_node *cso_xml_node_at(const cso_xml *doc, uint32_t i) {
  return (const cso_xml_node *)(const void *)doc->nodes.data + i;
}

static inline const cso_xml_attribute *cso_xml_attribute_at(const cso_xml *doc, uint32_t i) {
  return (const cso_xml_attribute *)(const void *)doc->attributes.data + i;
}

/* Appends text with the characters escaped that mean something in XML; a carriage return too, as
 * a parser would turn it into a line feed. Returns the offset of the first character that XML
 * cannot hold (a control character, malformed UTF-8), or len when there is none. */
size_t cso_xml_escape(cso_buf *out, const char *text, size_t len);

#endif
