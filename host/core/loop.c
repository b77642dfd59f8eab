#include "core/loop.h"

#include <stdlib.h>

static struct {
  int open;
  int woken;
  int expired;
  int running;
  int own_handles;
  int64_t busy;
  uint64_t last_id;
  uv_loop_t uv;
  uv_timer_t limit; /* ends a wait that has a time limit */
  struct completion *head, **tail;
  void (*closers[8])(void);
  int closer_count;
} loop;

uv_loop_t *loop_uv(void) {
  if (loop.open) return &loop.uv;
  if (uv_loop_init(&loop.uv) != 0) abort(); /* no epoll descriptor: nothing can work */
  uv_timer_init(&loop.uv, &loop.limit);
  uv_unref((uv_handle_t *)&loop.limit);
  loop.own_handles = 1;
  loop.tail = &loop.head;
  loop.open = 1;
  return &loop.uv;
}

uint64_t loop_new_id(void) { return ++loop.last_id; }

/* Ends the turn of libuv's loop that is under way: it runs timers first and would then sleep, although
 * one of them has brought what is waited for. */
static void end_turn(void) {
  if (loop.running) uv_stop(&loop.uv);
}

static int turn(uv_run_mode mode) {
  loop.running = 1;
  int alive = uv_run(&loop.uv, mode);
  loop.running = 0;
  return alive;
}

void loop_post(struct completion *c) {
  loop_uv();
  end_turn();
  c->next = NULL;
  *loop.tail = c;
  loop.tail = &c->next;
}

struct completion *loop_take(void) {
  struct completion *c = loop.head;
  if (!c) return NULL;
  loop.head = c->next;
  if (!loop.head) loop.tail = &loop.head;
  return c;
}

static void on_limit(uv_timer_t *timer) {
  (void)timer;
  loop.expired = 1;
  end_turn();
}

void loop_wait(int64_t ms) {
  uv_loop_t *uv = loop_uv();
  loop.woken = loop.expired = 0;
  if (ms == 0) {
    turn(UV_RUN_NOWAIT);
    return;
  }
  if (ms > 0) {
    /* The loop's clock stood still while Lua ran. */
    uv_update_time(uv);
    uv_timer_start(&loop.limit, on_limit, (uint64_t)ms, 0);
    uv_ref((uv_handle_t *)&loop.limit);
  }
  while (!loop.head && !loop.woken && !loop.expired)
    if (turn(UV_RUN_ONCE) == 0) break;
  if (ms > 0) {
    uv_timer_stop(&loop.limit);
    uv_unref((uv_handle_t *)&loop.limit);
  }
}

void loop_wake(void) {
  loop.woken = 1;
  end_turn();
}

void loop_hold(void) { loop.busy++; }
void loop_release(void) { loop.busy--; }
int64_t loop_busy(void) { return loop.busy; }

int loop_alive(void) {
  if (!loop.open) return 0;
  return loop.head != NULL || uv_loop_alive(&loop.uv);
}

static void count_handle(uv_handle_t *handle, void *count) {
  if (!uv_is_closing(handle)) ++*(int *)count;
}

int loop_handles(void) {
  if (!loop.open) return 0;
  int count = 0;
  uv_walk(&loop.uv, count_handle, &count);
  return count - loop.own_handles;
}

void loop_own_handles(int more) { loop.own_handles += more; }

void loop_settle(void) {
  if (loop.open) uv_run(&loop.uv, UV_RUN_NOWAIT);
}

static void close_handle(uv_handle_t *handle, void *arg) {
  (void)arg;
  if (!uv_is_closing(handle)) uv_close(handle, NULL);
}

void loop_on_close(void (*fn)(void)) {
  if (loop.closer_count == (int)(sizeof loop.closers / sizeof loop.closers[0])) abort();
  loop.closers[loop.closer_count++] = fn;
}

void loop_close(void) {
  if (!loop.open) return;
  while (loop.closer_count > 0) loop.closers[--loop.closer_count]();
  uv_walk(&loop.uv, close_handle, NULL);
  uv_run(&loop.uv, UV_RUN_DEFAULT);
  for (struct completion *c; (c = loop_take());) c->kind->free(c);
  uv_loop_close(&loop.uv);
  loop.open = 0;
}
