#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace livestream {

// Counts the viewers and requests that want a stream, so that its producer can stop without them.
// Lives in a shared_ptr, at least as long as its claims. Any thread.
class Demand : public std::enable_shared_from_this<Demand> {
 public:
  // `on_first` is called at each claim while there is no other, on the claiming thread; it must not
  // block.
  explicit Demand(std::function<void()> on_first) : on_first_(std::move(on_first)) {}

  struct Release {
    void operator()(Demand* demand) const { demand->claims_.fetch_sub(1); }
    std::shared_ptr<Demand> keeps;
  };
  // Counts from claim() to its destruction; an empty claim does not count.
  using Claim = std::unique_ptr<Demand, Release>;

  [[nodiscard]] Claim claim() {
    Claim claim(this, Release{shared_from_this()});
    if (claims_.fetch_add(1) == 0) on_first_();
    return claim;
  }
  [[nodiscard]] bool any() const { return claims_.load() > 0; }

 private:
  const std::function<void()> on_first_;
  std::atomic<std::uint64_t> claims_{0};
};

}  // namespace livestream
