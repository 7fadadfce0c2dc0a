#pragma once

#include <array>
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

// The use of a connection: its first request has not come yet; a request, from its first byte to
// the end of its answer; none, between two requests; a stream.
enum class ConnectionUse : std::uint8_t { kNew, kRequest, kIdle, kStream };

// How much one client address may ask of the server, so that a single address does not take it from
// the others. It counts what its clients do, not what their browsers keep: requests under way are
// limited; connections that wait for one give way to newer ones; viewers have places of their own
// (ViewerRegistry). Trusted proxies are exempt, because many clients stand behind each. Shared by
// the workers; any thread. A ConnectionPermit asks it.
class Admission {
 public:
  struct Limits {
    // Connections at a time of each use but streams; 0: no limit.
    std::uint32_t connections_per_address = 0;
    // Units, sustained, with twice as many at once; 0: no limit. See http::Handler::cost.
    std::uint32_t requests_per_second_per_address = 0;
    std::vector<IpNetwork> trusted_proxies;
  };

  Admission(Limits limits, const Clock& clock) : limits_(std::move(limits)), clock_(clock) {}

  [[nodiscard]] bool trusts(const boost::asio::ip::address& address) const;

 private:
  friend class ConnectionPermit;

  static constexpr std::size_t kTidyAt = 1024;

  struct Client {
    // Connections by their use.
    std::array<std::uint32_t, 4> connections{};
    // Units that it may spend at once.
    double tokens = 0;
    SteadyTime refilled{};

    [[nodiscard]] std::uint32_t& of(ConnectionUse use) {
      return connections.at(static_cast<std::size_t>(use));
    }
  };

  // Counts a new connection, until leave(). Null for a trusted proxy. Stays where it is while it
  // has connections.
  [[nodiscard]] Client* enter(const boost::asio::ip::address& address);
  void leave(Client& client, ConnectionUse use);
  // False when the client has as many requests under way as it may.
  [[nodiscard]] bool change(Client& client, ConnectionUse from, ConnectionUse to);
  [[nodiscard]] bool has_too_many(Client& client, ConnectionUse use);
  [[nodiscard]] bool spend(Client& client, double units);
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

// The place of one connection in the Admission, new at first. Given back when this is destroyed.
// Goes with the connection from one session to the next. Movable; belongs to the worker's thread.
class ConnectionPermit {
 public:
  // So many refused requests in a row end a connection, because a refusal costs as much as an
  // answer: refusals alone do not protect the server from a client that ignores them.
  static constexpr unsigned kRefusalsInARow = 10;

  // `admission` outlives this.
  ConnectionPermit(Admission& admission, const boost::asio::ip::address& address)
      : admission_(&admission), client_(admission.enter(address)), address_(address) {}
  ConnectionPermit(ConnectionPermit&& other) noexcept
      : admission_(other.admission_),
        client_(std::exchange(other.client_, nullptr)),
        use_(other.use_),
        refusals_(other.refusals_),
        address_(std::move(other.address_)) {}
  ConnectionPermit& operator=(ConnectionPermit&&) = delete;
  ~ConnectionPermit() {
    if (client_ != nullptr) admission_->leave(*client_, use_);
  }

  // Whether a request may begin on this connection: its address may have too many under way. True
  // when one is under way already.
  [[nodiscard]] bool begin_request() { return put_to(ConnectionUse::kRequest); }
  void become_idle() { (void)put_to(ConnectionUse::kIdle); }
  void become_stream() { (void)put_to(ConnectionUse::kStream); }
  [[nodiscard]] bool is_new() const { return use_ == ConnectionUse::kNew; }
  // Whether the address has more connections of this one's use than it may, so that one must go.
  [[nodiscard]] bool is_one_too_many() const {
    return client_ != nullptr && admission_->has_too_many(*client_, use_);
  }
  // Equal for the connections of one address that count together; null for trusted proxies.
  [[nodiscard]] const void* client() const { return client_; }

  // Whether one more request of this connection, which costs `units`, may be answered now.
  [[nodiscard]] bool allow_request(double units = 1);
  // Whether the last requests have all been refused, so that the connection is to be closed.
  [[nodiscard]] bool is_used_up() const { return refusals_ >= kRefusalsInARow; }

  [[nodiscard]] const boost::asio::ip::address& address() const { return address_; }
  // Whether the server trusts a proxy at `address`, this connection's or another.
  [[nodiscard]] bool trusts(const boost::asio::ip::address& address) const {
    return admission_->trusts(address);
  }

 private:
  [[nodiscard]] bool put_to(ConnectionUse use);

  Admission* admission_;
  // Null for a trusted proxy, and after a move.
  Admission::Client* client_;
  ConnectionUse use_ = ConnectionUse::kNew;
  // In a row.
  unsigned refusals_ = 0;
  boost::asio::ip::address address_;
};

}  // namespace livestream::net
