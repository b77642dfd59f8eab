/* Packs Lua sources (compiled, with their line numbers, without names of locals) and plain files into one blob and writes
 * an index for it. Usage: embed SOURCE_DIR LIST OUT_DIR; LIST holds one relative path a line.
 * Writes OUT_DIR/embedded.bin and OUT_DIR/embedded_index.c. */
#include "slim.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
  char *name;
  long offset;
  long size;
};

static FILE *blob;

static void fail(const char *what, const char *why) {
  fprintf(stderr, "embed: %s: %s\n", what, why);
  exit(1);
}

struct bytes {
  unsigned char *data;
  size_t size;
};

static int append(lua_State *L, const void *data, size_t size, void *to) {
  struct bytes *all = to;
  (void)L;
  unsigned char *grown = realloc(all->data, all->size + size);
  if (!grown) return 1;
  memcpy(grown + all->size, data, size);
  all->data = grown;
  all->size += size;
  return 0;
}

/* Writes the function on top of the stack, which Lua must be able to read again. */
static void write_function(lua_State *L, const char *path) {
  struct bytes all = {NULL, 0};
  if (lua_dump(L, append, &all, 0)) fail(path, "cannot be compiled");
  size_t size = slim_chunk(all.data, all.size);
  if (!size) fail(path, "is compiled to a format that slim.c does not know");
  if (luaL_loadbufferx(L, (char *)all.data, size, path, "b")) fail(path, lua_tostring(L, -1));
  if (fwrite(all.data, 1, size, blob) != size) fail(path, "cannot write");
  free(all.data);
}

static char *read_file(const char *path, size_t *size) {
  FILE *f = fopen(path, "rb");
  if (!f) fail(path, "cannot open");
  fseek(f, 0, SEEK_END);
  long n = ftell(f);
  rewind(f);
  char *data = malloc((size_t)n + 1);
  if (!data || fread(data, 1, (size_t)n, f) != (size_t)n) fail(path, "cannot read");
  fclose(f);
  *size = (size_t)n;
  return data;
}

static int by_name(const void *a, const void *b) {
  return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static int is_lua(const char *name) {
  size_t n = strlen(name);
  return n > 4 && strcmp(name + n - 4, ".lua") == 0 && strncmp(name, "lua/", 4) == 0;
}

static void pack(lua_State *L, const char *root, struct entry *e) {
  char path[4096];
  size_t size;
  snprintf(path, sizeof path, "%s/%s", root, e->name);
  char *data = read_file(path, &size);
  e->offset = ftell(blob);
  if (is_lua(e->name)) {
    lua_pushfstring(L, "@%s", e->name);
    if (luaL_loadbufferx(L, data, size, lua_tostring(L, -1), "t")) fail("lua", lua_tostring(L, -1));
    write_function(L, path);
    lua_settop(L, 0);
  } else if (fwrite(data, 1, size, blob) != size) {
    fail(path, "cannot write");
  }
  e->size = ftell(blob) - e->offset;
  fputc(0, blob);
  free(data);
}

int main(int argc, char **argv) {
  if (argc != 4) fail("usage", "embed SOURCE_DIR LIST OUT_DIR");
  char path[4096], line[2048];
  struct entry *all = NULL;
  size_t count = 0;
  FILE *list = fopen(argv[2], "r");
  if (!list) fail(argv[2], "cannot open");
  while (fgets(line, sizeof line, list)) {
    line[strcspn(line, "\n")] = 0;
    if (!line[0]) continue;
    struct entry *grown = realloc(all, (count + 1) * sizeof *all);
    if (!grown || !(grown[count].name = strdup(line))) fail("embed", "out of memory");
    all = grown;
    count++;
  }
  fclose(list);
  qsort(all, count, sizeof *all, by_name);

  snprintf(path, sizeof path, "%s/embedded.bin", argv[3]);
  blob = fopen(path, "wb");
  if (!blob) fail(path, "cannot create");
  lua_State *L = luaL_newstate();
  if (!L) fail("embed", "out of memory");
  for (size_t i = 0; i < count; i++) pack(L, argv[1], &all[i]);
  lua_close(L);
  if (fclose(blob)) fail(path, "cannot write");

  char index[4096];
  snprintf(index, sizeof index, "%s/embedded_index.c", argv[3]);
  FILE *out = fopen(index, "w");
  if (!out) fail(index, "cannot create");
  fprintf(out,
          "#include \"embedded.h\"\n"
          "__asm__(\".section .rodata\\n.balign 16\\n.globl csorun_embedded_blob\\n\"\n"
          "        \".hidden csorun_embedded_blob\\ncsorun_embedded_blob:\\n\"\n"
          "        \".incbin \\\"%s\\\"\\n.byte 0\\n.previous\\n\");\n"
          "const struct embedded csorun_embedded[] = {\n",
          path);
  for (size_t i = 0; i < count; i++)
    fprintf(out, "  {\"%s\", %ldu, %ldu},\n", all[i].name, all[i].offset, all[i].size);
  fprintf(out, "  {0, 0, 0}};\nconst size_t csorun_embedded_count = %zu;\n", count);
  if (fclose(out)) fail(index, "cannot write");
  for (size_t i = 0; i < count; i++) free(all[i].name);
  free(all);
  return 0;
}
