#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "base/clock.h"
#include "base/ip_network.h"
#include "base/mutex.h"

namespace livestream::net {

// How much one client address may ask of the server, so that no single one takes it from the
// others. Trusted proxies, behind which many clients stand, are exempt. Shared by the workers; any
// thread.
class Admission {
 public:
  struct Limits {
    std::uint32_t connections_per_address = 0;  // at a time; 0: no limit
    std::uint32_t requests_per_second_per_address =
        0;  // sustained, with twice as many at once; 0: no limit
    std::vector<IpNetwork> trusted_proxies;
  };

  Admission(Limits limits, const Clock& clock) : limits_(std::move(limits)), clock_(clock) {}

  // Takes a place for one connection, which release() gives back, or returns false.
  [[nodiscard]] bool admit(const boost::asio::ip::address& address);
  void release(const boost::asio::ip::address& address);
  // Whether this address may have one more request answered now.
  [[nodiscard]] bool allow_request(const boost::asio::ip::address& address);

  [[nodiscard]] bool trusts(const boost::asio::ip::address& address) const;

 private:
  static constexpr std::size_t kTidyAt = 1024;

  struct Client {
    std::uint32_t connections = 0;
    double tokens = 0;  // requests that it may make at once
    SteadyTime refilled{};
  };

  void forget_the_idle() REQUIRES(mutex_);

  const Limits limits_;
  const Clock& clock_;
  Mutex mutex_;
  // By address. One without a connection is kept until its tokens are back, or coming and going
  // would buy new ones.
  std::unordered_map<std::string, Client> clients_ GUARDED_BY(mutex_);
  std::size_t tidy_at_ GUARDED_BY(mutex_) = kTidyAt;  // clients
};

// One connection's place in the Admission, given back when this goes. Movable; belongs to the
// worker.
class Place {
 public:
  // `admission` has admitted `address`, and outlives this.
  Place(Admission& admission, const boost::asio::ip::address& address)
      : admission_(&admission), address_(address) {}
  Place(Place&& other) noexcept
      : admission_(std::exchange(other.admission_, nullptr)), address_(std::move(other.address_)) {}
  Place& operator=(Place&&) = delete;
  ~Place() {
    if (admission_ != nullptr) admission_->release(address_);
  }
  [[nodiscard]] const boost::asio::ip::address& address() const { return address_; }

 private:
  Admission* admission_;
  boost::asio::ip::address address_;
};

}  // namespace livestream::net
