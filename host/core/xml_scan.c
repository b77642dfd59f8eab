/* The way of nearly every document that a service sends: elements, a few attributes, text with the five
 * entities. It is read here in one pass, over a copy that the tree then points into, for a fifth of what
 * expat takes. Whatever else a document holds (a DOCTYPE, comments, CDATA, character references, carriage
 * returns, text between elements, names beyond ASCII) or does wrong is not judged here: it is expat's. */
#include "xml_scan.h"

#include <string.h>

#include "utf8.h"

enum { LEVELS = 64, ATTRIBUTES = 8, ELEMENT = 24 /* bytes of text, on average */ };

enum { PLAIN = 1, BLANK = 2, NAME = 4, FIRST = 8 };

#define LETTER (PLAIN | NAME | FIRST)
/* What may stand in text as it is; '<', '&', ']' and what is not ASCII are looked at. */
static const unsigned char classes[256] = {
  ['\t'] = PLAIN | BLANK, ['\n'] = PLAIN | BLANK, [' '] = PLAIN | BLANK,
  ['!'] = PLAIN, ['"'] = PLAIN, ['#'] = PLAIN, ['$'] = PLAIN, ['%'] = PLAIN, ['\''] = PLAIN, ['('] = PLAIN,
  [')'] = PLAIN, ['*'] = PLAIN, ['+'] = PLAIN, [','] = PLAIN, ['/'] = PLAIN, [';'] = PLAIN, ['='] = PLAIN,
  ['>'] = PLAIN, ['?'] = PLAIN, ['@'] = PLAIN, ['['] = PLAIN, ['\\'] = PLAIN, ['^'] = PLAIN, ['`'] = PLAIN,
  ['{'] = PLAIN, ['|'] = PLAIN, ['}'] = PLAIN, ['~'] = PLAIN, [127] = PLAIN,
  ['-'] = PLAIN | NAME, ['.'] = PLAIN | NAME, ['0' ... '9'] = PLAIN | NAME,
  [':'] = LETTER, ['_'] = LETTER, ['A' ... 'Z'] = LETTER, ['a' ... 'z'] = LETTER,
};

static int is(const char *p, int class) { return classes[(unsigned char)*p] & class; }

/* An open element. */
typedef struct level {
  uint32_t node, last_child;
  const char *name; /* with its prefix */
  size_t name_len;
} level;

typedef struct scan {
  cso_xml *doc;
  cso_xml_limits limits;
  char *begin, *end; /* the copy; a zero byte stands at its end */
  level levels[LEVELS];
  int depth;
} scan;

static const char *skip_blanks(const char *p) {
  while (is(p, BLANK)) p++;
  return p;
}

static const char *skip_name(const char *p) {
  if (!is(p, FIRST)) return NULL;
  do p++;
  while (is(p, NAME));
  return p;
}

static cso_xml_span span(const scan *s, const char *from, const char *to) {
  return (cso_xml_span){(uint32_t)(from - s->begin), (uint32_t)(to - from)};
}

/* Where a name begins without its prefix. */
static const char *local(const char *name, const char *end) {
  const char *colon = memchr(name, ':', (size_t)(end - name));
  return colon && colon + 1 < end ? colon + 1 : name;
}

/* Behind <?xml …?>, where it says what everybody says; p where there is none, NULL for another one. */
static const char *skip_declaration(const char *p) {
  static const char *const usual[] = {
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<?xml version=\"1.0\"?>",
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>", "<?xml version='1.0' encoding='UTF-8'?>",
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>",
  };
  if (p[0] != '<' || p[1] != '?') return p;
  for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
    size_t n = strlen(usual[i]);
    if (strncmp(p, usual[i], n) == 0) return p + n;
  }
  return NULL;
}

/* The end of the character that begins at p, which is no plain one; NULL: not here. */
static const char *skip_strange(const scan *s, const char *p) {
  if (*p == ']') return p[1] == ']' && p[2] == '>' ? NULL : p + 1;
  if (!((unsigned char)*p & 0x80)) return NULL;
  size_t n = cso_utf8_length((const unsigned char *)p, (const unsigned char *)s->end);
  if (n == 0 || (n == 3 && memcmp(p, "\xEF\xBF", 2) == 0 && (unsigned char)p[2] >= 0xBE)) return NULL;
  return p + n;
}

static const struct {
  const char *name;
  size_t len;
  char c;
} entities[] = {{"&amp;", 5, '&'}, {"&lt;", 4, '<'}, {"&gt;", 4, '>'}, {"&quot;", 6, '"'}, {"&apos;", 6, '\''}};

/* Reads text up to the next '<', where it gives p back; *stop is where the text ends when its entities are
 * what they mean: it can only become shorter, so that is done in its place. */
static const char *skip_text(scan *s, const char *p, const char **stop) {
  char *to = NULL; /* where the next byte goes once the first entity has been met */
  for (;;) {
    const char *from = p;
    while (is(p, PLAIN)) p++;
    if (*p != '<' && *p != '&') {
      if (!(p = skip_strange(s, p))) return NULL;
    }
    if (to && p > from) {
      memmove(to, from, (size_t)(p - from));
      to += p - from;
    }
    if (*p == '<') break;
    if (*p != '&') continue;
    size_t i = 0, kinds = sizeof entities / sizeof *entities;
    while (i < kinds && strncmp(p, entities[i].name, entities[i].len) != 0) i++;
    if (i == kinds) return NULL;
    if (!to) to = s->begin + (p - s->begin);
    *to++ = entities[i].c;
    p += entities[i].len;
  }
  *stop = to ? to : p;
  return p;
}

