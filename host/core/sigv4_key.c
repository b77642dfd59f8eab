/* From a string to sign to a signature (sigv4.h), with the keys that this takes kept for a while. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hash.h"
#include "sigv4.h"

#define KEYS 16
#define PAIRS 4
#define LONGEST 256 /* secret, region and service together; longer ones are not cached */

typedef struct signing_key {
  char name[LONGEST]; /* date, secret, region, service, each ended by 0 */
  size_t name_len;    /* 0: empty place */
  cso_hmac_key key;
} signing_key;

struct cso_sigv4_keys {
  signing_key place[KEYS];
  unsigned next; /* the oldest: replaced first */
  cso_sigv4a_key *pair[PAIRS];
  unsigned next_pair;
};

cso_sigv4_keys *cso_sigv4_keys_new(void) {
  return calloc(1, sizeof(cso_sigv4_keys));
}

void cso_sigv4_keys_free(cso_sigv4_keys *keys) {
  if (!keys) return;
  for (int i = 0; i < PAIRS; i++) cso_sigv4a_key_free(keys->pair[i]);
  cso_wipe(keys, sizeof *keys);
  free(keys);
}

static bool derive(const cso_sigv4_input *in, const char *day, cso_hmac_key *out) {
  cso_buf start = {0};
  unsigned char a[CSO_SHA256], key[CSO_SHA256];
  cso_buf_str(&start, "AWS4");
  cso_buf_add(&start, in->secret_key.data, in->secret_key.len);
  bool ok = !start.failed;
  if (ok) {
    cso_hmac_sha256(start.data, start.len, day, 8, a);
    cso_hmac_sha256(a, sizeof a, in->region.data, in->region.len, key);
    cso_hmac_sha256(key, CSO_SHA256, in->service.data, in->service.len, a);
    cso_hmac_sha256(a, sizeof a, "aws4_request", 12, key);
    cso_hmac_open(out, key, sizeof key);
  }
  cso_wipe(a, sizeof a);
  cso_wipe(key, sizeof key);
  cso_buf_wipe(&start);
  return ok;
}

/* The day's key; NULL: out of memory. One with too long a name is put into `own`, which the caller wipes. */
static const cso_hmac_key *find_key(cso_sigv4_keys *keys, const cso_sigv4_input *in, const char *day,
                                    cso_hmac_key *own) {
  const cso_text parts[] = {{day, 8}, in->secret_key, in->region, in->service};
  char name[LONGEST];
  size_t len = 0;
  for (size_t i = 0; i < 4; i++) {
    if (len + parts[i].len + 1 > sizeof name) {
      cso_wipe(name, len);
      return derive(in, day, own) ? own : NULL;
    }
    if (parts[i].len) memcpy(name + len, parts[i].data, parts[i].len);
    len += parts[i].len;
    name[len++] = 0;
  }
  signing_key *found = NULL;
  for (int i = 0; i < KEYS && !found; i++)
    if (keys->place[i].name_len == len && cso_equal(keys->place[i].name, name, len))
      found = &keys->place[i];
  if (!found) {
    found = &keys->place[keys->next++ % KEYS];
    found->name_len = 0;
    if (derive(in, day, &found->key)) {
      memcpy(found->name, name, len);
      found->name_len = len;
    } else {
      found = NULL;
    }
  }
  cso_wipe(name, len);
  return found ? &found->key : NULL;
}

static const cso_sigv4a_key *find_pair(cso_sigv4_keys *keys, const cso_sigv4_input *in) {
  for (int i = 0; i < PAIRS; i++)
    if (keys->pair[i] && cso_sigv4a_key_is(keys->pair[i], in->access_key, in->secret_key))
      return keys->pair[i];
  cso_sigv4a_key *made = cso_sigv4a_key_new(in->access_key, in->secret_key);
  if (!made) return NULL;
  cso_sigv4a_key **place = &keys->pair[keys->next_pair++ % PAIRS];
  cso_sigv4a_key_free(*place);
  *place = made;
  return made;
}

const char *cso_sigv4_algorithm(const cso_sigv4_input *in) {
  return in->region_set.data ? "AWS4-ECDSA-P256-SHA256" : "AWS4-HMAC-SHA256";
}

bool cso_sigv4_date(int64_t when, char date[CSO_DATE]) {
  if (when < 0 || when >= INT64_C(253402300800)) return false; /* the years 1970 to 9999 */
  /* Civil date from days, in eras of 400 years that begin in March. */
  int64_t days = when / 86400 + 719468, left = when % 86400;
  int64_t era = days / 146097, day = days % 146097;
  int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
  int64_t of_year = day - (365 * year + year / 4 - year / 100);
  int64_t month = (5 * of_year + 2) / 153;
  day = of_year - (153 * month + 2) / 5 + 1;
  month = month < 10 ? month + 3 : month - 9;
  year += era * 400 + (month <= 2);
  const int64_t field[] = {year / 100, year % 100, month, day, left / 3600, left / 60 % 60, left % 60};
  char *at = date;
  for (int i = 0; i < 7; i++) {
    if (i == 4) *at++ = 'T';
    *at++ = (char)('0' + field[i] / 10);
    *at++ = (char)('0' + field[i] % 10);
  }
  *at++ = 'Z';
  *at = 0;
  return true;
}

void cso_sigv4_scope(const cso_sigv4_input *in, const char *date, cso_buf *out) {
  cso_buf_add(out, date, 8);
  cso_buf_char(out, '/');
  if (!in->region_set.data) {
    cso_buf_add(out, in->region.data, in->region.len);
    cso_buf_char(out, '/');
  }
  cso_buf_add(out, in->service.data, in->service.len);
  cso_buf_str(out, "/aws4_request");
}

const char *cso_sigv4_finish(cso_sigv4_keys *keys, const cso_sigv4_input *in, const char *date,
                             cso_text text, char signature[CSO_SIGNATURE]) {
  if (in->region_set.data) {
    const cso_sigv4a_key *pair = find_pair(keys, in);
    if (!pair) return "no asymmetric key can be made of this secret key";
    return cso_sigv4a_sign(pair, text, signature) ? NULL : "the asymmetric signature failed";
  }
  cso_hmac_key own;
  unsigned char digest[CSO_SHA256];
  const cso_hmac_key *key = find_key(keys, in, date, &own);
  if (!key) return "out of memory";
  cso_hmac(key, text.data, text.len, digest);
  cso_hex(digest, sizeof digest, signature);
  signature[2 * CSO_SHA256] = 0;
  if (key == &own) cso_wipe(&own, sizeof own);
  return NULL;
}
