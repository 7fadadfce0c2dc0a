# Writes OUTPUT, a C++ file that defines livestream::embedded_assets() from FILES below ROOT.
set(arrays "")
set(rows "")
set(index 0)
foreach(file ${FILES})
  file(RELATIVE_PATH path ${ROOT} ${file})
  file(READ ${file} hex HEX)
  file(SHA256 ${file} hash)
  string(SUBSTRING ${hash} 0 16 tag)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  string(APPEND arrays "constexpr std::uint8_t kFile${index}[] = {${bytes}0};\n")
  string(APPEND rows "      {\"${path}\", {kFile${index}, sizeof kFile${index} - 1}, \"\\\"${tag}\\\"\"},\n")
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
