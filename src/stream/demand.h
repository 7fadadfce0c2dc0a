#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace livestream {

// How many want a stream now, so that its producer may rest while nobody does. Outlives its claims.
// Any thread.
class Demand {
 public:
  // `on_first` is called when somebody wants the stream that nobody wanted, on the thread of
  // whoever claims; it must not block.
  explicit Demand(std::function<void()> on_first) : on_first_(std::move(on_first)) {}

  struct Release {
    void operator()(Demand* demand) const { demand->claims_.fetch_sub(1); }
  };
  // Counts for as long as it lives; an empty one counts nowhere.
  using Claim = std::unique_ptr<Demand, Release>;

  [[nodiscard]] Claim claim() {
    if (claims_.fetch_add(1) == 0) on_first_();
    return Claim(this);
  }
  [[nodiscard]] bool any() const { return claims_.load() > 0; }

 private:
  const std::function<void()> on_first_;
  std::atomic<std::uint64_t> claims_{0};
};

}  // namespace livestream
