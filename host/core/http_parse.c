#include "core/http_parse.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static enum parse_result bad(struct http_request_head *head, int status, const char *reason) {
  http_head_free(head);
  head->status = status;
  head->reason = reason;
  return PARSE_BAD;
}

void http_head_free(struct http_request_head *head) {
  free(head->method);
  free(head->target);
  cso_buf_free(&head->headers);
  memset(head, 0, sizeof *head);
}

static bool is_token_char(unsigned char c) {
  return c > ' ' && c < 127 && !strchr("()<>@,;:\\\"/[]?={}", c);
}

static bool is_token(const char *s, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (!is_token_char((unsigned char)s[i])) return false;
  return n > 0;
}

static bool is_target(const char *s, size_t n) {
  for (size_t i = 0; i < n; i++)
    if ((unsigned char)s[i] <= ' ' || s[i] == 127) return false;
  return n > 0;
}

static bool is_value(const char *s, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (((unsigned char)s[i] < ' ' && s[i] != '\t') || s[i] == 127) return false;
  return true;
}

/* Where the head's last line ends, or 0; SIZE_MAX when a line ends in a bare line feed. */
static size_t find_end(const char *data, size_t len) {
  for (size_t i = 0; i < len; i++) {
    if (data[i] != '\n') continue;
    if (i == 0 || data[i - 1] != '\r') return SIZE_MAX;
    if (i >= 3 && data[i - 2] == '\n') return i + 1;
    if (i == 1) return i + 1; /* an empty line where a request should begin */
  }
  return 0;
}

/* "GET /path HTTP/1.1" */
static const char *read_request_line(struct http_request_head *head, const char *s, size_t n) {
  const char *first = memchr(s, ' ', n);
  if (!first) return "no method";
  const char *target = first + 1;
  const char *second = memchr(target, ' ', n - (size_t)(target - s));
  if (!second) return "no protocol version";
  size_t version = n - (size_t)(second + 1 - s);
  if (version != 8 || memcmp(second + 1, "HTTP/1.", 7) != 0 || !isdigit((unsigned char)second[8]))
    return "not HTTP/1";
  head->http_1_0 = second[8] == '0';
  if (!is_token(s, (size_t)(first - s))) return "a method of odd characters";
  if (!is_target(target, (size_t)(second - target))) return "a target of odd characters";
  head->method = strndup(s, (size_t)(first - s));
  head->target = strndup(target, (size_t)(second - target));
  return head->method && head->target ? NULL : "out of memory";
}

static const char *read_length(struct http_request_head *head, bool *seen, const char *v,
                               size_t n) {
  uint64_t length = 0;
  if (n == 0 || n > 18) return "a bad content-length";
  for (size_t i = 0; i < n; i++) {
    if (!isdigit((unsigned char)v[i])) return "a bad content-length";
    length = length * 10 + (uint64_t)(v[i] - '0');
  }
  if (*seen && length != head->length) return "two content-lengths";
  *seen = true;
  head->length = length;
  return NULL;
}

static bool has_word(const char *v, size_t n, const char *word) {
  size_t w = strlen(word);
  for (size_t i = 0; i + w <= n; i++)
    if (strncasecmp(v + i, word, w) == 0) return true;
  return false;
}

struct seen {
  bool length, host;
};

/* What the headers mean for the reading itself. */
static const char *note(struct http_request_head *head, struct seen *seen, const char *name,
                        const char *v, size_t n) {
  if (strcmp(name, "content-length") == 0) return read_length(head, &seen->length, v, n);
  if (strcmp(name, "transfer-encoding") == 0) {
    if (n != 7 || strncasecmp(v, "chunked", 7) != 0 || head->chunked)
      return "a transfer-encoding other than chunked";
    head->chunked = true;
  } else if (strcmp(name, "connection") == 0) {
    if (has_word(v, n, "close")) head->close = true;
  } else if (strcmp(name, "expect") == 0) {
    if (has_word(v, n, "100-continue")) head->expects_continue = true;
  } else if (strcmp(name, "host") == 0) {
    if (seen->host) return "two hosts";
    seen->host = true;
  }
  return NULL;
}

