/* host.limits: what a playbook's own Lua may cost, and what reading an answer may. A loop that never comes back to the scheduler,
 * and tables that eat the machine's memory, end in an error at the user's line.
 *
 * No count hook runs all the time (each instruction would pay for it): a timer of CPU time looks
 * every TICK whether the same stretch of Lua still runs, and only then puts a hook into the
 * running coroutine, as the stock interpreter does for Ctrl-C. */
#include <lauxlib.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "bind/option.h"
#include "core/pool.h"
#include "core/resident.h"
#include "core/signals.h"
#include "state.h"

enum { TICK_MS = 100, NEARLY = 8, RESERVE = 4, RESERVE_LEAST = 16 << 20, SMALL = 16 << 10 };

/* So many ticks after its error was due, a stretch that still runs ends the process; sooner where
 * the limit itself is shorter. */
enum { GRACE = 50, INTERRUPTED_GRACE = 10, EXIT_USAGE = 3, FRAMES = 100 };

static const char OWN[] = "@lua/"; /* chunk names of csorun's own Lua begin so: state.c */

static lua_State *volatile current; /* the coroutine that runs, NULL between two */
static volatile sig_atomic_t stretch, seen, ticks;
static volatile sig_atomic_t allowed_ticks; /* 0: no limit */
static volatile sig_atomic_t overdue;       /* ticks since the error of this stretch was due */
static int raise_ref = LUA_NOREF;

static struct {
  size_t used, limit; /* limit 0: none */
  size_t said;        /* the limit without its reserve */
  size_t purse;       /* what may be held within `spend`; 0: none is under way */
  char file[LUA_IDSIZE];
  int line;
} memory;

/* 1 when some of the user's own Lua stands in L between two levels of its stack. */
static int user_between(lua_State *L, lua_Debug *ar, int level, int end) {
  for (; level < end && lua_getstack(L, level, ar); level++) {
    if (!lua_getinfo(L, "Sl", ar)) continue;
    if (*ar->what != 'C' && strncmp(ar->source, OWN, sizeof OWN - 1) != 0) return 1;
  }
  return 0;
}

/* 1 when some of the user's own Lua runs in L: its innermost place is left in *ar. Asking for a level
 * takes as long as the level is deep, so the middle of what recurses for ever is left out. */
static int user_frame(lua_State *L, lua_Debug *ar) {
  if (user_between(L, ar, 0, FRAMES)) return 1;
  if (!lua_getstack(L, FRAMES, ar)) return 0;
  int there = FRAMES, beyond = FRAMES * 2;
  while (lua_getstack(L, beyond, ar)) {
    there = beyond;
    beyond *= 2;
  }
  while (beyond - there > 1) {
    int middle = there + (beyond - there) / 2;
    if (lua_getstack(L, middle, ar)) there = middle;
    else beyond = middle;
  }
  int outer = there - FRAMES;
  return user_between(L, ar, outer < FRAMES ? FRAMES : outer, beyond);
}

static int nearly_full(void) {
  return memory.limit && memory.used > memory.limit - memory.limit / NEARLY;
}

static int is_late(void) { return allowed_ticks && ticks >= allowed_ticks; }

static const char *reason(void) {
  if (signals_untold() > 0) return "interrupted";
  if (nearly_full()) return "memory_limit";
  return is_late() ? "time_limit" : NULL;
}

/* Runs at every instruction of the busy coroutine, and stays until no user's function is left in
 * it: a pcall of the user's, which would catch the error and go on, is left by the next one. */
static void hook(lua_State *L, lua_Debug *unused) {
  (void)unused;
  lua_Debug ar;
  const char *why = ticks > 0 && seen == stretch ? reason() : NULL;
  int full = why && strcmp(why, "memory_limit") == 0;
  if (full) lua_gc(L, LUA_GCCOLLECT);
  if (!why || (full && !nearly_full()) || !user_frame(L, &ar)) {
    overdue = 0; /* csorun itself is busy, and will come back */
    lua_sethook(L, NULL, 0, 0);
    return;
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, raise_ref);
  lua_pushstring(L, why);
  lua_pushstring(L, ar.source);
  lua_pushinteger(L, ar.currentline);
  lua_call(L, 3, 0);
}

static char *put(char *at, const char *end, const char *text) {
  while (*text && at < end) *at++ = *text++;
  return at;
}

static char *put_number(char *at, const char *end, int number) {
  char digits[12];
  char *first = digits + sizeof digits - 1;
  *first = '\0';
  do *--first = (char)('0' + number % 10);
  while (number /= 10);
  return put(at, end, first);
}

