/* host.term: what a terminal can tell, and raw input. */
#include <lauxlib.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "bind/box.h"
#include "bind/option.h"

/* isatty(fd) -> boolean */
static int term_isatty(lua_State *L) {
  lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
  return 1;
}

/* size() -> columns, rows of the terminal on any standard stream; nil when there is none */
static int term_size(lua_State *L) {
  struct winsize w;
  for (int fd = 2; fd >= 0; fd--) {
    if (ioctl(fd, TIOCGWINSZ, &w) != 0 || w.ws_col == 0) continue;
    lua_pushinteger(L, w.ws_col);
    lua_pushinteger(L, w.ws_row);
    return 2;
  }
  return 0;
}

static void restore(void *content) {
  tcsetattr(0, TCSADRAIN, content);
  free(content);
}

static const luaL_Reg raw_methods[] = {{NULL, NULL}};
static const struct box_type raw_type = {"raw terminal", "closed raw terminal", raw_methods,
                                         restore};

/* raw() -> box | nil, err: keys arrive as they are typed, unechoed; closing restores. Output is
 * still processed, so "\n" goes on beginning a line. */
static int term_raw(lua_State *L) {
  void **box = box_new(L, &raw_type);
  struct termios *before = malloc(sizeof *before);
  if (!before || tcgetattr(0, before) != 0) {
    free(before);
    return cso_fail(L, "notty", "standard input is no terminal");
  }
  struct termios raw = *before;
  raw.c_iflag &= ~(tcflag_t)(BRKINT | ICRNL | INPCK | ISTRIP | IXON);
  raw.c_lflag &= ~(tcflag_t)(ECHO | ICANON | IEXTEN | ISIG);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  if (tcsetattr(0, TCSADRAIN, &raw) != 0) {
    free(before);
    return cso_fail(L, "notty", "the terminal does not take raw mode");
  }
  box_fill(box, before);
  return 1;
}

/* Columns of one character: the C library knows, in a locale that is UTF-8 on any Debian. */
static int columns(wchar_t c) {
  int w = wcwidth(c);
  return w < 0 ? 0 : w;
}

/* width(text) -> columns that the text takes; escape sequences (CSI … letter) take none */
static int term_width(lua_State *L) {
  size_t len;
  const unsigned char *s = (const unsigned char *)luaL_checklstring(L, 1, &len);
  static locale_t utf8;
  if (!utf8) utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
  locale_t before = utf8 ? uselocale(utf8) : (locale_t)0;
  lua_Integer width = 0;
  for (size_t i = 0; i < len;) {
    if (s[i] == 27 && i + 1 < len && s[i + 1] == '[') {
      i += 2;
      while (i < len && (s[i] < 0x40 || s[i] > 0x7e)) i++;
      i++;
      continue;
    }
    unsigned c = s[i];
    int more = c < 0x80 ? 0 : c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
    if (more) c &= 0x3fu >> more;
    i++;
    for (; more > 0 && i < len && (s[i] & 0xc0) == 0x80; more--) c = c << 6 | (s[i++] & 0x3fu);
    width += c < 0x80 ? (c >= ' ' && c != 127) : columns((wchar_t)c);
  }
  if (before) uselocale(before);
  lua_pushinteger(L, width);
  return 1;
}

static const luaL_Reg functions[] = {
  {"isatty", term_isatty}, {"size", term_size}, {"raw", term_raw}, {"width", term_width},
  {NULL, NULL},
};

int luaopen_host_term(lua_State *L) {
  luaL_newlib(L, functions);
  return 1;
}
