#include "base/escape.h"

#include <cstdint>

#include <fmt/format.h>

#include "base/ascii.h"

namespace livestream {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t i) {
  return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
}

bool in(std::uint8_t byte, std::uint8_t lowest, std::uint8_t highest) {
  return byte >= lowest && byte <= highest;
}

// Bytes of the UTF-8 character at the start of `text`, 0 when it is not well-formed (Unicode, table
// 3-7).
std::size_t character_length(std::string_view text) {
  const std::uint8_t first = byte_at(text, 0);
  const std::uint8_t second = byte_at(text, 1);
  const bool third = in(byte_at(text, 2), 0x80, 0xbf);
  if (first < 0x80) return 1;
  if (in(first, 0xc2, 0xdf)) return in(second, 0x80, 0xbf) ? 2 : 0;
  if (in(first, 0xe0, 0xef)) {
    const bool fits = in(second, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf);
    return fits && third ? 3 : 0;
  }
  if (in(first, 0xf0, 0xf4)) {
    const bool fits = in(second, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf);
    return fits && third && in(byte_at(text, 3), 0x80, 0xbf) ? 4 : 0;
  }
  return 0;
}

std::string escaped(unsigned code) {
  switch (code) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      return fmt::format("\\u{:04x}", code);
  }
}

}  // namespace

bool starts_with_control(std::string_view text) {
  if (text.empty()) return false;
  return is_control(text.front()) || (byte_at(text, 0) == 0xc2 && in(byte_at(text, 1), 0x80, 0x9f));
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string escape_controls(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (length == 0) {
      out += fmt::format("\\x{:02x}", byte_at(text, 0));
    } else if (starts_with_control(text)) {
      // The second byte of a C1 character is its code.
      out += escaped(byte_at(text, length - 1));
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

}  // namespace livestream
