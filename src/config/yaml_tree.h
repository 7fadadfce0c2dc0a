#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace livestream {

// One value of a YAML file. Aliases share what their anchor names, and merge keys (`<<`) have been
// replaced by the entries that they stand for.
struct YamlNode {
  enum class Kind : std::uint8_t { kNull, kScalar, kList, kMap };
  struct Entry {
    std::string key;
    // From 1.
    int line = 0;
    std::shared_ptr<const YamlNode> value;
  };

  Kind kind = Kind::kNull;
  // From 1.
  int line = 0;
  // kScalar: as written, without quotes: `0x10` stays `0x10`.
  std::string text;
  // kList.
  std::vector<std::shared_ptr<const YamlNode>> items;
  // kMap, in the order of the file; the keys differ.
  std::vector<Entry> entries;
};

// The one document of a YAML 1.2 file that errors call `name`; of kind kNull when it is empty.
// An error is one line, `NAME line 7: why`, and shows nothing of the file but the key that it is
// about. Fails on a file that is not UTF-8, uses tags, nests deeper than 20 levels, or has more
// than 100,000 values with its aliases written out.
[[nodiscard]] Result<std::shared_ptr<const YamlNode>> parse_yaml(std::string_view text,
                                                                 std::string_view name);

}  // namespace livestream
