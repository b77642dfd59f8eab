#include "core/http_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void (*http_piece_push)(void *lua_state, const struct completion *c);

static const struct curl_api *api;

enum { AHEAD = 256 << 10, /* bytes that wait for a reader before the other side has to wait */
       WORDS = 1 << 20 }; /* of a failure, in the place of content */

#define FILE_BUFFER 65536L /* of what goes to a file; curl's own 16 KiB do for the rest */

/* --- pieces ---------------------------------------------------------------------------------- */

static void push(void *L, const struct completion *c) { http_piece_push(L, c); }

static void free_piece(struct completion *c) {
  struct http_piece *p = (struct http_piece *)c;
  cso_buf_free(&p->headers);
  cso_buf_free(&p->data);
  free(p);
}

static const struct completion_kind kind = {push, free_piece};

static struct http_piece *new_piece(void) {
  struct http_piece *p = calloc(1, sizeof *p);
  if (!p) return NULL;
  p->base.kind = &kind;
  p->base.id = loop_new_id();
  return p;
}

static void post(struct http_piece **waiting) {
  loop_post(&(*waiting)->base);
  *waiting = NULL;
}

/* Gives what has come to who waits for it, with the head the first time. */
static void hand_over(struct transfer *t) {
  struct http_piece *p = t->reader;
  api->easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &p->status);
  if (!t->told_head && t->has_head) {
    t->told_head = 1;
    p->has_head = 1;
    cso_buf_add(&p->headers, t->result->headers.data, t->result->headers.len);
  }
  p->data = t->result->body;
  t->result->body = (cso_buf){0};
  post(&t->reader);
}

/* --- the answer's body ----------------------------------------------------------------------- */

const char *http_sink_open(const struct curl_api *loaded, struct transfer *t, const struct http_options *o) {
  api = loaded;
  t->streamed = o->stream;
  t->fed = o->feed;
  if (!o->to_file) return NULL;
  int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (o->to_at < 0 ? O_TRUNC : 0);
  int fd = open(o->to_file, flags, 0666);
  if (fd >= 0 && o->to_at > 0 && lseek(fd, (off_t)o->to_at, SEEK_SET) < 0) {
    close(fd);
    fd = -1;
  }
  t->to = fd >= 0 ? fdopen(fd, "wb") : NULL;
  if (!t->to) {
    if (fd >= 0) close(fd);
    return "the file for the answer can't be created";
  }
  if (o->to_sum && !(t->sum = cso_digest_new(o->to_sum))) return "out of memory";
  api->easy_setopt(t->easy, CURLOPT_BUFFERSIZE, FILE_BUFFER);
  return NULL;
}

static size_t unwritten(struct transfer *t) {
  http_set_fault(t, "file", errno == ENOSPC ? "the disk is full (error %llu)"
    : "the answer can't be written to its file (error %llu)", (uint64_t)errno);
  return 0;
}

/* A failure's words are no content: they stay in memory, as much of them as anybody would read. */
static size_t keep_words(struct transfer *t, const char *data, size_t n) {
  size_t room = t->result->body.len < WORDS ? WORDS - t->result->body.len : 0;
  cso_buf_add(&t->result->body, data, n < room ? n : room);
  return t->result->body.failed ? 0 : n;
}

size_t http_sink_take(struct transfer *t, const char *data, size_t n) {
  if (t->to) {
    long status = 0;
    api->easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 300) return keep_words(t, data, n);
    if (fwrite(data, 1, n, t->to) != n) return unwritten(t);
    if (t->sum) cso_digest_add(t->sum, data, n);
    return n;
  }
  if (t->streamed && !t->reader && t->result->body.len >= AHEAD) {
    t->held_up = 1;
    return CURL_WRITEFUNC_PAUSE;
  }
  cso_buf_add(&t->result->body, data, n);
  if (t->result->body.failed) return 0;
  if (t->reader) hand_over(t);
  return n;
}

void http_sink_head(struct transfer *t) {
  long status = 0;
  if (!t->reader || t->told_head) return;
  api->easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
  if (status >= 200) hand_over(t);
}

void http_sink_end(struct transfer *t) {
  if (t->to && !t->fault && fflush(t->to) != 0) unwritten(t);
  if (t->sum && !t->fault) t->result->sum_len = cso_digest_end(t->sum, t->result->sum);
  if (t->reader) {
    t->reader->over = 1;
    post(&t->reader);
  }
  if (t->drained) {
    t->drained->over = 1;
    post(&t->drained);
  }
}

void http_sink_close(struct transfer *t) {
  if (t->to) fclose(t->to);
  cso_digest_free(t->sum);
  cso_buf_free(&t->feed);
  if (t->reader) free_piece(&t->reader->base);
  if (t->drained) free_piece(&t->drained->base);
}

uint64_t http_sink_read(struct transfer *t) {
  if (!t->streamed || t->reader || !(t->reader = new_piece())) return 0;
  uint64_t id = t->reader->base.id;
  if (t->result->body.len > 0) hand_over(t);
  /* Who has been refused has nothing more to say; curl would wait for it before it ends. */
  if (t->told_head && t->starved && !t->feed_over) {
    long status = 0;
    api->easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 300) {
      t->feed_over = 1;
      t->starved = 0;
      api->easy_pause(t->easy, t->held_up ? CURLPAUSE_RECV : CURLPAUSE_CONT);
    }
  }
  if (t->held_up) {
    t->held_up = 0;
    api->easy_pause(t->easy, t->starved ? CURLPAUSE_SEND : CURLPAUSE_CONT);
  }
  return id;
}

/* --- the request's body ---------------------------------------------------------------------- */

size_t http_feed_read(struct transfer *t, char *to, size_t size) {
  size_t left = t->feed.len - t->feed_at, n = left < size ? left : size;
  if (n == 0 && !t->feed_over) {
    t->starved = 1;
    return CURL_READFUNC_PAUSE;
  }
  if (n > 0) memcpy(to, t->feed.data + t->feed_at, n);
  t->feed_at += n;
  if (t->feed_at == t->feed.len) {
    t->feed.len = t->feed_at = 0;
    if (t->drained) post(&t->drained);
  }
  return n;
}

uint64_t http_sink_feed(struct transfer *t, const char *data, size_t len, int last) {
  if (!t->fed || t->feed_over || t->drained || !(t->drained = new_piece())) return 0;
  uint64_t id = t->drained->base.id;
  cso_buf_add(&t->feed, data, len);
  t->feed_over = last;
  if (t->feed.failed) {
    t->feed.len = t->feed_at = 0;
    http_set_fault(t, "too_large", "out of memory", 0);
  }
  if (len == 0) post(&t->drained);
  if (t->starved) {
    t->starved = 0;
    api->easy_pause(t->easy, t->held_up ? CURLPAUSE_RECV : CURLPAUSE_CONT);
  }
  return id;
}
