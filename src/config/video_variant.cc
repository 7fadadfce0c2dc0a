#include "config/video_variant.h"

#include "base/ascii.h"
#include "config/value_forms.h"

namespace livestream {

using Rule = VideoVariant::Rule;

std::optional<VideoVariant> parse_video_variant(std::string_view text) {
  const std::string word = to_lower_case(text);
  if (word == "auto") return VideoVariant{};
  if (word == "highest") return VideoVariant{.rule = Rule::kHighest};
  if (word == "lowest") return VideoVariant{.rule = Rule::kLowest};
  if (const auto size = parse_size(word)) return VideoVariant{.rule = Rule::kSize, .size = *size};
  if (word.ends_with('p')) {
    const auto height = parse_whole(std::string_view(word).substr(0, word.size() - 1), 2, 16384);
    if (!height) return std::nullopt;
    return VideoVariant{.rule = Rule::kHeight, .size = {0, static_cast<std::uint32_t>(*height)}};
  }
  const auto bitrate_bps = parse_bitrate(word, 10'000, 1'000'000'000);
  if (!bitrate_bps) return std::nullopt;
  return VideoVariant{.rule = Rule::kBitrate, .bitrate_bps = *bitrate_bps};
}

std::string print(const VideoVariant& variant) {
  switch (variant.rule) {
    case Rule::kAuto:
      return "auto";
    case Rule::kHighest:
      return "highest";
    case Rule::kLowest:
      return "lowest";
    case Rule::kHeight:
      return std::to_string(variant.size.height) + "p";
    case Rule::kSize:
      return print(variant.size);
    case Rule::kBitrate:
      return print_bitrate(variant.bitrate_bps);
  }
  return {};
}

}  // namespace livestream
