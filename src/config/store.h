#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "config/value_forms.h"

namespace livestream {

// The steps that the entries of several settings share, and the words for their forms. Each returns
// false, and stores nothing, when the form is not allowed.

constexpr std::string_view kOneLine = "one line of text";
constexpr std::string_view kSides = "WIDTHxHEIGHT, such as 1280x720, each 2 to 16384";
constexpr std::string_view kSwitch = "1, true, yes or on, else 0, false, no or off";

inline bool store_line(std::string_view value, std::string& member) {
  if (!is_one_line(value)) return false;
  member = value;
  return true;
}

inline bool store_switch(std::string_view value, bool& member) {
  const auto on = parse_switch(value);
  if (on) member = *on;
  return on.has_value();
}

template <typename T>
bool store_whole(std::string_view value, std::uint64_t lowest, std::uint64_t highest, T& member) {
  const auto number = parse_whole(value, lowest, highest);
  if (number) member = static_cast<T>(*number);
  return number.has_value();
}

template <std::size_t N>
std::optional<std::size_t> index_in(const std::array<std::string_view, N>& words,
                                    std::string_view word) {
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) return std::nullopt;
  return static_cast<std::size_t>(found - words.begin());
}

// For an enum whose values count from 0 in the order of `words`.
template <std::size_t N, typename Enum>
bool store_word(const std::array<std::string_view, N>& words, std::string_view value,
                Enum& member) {
  const auto index = index_in(words, to_lower_case(value));
  if (index) member = static_cast<Enum>(*index);
  return index.has_value();
}

template <std::size_t N, typename Enum>
std::string word_of(const std::array<std::string_view, N>& words, Enum member) {
  return std::string(words.at(static_cast<std::size_t>(member)));
}

}  // namespace livestream
