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

// How much one client address may ask of the server, so that a single address does not take it from
// the others. Trusted proxies are exempt, because many clients stand behind each. Shared by the
// workers; any thread.
class Admission {
 public:
  struct Limits {
    // At a time; 0: no limit.
    std::uint32_t connections_per_address = 0;
    // Sustained, with twice as many at once; 0: no limit.
    std::uint32_t requests_per_second_per_address = 0;
    std::vector<IpNetwork> trusted_proxies;
  };

  Admission(Limits limits, const Clock& clock) : limits_(std::move(limits)), clock_(clock) {}

  // Counts one more connection, until release(); false when the address has as many as it may.
  [[nodiscard]] bool admit(const boost::asio::ip::address& address);
  void release(const boost::asio::ip::address& address);
  // Whether this address may have one more request answered now.
  [[nodiscard]] bool allow_request(const boost::asio::ip::address& address);

  [[nodiscard]] bool trusts(const boost::asio::ip::address& address) const;

 private:
  static constexpr std::size_t kTidyAt = 1024;

  struct Client {
    std::uint32_t connections = 0;
    // Requests that it may make at once.
    double tokens = 0;
    SteadyTime refilled{};
  };

  void forget_idle_clients() REQUIRES(mutex_);

  const Limits limits_;
  const Clock& clock_;
  Mutex mutex_;
  // By address. A client without a connection stays until its tokens are back; otherwise it would
  // get new ones by closing and connecting again.
  std::unordered_map<std::string, Client> clients_ GUARDED_BY(mutex_);
  // Clients.
  std::size_t tidy_at_ GUARDED_BY(mutex_) = kTidyAt;
};

// The permit of one connection, given back to the Admission when this is destroyed. Goes with the
// connection from one session to the next. Movable; belongs to the worker's thread.
class ConnectionPermit {
 public:
  // So many refused requests in a row end a connection, because a refusal costs as much as an
  // answer: refusals alone do not protect the server from a client that ignores them.
  static constexpr unsigned kRefusalsInARow = 10;

  // `admission` has admitted `address`, and outlives this.
  ConnectionPermit(Admission& admission, const boost::asio::ip::address& address)
      : admission_(&admission), address_(address) {}
  ConnectionPermit(ConnectionPermit&& other) noexcept
      : admission_(std::exchange(other.admission_, nullptr)),
        refusals_(other.refusals_),
        address_(std::move(other.address_)) {}
  ConnectionPermit& operator=(ConnectionPermit&&) = delete;
  ~ConnectionPermit() {
    if (admission_ != nullptr) admission_->release(address_);
  }

  // Whether one more request of this connection may be answered now.
  [[nodiscard]] bool allow_request();
  // Whether the last requests have all been refused, so that the connection is to be closed.
  [[nodiscard]] bool is_used_up() const { return refusals_ >= kRefusalsInARow; }

  [[nodiscard]] const boost::asio::ip::address& address() const { return address_; }
  // Whether the server trusts a proxy at `address`, this connection's or another.
  [[nodiscard]] bool trusts(const boost::asio::ip::address& address) const {
    return admission_->trusts(address);
  }

 private:
  Admission* admission_;
  // In a row.
  unsigned refusals_ = 0;
  boost::asio::ip::address address_;
};

}  // namespace livestream::net
