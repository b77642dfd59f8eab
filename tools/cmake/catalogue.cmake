# vendor/ as the one file that is mapped at run time. Made with the program just built; it is made
# again when the data or what turns them changes, not at each change of the program.
file(GLOB_RECURSE CATALOGUE_SOURCES CONFIGURE_DEPENDS
     ${CMAKE_SOURCE_DIR}/vendor/*.json ${CMAKE_SOURCE_DIR}/vendor/*.json.gz
     ${CMAKE_SOURCE_DIR}/lua/cso/models/*.lua
     ${CMAKE_SOURCE_DIR}/host/core/mapped*.c ${CMAKE_SOURCE_DIR}/host/bind/mapped.c)
set(CATALOGUE ${CMAKE_BINARY_DIR}/catalogue.bin)
add_custom_command(
  OUTPUT ${CATALOGUE}
  COMMAND ${CMAKE_COMMAND} -E env CSORUN_LUA=${CMAKE_SOURCE_DIR}/lua ASAN_OPTIONS=detect_leaks=0
          $<TARGET_FILE:csorun> models compile --vendor ${CMAKE_SOURCE_DIR}/vendor --out ${CATALOGUE}
  DEPENDS ${CATALOGUE_SOURCES}
  COMMENT "Compiling the catalogue"
  VERBATIM)
add_custom_target(catalogue ALL DEPENDS ${CATALOGUE})
add_dependencies(catalogue csorun)
install(FILES ${CATALOGUE} DESTINATION ${CMAKE_INSTALL_DATADIR}/csorun)
