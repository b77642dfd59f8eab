/* Keys, and the VFS itself (cover.h). */
#include "cover.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"

struct cso_cover {
  sqlite3_vfs vfs; /* first: SQLite hands it back to us */
  sqlite3_vfs *under;
  unsigned users;
  char name[48];
  unsigned char key[COVER_KEY];        /* of pages */
  unsigned char header[2 * COVER_KEY]; /* of frame headers: XTS takes two */
  unsigned char id[CSO_SHA256];        /* of the block */
  unsigned char block[COVER_PAGE];
};

const char *cso_cover_name(const cso_cover *cover) { return cover->name; }
const unsigned char *cover_block(const cso_cover *cover) { return cover->block; }
sqlite3_vfs *cover_under(const cso_cover *cover) { return cover->under; }

/* --- pages ------------------------------------------------------------------------------------ */

#define USED (COVER_PAGE - COVER_RESERVED)
#define KNOWN (CSO_SHA256 + 1 + 8)

static void known(const cso_cover *cover, enum cover_place place, sqlite3_int64 at,
                  unsigned char out[KNOWN]) {
  memcpy(out, cover->id, CSO_SHA256);
  out[CSO_SHA256] = (unsigned char)place;
  for (int i = 0; i < 8; i++) out[CSO_SHA256 + 1 + i] = (unsigned char)((uint64_t)at >> (8 * i));
}

bool cover_seal(const cso_cover *cover, enum cover_place place, sqlite3_int64 at,
                const unsigned char *page, unsigned char *out) {
  unsigned char aad[KNOWN], *nonce = out + USED + CSO_GCM_TAG;
  known(cover, place, at, aad);
  memset(out + USED, 0, COVER_RESERVED);
  return cso_random(nonce, CSO_GCM_NONCE) &&
         cso_gcm_seal(cover->key, COVER_KEY, nonce, aad, sizeof aad, page, USED, out);
}

static bool empty(const unsigned char *page) {
  for (size_t i = 0; i < COVER_PAGE; i++)
    if (page[i]) return false;
  return true;
}

bool cover_open(const cso_cover *cover, enum cover_place place, sqlite3_int64 at,
                unsigned char *page) {
  unsigned char aad[KNOWN], clear[USED];
  if (empty(page)) return true; /* a page that the file was only made longer by */
  known(cover, place, at, aad);
  bool ok = cso_gcm_open(cover->key, COVER_KEY, page + USED + CSO_GCM_TAG, aad, sizeof aad, page,
                         USED + CSO_GCM_TAG, clear);
  if (ok) {
    memcpy(page, clear, USED);
    memset(page + USED, 0, COVER_RESERVED); /* as SQLite had it: checksums go over these, too */
  }
  cso_wipe(clear, sizeof clear);
  return ok;
}

bool cover_header(const cso_cover *cover, sqlite3_int64 at, unsigned char block[16], bool back) {
  unsigned char tweak[16] = {0}, out[16];
  int n = 0;
  for (int i = 0; i < 8; i++) tweak[i] = (unsigned char)((uint64_t)at >> (8 * i));
  EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
  bool ok = c &&
            EVP_CipherInit_ex(c, EVP_aes_256_xts(), NULL, cover->header, tweak, back ? 0 : 1) == 1 &&
            EVP_CipherUpdate(c, out, &n, block, 16) == 1 && n == 16;
  EVP_CIPHER_CTX_free(c);
  if (ok) memcpy(block, out, 16);
  return ok;
}

/* --- the VFS ---------------------------------------------------------------------------------- */

static int f_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out) {
  const int kept = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL;
  const int plain = SQLITE_OPEN_SUPER_JOURNAL; /* names of files, nothing else */
  cso_cover *cover = (cso_cover *)vfs;
  if (name && flags & plain) return cover->under->xOpen(cover->under, name, file, flags, out);
  if (name && flags & kept) return cover_file_open(cover, name, file, flags, out);
  if (out) *out = flags;
  return cover_memory_open(file);
}

static unsigned made; /* names must differ; one thread opens databases */

/* Keys of their own for each file: one key may be behind many. */
static void derive(const unsigned char key[COVER_KEY], unsigned char n, const cso_cover *c,
                   unsigned char *out) {
  static const char what[] = "csorun sealed database";
  unsigned char text[sizeof what + CSO_SHA256];
  memcpy(text, what, sizeof what);
  text[sizeof what - 1] = n;
  memcpy(text + sizeof what, c->id, CSO_SHA256);
  cso_hmac_sha256(key, COVER_KEY, text, sizeof text, out);
}

cso_cover *cso_cover_new(const unsigned char key[COVER_KEY], const unsigned char block[COVER_PAGE]) {
  if (sqlite3_initialize() != SQLITE_OK) return NULL;
  cso_cover *c = calloc(1, sizeof *c);
  if (!c) return NULL;
  c->under = sqlite3_vfs_find(NULL);
  c->users = 1;
  memcpy(c->block, block, COVER_PAGE);
  cso_sha256(block, COVER_PAGE, c->id);
  derive(key, 1, c, c->key);
  derive(key, 2, c, c->header);
  derive(key, 3, c, c->header + COVER_KEY);
  snprintf(c->name, sizeof c->name, "csorun-cover-%u", ++made);
  if (c->under) {
    int own = cover_file_size(c->under), most = cover_memory_size();
    c->vfs = *c->under; /* all the rest is the system's: paths, locks of files, time */
    c->vfs.pNext = NULL;
    c->vfs.zName = c->name;
    c->vfs.szOsFile = own > most ? own : most;
    c->vfs.xOpen = f_open;
  }
  if (!c->under || sqlite3_vfs_register(&c->vfs, 0) != SQLITE_OK) {
    cso_wipe(c, sizeof *c);
    free(c);
    return NULL;
  }
  return c;
}

cso_cover *cso_cover_keep(cso_cover *cover) {
  if (cover) cover->users++;
  return cover;
}

void cso_cover_drop(cso_cover *cover) {
  if (!cover || --cover->users > 0) return;
  sqlite3_vfs_unregister(&cover->vfs);
  cso_wipe(cover, sizeof *cover);
  free(cover);
}
