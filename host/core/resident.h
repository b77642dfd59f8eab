/* What of this process stands in memory without being needed there. */
#ifndef CSO_CORE_RESIDENT_H
#define CSO_CORE_RESIDENT_H

/* Lets go of code and constants that the kernel has in its cache anyway, of the program and of every library,
 * and of what malloc has free: what is used again comes back page by page, unnoticed. For a moment after which
 * other code runs than before. */
void cso_let_go(void);

#endif
