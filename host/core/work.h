/* CPU work on libuv's thread pool. Loop thread only, except for the work itself. */
#ifndef CSORUN_CORE_WORK_H
#define CSORUN_CORE_WORK_H
#include <stddef.h>

#include "core/buf.h"
#include "core/loop.h"

/* A completion of this kind is a work_result. */
struct work_result {
  struct completion base;
  cso_buf value;     /* wiped when freed: it may be a key */
  const char *error; /* static text, or NULL */
};

/* Set by the binding: how a result is pushed. */
extern void (*work_result_push)(void *lua_state, const struct completion *c);

/* Each starts a job (copying its input) and returns its id; 0 when memory is out. */
uint64_t work_rsa_key(int bits);
uint64_t work_gzip(const char *data, size_t len);

/* Number of jobs that have not ended. */
int work_running(void);

#endif