/* Reads the attributes of a start tag; gives back where they end. */
static const char *read_attributes(scan *s, const char *p, cso_xml_node *n) {
  struct {
    const char *name;
    size_t len;
  } known[ATTRIBUTES];
  int count = 0;
  for (;;) {
    const char *name = skip_blanks(p);
    if (*name == '>' || *name == '/') return name;
    const char *end = skip_name(name);
    if (name == p || !end || count == ATTRIBUTES) return NULL;
    size_t len = (size_t)(end - name);
    for (int i = 0; i < count; i++)
      if (known[i].len == len && memcmp(known[i].name, name, len) == 0) return NULL;
    known[count].name = name;
    known[count++].len = len;
    p = skip_blanks(end);
    if (*p != '=') return NULL;
    p = skip_blanks(p + 1);
    char quote = *p++;
    if (quote != '"' && quote != '\'') return NULL;
    const char *value = p;
    while (*p != quote) {
      /* Blanks other than a space become one in an attribute. */
      if (is(p, PLAIN) && (*p == ' ' || !is(p, BLANK))) p++;
      else if (*p == ']') p++;
      else if (!(p = skip_strange(s, p))) return NULL;
    }
    p++;
    bool space = len >= 5 && memcmp(name, "xmlns", 5) == 0 && (len == 5 || name[5] == ':');
    if (space && !s->limits.xmlns) continue;
    cso_xml_attribute a = {span(s, space ? name : local(name, end), end), span(s, value, p - 1)};
    cso_buf_add(&s->doc->attributes, &a, sizeof a);
    n->attribute_count++;
  }
}

static cso_xml_node *node_at(const scan *s, uint32_t i) {
  return (cso_xml_node *)(void *)s->doc->nodes.data + i;
}

/* Adds an element below the innermost open one, and opens it. Gives back its index. */
static uint32_t add_node(scan *s, const cso_xml_node *n) {
  uint32_t self = (uint32_t)(s->doc->nodes.len / sizeof *n);
  cso_buf_add(&s->doc->nodes, n, sizeof *n);
  if (s->doc->nodes.failed) return CSO_XML_NONE;
  if (s->depth > 0) {
    level *parent = &s->levels[s->depth - 1];
    cso_xml_node *p = node_at(s, parent->node);
    if (parent->last_child == CSO_XML_NONE) p->child = self;
    else node_at(s, parent->last_child)->next = self;
    parent->last_child = self;
    p->child_count++;
  }
  return self;
}

/* Reads a start tag, p being at its name; *open: whether an end tag follows. */
static const char *read_start(scan *s, const char *p, bool *open) {
  const char *name = p;
  if (s->depth >= LEVELS || s->depth >= s->limits.depth || !(p = skip_name(p))) return NULL;
  if (s->doc->nodes.len + s->doc->attributes.len > s->limits.structure) return NULL;
  const char *own = local(name, p);
  cso_xml_node n = {.name = span(s, own, p), .hash = CSO_XML_SEED, .child = CSO_XML_NONE,
                    .next = CSO_XML_NONE,
                    .attribute = (uint32_t)(s->doc->attributes.len / sizeof(cso_xml_attribute))};
  for (const char *c = own; c < p; c++) n.hash = cso_xml_hash(n.hash, *c);
  size_t len = (size_t)(p - name);
  if (*p != '>' && !(p = read_attributes(s, p, &n))) return NULL;
  *open = *p == '>';
  if (!*open && *++p != '>') return NULL;
  uint32_t self = add_node(s, &n);
  if (self == CSO_XML_NONE) return NULL;
  if (*open) s->levels[s->depth++] = (level){self, CSO_XML_NONE, name, len};
  return p + 1;
}

/* Reads the end tag of the innermost open element, whose last text is from … stop. */
static const char *read_end(scan *s, const char *p, const char *from, const char *stop) {
  const level *here = &s->levels[s->depth - 1];
  if (strncmp(p, here->name, here->name_len) != 0) return NULL;
  p = skip_blanks(p + here->name_len);
  if (*p != '>') return NULL;
  cso_xml_node *n = node_at(s, here->node);
  if (n->child_count == 0) n->text = span(s, from, stop);
  else if (skip_blanks(from) < stop) return NULL;
  s->depth--;
  return p + 1;
}

/* Reads the root element and all that is in it. */
static const char *read_elements(scan *s, const char *p) {
  bool open;
  if (*p++ != '<' || !(p = read_start(s, p, &open))) return NULL;
  while (s->depth > 0) {
    const char *from = p, *stop;
    if (!(p = skip_text(s, p, &stop))) return NULL;
    if (p[1] == '/') {
      if (!(p = read_end(s, p + 2, from, stop))) return NULL;
    } else {
      if (skip_blanks(from) < stop || !(p = read_start(s, p + 1, &open))) return NULL;
    }
  }
  return p;
}

bool cso_xml_scan(cso_xml *doc, const char *text, size_t len, cso_xml_limits limits) {
  scan s = {.doc = doc, .limits = limits};
  if (len == 0 || *text != '<') return false;
  cso_buf_reserve(&doc->nodes, len / ELEMENT * sizeof(cso_xml_node));
  cso_buf_add(&doc->bytes, text, len);
  cso_buf_char(&doc->bytes, 0);
  if (!doc->bytes.failed) {
    s.begin = doc->bytes.data;
    s.end = s.begin + len;
    const char *p = skip_declaration(s.begin);
    if (p) p = read_elements(&s, skip_blanks(p));
    if (p && skip_blanks(p) == s.end && !doc->nodes.failed && !doc->attributes.failed) return true;
  }
  cso_xml_free(doc);
  return false;
}
