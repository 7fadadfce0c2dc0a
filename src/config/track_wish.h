#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace livestream {

// The video or audio track of a source that a user wants: by number or by language, never both.
struct TrackWish {
  // From 0, among the source's tracks of that kind.
  std::optional<unsigned> index;
  // A language tag in lower case with `-` between its parts (eng, de, pt-br); empty: any.
  std::string language;

  bool operator==(const TrackWish&) const = default;
};

// `0` to `999`, or a language tag (RFC 5646) such as eng, de, pt-BR or pt_BR.
[[nodiscard]] std::optional<TrackWish> parse_track_wish(std::string_view text);
[[nodiscard]] std::string print(const TrackWish& wish);

}  // namespace livestream
