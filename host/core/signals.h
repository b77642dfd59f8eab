/* Signals as completions. A watch does not keep the loop alive. */
#ifndef CSORUN_CORE_SIGNALS_H
#define CSORUN_CORE_SIGNALS_H
#include <stdint.h>

struct completion;
struct signal_watch;

/* Starts to watch; NULL with *error set to a uv error code on failure. Completions with
 * signals_completion's kind arrive under signal_watch_id until signal_watch_close. */
struct signal_watch *signal_watch_open(int number, int *error);
uint64_t signal_watch_id(const struct signal_watch *w);
void signal_watch_close(void *watch);

/* The signal's number in a completion of a watch. */
int signal_completion_number(const struct completion *c);

/* How many SIGINTs have come since the loop last told of one. Safe in a signal handler. */
int signals_untold(void);

/* Set by the binding: how such a completion is pushed. */
extern void (*signal_completion_push)(void *lua_state, const struct completion *c);

#endif
