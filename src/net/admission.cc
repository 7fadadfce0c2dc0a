#include "net/admission.h"

#include <algorithm>

namespace livestream::net {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::address_v6;

constexpr std::chrono::seconds kBurst{2};

address_v6 as_v6(const address& any) {
  return any.is_v6() ? any.to_v6()
                     : boost::asio::ip::make_address_v6(boost::asio::ip::v4_mapped, any.to_v4());
}

std::string key_of(const address& any) { return client_key(as_v6(any).to_bytes()); }

}  // namespace

bool Admission::trusts(const address& from) const {
  return contains(limits_.trusted_proxies, as_v6(from).to_bytes());
}

bool Admission::admit(const address& from) {
  if (trusts(from)) return true;
  const MutexLock lock(mutex_);
  if (clients_.size() >= tidy_at_) forget_idle_clients();
  const auto [found, is_new] = clients_.try_emplace(key_of(from));
  Client& client = found->second;
  if (is_new) {
    client.tokens = static_cast<double>(kBurst.count() * limits_.requests_per_second_per_address);
    client.refilled = clock_.now();
  }
  if (limits_.connections_per_address != 0 && client.connections >= limits_.connections_per_address)
    return false;
  ++client.connections;
  return true;
}

void Admission::release(const address& from) {
  if (trusts(from)) return;
  const MutexLock lock(mutex_);
  const auto found = clients_.find(key_of(from));
  if (found != clients_.end() && found->second.connections > 0) --found->second.connections;
}

void Admission::forget_idle_clients() {
  const SteadyTime now = clock_.now();
  std::erase_if(clients_, [now](const auto& entry) {
    const Client& client = entry.second;
    return client.connections == 0 && now - client.refilled >= kBurst;
  });
  tidy_at_ = std::max(kTidyAt, 2 * clients_.size());
}

bool Admission::allow_request(const address& from) {
  const double rate = limits_.requests_per_second_per_address;
  if (rate == 0 || trusts(from)) return true;
  const MutexLock lock(mutex_);
  const auto found = clients_.find(key_of(from));
  if (found == clients_.end()) return true;
  Client& client = found->second;
  const SteadyTime now = clock_.now();
  const double gained = std::chrono::duration<double>(now - client.refilled).count() * rate;
  client.tokens = std::min(client.tokens + gained, static_cast<double>(kBurst.count()) * rate);
  client.refilled = now;
  if (client.tokens < 1) return false;
  client.tokens -= 1;
  return true;
}

bool ConnectionPermit::allow_request() {
  const bool allowed = admission_->allow_request(address_);
  refusals_ = allowed ? 0 : refusals_ + 1;
  return allowed;
}

}  // namespace livestream::net
