/* Documents as services write them; behind cso_xml_read. */
#ifndef CSO_CORE_XML_SCAN_H
#define CSO_CORE_XML_SCAN_H

#include "xml.h"

/* Bytes of nodes and attributes: 1.6 million elements. Four bytes of text can ask for forty. */
#define CSO_XML_MOST_STRUCTURE ((size_t)64 << 20)

/* The same for a text of that length: who lets in more than 48 MiB of it wants it read. */
static inline size_t cso_xml_most(size_t len) {
  return len > (size_t)48 << 20 ? 2 * len : CSO_XML_MOST_STRUCTURE;
}

/* Reads a document into an empty doc, or leaves it empty and gives false: then it is for expat to read,
 * or to say what is wrong with it. */
bool cso_xml_scan(cso_xml *doc, const char *text, size_t len, cso_xml_limits limits);

#endif
