/* CRC-64/NVME: reflected, all ones before and after; eight bytes at a time by eight tables. */
#include <string.h>

#include "digest.h"

#define POLYNOMIAL 0x9A6C9329AC4BC9B5u

static uint64_t table[8][256];

static void fill(void) {
  for (unsigned i = 0; i < 256; i++) {
    uint64_t c = i;
    for (int bit = 0; bit < 8; bit++) c = c & 1 ? c >> 1 ^ POLYNOMIAL : c >> 1;
    table[0][i] = c;
  }
  for (unsigned i = 0; i < 256; i++)
    for (int k = 1; k < 8; k++)
      table[k][i] = table[k - 1][i] >> 8 ^ table[0][table[k - 1][i] & 255];
}

uint64_t cso_crc64nvme(uint64_t crc, const void *data, size_t len) {
  const unsigned char *p = data;
  if (!table[0][1]) fill();
  crc = ~crc;
  for (; len >= 8; len -= 8, p += 8) {
    for (int k = 0; k < 8; k++) crc ^= (uint64_t)p[k] << 8 * k;
    uint64_t next = 0;
    for (int k = 0; k < 8; k++) next ^= table[7 - k][crc >> 8 * k & 255];
    crc = next;
  }
  for (; len > 0; len--) crc = crc >> 8 ^ table[0][(crc ^ *p++) & 255];
  return ~crc;
}
