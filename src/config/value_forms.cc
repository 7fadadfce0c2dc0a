#include "config/value_forms.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <numeric>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/escape.h"
#include "base/ip_network.h"

namespace livestream {
namespace {

constexpr std::uint64_t kBillion = 1'000'000'000;
constexpr std::string_view kSchemeEnd = "://";
// Frames per second.
constexpr std::uint64_t kFastest = 240;

FrameRate reduced(std::uint64_t numerator, std::uint64_t denominator) {
  const std::uint64_t divisor = std::gcd(numerator, denominator);
  return {static_cast<std::uint32_t>(numerator / divisor),
          static_cast<std::uint32_t>(denominator / divisor)};
}

std::optional<FrameRate> parse_ratio(std::string_view text, std::size_t slash) {
  const auto numerator = parse_whole(text.substr(0, slash), 1, 1'000'000);
  const auto denominator = parse_whole(text.substr(slash + 1), 1, 1'000'000);
  if (!numerator || !denominator || *numerator < *denominator ||
      *numerator > kFastest * *denominator) {
    return std::nullopt;
  }
  return reduced(*numerator, *denominator);
}

bool is_host_name(std::string_view text) {
  if (text.size() > 253) return false;
  // Text of digits and dots is meant as an address, and is not a valid one here.
  if (std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || c == '.'; })) {
    return false;
  }
  while (true) {
    const std::string_view label = text.substr(0, text.find('.'));
    const bool fits = std::all_of(label.begin(), label.end(), [](char c) {
      return is_letter(c) || is_digit(c) || c == '-' || c == '_';
    });
    if (!fits || label.empty() || label.size() > 63 || label.front() == '-' ||
        label.back() == '-') {
      return false;
    }
    if (label.size() == text.size()) return true;
    text.remove_prefix(label.size() + 1);
  }
}

// As browsers write it: an IPv6 address in brackets and in its shortest form.
std::optional<std::string> parse_origin_host(std::string_view text) {
  if (!text.starts_with('[')) {
    const bool fits = is_host(text) && text.find(':') == std::string_view::npos;
    return fits ? std::optional(std::string(text)) : std::nullopt;
  }
  if (!text.ends_with(']')) return std::nullopt;
  std::array<unsigned char, sizeof(in6_addr)> address{};
  std::array<char, INET6_ADDRSTRLEN> shortest{};
  const std::string inner(text.substr(1, text.size() - 2));
  if (inner.find('\0') != std::string::npos ||
      inet_pton(AF_INET6, inner.c_str(), address.data()) != 1)
    return std::nullopt;
  inet_ntop(AF_INET6, address.data(), shortest.data(), shortest.size());
  return fmt::format("[{}]", shortest.data());
}

}  // namespace

std::optional<std::uint64_t> parse_whole(std::string_view text, std::uint64_t lowest,
                                         std::uint64_t highest) {
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (number < lowest || number > highest) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> parse_billionths(std::string_view text) {
  const std::size_t point = std::min(text.find('.'), text.size());
  std::uint64_t number = 0;
  if (point > 0) {
    const auto whole = parse_whole(text.substr(0, point), 0, kBillion);
    if (!whole) return std::nullopt;
    number = *whole;
  }
  if (point == text.size()) {
    return point > 0 ? std::optional(number * kBillion) : std::nullopt;
  }
  const std::string_view decimals = text.substr(point + 1);
  if (decimals.empty() || !std::all_of(decimals.begin(), decimals.end(), is_digit)) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < 9; ++i) {
    number = number * 10 + static_cast<std::uint64_t>(i < decimals.size() ? decimals[i] - '0' : 0);
  }
  const std::string_view beyond = decimals.substr(std::min<std::size_t>(9, decimals.size()));
  return number + (beyond.find_first_not_of('0') == std::string_view::npos ? 0 : 1);
}

