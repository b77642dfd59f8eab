#include "core/signals.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* A watched signal waits for the loop. A playbook that never comes back to it (an endless loop of
 * its own) could then not be interrupted at all, so the third SIGINT in a row that nobody has been
 * told of ends the process. What is under way is in the journal. */
enum { PATIENCE = 3 };
static volatile sig_atomic_t untold;
static void (*uv_handler)(int number);

int signals_untold(void) { return untold; }

static void on_interrupt(int number) {
  static const char words[] = "\ncsorun: interrupted while busy\n";
  if (++untold >= PATIENCE) {
    (void)!write(2, words, sizeof words - 1);
    _exit(128 + SIGINT);
  }
  uv_handler(number);
}

/* Puts on_interrupt before libuv's handler, once that is installed. */
static void watch_patience(int number) {
  struct sigaction action;
  if (number != SIGINT || sigaction(number, NULL, &action) != 0) return;
  if (action.sa_handler == on_interrupt || (action.sa_flags & SA_SIGINFO)) return;
  uv_handler = action.sa_handler;
  action.sa_handler = on_interrupt;
  sigaction(number, &action, NULL);
}

/* Who started this with nohup wants it to run on when the terminal is closed. (SIGINT is another matter: a
 * shell lets all that a script puts into its background ignore it, whoever sends it there later.) */
static int is_ignored(int number) {
  struct sigaction action;
  if (number != SIGHUP) return 0;
  return sigaction(number, NULL, &action) == 0 && !(action.sa_flags & SA_SIGINFO) && action.sa_handler == SIG_IGN;
}

static void on_signal(uv_signal_t *uv, int number) {
  struct signal_watch *w = uv->data;
  untold = 0;
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
  if (is_ignored(number)) return w;
  *error = uv_signal_start(&w->uv, on_signal, number);
  if (*error) {
    signal_watch_close(w);
    return NULL;
  }
  watch_patience(number);
  return w;
}

uint64_t signal_watch_id(const struct signal_watch *w) { return w->id; }

void signal_watch_close(void *watch) {
  struct signal_watch *w = watch;
  uv_close((uv_handle_t *)&w->uv, on_closed);
}
