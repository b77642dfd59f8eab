/* Making the one Lua state, and the one list of host modules. */
#ifndef CSORUN_STATE_H
#define CSORUN_STATE_H
#include <lua.h>

/* A new state: standard libraries, host modules in package.preload, the embedded searcher.
 * `arg` is set from argv, script being the index of the script in it. NULL when out of memory. */
lua_State *state_new(void);

/* Puts every host module into package.preload (host/modules.c). */
void modules_preload(lua_State *L);

/* Runs the function below its nargs arguments with a traceback added to string errors.
 * Returns LUA_OK or the error status, with the error on the stack. */
int state_call(lua_State *L, int nargs, int nresults);

/* Reports the error value on top of the stack on stderr, and pops it. */
void state_report(lua_State *L, const char *program);

/* Sets the global `arg` as the stock interpreter does: script at 0, the rest around it. */
void state_set_arg(lua_State *L, int argc, char **argv, int script);

/* `csorun-lua`: the stock interpreter's command line. Returns the exit status. */
int interpreter_main(lua_State *L, int argc, char **argv);


#endif
