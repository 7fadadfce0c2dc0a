# embedded_web: the files under web/ as one generated table (outlet/assets.h), so that the program needs no other files.
# esbuild puts the modules of each page, of the element and of the worker into one file each: a page of a few files loads
# whole or not at all, and in a fraction of the requests.
find_program(ESBUILD esbuild)
if(NOT ESBUILD)
  message(FATAL_ERROR "esbuild is missing: install Debian's or Homebrew's package esbuild, or set ESBUILD to its path")
endif()

file(GLOB_RECURSE web_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/web/*.js)
file(GLOB_RECURSE web_files RELATIVE ${CMAKE_SOURCE_DIR}/web CONFIGURE_DEPENDS
  ${CMAKE_SOURCE_DIR}/web/*.html ${CMAKE_SOURCE_DIR}/web/*.css
  ${CMAKE_SOURCE_DIR}/web/*.svg ${CMAKE_SOURCE_DIR}/web/*.png ${CMAKE_SOURCE_DIR}/web/*.json)
# The scripts that pages name; other modules are part of them. early.js becomes a part of the pages.
file(GLOB web_entries RELATIVE ${CMAKE_SOURCE_DIR}/web CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/web/*.js)
list(REMOVE_ITEM web_entries early.js)
list(APPEND web_entries player/worker.js)

set(bundled ${CMAKE_BINARY_DIR}/generated/web)
set(bundle_flags --bundle --minify --log-level=warning --target=es2022 --outbase=. --outdir=${bundled})
list(TRANSFORM web_entries PREPEND ${bundled}/ OUTPUT_VARIABLE bundles)
add_custom_command(
  OUTPUT ${bundles} ${bundled}/early.js
  COMMAND ${ESBUILD} ${web_entries} --format=esm ${bundle_flags}
  COMMAND ${ESBUILD} early.js ${bundle_flags}
  WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}/web
  DEPENDS ${web_sources}
  VERBATIM)

set(embedded ${CMAKE_BINARY_DIR}/generated/embedded_web.cc)
list(TRANSFORM web_files PREPEND ${CMAKE_SOURCE_DIR}/web/ OUTPUT_VARIABLE web_paths)
add_custom_command(
  OUTPUT ${embedded}
  COMMAND ${CMAKE_COMMAND} -DROOT=${CMAKE_SOURCE_DIR}/web -DBUNDLED=${bundled} "-DFILES=${web_files}"
          "-DSCRIPTS=${web_entries}" -DOUTPUT=${embedded} -P ${CMAKE_SOURCE_DIR}/cmake/embed_files.cmake
  DEPENDS ${web_paths} ${bundles} ${bundled}/early.js ${CMAKE_SOURCE_DIR}/cmake/embed_files.cmake
  VERBATIM)
add_library(embedded_web STATIC ${embedded})
target_link_libraries(embedded_web PUBLIC outlet)
