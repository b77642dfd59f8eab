#include "xml.h"

#include <expat.h>
#include <string.h>
#include <sys/random.h>

#include "utf8.h"
#include "xml_scan.h"

enum { KEEP_UP_TO = 1 << 20, ELEMENT = 24 /* bytes of text, on average */ };

/* A level of open elements. */
typedef struct level {
  uint32_t node, last_child;
  uint32_t text_from; /* where its character data begin in `pending` */
} level;

typedef struct reader {
  cso_xml *doc;
  XML_Parser parser;
  cso_buf levels;  /* of struct level */
  cso_buf pending; /* character data of the open elements, outermost first */
  cso_xml_limits limits;
  int depth;
} reader;

static cso_xml_node *node_at(reader *r, uint32_t i) {
  return (cso_xml_node *)(void *)r->doc->nodes.data + i;
}

static level *top(reader *r) {
  return (level *)(void *)r->levels.data + r->depth - 1;
}

static void stop(reader *r, const char *why) {
  if (r->doc->error) return;
  r->doc->error = why;
  r->doc->line = (long)XML_GetCurrentLineNumber(r->parser);
  r->doc->column = (long)XML_GetCurrentColumnNumber(r->parser) + 1;
  XML_StopParser(r->parser, XML_FALSE);
}

static cso_xml_span keep(reader *r, const char *text, size_t len) {
  cso_xml_span span = {(uint32_t)r->doc->bytes.len, (uint32_t)len};
  cso_buf_add(&r->doc->bytes, text, len);
  return span;
}

static const char *local(const char *name) {
  const char *colon = strchr(name, ':');
  return colon && colon[1] ? colon + 1 : name;
}

/* Keeps an element's name without its prefix. */
static void keep_name(reader *r, cso_xml_node *n, const char *name) {
  const char *p = name = local(name);
  n->hash = CSO_XML_SEED;
  while (*p) n->hash = cso_xml_hash(n->hash, *p++);
  n->name = keep(r, name, (size_t)(p - name));
}

static uint32_t keep_attributes(reader *r, const XML_Char **attributes) {
  uint32_t n = 0;
  for (; *attributes; attributes += 2) {
    const char *name = attributes[0], *value = attributes[1];
    bool space = strncmp(name, "xmlns", 5) == 0 && (name[5] == 0 || name[5] == ':');
    if (space && !r->limits.xmlns) continue;
    if (!space) name = local(name);
    cso_xml_attribute a = {keep(r, name, strlen(name)), keep(r, value, strlen(value))};
    cso_buf_add(&r->doc->attributes, &a, sizeof a);
    n++;
  }
  return n;
}

static void XMLCALL on_start(void *data, const XML_Char *name, const XML_Char **attributes) {
  reader *r = data;
  if (r->doc->error) return;
  if (r->depth >= r->limits.depth) {
    stop(r, "elements are nested too deeply");
    return;
  }
  if (r->doc->nodes.len + r->doc->attributes.len > r->limits.structure) {
    stop(r, "there are more elements than any service sends");
    return;
  }
  uint32_t self = (uint32_t)(r->doc->nodes.len / sizeof(cso_xml_node));
  cso_xml_node n = {
    .attribute = (uint32_t)(r->doc->attributes.len / sizeof(cso_xml_attribute)),
    .child = CSO_XML_NONE,
    .next = CSO_XML_NONE,
  };
  keep_name(r, &n, name);
  n.attribute_count = keep_attributes(r, attributes);
  cso_buf_add(&r->doc->nodes, &n, sizeof n);
  level here = {self, CSO_XML_NONE, (uint32_t)r->pending.len};
  cso_buf_add(&r->levels, &here, sizeof here);
  if (r->doc->nodes.failed || r->levels.failed) {
    stop(r, "out of memory");
    return;
  }
  if (r->depth > 0) {
    level *parent = top(r);
    cso_xml_node *p = node_at(r, parent->node);
    if (parent->last_child == CSO_XML_NONE) p->child = self;
    else node_at(r, parent->last_child)->next = self;
    parent->last_child = self;
    p->child_count++;
  }
  r->depth++;
}

static bool blank(const char *text, size_t len) {
  return strspn(text, " \t\r\n") >= len;
}

static void XMLCALL on_end(void *data, const XML_Char *name) {
  reader *r = data;
  (void)name;
  if (r->doc->error) return;
  level *here = top(r);
  size_t from = here->text_from, len = r->pending.len - from;
  cso_buf_char(&r->pending, 0); /* an end for strspn */
  if (r->pending.failed) {
    stop(r, "out of memory");
    return;
  }
  cso_xml_node *n = node_at(r, here->node);
  /* White space between elements is layout; in a leaf it may be the value itself. */
  if (len > 0 && !(n->child_count > 0 && blank(r->pending.data + from, len)))
    n->text = keep(r, r->pending.data + from, len);
  r->pending.len = from;
  r->levels.len -= sizeof(level);
  r->depth--;
}