static const char *read_header(struct http_request_head *head, struct seen *seen, const char *s,
                               size_t n) {
  const char *colon = memchr(s, ':', n);
  if (!colon || !is_token(s, (size_t)(colon - s))) return "a header without a proper name";
  const char *from = colon + 1, *to = s + n;
  while (from < to && (*from == ' ' || *from == '\t')) from++;
  while (to > from && (to[-1] == ' ' || to[-1] == '\t')) to--;
  if (!is_value(from, (size_t)(to - from))) return "a header's value of odd characters";
  size_t at = head->headers.len;
  for (const char *p = s; p < colon; p++)
    cso_buf_char(&head->headers, (char)tolower((unsigned char)*p));
  cso_buf_char(&head->headers, 0);
  cso_buf_add(&head->headers, from, (size_t)(to - from));
  cso_buf_char(&head->headers, 0);
  if (head->headers.failed) return "out of memory";
  return note(head, seen, head->headers.data + at, from, (size_t)(to - from));
}

enum parse_result http_parse_head(const char *data, size_t len, size_t max,
                                  struct http_request_head *head, size_t *used) {
  memset(head, 0, sizeof *head);
  size_t end = find_end(data, len);
  if (end == SIZE_MAX) return bad(head, 400, "a line ends without a carriage return");
  if ((end ? end : len) > max) return bad(head, 431, "the headers are too large");
  if (end == 0) return PARSE_MORE;
  *used = end;
  struct seen seen = {0};
  const char *line = data, *limit = data + end - 2;
  for (bool first = true; first || line < limit; first = false) {
    const char *eol = memchr(line, '\n', (size_t)(data + end - line));
    size_t n = (size_t)(eol - 1 - line);
    const char *fault =
        first ? read_request_line(head, line, n) : read_header(head, &seen, line, n);
    if (fault) return bad(head, 400, fault);
    line = eol + 1;
  }
  if (!head->http_1_0 && !seen.host) return bad(head, 400, "no host");
  if (head->chunked && (seen.length || head->http_1_0))
    return bad(head, 400, "chunks where there can be none");
  if (head->http_1_0) head->close = true;
  return PARSE_DONE;
}

enum { SIZE, EXTENSION, SIZE_LF, DATA, DATA_CR, DATA_LF, TRAILER, TRAILER_LINE, TRAILER_LF, END_LF };
enum { MAX_SKIPPED = 16384 };

static int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = (char)(c | 32);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One byte outside of a chunk's data. */
static enum parse_result chunk_byte(struct chunk_reader *r, char c) {
  switch (r->state) {
    case SIZE:
      if (hex(c) >= 0) {
        if (++r->digits > 15) return PARSE_BAD;
        r->left = r->left * 16 + (uint64_t)hex(c);
        return PARSE_MORE;
      }
      if (r->digits == 0) return PARSE_BAD;
      r->state = EXTENSION;
      if (c == '\r') r->state = SIZE_LF;
      return c == '\r' || c == ';' || c == ' ' || c == '\t' ? PARSE_MORE : PARSE_BAD;
    case EXTENSION:
      if (c == '\r') r->state = SIZE_LF;
      return c == '\n' || ++r->line > MAX_SKIPPED ? PARSE_BAD : PARSE_MORE;
    case SIZE_LF:
      r->state = r->left > 0 ? DATA : TRAILER;
      r->digits = 0;
      return c == '\n' ? PARSE_MORE : PARSE_BAD;
    case DATA_CR:
      r->state = DATA_LF;
      return c == '\r' ? PARSE_MORE : PARSE_BAD;
    case DATA_LF:
      r->state = SIZE;
      return c == '\n' ? PARSE_MORE : PARSE_BAD;
    case TRAILER:
      r->state = c == '\r' ? END_LF : TRAILER_LINE;
      return c == '\n' ? PARSE_BAD : PARSE_MORE;
    case TRAILER_LINE:
      if (c == '\r') r->state = TRAILER_LF;
      return c == '\n' || ++r->line > MAX_SKIPPED ? PARSE_BAD : PARSE_MORE;
    case TRAILER_LF:
      r->state = TRAILER;
      return c == '\n' ? PARSE_MORE : PARSE_BAD;
    default: return c == '\n' ? PARSE_DONE : PARSE_BAD; /* END_LF */
  }
}

enum parse_result http_parse_chunks(struct chunk_reader *r, const char *data, size_t len,
                                    cso_buf *body, uint64_t max, size_t *used) {
  size_t i = 0;
  enum parse_result result = PARSE_MORE;
  while (i < len && result == PARSE_MORE) {
    if (r->state != DATA) {
      result = chunk_byte(r, data[i++]);
      continue;
    }
    size_t n = len - i < r->left ? len - i : (size_t)r->left;
    if (body->len + r->left > max) return PARSE_BAD;
    cso_buf_add(body, data + i, n);
    i += n;
    r->left -= n;
    if (r->left == 0) r->state = DATA_CR;
  }
  *used = i;
  return body->failed ? PARSE_BAD : result;
}