/* No hook runs within C (a pattern that backtracks for ever, a move of 2^40 items), within a
 * finalizer or within a message handler that an error of the hook has called, and a tree of pcalls
 * takes for ever to unwind. What runs on then is ended from here, where only what a signal handler
 * may call is called. What a run has begun is in its journal. */
static void give_up(lua_State *L, int interrupted) {
  lua_Debug ar;
  char text[512];
  const char *end = text + sizeof text;
  if (!user_frame(L, &ar)) return;
  char *at = put(text, end, "\nerror: ");
  at = put(at, end, interrupted ? "interrupted while Lua was busy" : "this ran on after its limit of ");
  if (!interrupted) {
    at = put_number(at, end, (int)allowed_ticks * TICK_MS / 1000);
    at = put(at, end, " s of CPU time, where no error can end it");
  }
  at = put(put(at, end, "\n  at "), end, *ar.source == '@' ? ar.source + 1 : ar.short_src);
  if (ar.currentline > 0) at = put_number(put(at, end, ":"), end, ar.currentline);
  if (!interrupted) at = put(at, end, "\n  hint: a pattern that tries every way to cut a text, a finalizer or an error handler"
                                      " that loops? CSORUN_LUA_SECONDS=600 allows more, 0 any");
  at = put(at, end, "\nStopped at once. The journal has what was under way; the next run goes on from it.\n");
  (void)!write(2, text, (size_t)(at - text));
  _exit(interrupted ? 128 + SIGINT : EXIT_USAGE);
}

static void watch(lua_State *L) {
  lua_sethook(L, hook, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
}

/* Only asks and sets: lua_sethook may be called in a signal handler. */
static void tick(int number) {
  (void)number;
  lua_State *L = current;
  if (!L) return;
  if (seen != stretch) {
    seen = stretch;
    ticks = overdue = 0;
    return;
  }
  ticks = ticks + 1;
  if (!reason()) return;
  watch(L);
  int interrupted = signals_untold() > 0;
  if (!interrupted && !is_late()) return;
  overdue = overdue + 1;
  int grace = interrupted ? INTERRUPTED_GRACE : GRACE < allowed_ticks ? GRACE : allowed_ticks;
  if (overdue > grace) give_up(L, interrupted);
}

/* The tick may come to a thread of the pool; the Lua state belongs to this one. */
static pthread_t owner;
static void on_tick(int number) {
  if (pthread_equal(pthread_self(), owner)) tick(number);
  else pthread_kill(owner, number);
}

/* The error that comes of a refusal has to be told, by more Lua, while what fills the memory is still
 * held: small things have more room than large ones. */
static size_t ceiling(size_t size) {
  return size > SMALL ? memory.limit : memory.limit + memory.limit / RESERVE + RESERVE_LEAST;
}

/* Lua's allocator, counting. What is refused is first collected by Lua, and asked for again. */
static void *allocate(void *ud, void *block, size_t old, size_t size) {
  (void)ud;
  if (!block) old = 0; /* then it is a type, not a size */
  if (size == 0) {
    memory.used -= old;
    return cso_pool_resize(block, old, 0);
  }
  if (size > old && memory.purse && memory.used + (size - old) > memory.purse) return NULL;
  if (size > old && memory.limit && memory.used + (size - old) > ceiling(size)) {
    lua_Debug ar;
    memory.file[0] = '\0';
    if (current && user_frame(current, &ar)) {
      memcpy(memory.file, ar.short_src, sizeof memory.file);
      memory.line = ar.currentline;
    }
    return NULL;
  }
  void *moved = cso_pool_resize(block, old, size);
  if (moved) memory.used += size - old;
  return moved;
}

static void count_from_now(lua_State *L) {
  void *ud;
  if (lua_getallocf(L, &ud) == allocate) return;
  memory.used = (size_t)lua_gc(L, LUA_GCCOUNT) * 1024 + (size_t)lua_gc(L, LUA_GCCOUNTB);
  lua_setallocf(L, allocate, NULL);
}

/* start{ seconds =, memory =, raise = fn(code, source, line) }: seconds of CPU that one stretch of
 * Lua with a user's function in it may take, bytes that all of Lua may hold; 0 is no limit. raise
 * has to raise. Called once, on the main coroutine's thread. */
static int start(lua_State *L) {
  static const char *const names[] = {"seconds", "memory", "raise", NULL};
  cso_options(L, 1, names);
  lua_Number seconds = cso_option_number(L, 1, "seconds", 0);
  lua_Integer bytes = cso_option_integer(L, 1, "memory", 0);
  luaL_argcheck(L, seconds >= 0 && seconds < 1e6 && bytes >= 0, 1, "a limit below 0, or too large");
  lua_getfield(L, 1, "raise");
  luaL_argcheck(L, lua_isfunction(L, -1), 1, "raise is needed");
  luaL_unref(L, LUA_REGISTRYINDEX, raise_ref);
  raise_ref = luaL_ref(L, LUA_REGISTRYINDEX);
  owner = pthread_self();
  allowed_ticks = (sig_atomic_t)(seconds * 1000 / TICK_MS);
  if (seconds > 0 && allowed_ticks == 0) allowed_ticks = 1;
  count_from_now(L);
  memory.limit = memory.said = (size_t)bytes;
  struct sigaction action = {0};
  action.sa_handler = on_tick;
  action.sa_flags = SA_RESTART;
  sigaction(SIGPROF, &action, NULL);
  const struct itimerval every = {{0, TICK_MS * 1000}, {0, TICK_MS * 1000}};
  setitimer(ITIMER_PROF, &every, NULL);
  return 0;
}

/* spend(bytes, fn, …) -> true, results… | false, what was raised: calls fn, which may hold so many
 * bytes more than Lua holds now, or raises "not enough memory". What strangers send is read within
 * it: a few bytes of theirs can ask for a table each. fn can't await. */
static int spend(lua_State *L) {
  lua_Integer bytes = luaL_checkinteger(L, 1);
  luaL_argcheck(L, bytes > 0, 1, "must be positive");
  luaL_checkany(L, 2);
  count_from_now(L);
  size_t before = memory.purse, purse = memory.used + (size_t)bytes;
  memory.purse = before && before < purse ? before : purse;
  int status = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 0);
  memory.purse = before;
  lua_pushboolean(L, status == LUA_OK);
  lua_replace(L, 1);
  return lua_gettop(L);
}

