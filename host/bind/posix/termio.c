/* posix.termio */
#include <termios.h>

#include "bind/posix/posix.h"

/* tcgetattr(fd) -> { iflag, oflag, cflag, lflag, ispeed, ospeed, cc = { [VMIN] = … } } */
static int px_tcgetattr(lua_State *L) {
  struct termios t;
  if (tcgetattr(posix_int(L, 1), &t) != 0) return posix_error(L, NULL);
  lua_createtable(L, 0, 7);
  posix_set(L, "iflag", t.c_iflag);
  posix_set(L, "oflag", t.c_oflag);
  posix_set(L, "cflag", t.c_cflag);
  posix_set(L, "lflag", t.c_lflag);
  posix_set(L, "ispeed", cfgetispeed(&t));
  posix_set(L, "ospeed", cfgetospeed(&t));
  lua_newtable(L);
  for (int i = 0; i < NCCS; i++) {
    lua_pushinteger(L, t.c_cc[i]);
    lua_rawseti(L, -2, i);
  }
  lua_setfield(L, -2, "cc");
  return 1;
}

static tcflag_t flag(lua_State *L, const char *name, tcflag_t otherwise) {
  lua_getfield(L, 3, name);
  tcflag_t value = (tcflag_t)luaL_optinteger(L, -1, otherwise);
  lua_pop(L, 1);
  return value;
}

/* tcsetattr(fd, when, attributes) */
static int px_tcsetattr(lua_State *L) {
  int fd = posix_int(L, 1), when = posix_int(L, 2);
  luaL_checktype(L, 3, LUA_TTABLE);
  struct termios t;
  if (tcgetattr(fd, &t) != 0) return posix_error(L, NULL);
  t.c_iflag = flag(L, "iflag", t.c_iflag);
  t.c_oflag = flag(L, "oflag", t.c_oflag);
  t.c_cflag = flag(L, "cflag", t.c_cflag);
  t.c_lflag = flag(L, "lflag", t.c_lflag);
  cfsetispeed(&t, flag(L, "ispeed", cfgetispeed(&t)));
  cfsetospeed(&t, flag(L, "ospeed", cfgetospeed(&t)));
  if (lua_getfield(L, 3, "cc") == LUA_TTABLE) {
    for (int i = 0; i < NCCS; i++) {
      if (lua_rawgeti(L, -1, i) == LUA_TNUMBER) t.c_cc[i] = (cc_t)lua_tointeger(L, -1);
      lua_pop(L, 1);
    }
  }
  return posix_result(L, tcsetattr(fd, when, &t), NULL);
}

static int px_tcdrain(lua_State *L) {
  return posix_result(L, tcdrain(posix_int(L, 1)), NULL);
}

static int px_tcflow(lua_State *L) {
  return posix_result(L, tcflow(posix_int(L, 1), posix_int(L, 2)), NULL);
}

static int px_tcflush(lua_State *L) {
  return posix_result(L, tcflush(posix_int(L, 1), posix_int(L, 2)), NULL);
}

static int px_tcsendbreak(lua_State *L) {
  return posix_result(L, tcsendbreak(posix_int(L, 1), posix_int(L, 2)), NULL);
}

static const luaL_Reg functions[] = {
  {"tcgetattr", px_tcgetattr}, {"tcsetattr", px_tcsetattr}, {"tcdrain", px_tcdrain},
  {"tcflow", px_tcflow}, {"tcflush", px_tcflush}, {"tcsendbreak", px_tcsendbreak}, {NULL, NULL},
};
static const struct posix_constant constants[] = {
  POSIX_CONSTANT(TCSANOW), POSIX_CONSTANT(TCSADRAIN), POSIX_CONSTANT(TCSAFLUSH),
  POSIX_CONSTANT(TCIFLUSH), POSIX_CONSTANT(TCOFLUSH), POSIX_CONSTANT(TCIOFLUSH),
  POSIX_CONSTANT(TCOOFF), POSIX_CONSTANT(TCOON), POSIX_CONSTANT(TCIOFF), POSIX_CONSTANT(TCION),
  POSIX_CONSTANT(BRKINT), POSIX_CONSTANT(ICRNL), POSIX_CONSTANT(IGNBRK), POSIX_CONSTANT(IGNCR),
  POSIX_CONSTANT(INLCR), POSIX_CONSTANT(INPCK), POSIX_CONSTANT(ISTRIP), POSIX_CONSTANT(IXOFF),
  POSIX_CONSTANT(IXON), POSIX_CONSTANT(OPOST), POSIX_CONSTANT(ONLCR), POSIX_CONSTANT(CLOCAL),
  POSIX_CONSTANT(CREAD), POSIX_CONSTANT(CSIZE), POSIX_CONSTANT(CS8), POSIX_CONSTANT(CSTOPB),
  POSIX_CONSTANT(HUPCL), POSIX_CONSTANT(PARENB), POSIX_CONSTANT(ECHO), POSIX_CONSTANT(ECHOE),
  POSIX_CONSTANT(ECHOK), POSIX_CONSTANT(ECHONL), POSIX_CONSTANT(ICANON), POSIX_CONSTANT(IEXTEN),
  POSIX_CONSTANT(ISIG), POSIX_CONSTANT(NOFLSH), POSIX_CONSTANT(TOSTOP), POSIX_CONSTANT(VEOF),
  POSIX_CONSTANT(VEOL), POSIX_CONSTANT(VERASE), POSIX_CONSTANT(VINTR), POSIX_CONSTANT(VKILL),
  POSIX_CONSTANT(VMIN), POSIX_CONSTANT(VQUIT), POSIX_CONSTANT(VSTART), POSIX_CONSTANT(VSTOP),
  POSIX_CONSTANT(VSUSP), POSIX_CONSTANT(VTIME), POSIX_CONSTANT(B9600), POSIX_CONSTANT(B38400),
  POSIX_CONSTANT(B115200), {NULL, 0},
};

int luaopen_posix_termio(lua_State *L) { return posix_module(L, functions, constants); }
