#include "config/track_wish.h"

#include <algorithm>

#include "base/ascii.h"
#include "config/value_forms.h"

namespace livestream {
namespace {

// Letters first, then parts of letters and digits, each of at most eight.
bool is_language(std::string_view tag) {
  const std::string_view first = tag.substr(0, tag.find('-'));
  if (first.size() < 2 || !std::all_of(first.begin(), first.end(), is_letter)) return false;
  while (true) {
    const std::string_view part = tag.substr(0, tag.find('-'));
    const bool fits =
        std::all_of(part.begin(), part.end(), [](char c) { return is_letter(c) || is_digit(c); });
    if (!fits || part.empty() || part.size() > 8) return false;
    if (part.size() == tag.size()) return true;
    tag.remove_prefix(part.size() + 1);
  }
}

}  // namespace

std::optional<TrackWish> parse_track_wish(std::string_view text) {
  if (const auto index = parse_whole(text, 0, 999))
    return TrackWish{static_cast<unsigned>(*index), ""};
  std::string tag = to_lower_case(text);
  std::replace(tag.begin(), tag.end(), '_', '-');
  if (!is_language(tag) || tag.size() > 35) return std::nullopt;
  return TrackWish{std::nullopt, std::move(tag)};
}

std::string print(const TrackWish& wish) {
  return wish.index ? std::to_string(*wish.index) : wish.language;
}

}  // namespace livestream
