#include "core/signals.h"

#include <stdlib.h>

#include "core/loop.h"

struct signal_watch {
  uv_signal_t uv;
  uint64_t id;
};

struct signal_completion {
  struct completion base;
  int number;
};

void (*signal_completion_push)(void *lua_state, const struct completion *c);

static void push(void *L, const struct completion *c) { signal_completion_push(L, c); }
static void free_completion(struct completion *c) { free(c); }
static const struct completion_kind kind = {push, free_completion};

int signal_completion_number(const struct completion *c) {
  return ((const struct signal_completion *)c)->number;
}

static void on_signal(uv_signal_t *uv, int number) {
  struct signal_watch *w = uv->data;
  struct signal_completion *c = calloc(1, sizeof *c);
  if (!c) return; /* the next one will be told */
  c->base.kind = &kind;
  c->base.id = w->id;
  c->number = number;
  loop_post(&c->base);
}

static void on_closed(uv_handle_t *uv) { free(uv->data); }

struct signal_watch *signal_watch_open(int number, int *error) {
  struct signal_watch *w = calloc(1, sizeof *w);
  if (!w) {
    *error = UV_ENOMEM;
    return NULL;
  }
  *error = uv_signal_init(loop_uv(), &w->uv);
  if (*error) {
    free(w);
    return NULL;
  }
  w->uv.data = w;
  w->id = loop_new_id();
  uv_unref((uv_handle_t *)&w->uv);
  *error = uv_signal_start(&w->uv, on_signal, number);
  if (*error) {
    signal_watch_close(w);
    return NULL;
  }
  return w;
}

uint64_t signal_watch_id(const struct signal_watch *w) { return w->id; }

void signal_watch_close(void *watch) {
  struct signal_watch *w = watch;
  uv_close((uv_handle_t *)&w->uv, on_closed);
}
