/* Parsed documents, for answers that are read by shapes. */
#ifndef CSO_BIND_XML_DOCUMENT_H
#define CSO_BIND_XML_DOCUMENT_H

#include <lua.h>

enum { CSO_XML_DEPTH = 256 }; /* levels, unless the caller says otherwise */

int cso_xml_parse(lua_State *L); /* parse(text) -> document | nil, err */

#endif
