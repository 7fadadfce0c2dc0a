#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/frame_rate.h"
#include "config/video_size.h"

namespace livestream {

// Parsers and printers of the values of settings. Each parser takes the whole text or fails:
// blanks, signs and trailing characters are not allowed. Pure functions.

[[nodiscard]] std::optional<std::uint64_t> parse_whole(std::string_view text, std::uint64_t lowest,
                                                       std::uint64_t highest);

// A decimal such as 0.5 or .5 in billionths, rounded up.
[[nodiscard]] std::optional<std::uint64_t> parse_billionths(std::string_view text);

// A number of parse_billionths, divided by a billion, as a user types it: 0.5, not 5e-1.
[[nodiscard]] std::string print_decimal(double number);

// Seconds from `lowest` to an hour, with or without decimals: 2.5.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_seconds(std::string_view text,
                                                                     std::chrono::seconds lowest);
[[nodiscard]] std::string print_seconds(std::chrono::milliseconds time);

// 1 to 240 frames per second: 30, 12.5, 30000/1001. The usual decimals of n*1000/1001
// (23.976, 29.97, 59.94, ...) mean exactly this ratio; others count to the thousandth.
[[nodiscard]] std::optional<FrameRate> parse_frame_rate(std::string_view text);
[[nodiscard]] std::string print(const FrameRate& rate);

// WxH, each side 2 to 16384.
[[nodiscard]] std::optional<VideoSize> parse_size(std::string_view text);
[[nodiscard]] std::string print(const VideoSize& size);

// In bit/s: 128000, 128k, 4M, 2.5M.
[[nodiscard]] std::optional<std::uint64_t> parse_bitrate(std::string_view text,
                                                         std::uint64_t lowest_bps,
                                                         std::uint64_t highest_bps);
[[nodiscard]] std::string print_bitrate(std::uint64_t bitrate_bps);

// 1 true yes on, 0 false no off, in any case.
[[nodiscard]] std::optional<bool> parse_switch(std::string_view text);

// Whether this is one or more of a-z, 0-9 and the characters of `extra`.
[[nodiscard]] bool is_lower_case_name(std::string_view text, std::string_view extra);

// Whether this is an IPv4 or IPv6 address (also with a zone: fe80::1%eth0) or a valid name for DNS.
[[nodiscard]] bool is_host(std::string_view text);

// A web origin in the form that browsers send (RFC 6454 §6.2): http://example.org,
// https://example.org:8443, http://[::1]:8000. Case and default ports are normalised; a path, a
// user or a wildcard is refused, because an origin has none.
[[nodiscard]] std::optional<std::string> parse_origin(std::string_view text);

// The items between commas, without blanks around them.
[[nodiscard]] std::vector<std::string> split_list(std::string_view text);

// Whether the text has no control characters, and so fits on one line of a log and into an
// argument.
[[nodiscard]] bool is_one_line(std::string_view text);

}  // namespace livestream
