#include "leave.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/loop.h"
#include "core/pool.h"
#include "core/work.h"

void leave_prepare(void) {
  /* OpenSSL would tear itself down in exit() under the hands of a thread that makes a key. */
  OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
}

void leave_no_core(void) {
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__ /* the leak sanitizer looks into the process from outside */
  prctl(PR_SET_DUMPABLE, 0);
#endif
}

#ifndef __SANITIZE_ADDRESS__
/* For the last moments of a state: what it frees, the kernel is about to take back as a whole. */
static void *allocate_only(void *ud, void *block, size_t old, size_t size) {
  (void)ud;
  return size == 0 ? NULL : cso_pool_resize(block, old, size);
}
#endif

static _Noreturn void end(int status) {
  if (work_running() > 0) {
    /* A key of 4096 bits may take seconds more; libuv's own destructor would wait for it. */
    fflush(NULL);
    _exit(status);
  }
  loop_close();
  exit(status);
}

#ifndef __SANITIZE_ADDRESS__
static int leaving, with_status;

/* All that has an end of its own has had it: the rest is memory, and visiting each table of a large run
 * to free it would be a good part of that run. */
static int last_finalizer(lua_State *L) {
  (void)L;
  if (leaving) end(with_status);
  return 0;
}
#endif

void leave_last(lua_State *L) {
#ifndef __SANITIZE_ADDRESS__
  static const char key;
  lua_newuserdatauv(L, 0, 0);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, last_finalizer);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
#else
  (void)L;
#endif
}

_Noreturn void leave(lua_State *L, int status) {
  loop_settle();
#ifndef __SANITIZE_ADDRESS__
  leaving = 1;
  with_status = status;
  lua_setallocf(L, allocate_only, NULL);
#endif
  lua_close(L);
  end(status);
}
