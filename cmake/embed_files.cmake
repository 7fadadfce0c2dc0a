# Writes OUTPUT, a C++ file that defines livestream::embedded_assets(): FILES below ROOT and SCRIPTS below BUNDLED. Pages
# get the script early.js as a part of them, with its hash, by which the Content-Security-Policy allows it.
cmake_policy(SET CMP0007 NEW)

# base64_of(HEX VARIABLE): base64 of bytes in hexadecimal, which CMake does not offer.
function(base64_of hex variable)
  set(alphabet ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/)
  set(text "")
  while(NOT hex STREQUAL "")
    string(LENGTH "${hex}" digits)
    string(SUBSTRING "${hex}00000" 0 6 group)
    set(characters 4)
    if(digits LESS 6)
      math(EXPR characters "${digits} / 2 + 1")
      set(hex "")
    else()
      string(SUBSTRING "${hex}" 6 -1 hex)
    endif()
    foreach(place RANGE 1 4)
      set(character "=")
      if(place LESS_EQUAL characters)
        math(EXPR index "(0x${group} >> (24 - 6 * ${place})) & 63")
        string(SUBSTRING ${alphabet} ${index} 1 character)
      endif()
      string(APPEND text ${character})
    endforeach()
  endwhile()
  set(${variable} ${text} PARENT_SCOPE)
endfunction()

file(READ ${BUNDLED}/early.js early)
string(STRIP "${early}" early)
string(SHA256 early_hash "${early}")
base64_of(${early_hash} early_hash)

set(arrays "")
set(rows "")
set(index 0)
foreach(path IN LISTS FILES SCRIPTS)
  set(inline "")
  if(path MATCHES "\\.js$")
    file(READ ${BUNDLED}/${path} hex HEX)
  elseif(path MATCHES "\\.html$")
    file(READ ${ROOT}/${path} page)
    string(REPLACE "<script src=\"early.js\"></script>" "<script>${early}</script>" page "${page}")
    string(HEX "${page}" hex)
    set(inline "'sha256-${early_hash}'")
  else()
    file(READ ${ROOT}/${path} hex HEX)
  endif()
  string(SHA256 hash "${hex}")
  string(SUBSTRING ${hash} 0 16 tag)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  string(APPEND arrays "constexpr std::uint8_t kFile${index}[] = {${bytes}0};\n")
  string(APPEND rows
    "      {\"${path}\", {kFile${index}, sizeof kFile${index} - 1}, \"\\\"${tag}\\\"\", \"${inline}\"},\n")
  math(EXPR index "${index} + 1")
endforeach()
file(WRITE ${OUTPUT}.new "// Generated from web/ by cmake/embed_files.cmake.
#include \"outlet/assets.h\"

namespace livestream {
namespace {
${arrays}}  // namespace

std::span<const EmbeddedAsset> embedded_assets() {
  static constexpr EmbeddedAsset kAssets[] = {
${rows}  };
  return kAssets;
}

}  // namespace livestream
")
file(RENAME ${OUTPUT}.new ${OUTPUT})