static void XMLCALL on_text(void *data, const XML_Char *text, int len) {
  reader *r = data;
  if (!r->doc->error && r->depth > 0) cso_buf_add(&r->pending, text, (size_t)len);
}

static void XMLCALL on_doctype(void *data, const XML_Char *name, const XML_Char *system_id,
                               const XML_Char *public_id, int internal) {
  (void)name, (void)system_id, (void)public_id, (void)internal;
  stop(data, "a DOCTYPE is refused (it can hold entity bombs and outside references)");
}

/* A parser takes dozens of allocations to make, so one is kept. Loop thread only. */
static XML_Parser spare;

/* One salt for the hashes of all documents: expat would ask the kernel for each. */
static unsigned long salt(void) {
  static unsigned long chosen;
  while (!chosen)
    if (getrandom(&chosen, sizeof chosen, 0) != sizeof chosen) return 0; /* expat then sees to it */
  return chosen;
}

static XML_Parser take_parser(void) {
  XML_Parser parser = spare;
  spare = NULL;
  if (parser && !XML_ParserReset(parser, NULL)) {
    XML_ParserFree(parser);
    parser = NULL;
  }
  if (!parser) parser = XML_ParserCreate(NULL);
  if (parser) XML_SetHashSalt(parser, salt());
  return parser;
}

/* What a large document has made grow is let go. */
static void give_back(XML_Parser parser, size_t len) {
  if (spare || len > KEEP_UP_TO) XML_ParserFree(parser);
  else spare = parser;
}

void cso_xml_forget(void) {
  if (spare) XML_ParserFree(spare);
  spare = NULL;
}

bool cso_xml_read(cso_xml *doc, const char *text, size_t len, cso_xml_limits limits) {
  limits.structure = cso_xml_most(len);
  reader r = {.doc = doc, .limits = limits};
  *doc = (cso_xml){0};
  if (len > INT32_MAX) { /* offsets are 32 bits wide */
    *doc = (cso_xml){.error = "the text is larger than 2 GiB", .line = 1, .column = 1};
    return false;
  }
  if (cso_xml_scan(doc, text, len, limits)) return true;
  r.parser = take_parser();
  if (!r.parser) {
    *doc = (cso_xml){.error = "out of memory", .line = 1, .column = 1};
    return false;
  }
  cso_buf_reserve(&doc->bytes, len / 2);
  cso_buf_reserve(&doc->nodes, len / ELEMENT * sizeof(cso_xml_node));
  XML_SetUserData(r.parser, &r);
  XML_SetElementHandler(r.parser, on_start, on_end);
  XML_SetCharacterDataHandler(r.parser, on_text);
  XML_SetStartDoctypeDeclHandler(r.parser, limits.doctype ? NULL : on_doctype);
  enum XML_Status status = XML_Parse(r.parser, text, (int)len, XML_TRUE);
  if (status != XML_STATUS_OK) stop(&r, XML_ErrorString(XML_GetErrorCode(r.parser)));
  if (doc->bytes.failed || doc->attributes.failed) stop(&r, "out of memory");
  give_back(r.parser, len);
  cso_buf_free(&r.levels);
  cso_buf_free(&r.pending);
  return !doc->error;
}

void cso_xml_free(cso_xml *doc) {
  cso_buf_free(&doc->bytes);
  cso_buf_free(&doc->nodes);
  cso_buf_free(&doc->attributes);
}

static const char *entity(unsigned char c) {
  switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&apos;";
    case '\r': return "&#13;";
    default: return NULL;
  }
}

size_t cso_xml_escape(cso_buf *out, const char *text, size_t len) {
  const unsigned char *p = (const unsigned char *)text, *end = p + len, *run = p;
  while (p < end) {
    const char *name = entity(*p);
    size_t n = cso_utf8_length(p, end);
    bool forbidden = *p < 0x20 && *p != '\t' && *p != '\n' && *p != '\r';
    if (n == 3 && p[0] == 0xEF && p[1] == 0xBF && p[2] >= 0xBE) forbidden = true; /* U+FFFE, F */
    if (n == 0 || forbidden) return (size_t)(p - (const unsigned char *)text);
    if (name) {
      cso_buf_add(out, run, (size_t)(p - run));
      cso_buf_str(out, name);
      run = p + 1;
    }
    p += n;
  }
  cso_buf_add(out, run, (size_t)(p - run));
  return len;
}
