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

Admission::Client* Admission::enter(const address& from) {
  if (trusts(from)) return nullptr;
  const MutexLock lock(mutex_);
  if (clients_.size() >= tidy_at_) forget_idle_clients();
  const auto [found, is_new] = clients_.try_emplace(key_of(from));
  Client& client = found->second;
  if (is_new) {
    client.tokens = static_cast<double>(kBurst.count() * limits_.requests_per_second_per_address);
    client.refilled = clock_.now();
  }
  ++client.of(ConnectionUse::kNew);
  return &client;
}

void Admission::leave(Client& client, ConnectionUse use) {
  const MutexLock lock(mutex_);
  --client.of(use);
}

bool Admission::change(Client& client, ConnectionUse from, ConnectionUse to) {
  const std::uint32_t limit = limits_.connections_per_address;
  const MutexLock lock(mutex_);
  if (to == ConnectionUse::kRequest && limit != 0 && client.of(to) >= limit) return false;
  --client.of(from);
  ++client.of(to);
  return true;
}

bool Admission::has_too_many(Client& client, ConnectionUse use) {
  const std::uint32_t limit = limits_.connections_per_address;
  if (limit == 0) return false;
  const MutexLock lock(mutex_);
  return client.of(use) > limit;
}

void Admission::forget_idle_clients() {
  const SteadyTime now = clock_.now();
  std::erase_if(clients_, [now](const auto& entry) {
    const Client& client = entry.second;
    return client.connections == decltype(client.connections){} && now - client.refilled >= kBurst;
  });
  tidy_at_ = std::max(kTidyAt, 2 * clients_.size());
}

bool Admission::spend(Client& client, double units) {
  const double rate = limits_.requests_per_second_per_address;
  if (rate == 0) return true;
  const MutexLock lock(mutex_);
  const SteadyTime now = clock_.now();
  const double gained = std::chrono::duration<double>(now - client.refilled).count() * rate;
  client.tokens = std::min(client.tokens + gained, static_cast<double>(kBurst.count()) * rate);
  client.refilled = now;
  if (client.tokens < units) return false;
  client.tokens -= units;
  return true;
}

bool ConnectionPermit::put_to(ConnectionUse use) {
  if (use == use_) return true;
  if (client_ != nullptr && !admission_->change(*client_, use_, use)) return false;
  use_ = use;
  return true;
}

bool ConnectionPermit::allow_request(double units) {
  const bool allowed = client_ == nullptr || admission_->spend(*client_, units);
  refusals_ = allowed ? 0 : refusals_ + 1;
  return allowed;
}

}  // namespace livestream::net
