/* Sealed database files: an SQLite VFS that seals every page on its way to the disk, with
 * AES-256-GCM, and opens it on its way back. SQLite itself notices nothing: the page's last bytes,
 * which it is told to leave alone, take nonce and tag. What lies on the disk of such a file is
 *
 *   the file      one block that tells in clear how the key is found, then sealed pages
 *   its WAL       SQLite's headers, page images sealed; checksums of frames enciphered
 *   its journal   SQLite's headers, page images sealed
 *
 * Each page is bound to the block of its file and to its place, so none passes for another. Files
 * into which a statement would spill are kept in memory. */
#ifndef CSO_CORE_COVER_H
#define CSO_CORE_COVER_H

#include <sqlite3.h>
#include <stdbool.h>

#define COVER_PAGE 4096 /* SQLite's default; also the size of the block */
#define COVER_KEY 32
#define COVER_RESERVED 32 /* at the end of each page: nonce, tag, four bytes unused */

/* One cover is one file's: its key and its block. Counted; the last one who lets go frees it. */
typedef struct cso_cover cso_cover;

/* NULL: no memory, or SQLite refuses. */
cso_cover *cso_cover_new(const unsigned char key[COVER_KEY], const unsigned char block[COVER_PAGE]);
cso_cover *cso_cover_keep(cso_cover *cover); /* NULL is fine, here and below */
void cso_cover_drop(cso_cover *cover);
/* The name under which SQLite knows it, as long as it lives. */
const char *cso_cover_name(const cso_cover *cover);

/* --- between cover.c and its files ------------------------------------------------------------ */

/* What a page belongs to; part of what its tag vouches for. */
enum cover_place { COVER_MAIN = 1, COVER_WAL, COVER_JOURNAL };

/* Seals a page into out, both COVER_PAGE bytes; false when the kernel or OpenSSL refuse. */
bool cover_seal(const cso_cover *cover, enum cover_place place, sqlite3_int64 at,
                const unsigned char *page, unsigned char *out);
/* Opens it in place; false: it was changed. A page that was never written (all zeros) is one. */
bool cover_open(const cso_cover *cover, enum cover_place place, sqlite3_int64 at,
                unsigned char *page);
/* Enciphers (or back) the last 16 bytes of a WAL frame's header: salts and checksums. */
bool cover_header(const cso_cover *cover, sqlite3_int64 at, unsigned char block[16], bool back);

const unsigned char *cover_block(const cso_cover *cover);
sqlite3_vfs *cover_under(const cso_cover *cover);

/* cover_file.c: opens a file of a sealed database; cover_memory.c: one that never sees the disk. */
int cover_file_open(cso_cover *cover, const char *name, sqlite3_file *file, int flags, int *out);
int cover_file_size(const sqlite3_vfs *under);
int cover_memory_open(sqlite3_file *file);
int cover_memory_size(void);

#endif
