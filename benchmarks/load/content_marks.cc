#include "load/content_marks.h"

#include <algorithm>
#include <random>

namespace livestream::load {
namespace {

constexpr int kMarkShift = 50;  // 14 bits of the hash are zero at a mark

}  // namespace

ContentMarks::ContentMarks(std::size_t viewers) : factors_(256), hashes_(viewers) {
  // The same places in every run.
  std::mt19937_64 random(1);  // NOLINT(cert-msc51-cpp): a fixed seed is intended
  for (std::uint64_t& factor : factors_) factor = random();
}

void ContentMarks::scan(std::size_t viewer, ByteView bytes, double time_s) {
  std::uint64_t hash = hashes_[viewer];
  for (const std::uint8_t byte : bytes) {
    hash = (hash << 1) + factors_[byte];
    if (hash >> kMarkShift != 0) continue;
    Mark& mark = marks_[hash];
    if (mark.received_s.empty()) mark.received_s.resize(hashes_.size());
    double& received = mark.received_s[viewer];
    if (received > 0) mark.repeated = true;
    received = time_s;
  }
  hashes_[viewer] = hash;
}

ContentMarks::Spread ContentMarks::spread(double from_s) const {
  Spread spread;
  for (const auto& [hash, mark] : marks_) {
    if (mark.repeated) continue;
    std::vector<double> times;
    for (const double time : mark.received_s) {
      if (time > 0) times.push_back(time);
    }
    if (times.size() < 2 || times.size() * 10 < hashes_.size() * 9) continue;
    const auto [first, last] = std::minmax_element(times.begin(), times.end());
    if (*first < from_s) continue;
    ++spread.marks;
    spread.last_ms.push_back((*last - *first) * 1e3);
  }
  return spread;
}

}  // namespace livestream::load