/* running(coroutine|nil): a new stretch begins; nil: none runs. */
static int running(lua_State *L) {
  current = lua_tothread(L, 1);
  stretch = stretch + 1;
  return 0;
}

/* inside(coroutine|nil) -> the one before: within a stretch, another coroutine runs now. The
 * caller keeps both alive. */
static int inside(lua_State *L) {
  lua_State *before = current;
  lua_State *now = lua_tothread(L, 1);
  current = now;
  /* The error that ended a coroutine is its resume's result. Who goes on with the next one, ends too. */
  if (now && overdue > 1 && seen == stretch && is_late()) watch(now);
  if (before) {
    lua_pushthread(before);
    if (before != L) lua_xmove(before, L, 1);
  } else {
    lua_pushnil(L);
  }
  return 1;
}

/* refused() -> source, line | nil: where the user's Lua stood when memory was last refused, when
 * that was in a user's Lua; the limit in bytes is the third value. */
static int refused(lua_State *L) {
  if (memory.file[0]) {
    lua_pushstring(L, memory.file);
    lua_pushinteger(L, memory.line);
  } else {
    lua_pushnil(L);
    lua_pushnil(L);
  }
  lua_pushinteger(L, (lua_Integer)memory.said);
  return 3;
}

/* widen(): memory is full, and the error that tells it is on its way. What fills it may be held until
 * that is done, and telling needs memory, too: twice as much is allowed from then on. */
static int widen(lua_State *L) {
  (void)L;
  if (memory.limit == memory.said) memory.limit += memory.said;
  return 0;
}

/* machine() -> bytes of memory that this machine has */
static int machine(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE));
  return 1;
}

/* slim(): lets go of what stands in memory and is not needed there now. */
static int slim(lua_State *L) {
  (void)L;
  cso_let_go();
  return 0;
}

/* large_pages(): Lua's memory comes in large pages from now on. */
static int large_pages(lua_State *L) {
  (void)L;
  cso_pool_large_pages();
  return 0;
}

static const luaL_Reg functions[] = {
  {"inside", inside},   {"large_pages", large_pages}, {"machine", machine}, {"refused", refused}, {"running", running},
  {"slim", slim},       {"spend", spend},             {"start", start},     {"widen", widen},     {NULL, NULL},
};

int luaopen_host_limits(lua_State *L) {
  luaL_newlib(L, functions);
  return 1;
}
