#include "config/nearest_setting.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "config/settings.h"

namespace livestream {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::size_t kShortName = 6;

std::string normalised(std::string_view name) {
  std::string lower = to_lower_case(name);
  std::replace(lower.begin(), lower.end(), '-', '_');
  return lower;
}

// How many letters to insert, remove, replace or exchange with the next one to make `b` of `a`.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last;
  std::vector<std::size_t> last(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::vector<std::size_t> row(b.size() + 1, i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = std::exchange(last, std::move(row));
  }
  return last.back();
}

}  // namespace

std::optional<std::string> nearest_name(std::string_view name, std::span<const std::string> names) {
  if (name.size() > kLongestName) return std::nullopt;
  const std::string wanted = normalised(name);
  std::size_t shortest = wanted.size() <= kShortName ? 1 : 2;
  std::vector<std::string> nearest;
  for (const std::string& known : names) {
    const std::size_t from_this = distance(wanted, normalised(known));
    if (from_this > shortest) continue;
    if (from_this < shortest) nearest.clear();
    shortest = from_this;
    nearest.push_back(known);
  }
  if (nearest.size() != 1) return std::nullopt;
  return nearest.front();
}

std::optional<std::string> nearest_setting(std::string_view name) {
  std::vector<std::string> keys;
  for (const Setting& setting : settings()) keys.emplace_back(setting.key);
  return nearest_name(name, keys);
}

}  // namespace livestream
