/* The format is that of ldump.c, Lua 5.4: a header, the number of upvalues, a function. Numbers are groups of
 * seven bits, the last of which has the eighth set; texts come after their length plus one. */
#include "slim.h"

#include <lua.h>
#include <string.h>

enum { HEADER = 4 + 1 + 1 + 6 + 1 + 1 + 1 + 8 + 8, INSTRUCTION = 4, NUMBER = 8, UPVALUE = 3 };
enum { FLOAT = 0x13, INTEGER = 0x03, SHORT_STRING = 0x04, LONG_STRING = 0x14, NIL = 0x00, FALSE = 0x01, TRUE = 0x11 };
static const size_t NO_NAMES = 0;

struct chunk {
  const unsigned char *from, *end;
  unsigned char *to;
  int broken;
};

/* Steps over n bytes; those that are kept move to where the output ends. */
static void pass(struct chunk *c, size_t n, int kept) {
  if (c->broken || (size_t)(c->end - c->from) < n) {
    c->broken = 1;
    return;
  }
  if (kept) {
    memmove(c->to, c->from, n);
    c->to += n;
  }
  c->from += n;
}

static size_t number(struct chunk *c, int kept) {
  size_t n = 0;
  for (;;) {
    const unsigned char *at = c->from;
    pass(c, 1, 0);
    if (c->broken) return 0;
    unsigned char byte = *at;
    if (kept) *c->to++ = byte;
    n = n << 7 | (byte & 0x7f);
    if (byte & 0x80) return n;
  }
}

static void text(struct chunk *c, int kept) {
  size_t n = number(c, kept);
  if (n > 1) pass(c, n - 1, kept);
}

static void constants(struct chunk *c) {
  for (size_t n = number(c, 1); n > 0 && !c->broken; n--) {
    const unsigned char *type = c->from;
    pass(c, 1, 0);
    if (c->broken) return;
    unsigned char is = *type;
    *c->to++ = is;
    switch (is) {
      case FLOAT: case INTEGER: pass(c, NUMBER, 1); break;
      case SHORT_STRING: case LONG_STRING: text(c, 1); break;
      case NIL: case FALSE: case TRUE: break;
      default: c->broken = 1;
    }
  }
}

static void locals(struct chunk *c) {
  for (size_t n = number(c, 0); n > 0 && !c->broken; n--) {
    text(c, 0);
    number(c, 0);
    number(c, 0);
  }
  *c->to++ = (unsigned char)(0x80 | NO_NAMES);
}

static void function(struct chunk *c) {
  text(c, 1); /* its source */
  number(c, 1);
  number(c, 1);
  pass(c, 3, 1); /* parameters, varargs, stack */
  pass(c, number(c, 1) * INSTRUCTION, 1);
  constants(c);
  pass(c, number(c, 1) * UPVALUE, 1);
  for (size_t n = number(c, 1); n > 0 && !c->broken; n--) function(c);
  pass(c, number(c, 1), 1); /* lines */
  for (size_t n = number(c, 1); n > 0 && !c->broken; n--) {
    number(c, 1);
    number(c, 1);
  }
  if (c->broken) return;
  locals(c);
  for (size_t n = number(c, 1); n > 0 && !c->broken; n--) text(c, 1); /* names of upvalues */
}

size_t slim_chunk(unsigned char *chunk, size_t size) {
  struct chunk c = {.from = chunk, .end = chunk + size, .to = chunk};
  if (size < HEADER || memcmp(chunk, LUA_SIGNATURE, 4) != 0 || chunk[4] != 0x54) return 0;
  pass(&c, HEADER + 1, 1);
  function(&c);
  return c.broken || c.from != c.end ? 0 : (size_t)(c.to - chunk);
}
