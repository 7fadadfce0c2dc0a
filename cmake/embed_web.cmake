# embedded_web: the files under web/ as one generated table (outlet/assets.h), so that the program needs no other files.
file(GLOB_RECURSE web_files CONFIGURE_DEPENDS
  ${CMAKE_SOURCE_DIR}/web/*.html ${CMAKE_SOURCE_DIR}/web/*.js ${CMAKE_SOURCE_DIR}/web/*.css
  ${CMAKE_SOURCE_DIR}/web/*.svg ${CMAKE_SOURCE_DIR}/web/*.png ${CMAKE_SOURCE_DIR}/web/*.json)
set(embedded ${CMAKE_BINARY_DIR}/generated/embedded_web.cc)
add_custom_command(
  OUTPUT ${embedded}
  COMMAND ${CMAKE_COMMAND} -DROOT=${CMAKE_SOURCE_DIR}/web "-DFILES=${web_files}" -DOUTPUT=${embedded}
          -P ${CMAKE_SOURCE_DIR}/cmake/embed_files.cmake
  DEPENDS ${web_files} ${CMAKE_SOURCE_DIR}/cmake/embed_files.cmake
  VERBATIM)
add_library(embedded_web STATIC ${embedded})
target_link_libraries(embedded_web PUBLIC outlet)
