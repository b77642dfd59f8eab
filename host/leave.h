/* Ending the process, by whichever door. */
#ifndef CSORUN_LEAVE_H
#define CSORUN_LEAVE_H
#include <lua.h>

/* To be called once, before anything else: makes leaving safe while threads still work. */
void leave_prepare(void);

/* No core file and no ptrace by other processes: memory holds credentials. */
void leave_no_core(void);

/* To be called before anything in the state has a finalizer: what `leave` does last hangs on it, because
 * the oldest finalizer is the last one.  [-0, +0, m] */
void leave_last(lua_State *L);

/* Closes the state and the loop and ends the process. Work on other threads is not waited for. */
_Noreturn void leave(lua_State *L, int status);

#endif