std::string print_decimal(double number) {
  std::string text = fmt::format("{:.9f}", number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::optional<std::chrono::milliseconds> parse_seconds(std::string_view text,
                                                       std::chrono::seconds lowest) {
  const auto billionths = parse_billionths(text);
  if (!billionths || *billionths > 3600 * kBillion) return std::nullopt;
  const std::chrono::milliseconds time(*billionths / (kBillion / 1000));
  return time < lowest ? std::nullopt : std::optional(time);
}

std::string print_seconds(std::chrono::milliseconds time) {
  return print_decimal(static_cast<double>(time.count()) / 1000);
}

std::optional<FrameRate> parse_frame_rate(std::string_view text) {
  if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
    return parse_ratio(text, slash);
  }
  const auto billionths = parse_billionths(text);
  if (!billionths || *billionths < kBillion || *billionths > kFastest * kBillion) {
    return std::nullopt;
  }
  const std::uint64_t next_whole = (*billionths + kBillion - 1) / kBillion;
  const std::size_t decimals = text.size() - std::min(text.find('.') + 1, text.size());
  if (*billionths % kBillion != 0 && text.find('.') != std::string_view::npos && decimals >= 2) {
    // Half a unit of the last decimal that was given.
    std::uint64_t tolerance = kBillion / 2;
    for (std::size_t i = 0; i < decimals && tolerance > 2; ++i) tolerance /= 10;
    tolerance = std::max<std::uint64_t>(tolerance, 2);
    const std::uint64_t exact = next_whole * 1000 * kBillion / 1001;
    if (std::max(exact, *billionths) - std::min(exact, *billionths) <= tolerance) {
      return reduced(next_whole * 1000, 1001);
    }
  }
  return reduced((*billionths + 500'000) / 1'000'000, 1000);
}

std::string print(const FrameRate& rate) {
  return rate.denominator == 1 ? fmt::to_string(rate.numerator)
                               : fmt::format("{}/{}", rate.numerator, rate.denominator);
}

std::optional<VideoSize> parse_size(std::string_view text) {
  const std::size_t x = std::min(text.find('x'), text.size());
  const auto width = parse_whole(text.substr(0, x), 2, 16384);
  const auto height = parse_whole(text.substr(std::min(x + 1, text.size())), 2, 16384);
  if (!width || !height) return std::nullopt;
  return VideoSize{static_cast<std::uint32_t>(*width), static_cast<std::uint32_t>(*height)};
}

std::string print(const VideoSize& size) { return fmt::format("{}x{}", size.width, size.height); }

std::optional<std::uint64_t> parse_bitrate(std::string_view text, std::uint64_t lowest_bps,
                                           std::uint64_t highest_bps) {
  std::uint64_t unit = 1;
  if (!text.empty() && (text.back() == 'k' || text.back() == 'K')) unit = 1'000;
  if (!text.empty() && (text.back() == 'm' || text.back() == 'M')) unit = 1'000'000;
  if (unit > 1) text.remove_suffix(1);
  const auto billionths = parse_billionths(text);
  // More than a billion is not a sensible bitrate, and the product would overflow.
  if (!billionths || *billionths / kBillion > kBillion / unit) return std::nullopt;
  if (unit == 1 && *billionths % kBillion != 0) return std::nullopt;
  const std::uint64_t bitrate_bps = *billionths / (kBillion / unit);
  if (bitrate_bps < lowest_bps || bitrate_bps > highest_bps) return std::nullopt;
  return bitrate_bps;
}

std::string print_bitrate(std::uint64_t bitrate_bps) {
  if (bitrate_bps % 1'000'000 == 0) return fmt::format("{}M", bitrate_bps / 1'000'000);
  if (bitrate_bps % 1'000 == 0) return fmt::format("{}k", bitrate_bps / 1'000);
  return fmt::to_string(bitrate_bps);
}

std::optional<bool> parse_switch(std::string_view text) {
  const std::string word = to_lower_case(text);
  if (word == "1" || word == "true" || word == "yes" || word == "on") return true;
  if (word == "0" || word == "false" || word == "no" || word == "off") return false;
  return std::nullopt;
}

bool is_lower_case_name(std::string_view text, std::string_view extra) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [extra](char c) {
    return is_lower(c) || is_digit(c) || extra.find(c) != std::string_view::npos;
  });
}

bool is_host(std::string_view text) {
  if (!is_one_line(text)) return false;
  return parse_ip_address(text).has_value() || is_host_name(text);
}

std::optional<std::string> parse_origin(std::string_view text) {
  const std::string lower = to_lower_case(text);
  std::string_view rest = lower;
  const std::size_t scheme_end = rest.find(kSchemeEnd);
  if (scheme_end == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = rest.substr(0, scheme_end);
  if (scheme != "http" && scheme != "https") return std::nullopt;
  rest.remove_prefix(scheme_end + kSchemeEnd.size());
  const std::size_t bracket = rest.starts_with('[') ? std::min(rest.find(']'), rest.size()) : 0;
  const std::size_t colon = std::min(rest.find(':', bracket), rest.size());
  const auto host = parse_origin_host(rest.substr(0, colon));
  if (!host) return std::nullopt;
  const std::uint64_t default_port = scheme == "http" ? 80 : 443;
  std::uint64_t port = default_port;
  if (colon < rest.size()) {
    const auto given = parse_whole(rest.substr(colon + 1), 1, 65535);
    if (!given) return std::nullopt;
    port = *given;
  }
  if (port == default_port) return fmt::format("{}://{}", scheme, *host);
  return fmt::format("{}://{}:{}", scheme, *host, port);
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  for (;;) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view item = text.substr(0, comma);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    items.emplace_back(item);
    if (comma == text.size()) return items;
    text.remove_prefix(comma + 1);
  }
}

bool is_one_line(std::string_view text) {
  while (!text.empty()) {
    if (starts_with_control(text)) return false;
    text.remove_prefix(1);
  }
  return true;
}

}  // namespace livestream
