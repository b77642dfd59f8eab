/* The one libuv loop of the process and its done queue.
 *
 * Nothing here or in the other files of host/core calls Lua. What has finished is put on the done
 * queue as a completion; host/bind/loop.c drains the queue when Lua asks. Loop thread only. */
#ifndef CSORUN_CORE_LOOP_H
#define CSORUN_CORE_LOOP_H
#include <stdint.h>
#include <uv.h>

struct completion;

struct completion_kind {
  /* Pushes one table with the completion's fields on the Lua state (given as void* because this
   * floor does not know Lua). `id` is added by the caller. May raise: the caller still owns c. */
  void (*push)(void *lua_state, const struct completion *c);
  /* Frees c and all that it owns. */
  void (*free)(struct completion *c);
};

/* Embedded as the first member of what a module completes with. */
struct completion {
  const struct completion_kind *kind;
  struct completion *next;
  uint64_t id;
};

/* The loop, made at the first call. */
uv_loop_t *loop_uv(void);

/* A number that no other outstanding thing has. */
uint64_t loop_new_id(void);

/* Appends c to the done queue, which owns it from now on. */
void loop_post(struct completion *c);

/* Takes the oldest completion off the queue (the caller owns it), or NULL. */
struct completion *loop_take(void);

/* Runs the loop until something is on the queue, loop_wake was called, ms milliseconds have
 * passed (ms < 0: no limit, 0: only look), or nothing is left that could happen. */
void loop_wait(int64_t ms);

/* Makes the loop_wait under way return: something happened that is not a completion. */
void loop_wake(void);

/* Counts things that are under way and will complete (requests, jobs). */
void loop_hold(void);
void loop_release(void);
int64_t loop_busy(void);

/* Whether anything at all could still happen: open handles that are active, or a completion. */
int loop_alive(void);

/* Number of open handles on the loop, the loop's own not counted. */
int loop_handles(void);

/* Excludes so many more (or fewer) handles from loop_handles: those that nobody who uses the loop has
 * opened, as of kept connections. */
void loop_own_handles(int more);

/* Lets handles that are being closed finish closing: luv's close callbacks need the Lua state, so
 * this comes before lua_close, and loop_close after it. */
void loop_settle(void);

/* Has fn called when the loop is closed, before its handles are: last registered first. */
void loop_on_close(void (*fn)(void));

/* Closes every handle and the loop. Nothing else may be called afterwards. */
void loop_close(void);

#endif
